"""Dated words on a case: promises, dialogues, press conferences, tasks of a group, checks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from langnghe.app import App
from langnghe.judging import unit_name
from storage import cases, commitments
from storage.commitments import NewEntry
from storage.db import Session
from triage.act import FARTHEST, MoveRefused

KINDS = ("promise", "dialogue", "press", "task", "check")
SETTLED = ("kept", "late", "dropped")
_MOST_CHARS = 2_000


def add_date(
    app: App,
    session: Session,
    case_id: int,
    kind: str,
    text: str,
    due: date,
    *,
    who: str,
    units: Sequence[str] = (),
) -> int:
    """Keep a dated word on a case with its line of history, and return its number.

    `units` are ids of those it concerns, the one that leads first. The words are masked.
    Raises `MoveRefused` for no case, no such kind or unit, or no words.
    """
    words = text.strip()
    if cases.get(session, case_id) is None:
        raise MoveRefused(f"Không có vụ việc số {case_id}.")
    if kind not in KINDS or any(unit not in app.catalog.units for unit in units):
        raise MoveRefused("Có lựa chọn không hợp lệ; hãy chọn lại.")
    if not words:
        raise MoveRefused("Hãy ghi nội dung hẹn.")
    if len(words) > _MOST_CHARS:
        raise MoveRefused("Nội dung quá dài; hãy rút gọn.")
    new = NewEntry(
        case_id=case_id,
        kind=kind,
        text=app.masker.mask("", words).text,
        by=who,
        made_at=app.clock(),
        due=due,
        members=tuple(unit_name(app, unit) for unit in units),
    )
    _refuse_odd(app, session, new)
    number = commitments.add(session, new)
    data = {"commitment": number, "kind": kind, "due": due.isoformat()}
    cases.entry(session, case_id, app.clock(), who, "commitment", new.text, data)
    return number


def _refuse_odd(app: App, session: Session, new: NewEntry) -> None:
    """Refuse a day that is a slip of the pen, and what is open already: a form sent twice."""
    if abs(new.due - app.today()) > FARTHEST:
        raise MoveRefused("Ngày quá xa: hãy chọn một ngày trong vòng 5 năm.")
    for one in commitments.of_case(session, new.case_id):
        if one.state == commitments.OPEN and (one.kind, one.text, one.due) == (
            new.kind,
            new.text,
            new.due,
        ):
            raise MoveRefused("Hẹn này đã được ghi rồi.")


def settle_date(
    app: App, session: Session, case_id: int, number: int, state: str, note: str, *, who: str
) -> None:
    """Say what became of a dated word of a case: kept, late or dropped.

    Raises `MoveRefused` where it is not this case's, or somebody said so before.
    """
    if state not in SETTLED:
        raise MoveRefused("Có lựa chọn không hợp lệ; hãy chọn lại.")
    if number not in {one.id for one in commitments.of_case(session, case_id)}:
        raise MoveRefused(f"Vụ việc số {case_id} không có hẹn số {number}.")
    words = note.strip()[:_MOST_CHARS]
    masked = app.masker.mask("", words).text if words else ""
    if not commitments.settle(session, number, state, app.clock(), who, masked):
        raise MoveRefused("Hẹn này đã có người ghi kết quả.")
    data = {"commitment": number, "state": state}
    cases.entry(session, case_id, app.clock(), who, "commitment_settled", masked, data)


def reopen_date(app: App, session: Session, case_id: int, number: int, *, who: str) -> None:
    """Take back what a person said became of a dated word: it is open again.

    Raises `MoveRefused` where it is not this case's, is open, or time alone made it late.
    """
    if number not in {one.id for one in commitments.of_case(session, case_id)}:
        raise MoveRefused(f"Vụ việc số {case_id} không có hẹn số {number}.")
    if not commitments.reopen(session, number):
        raise MoveRefused("Hẹn này không có kết quả nào do người ghi để hoàn tác.")
    cases.entry(
        session, case_id, app.clock(), who, "commitment_reopened", "", {"commitment": number}
    )
