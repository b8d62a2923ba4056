"""Dated words on a case: promises, dialogues, press conferences, tasks, and what came of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from litestar.exceptions import HTTPException

from langnghe.accounts import Right
from langnghe.app import App
from langnghe.dating import add_date, reopen_date, settle_date
from langnghe.web.console.caseform import day, who
from langnghe.web.console.guard import Answer, Desk, Form, Visit
from storage.commitments import OPEN
from triage.act import MoveRefused

Shown = Callable[..., Answer]


def promise_routes(app: App, desk: Desk, path: str, shown: Shown) -> list[Any]:
    """Return the routes that add a dated word to a case and settle it."""
    return [
        desk.do(f"{path}/hen", Right.DECIDE, partial(_added, app, shown)),
        desk.do(f"{path}/hen/ket-qua", Right.DECIDE, partial(_settled, app, shown)),
    ]


def _added(app: App, shown: Shown, visit: Visit, form: Form) -> Answer:
    number, unit = visit.number(), form.get("unit_id", "")
    try:
        due = day(form.get("due", ""))
        if due is None:
            raise MoveRefused("Hãy ghi ngày hẹn.")
        with app.sessions.begin() as session:
            kind, text = form.get("what", ""), form.get("text", "")
            units = (unit,) if unit else ()
            add_date(app, session, number, kind, text, due, who=who(visit), units=units)
            data = {"kind": kind, "due": due.isoformat()}
            visit.note(session, "commitment", f"case:{number}", **data)
    except MoveRefused as error:
        return shown(app, visit, form={**form, "kind": "hen"}, problem=str(error), status=422)
    return visit.to(f"/vu-viec/{number}?da=commitment#hen")


def _settled(app: App, shown: Shown, visit: Visit, form: Form) -> Answer:
    number, wanted, state = visit.number(), form.get("id", ""), form.get("state", "")
    if not wanted.isdecimal() or len(wanted) > 15:
        raise HTTPException(status_code=400)
    try:
        with app.sessions.begin() as session:
            did, data = "commitment_settled", {"commitment": int(wanted), "state": state}
            if state == OPEN:
                did = "commitment_reopened"
                reopen_date(app, session, number, int(wanted), who=who(visit))
            else:
                note = form.get("text", "")
                settle_date(app, session, number, int(wanted), state, note, who=who(visit))
            visit.note(session, did, f"case:{number}", **data)
    except MoveRefused as error:
        return shown(app, visit, form={**form, "kind": "hen"}, problem=str(error), status=409)
    return visit.to(f"/vu-viec/{number}?da={did}#hen")
