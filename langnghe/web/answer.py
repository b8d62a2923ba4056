"""The answer page: GET shows a case to its unit, POST takes one form of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from litestar import HttpMethod, Response, post, route
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from config.catalog import TopicEntry
from langnghe.answering import LinkEnded, Overtaken, admit, take, view
from langnghe.app import App
from langnghe.attachments import checked
from langnghe.links import PATH
from langnghe.refused import AttachmentRefused
from langnghe.web.pages import AnyRequest, Page, message, page
from langnghe.web.security import client_address, from_own_page, too_many
from langnghe.web.words import language
from storage.attachments import NewFile
from triage.act import BY_UNIT, Act, Kind, MoveRefused
from triage.case import CaseOutcome, Veracity
from triage.token import Refusal, TokenRefused
from triage.wording import OUTCOME, STATE, VERACITY

TRUTHS: Mapping[Veracity, str] = {
    Veracity.TRUE: "Đúng",
    Veracity.PARTLY: "Đúng một phần",
    Veracity.FALSE: "Không đúng",
    Veracity.UNDECIDED: "Chưa đủ căn cứ",
}
DID: Mapping[str, str] = {
    Kind.ACKNOWLEDGE: "Đơn vị đã tiếp nhận",
    Kind.NOT_OURS: "Đơn vị báo không thuộc thẩm quyền",
    Kind.ANSWER: "Đơn vị đã gửi kết quả xác minh",
    Kind.PROGRESS: "Đơn vị đã báo tiến độ",
}
_FIELDS = ("text", "veracity", "outcome", "due", "unit_id", "unit_name")
_MOST_CHARS = 10_000
NOT_FOUND = (
    "Đường dẫn không đúng",
    "Đường dẫn này không đúng hoặc thiếu ký tự. Hãy mở lại từ thư đã nhận, hoặc chép đủ cả dòng.",
)
_ENDED = (
    "Đường dẫn không còn dùng được",
    (
        "Đường dẫn đã hết hạn, đã được thay bằng đường dẫn mới, hoặc vụ việc đã kết thúc hay "
        "chuyển đơn vị khác. Hãy dùng đường dẫn trong thư mới nhất, hoặc liên hệ cơ quan gửi thư."
    ),
)


TAKEN = (
    "Đã ghi nhận trước đó",
    (
        "Nội dung này đã được ghi nhận ở lần gửi trước. Vụ việc nay đã kết thúc hoặc đã chuyển "
        "đơn vị khác; không cần gửi lại."
    ),
)


@dataclass(frozen=True, slots=True)
class _Form:
    """What was typed, as it was typed; files cannot be shown again."""

    kind: Kind
    mark: str
    typed: Mapping[str, str]
    uploads: tuple[UploadFile, ...]


def answer_routes(app: App) -> list[Any]:
    """Return the routes of the page. Nothing but POST changes anything."""

    @route(f"{PATH}{{token:str}}", http_method=[HttpMethod.GET, HttpMethod.HEAD])
    async def show(request: AnyRequest, token: str) -> Page:
        try:
            return await sync_to_thread(_shown, app, request, token)
        except (TokenRefused, LinkEnded) as error:
            return refusal(app, request, error)

    @post(f"{PATH}{{token:str}}")
    async def send(request: AnyRequest, token: str) -> Response[Any]:
        if not from_own_page(app, request):
            raise HTTPException(status_code=403)
        try:
            await sync_to_thread(_let_in, app, request, token)
            form = await _read(request)
            try:
                return await sync_to_thread(_sent, app, request, token, form)
            finally:
                for upload in form.uploads:
                    await upload.close()
        except TokenRefused as error:
            return refusal(app, request, error)

    return [show, send]


def refusal(
    app: App, request: AnyRequest, error: TokenRefused | LinkEnded, form: _Form | None = None
) -> Page:
    """Return the page for a link that is no good, or no good any more.

    One wording for all that never were good and one for all that were, whatever the cause,
    so that it tells nothing of a case. What was typed meanwhile is shown, to be copied.
    """
    if isinstance(error, TokenRefused) and error.why is Refusal.FORGED:
        return message(app, request, 404, *NOT_FOUND)
    said = {"title": _ENDED[0], "text": _ENDED[1], "typed": form.typed.get("text") if form else ""}
    return page(app, request, "message.html", status=410, **said)


def _let_in(app: App, request: AnyRequest, token: str) -> None:
    """Look at a form's link and count it, before its body is read."""
    scope = admit(app, token)
    web = app.settings.web
    link = f"{scope.case_id}/{scope.unit_id}"
    counted = [
        ("link", link, web.link_posts),
        ("client", client_address(request, web), web.client_posts),
    ]
    if too_many(app, counted, app.clock()):
        raise HTTPException(status_code=429, headers={"Retry-After": "3600"})


async def _read(request: AnyRequest) -> _Form:
    """Read a form. What no page of ours sends is a bad request."""
    if request.content_type[0] != "multipart/form-data":
        raise HTTPException(status_code=415)
    sent = await request.form()
    kind, mark = sent.get("kind"), sent.get("mark")
    texts = {name: sent.get(name, "") for name in _FIELDS}
    if (
        kind not in [one.value for one in BY_UNIT]
        or not isinstance(mark, str)
        or not all(isinstance(text, str) for text in texts.values())
    ):
        raise HTTPException(status_code=400)
    uploads = [one for one in sent.getall("files", []) if isinstance(one, UploadFile)]
    return _Form(Kind(kind), mark, texts, tuple(uploads))


def _sent(app: App, request: AnyRequest, token: str, form: _Form) -> Response[Any]:
    try:
        asked = _asked(form)
        before = take(app, token, form.mark, asked, _files(app, form))
    except TokenRefused as error:
        if error.why is Refusal.FORGED:
            raise HTTPException(status_code=403) from error
        admit(app, token)  # the link itself is good: its page only lay open too long
        words = "Trang đã mở quá lâu. Nội dung vẫn còn bên dưới: xin xem lại và gửi lần nữa."
        return _again(app, request, token, form, 409, words)
    except LinkEnded as error:
        return refusal(app, request, error, form)
    except Overtaken:
        words = (
            "Trong lúc nhập, vụ việc vừa có người khác cập nhật (xem bên dưới). "
            "Chưa ghi nhận nội dung này: xin xem lại và gửi lần nữa nếu vẫn cần."
        )
        return _again(app, request, token, form, 409, words)
    except (MoveRefused, AttachmentRefused) as error:
        return _again(app, request, token, form, 422, str(error))
    if before is not None:
        try:
            return _shown(app, request, token, repeated=before)
        except LinkEnded:  # taken then, and the case has ended or gone on since
            return message(app, request, 200, *TAKEN)
    lang = "&lang=en" if language(request.query_params.get("lang")) == "en" else ""
    return Redirect(f"?da={form.kind.value}{lang}", status_code=303)


def _again(app: App, request: AnyRequest, token: str, form: _Form, status: int, words: str) -> Page:
    try:
        return _shown(app, request, token, form=form, status=status, problem=words)
    except LinkEnded as error:
        return refusal(app, request, error, form)


def _shown(
    app: App,
    request: AnyRequest,
    token: str,
    *,
    form: _Form | None = None,
    status: int = 200,
    problem: str = "",
    repeated: datetime | None = None,
) -> Page:
    seen = view(app, token)
    last = seen.linked.by_unit[-1] if seen.linked.by_unit else None
    told = last is not None and last.kind == request.query_params.get("da") and not problem
    settings = app.settings
    return page(
        app,
        request,
        "answer.html",
        status=status,
        view=seen,
        linked=seen.linked,
        brief=seen.linked.case.brief,
        problem=problem,
        repeated=repeated,
        recorded=last if told else None,
        opened=form.kind.value if form else "",
        typed=dict(form.typed) if form else {},
        today=app.today(),
        advice=advised(app, seen.linked.case.brief.topics),
        limits=(settings.attachment_count, settings.attachment_mb),
        truths=TRUTHS,
        did=DID,
        state_words=STATE,
        veracity_words=VERACITY,
        outcome_words=OUTCOME,
    )


def advised(app: App, topics: Sequence[str]) -> TopicEntry:
    """Return the main topic, for what to look at and how to put it."""
    known = [app.catalog.topics[topic] for topic in topics if topic in app.catalog.topics]
    return known[0] if known else TopicEntry(id="none", name="-")


def _asked(form: _Form) -> Act:
    """Turn what was typed into what is asked. Raises `MoveRefused` for what cannot be read."""
    typed = form.typed
    if any(len(text) > _MOST_CHARS for text in typed.values()):
        raise MoveRefused("Nội dung quá dài; hãy rút gọn hoặc đính kèm tài liệu.")
    try:
        return Act(
            form.kind,
            text=typed["text"],
            unit_id=typed["unit_id"] if form.kind is Kind.NOT_OURS else "",
            unit_name=typed["unit_name"] if form.kind is Kind.NOT_OURS else "",
            veracity=Veracity(typed["veracity"]) if typed["veracity"] else None,
            outcome=CaseOutcome(typed["outcome"]) if typed["outcome"] else None,
            due=_day(typed["due"]),
        )
    except ValueError as error:
        raise MoveRefused("Có lựa chọn không hợp lệ; hãy chọn lại.") from error


def _day(text: str) -> date | None:
    """Read a day as browsers send it, or as people write it: 2026-03-09, 9/3/2026."""
    text = text.strip()
    if not text:
        return None
    try:
        if "/" in text:
            return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007 (a day has no zone)
        return date.fromisoformat(text)
    except ValueError as error:
        raise MoveRefused("Ngày không đọc được; hãy ghi như 09/03/2026.") from error


def _files(app: App, form: _Form) -> list[NewFile]:
    """Check what was attached, one file after the other. A browser sends an empty one for none."""
    sent = [one for one in form.uploads if one.filename]
    most, size = app.settings.attachment_count, app.settings.attachment_mb * 2**20
    if len(sent) > most:
        raise AttachmentRefused(f"Nhiều nhất {most} tệp một lần gửi.")
    found = []
    for upload in sent:
        content = upload.file.read(size + 1)
        name = app.masker.mask("", upload.filename).text
        try:
            found.append(checked(name, content, size))
        except AttachmentRefused as error:
            raise AttachmentRefused(f"“{name[:80]}”: {error}") from error
    return found
