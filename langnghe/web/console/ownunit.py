"""The pages of a unit's own account: its cases, and answering them as under an answer link."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any

from litestar.exceptions import HTTPException

from langnghe.accounts import Right
from langnghe.app import App
from langnghe.deciding import Actor, act
from langnghe.mailing import links
from langnghe.web.answer import DID, TRUTHS, advised
from langnghe.web.console import words
from langnghe.web.console.case import OVERTAKEN, Overtaken, send_file
from langnghe.web.console.caseform import day
from langnghe.web.console.filters import SIZE, page_number
from langnghe.web.console.guard import Answer, Desk, Form, Visit
from storage import answers, attachments, board, evidence
from storage.answers import LinkedCase
from storage.attachments import StoredFile
from storage.board import Wanted
from storage.db import Session
from triage.act import BY_UNIT, Act, Kind, MoveRefused
from triage.case import CaseOutcome, CaseState, Veracity
from triage.moves import ALLOWED

#: What a unit sees: what was sent to it and is still its own.
SEEN = (CaseState.SENT, CaseState.ACKNOWLEDGED, CaseState.ANSWERED, CaseState.CLOSED)
_MOST_CHARS = 10_000


def routes(app: App, desk: Desk) -> list[Any]:
    """Return the routes of a unit's account."""
    path = "/don-vi-cua-toi"
    return [
        desk.look(path, Right.ANSWER, partial(_list, app)),
        desk.look(f"{path}/{{number:str}}", Right.ANSWER, partial(_shown, app)),
        desk.do(f"{path}/{{number:str}}", Right.ANSWER, partial(_sent, app)),
        desk.look(f"{path}/{{number:str}}/tep/{{file:str}}", Right.ANSWER, partial(_file, app)),
    ]


def _list(app: App, visit: Visit) -> Answer:
    wanted = Wanted(states=SEEN, unit_id=_unit(visit), sent=True)
    number = page_number(visit)
    with app.views() as session:
        total = board.count(session, wanted)
        found = board.page(session, wanted, (number - 1) * SIZE, SIZE, by_weight=True)
    return visit.page(
        "console/unit_cases.html",
        cases=found,
        total=total,
        number=number,
        last_page=max(1, -(-total // SIZE)),
        **words.shared(app, visit.me.language),
    )


def _unit(visit: Visit) -> str:
    """Return the unit of the account. An account without one sees nothing."""
    if not visit.me.unit_id:
        raise HTTPException(status_code=403)
    return visit.me.unit_id


def _own(session: Session, visit: Visit, number: int) -> LinkedCase:
    """Return a case of the visitor's own unit; another's is as if it did not exist."""
    linked = answers.linked(session, number)
    if (
        linked is None
        or linked.case.brief.unit_id != _unit(visit)
        or linked.case.brief.state not in SEEN
    ):
        raise HTTPException(status_code=404)
    return linked


def _files(session: Session, linked: LinkedCase) -> list[StoredFile]:
    """Return the files that the unit itself sent, not those of one that had the case before."""
    own = {entry.seq for entry in linked.by_unit}
    found = attachments.of_case(session, linked.case.brief.case_id)
    return [file for file in found if file.entry_seq in own]


def _shown(
    app: App, visit: Visit, *, form: Form | None = None, problem: str = "", status: int = 200
) -> Answer:
    number = visit.number()
    with app.views() as session:
        linked = _own(session, visit, number)
        brief = linked.case.brief
        line = evidence.of_events(session, [brief.event_id]).get(brief.event_id)
        files = _files(session, linked)
    with app.sessions.begin() as session:
        visit.note(session, "looked", f"case:{number}")
    shared = words.shared(app, visit.me.language)
    # One mark a form: what the page knew of the case, and a word that makes it this one.
    can = [kind for kind in BY_UNIT if brief.state in ALLOWED[kind]]
    marks = {kind: f"{linked.last_move}.{secrets.token_urlsafe(8)}" for kind in can}
    last = linked.by_unit[-1] if linked.by_unit else None
    told = last is not None and last.kind == visit.request.query_params.get("da") and not problem
    view = {
        "marks": marks,
        "units": [one for one in shared["units"] if one[0] != brief.unit_id],
    }
    return visit.page(
        "console/unit_case.html",
        status=status,
        view=view,
        linked=linked,
        brief=brief,
        evidence=links(line) if line else (),
        files=files,
        problem=problem,
        recorded=last if told else None,
        opened=form.get("kind", "") if form else "",
        typed=dict(form) if form else {},
        limits=(0, 0),
        advice=advised(app, brief.topics),
        did=DID,
        **{**shared, "truths": TRUTHS},
    )


def _sent(app: App, visit: Visit, form: Form) -> Answer:
    number = visit.number()
    kind = next((one for one in BY_UNIT if one.value == form.get("kind")), None)
    if kind is None:
        raise HTTPException(status_code=400)
    unit = _unit(visit)
    try:
        asked = _asked(kind, form)
        with app.sessions.begin() as session:
            answers.gate(session, number, lock=True)
            linked = _own(session, visit, number)
            if form.get("mark", "").partition(".")[0] != str(linked.last_move):
                raise Overtaken(OVERTAKEN)
            act(app, session, number, asked, Actor(f"unit:{unit}", unit))
            visit.note(session, "answered", f"case:{number}", kind=kind.value)
    except MoveRefused as error:
        status = 409 if isinstance(error, Overtaken) else 422
        return _shown(app, visit, form=form, problem=str(error), status=status)
    if kind is Kind.NOT_OURS:  # the case is no longer theirs to see
        return visit.to("/don-vi-cua-toi")
    return visit.to(f"/don-vi-cua-toi/{number}?da={kind.value}")


def _asked(kind: Kind, form: Form) -> Act:
    if any(len(value) > _MOST_CHARS for value in form.values()):
        raise MoveRefused("Nội dung quá dài; hãy rút gọn hoặc đính kèm tài liệu.")
    theirs = kind is Kind.NOT_OURS
    try:
        return Act(
            kind,
            text=form.get("text", ""),
            unit_id=form.get("unit_id", "") if theirs else "",
            unit_name=form.get("unit_name", "") if theirs else "",
            veracity=Veracity(form["veracity"]) if form.get("veracity") else None,
            outcome=CaseOutcome(form["outcome"]) if form.get("outcome") else None,
            due=day(form.get("due", "")),
        )
    except ValueError as error:
        raise MoveRefused("Có lựa chọn không hợp lệ; hãy chọn lại.") from error


def _file(app: App, visit: Visit) -> Answer:
    number, wanted = visit.number(), visit.number("file")
    with app.views() as session:
        files = _files(session, _own(session, visit, number))
        found = [one for one in files if one.id == wanted]
    if not found:
        raise HTTPException(status_code=404)
    return send_file(app, visit, found[0])
