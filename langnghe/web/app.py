"""The web application of one installation: routes, errors, headers."""

from __future__ import annotations

import traceback
from typing import Any

from litestar import HttpMethod, Litestar, MediaType, Response, route
from litestar.exceptions import HTTPException, NotFoundException
from litestar.static_files import create_static_files_router

from langnghe.alarm import WORDS
from langnghe.app import App
from langnghe.links import PATH
from langnghe.logs import logger
from langnghe.metrics import exposition
from langnghe.web.answer import NOT_FOUND, answer_routes
from langnghe.web.console.refusals import refused
from langnghe.web.console.routes import console_routes
from langnghe.web.pages import STATIC, AnyRequest, Page, message
from langnghe.web.security import Headers, may_see_metrics
from langnghe.writing import watch_tables
from storage.db import healthy
from storage.errors import trouble

log = logger(__name__)
#: What is said of an error; nothing of its cause, which may name what is not to be named.
ERRORS = {
    403: (
        "Không thực hiện được",
        "Yêu cầu không đến từ trang này. Hãy mở lại đường dẫn trong thư.",
    ),
    413: (
        "Tệp gửi lên quá lớn",
        "Chưa ghi nhận gì. Hãy quay lại trang trước và gửi ít tệp hơn hoặc tệp nhỏ hơn.",
    ),
    429: ("Gửi quá nhiều lần", "Chưa ghi nhận lần gửi này. Hãy thử lại sau một giờ."),
    500: ("Máy chủ gặp lỗi", "Chưa ghi nhận gì. Hãy thử lại sau ít phút."),
    503: (
        "Máy chủ tạm thời không ghi được",
        "Chưa ghi nhận gì. Hãy thử lại sau ít phút; nếu vẫn vậy, báo cho người quản trị.",
    ),
}
#: What is told in the same words whoever asks.
_EVERYWHERE = (413, 429)
_OTHER = ("Không thực hiện được", "Chưa ghi nhận gì. Hãy mở lại đường dẫn trong thư và thử lại.")
_GET = [HttpMethod.GET, HttpMethod.HEAD]


def create_app(app: App) -> Litestar:
    """Return the application. What requests share is made now, before the first one comes."""
    _ = app.engine, app.sessions, app.views, app.catalog, app.gazetteer, app.masker
    settings = app.settings
    most = settings.attachment_count * settings.attachment_mb * 2**20 + 2**20
    static = create_static_files_router("/static", [STATIC], name="static")
    return Litestar(
        [*answer_routes(app), *console_routes(app), *_service_routes(app), static],
        before_send=[Headers(app)],
        exception_handlers={Exception: _shown_error(app)},
        request_max_body_size=most,
        multipart_form_part_limit=64,
        openapi_config=None,
        logging_config=None,  # its lines name the path, and the path holds the token
        debug=False,
    )


def _service_routes(app: App) -> list[Any]:
    @route("/health", http_method=_GET, media_type=MediaType.TEXT, sync_to_thread=False)
    def health() -> str:
        return "ok\n"

    @route("/ready", http_method=_GET, media_type=MediaType.TEXT, sync_to_thread=True)
    def ready() -> Response[str]:
        problem = healthy(app.engine)
        if problem is None:
            watch_tables(app)
            problem = "; ".join(one.words for one in app.alarm.now())
        if problem:
            log.error("not ready", problem=problem)
        return Response(
            "not ready\n" if problem else "ready\n", status_code=503 if problem else 200
        )

    @route("/robots.txt", http_method=_GET, media_type=MediaType.TEXT, sync_to_thread=False)
    def robots() -> str:
        return "User-agent: *\nDisallow: /\n"

    @route("/metrics", http_method=_GET, media_type=MediaType.TEXT, sync_to_thread=True)
    def metrics(request: AnyRequest) -> Response[bytes]:
        if not may_see_metrics(request, app.settings.web):
            raise NotFoundException
        return Response(exposition(app), media_type="text/plain; version=0.0.4; charset=utf-8")

    return [health, ready, robots, metrics]


def _shown_error(app: App) -> Any:
    def show(request: AnyRequest, error: Exception) -> Page:
        if isinstance(error, HTTPException):
            title, text = _words(request, error.status_code)
            shown = message(app, request, error.status_code, title, text)
            for name, value in (error.headers or {}).items():
                shown.headers[name] = value
            return shown
        if found := trouble(error):
            log.error("cannot write", problem=WORDS[found])
            shown = message(app, request, 503, *ERRORS[503])
            shown.headers["Retry-After"] = "600"
            return shown
        # Where it happened, never what was asked for: an address holds a token.
        where = [
            f"{one.filename}:{one.lineno}" for one in traceback.extract_tb(error.__traceback__)
        ]
        log.error("request failed", kind=type(error).__name__, where=where[-4:])
        return message(app, request, 500, *ERRORS[500])

    return show


def _words(request: AnyRequest, status: int) -> tuple[str, str]:
    """Return what is said of an error; a damaged answer link is told as one, however damaged."""
    if not request.url.path.startswith(PATH) and status not in _EVERYWHERE:
        return refused(status)
    return NOT_FOUND if status == 404 else ERRORS.get(status, _OTHER)
