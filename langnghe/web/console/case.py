"""The page of one case: what is known, why, and the forms that decide."""

from __future__ import annotations

from functools import partial
from typing import Any

from litestar import Response
from litestar.exceptions import HTTPException

from langnghe.accounts import Right
from langnghe.app import App
from langnghe.deciding import Actor, act
from langnghe.web.console import words
from langnghe.web.console.casefile import open_file
from langnghe.web.console.caseform import DECISIONS, LEADING, ManyPlaces, read_act, who
from langnghe.web.console.guard import Answer, Desk, Form, Visit
from langnghe.web.console.marking import KINDS
from langnghe.web.console.promises import promise_routes
from langnghe.why import VERDICT, reconsidered
from storage import answers, attachments, cases, claims, dossier, triage
from storage.attachments import StoredFile
from triage.act import Act, Kind, MoveRefused
from triage.wording import one_line

OVERTAKEN = (
    "Trong lúc nhập, vụ việc vừa có người khác cập nhật (xem bên dưới). "
    "Chưa ghi nhận nội dung này: xin xem lại và gửi lần nữa nếu vẫn cần."
)


class Overtaken(MoveRefused):
    """The case was changed since its page was opened."""


def routes(app: App, desk: Desk) -> list[Any]:
    """Return the routes of one case."""
    path = "/vu-viec/{number:str}"
    return [
        desk.look(path, Right.LOOK, partial(shown, app)),
        desk.look(f"{path}/vi-sao", Right.LOOK, partial(_why, app)),
        desk.do(f"{path}/quyet-dinh", Right.DECIDE, partial(_decided, app, DECISIONS)),
        desk.do(f"{path}/lanh-dao", Right.LEAD, partial(_decided, app, LEADING)),
        *promise_routes(app, desk, path, shown),
        desk.look(f"{path}/tep/{{file:str}}", Right.LOOK, partial(_file, app)),
    ]


def shown(
    app: App,
    visit: Visit,
    *,
    form: Form | None = None,
    problem: str = "",
    status: int = 200,
    choices: tuple[tuple[str, str], ...] = (),
) -> Answer:
    """Return the page of a case; after a refused form with the reason and what was typed.

    To look is noted, and tells others for a few minutes that somebody works on it.
    """
    number = visit.number()
    query = visit.request.query_params
    with app.views() as session:
        file = open_file(app, session, number, visit.me.id)
    if file is None:
        raise HTTPException(status_code=404)
    with app.sessions.begin() as session:
        visit.note(session, "looked", f"case:{number}")
        if visit.may(Right.DECIDE) and visit.request.method != "HEAD":
            claims.claim(session, [number], visit.me.id, app.clock())
    return visit.page(
        "console/case.html",
        status=status,
        file=file,
        kept=file.kept,
        brief=file.kept.case.brief,
        problem=problem,
        opened=form.get("kind", "") if form else "",
        typed=dict(form) if form else {},
        choices=choices,
        did=query.get("da", ""),
        mark_words=KINDS,
        verdict_words=VERDICT,
        **words.shared(app, visit.me.language),
    )


def _decided(app: App, kinds: frozenset[Kind], visit: Visit, form: Form) -> Answer:
    number = visit.number()
    kind = next((one for one in kinds if one.value == form.get("kind")), None)
    if kind is None:
        raise HTTPException(status_code=400)
    try:
        decide(app, visit, number, kind, form)
    except ManyPlaces as error:
        return shown(app, visit, form=form, problem=str(error), status=422, choices=error.choices)
    except MoveRefused as error:
        status = 409 if isinstance(error, Overtaken) else 422
        return shown(app, visit, form=form, problem=str(error), status=status)
    return visit.to(f"/vu-viec/{number}?da={kind.value}")


def decide(app: App, visit: Visit, number: int, kind: Kind, form: Form) -> Act:
    """Do what a form asks with a case, in one transaction with its line of the audit.

    Raises `MoveRefused`; 404 without the case. A form that carries `seen`, the last move its
    page knew of, is refused where somebody moved the case since.
    """
    with app.sessions.begin() as session:
        answers.gate(session, number, lock=True)
        case, linked = cases.get(session, number), answers.linked(session, number)
        if case is None or linked is None:
            raise HTTPException(status_code=404)
        if kind is not Kind.NOTE and form.get("seen", str(linked.last_move)) != str(
            linked.last_move
        ):
            raise Overtaken(OVERTAKEN)
        asked = read_act(app, case, kind, form)
        act(app, session, number, asked, Actor(who(visit)))
        claims.release(session, [number], visit.me.id)
        visit.note(session, "decided", f"case:{number}", kind=kind.value)
    return asked


def _why(app: App, visit: Visit) -> Answer:
    """Show what the rules of now say of a case: rows tried, and what would change the outcome."""
    number = visit.number()
    with app.views() as session:
        kept = dossier.open_dossier(session, number)
        found = triage.facts(session, [kept.case.brief.event_id]) if kept else []
    if kept is None:
        raise HTTPException(status_code=404)
    sections = [
        (title, tuple(lines)) for one in found for title, lines in reconsidered(app, kept, one)
    ]
    with app.sessions.begin() as session:
        visit.note(session, "looked", f"case:{number}", part="why")
    return visit.page("console/case_why.html", brief=kept.case.brief, sections=sections)


def _file(app: App, visit: Visit) -> Answer:
    number, wanted = visit.number(), visit.number("file")
    with app.views() as session:
        found = [one for one in attachments.of_case(session, number) if one.id == wanted]
    if not found:
        raise HTTPException(status_code=404)
    return send_file(app, visit, found[0])


def send_file(app: App, visit: Visit, file: StoredFile) -> Answer:
    """Send a file to be kept, never to be shown in the page, and note who took it."""
    path = attachments.path_of(app.settings.data_dir / "attachments", file.sha256)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise HTTPException(status_code=404) from error
    with app.sessions.begin() as session:
        subject = f"case:{file.case_id}"
        visit.note(session, "took_file", subject, file=file.id, sha256=file.sha256)
    suffix = one_line(file.name).rpartition(".")[2]
    plain = f"vu-viec-{file.case_id}-{file.id}.{suffix if suffix.isalnum() else 'bin'}"
    headers = {
        "Content-Disposition": f'attachment; filename="{plain}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=file.media_type, headers=headers)
