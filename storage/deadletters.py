"""What lies in the outbox: to be looked at, and put right where it could not be delivered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session, load_only

from storage.erasing import ERASED
from storage.models import CaseRow, NoticeRow
from storage.outbox import cases_of
from triage.case import CaseState

_CASES, _DIGEST = "cases", "digest"


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A notice that failed for good and still leaves something to do. `at` is when it failed."""

    key: str
    kind: str
    recipient: str
    case_ids: tuple[int, ...]
    error: str
    at: datetime


@dataclass(frozen=True, slots=True)
class KeptNotice:
    """A notice of the outbox without its text. `next_at` of a failed one is when it failed."""

    key: str
    kind: str
    recipient: str
    subject: str
    message_id: str
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime
    sent_at: datetime | None
    last_error: str | None
    case_ids: tuple[int, ...]


_KEPT = tuple(name for name in KeptNotice.__slots__ if name != "case_ids")


def undelivered(session: Session) -> list[Undelivered]:
    """Return the failed notices that leave something to do, the newest first.

    Nothing is left of a notice that put cases to a unit once a person decided about all of
    them, nor of a digest once a later one reached the same reader. Others stay until they
    are tried again or dropped.
    """
    rows = _rows(session, select(NoticeRow).where(NoticeRow.state == "failed"))
    waiting = _waiting(session, [case for row in rows for case in row.case_ids])
    read = dict(
        session.execute(
            select(NoticeRow.recipient, NoticeRow.created_at)
            .where(NoticeRow.kind == _DIGEST, NoticeRow.state == "sent")
            .order_by(NoticeRow.created_at)
        )
        .tuples()
        .all()
    )
    return [
        Undelivered(
            row.key, row.kind, row.recipient, row.case_ids, row.last_error or "", row.next_at
        )
        for row in rows
        if not (row.kind == _CASES and row.case_ids and not waiting & set(row.case_ids))
        and not (row.kind == _DIGEST and row.created_at < read.get(row.recipient, row.created_at))
    ]


def kept(session: Session, state: str | None = None, limit: int = 1000) -> list[KeptNotice]:
    """Return the newest notices, of one state or of all."""
    query = select(NoticeRow)
    if state is not None:
        query = query.where(NoticeRow.state == state)
    return _rows(session, query.limit(limit))


def get(session: Session, key: str) -> KeptNotice | None:
    """Return one notice, or None."""
    found = _rows(session, select(NoticeRow).where(NoticeRow.key == key))
    return found[0] if found else None


def put_back(session: Session, key: str, now: datetime) -> bool:
    """Queue a failed notice again, as if it were new; False where it is not failed.

    One whose words were deleted would reach its reader empty: False for it, too.
    """
    if session.scalar(select(NoticeRow.text).where(NoticeRow.key == key)) == ERASED:
        return False
    fresh = {"state": "queued", "attempts": 0, "next_at": now, "not_before": now}
    never = {"refusals": 0, "refused_at": None, "last_error": None}
    return _leave_failed(session, key, fresh | never)


def drop(session: Session, key: str) -> bool:
    """Give a failed notice up, so that it no longer alarms; False where it is not failed."""
    return _leave_failed(session, key, {"state": "dropped"})


def _leave_failed(session: Session, key: str, values: dict[str, object]) -> bool:
    statement = (
        update(NoticeRow)
        .where(NoticeRow.key == key, NoticeRow.state == "failed")
        .values(**values)
        .returning(NoticeRow.key)
    )
    return session.execute(statement).first() is not None


def _rows(session: Session, query: Select[NoticeRow]) -> list[KeptNotice]:
    columns = [getattr(NoticeRow, name) for name in _KEPT]
    query = query.options(load_only(*columns)).order_by(NoticeRow.created_at.desc(), NoticeRow.key)
    rows = list(session.scalars(query))
    told = cases_of(session, [row.key for row in rows])
    return [
        KeptNotice(**{name: getattr(row, name) for name in _KEPT}, case_ids=told.get(row.key, ()))
        for row in rows
    ]


def _waiting(session: Session, case_ids: Iterable[int]) -> set[int]:
    """Return those of the cases that wait for a person."""
    query = select(CaseRow.id).where(CaseRow.state == CaseState.PROPOSED.value)
    return set(session.scalars(query)) & set(case_ids)
