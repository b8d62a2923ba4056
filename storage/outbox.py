"""The outbox: notices that must reach their recipients, claimed under a lease.

Written in the transaction of what they tell. A sender claims, sends, and marks; where
it dies in between, its lease ends and another sends again under the same Message-ID.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from storage.models import NoticeCaseRow, NoticeRow
from storage.write import add, insert_into
from triage.notice import Notice

__all__ = [
    "ClaimedNotice",
    "Notice",
    "claim",
    "counts",
    "deferred",
    "failed",
    "queue",
    "sent",
    "stuck",
]
_QUEUED, _SENDING, _SENT, _FAILED = "queued", "sending", "sent", "failed"
_PLAIN = (
    "key",
    "kind",
    "recipient",
    "subject",
    "text",
    "html",
    "message_id",
    "created_at",
    "not_before",
)


@dataclass(frozen=True, slots=True)
class ClaimedNotice:
    """A notice to be sent now. `attempts` counts this one, from 1."""

    notice: Notice
    attempts: int


def queue(session: Session, notice: Notice) -> bool:
    """Put a notice into the outbox; False where its key was there before, which is no error."""
    row: dict[str, Any] = {name: getattr(notice, name) for name in _PLAIN}
    row |= {"state": _QUEUED, "attempts": 0, "next_at": notice.not_before}
    statement = (
        insert_into(session, NoticeRow)
        .values(row)
        .on_conflict_do_nothing()
        .returning(NoticeRow.key)
    )
    if session.execute(statement).first() is None:
        return False
    rows = [{"notice_key": notice.key, "case_id": case} for case in notice.case_ids]
    add(session, NoticeCaseRow, rows)
    return True


def claim(
    session: Session, now: datetime, owner: str, lease_seconds: float, limit: int
) -> list[ClaimedNotice]:
    """Take up to `limit` notices that are due, for `lease_seconds`.

    Those of a sender whose lease ended are due again. Commit before sending.
    """
    due = or_(
        and_(NoticeRow.state == _QUEUED, NoticeRow.next_at <= now),
        and_(NoticeRow.state == _SENDING, NoticeRow.lease_until <= now),
    )
    query = (
        select(NoticeRow)
        .where(due)
        .order_by(NoticeRow.next_at, NoticeRow.key)
        .limit(limit)
        .with_for_update(skip_locked=True)  # SQLite has one writer and ignores it
    )
    rows = list(session.scalars(query))
    until = now + timedelta(seconds=lease_seconds)
    for row in rows:
        row.state, row.owner, row.lease_until = _SENDING, owner, until
        row.attempts += 1
    session.flush()
    cases = _cases(session, [row.key for row in rows])
    return [
        ClaimedNotice(
            Notice(
                **{name: getattr(row, name) for name in _PLAIN}, case_ids=cases.get(row.key, ())
            ),
            row.attempts,
        )
        for row in rows
    ]


def sent(session: Session, key: str, owner: str, at: datetime) -> bool:
    """Mark a notice as sent; False where the lease had passed to another owner."""
    return _settle(session, key, owner, state=_SENT, sent_at=at, last_error=None)


def deferred(session: Session, key: str, owner: str, error: str, next_at: datetime) -> bool:
    """Give a notice back, to be tried again from `next_at`."""
    return _settle(session, key, owner, state=_QUEUED, next_at=next_at, last_error=error)


def failed(session: Session, key: str, owner: str, error: str) -> bool:
    """Set a notice aside for a person: trying again cannot help."""
    return _settle(session, key, owner, state=_FAILED, last_error=error)


def stuck(session: Session, before: datetime) -> list[tuple[str, str, str]]:
    """Return (key, state, last error) of notices set aside, or waiting since `before`."""
    waiting = and_(NoticeRow.state.in_([_QUEUED, _SENDING]), NoticeRow.not_before < before)
    query = (
        select(NoticeRow.key, NoticeRow.state, NoticeRow.last_error)
        .where(or_(NoticeRow.state == _FAILED, waiting))
        .order_by(NoticeRow.key)
    )
    return [(key, state, error or "") for key, state, error in session.execute(query)]


def counts(session: Session) -> dict[str, int]:
    """Return how many notices stand in each state."""
    rows = session.execute(select(NoticeRow.state, func.count()).group_by(NoticeRow.state))
    return dict(rows.tuples().all())


def _settle(session: Session, key: str, owner: str, **values: Any) -> bool:
    """Change a claimed notice, if it is still this owner's."""
    statement = (
        update(NoticeRow)
        .where(NoticeRow.key == key, NoticeRow.state == _SENDING, NoticeRow.owner == owner)
        .values(owner=None, lease_until=None, **values)
        .returning(NoticeRow.key)
    )
    return session.execute(statement).first() is not None


def _plain(row: NoticeRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _PLAIN}


def _cases(session: Session, keys: list[str]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    query = (
        select(NoticeCaseRow.notice_key, NoticeCaseRow.case_id)
        .where(NoticeCaseRow.notice_key.in_(keys))
        .order_by(NoticeCaseRow.case_id)
    )
    for key, case in session.execute(query):
        found[key] = (*found.get(key, ()), case)
    return found
