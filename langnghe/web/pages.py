"""Fill in the pages: one template, one status, one language."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from litestar import MediaType, Request, Response

from langnghe.accounts import Right
from langnghe.app import App
from langnghe.web.words import language, moment_in, translator
from triage.render import environment

HERE = Path(__file__).parent
TEMPLATES, STATIC = HERE / "templates", HERE / "static"
#: The console's pages in the order of the menu: path, name, and who sees them.
PAGES = (
    ("/hom-nay", "Hôm nay", Right.LOOK),
    ("/hang-doi", "Hàng đợi", Right.LOOK),
    ("/vu-viec", "Vụ việc", Right.LOOK),
    ("/ban-do", "Bản đồ", Right.LOOK),
    ("/xu-huong", "Xu hướng", Right.LOOK),
    ("/tim-kiem", "Tìm kiếm", Right.LOOK),
    ("/nguon-tin", "Nguồn tin", Right.LOOK),
    ("/don-vi", "Đơn vị", Right.LOOK),
    ("/don-vi-cua-toi", "Vụ việc của đơn vị", Right.ANSWER),
    ("/nhat-ky", "Nhật ký", Right.AUDIT),
    ("/nguoi-dung", "Người dùng", Right.ADMIN),
    ("/cai-dat", "Cài đặt", Right.SELF),
)
AnyRequest = Request[Any, Any, Any]
Page = Response[str]
_ENVIRONMENT = environment(TEMPLATES)


def page(
    app: App, request: AnyRequest, template: str, *, status: int = 200, **context: Any
) -> Page:
    """Return a page in the language that the request asks for."""
    wanted = language(context.get("lang") or request.query_params.get("lang"))
    shared = {
        "t": translator(wanted),
        "moment": moment_in(wanted),
        "lang": wanted,
        "agency": app.settings.agency,
        "root": root(app),
        "static": lambda name: f"{root(app)}/static/{name}?v={_mark(name)}",
        "pages": pages_for,
    }
    html = _ENVIRONMENT.get_template(template).render(shared | context)
    return Response(html, media_type=MediaType.HTML, status_code=status)


def message(app: App, request: AnyRequest, status: int, title: str, text: str) -> Page:
    """Return a page that only says something; both texts are keys of the catalogue."""
    said = {"title": title, "text": text}
    return page(app, request, "message.html", status=status, **said)


def root(app: App) -> str:
    """Return the path under which the pages lie: "" unless the public address has one."""
    return urlsplit(app.settings.public_url).path.rstrip("/")


def pages_for(may: Callable[[Right], bool]) -> list[tuple[str, str]]:
    """Return path and name of the console's pages that somebody may see."""
    return [(path, name) for path, name, right in PAGES if may(right)]


@cache
def _mark(name: str) -> str:
    """Return a mark of a file's content, so that browsers may keep it."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:8]
