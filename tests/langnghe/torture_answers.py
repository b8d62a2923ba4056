"""What units answer and people decide in the tests of the whole line, the same in every run."""

from __future__ import annotations

from datetime import datetime
from zlib import crc32

from sqlalchemy import or_, select

from langnghe.app import App
from langnghe.deciding import Actor, act
from storage.models import CaseRow
from triage.act import Act, Kind
from triage.case import CaseOutcome, CaseState, Veracity

_ANALYST = Actor("analyst:thu-suc")
_WITH_UNIT = (CaseState.SENT, CaseState.ACKNOWLEDGED)


def answer(app: App, opened: datetime) -> None:
    """Let units answer what was opened before a moment, and people close what was answered.

    What waits for a person is dropped. One transaction, and one step of a case at each
    moment: done again at the same one it changes nothing.
    """
    now = app.clock()
    with app.sessions.begin() as session:
        rows = session.execute(
            select(CaseRow.id, CaseRow.state, CaseRow.unit_id, CaseRow.title)
            .where(CaseRow.opened_at < opened, CaseRow.closed_at.is_(None))
            .where(or_(CaseRow.answered_at.is_(None), CaseRow.answered_at < now))
            .order_by(CaseRow.title, CaseRow.unit_id, CaseRow.id)
        )
        for number, state, unit, title in rows.all():
            if state in _WITH_UNIT:
                act(app, session, number, _found(title), Actor(f"unit:{unit}", unit))
            elif state == CaseState.ANSWERED:
                act(app, session, number, Act(Kind.CLOSE), _ANALYST)
            elif state == CaseState.PROPOSED:
                act(app, session, number, Act(Kind.DISMISS, "Không còn ai phản ánh."), _ANALYST)


def _found(title: str) -> Act:
    """Return the answer about a problem: one in three is not true."""
    if crc32(title.encode()) % 3 == 0:
        text = "Đã kiểm tra, không có việc này."
        return Act(Kind.ANSWER, text, veracity=Veracity.FALSE, outcome=CaseOutcome.EXPLAINED)
    text = "Đã kiểm tra và khắc phục xong."
    return Act(Kind.ANSWER, text, veracity=Veracity.TRUE, outcome=CaseOutcome.FIXED)
