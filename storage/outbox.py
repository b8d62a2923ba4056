"""The outbox: notices that must reach their recipients, claimed under a lease.

Written in the transaction of what they tell. A sender claims, sends, and marks; where
it dies in between, its lease ends and another sends again under the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session, load_only

from storage.leases import SKEW
from storage.models import NoticeCaseRow, NoticeRow
from storage.write import add, chunks, insert_into
from triage.notice import Notice

__all__ = [
    "ClaimedNotice",
    "Notice",
    "cases_of",
    "claim",
    "counts",
    "deferred",
    "failed",
    "mend",
    "queue",
    "sent",
    "waiting",
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
    """A notice to be sent now. `attempts` counts this one, from 1.

    `refusals` counts those of before that failed while the way was open, `refused_at` is when
    the first of them was.
    """

    notice: Notice
    attempts: int
    refusals: int
    refused_at: datetime | None


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

    The oldest comes first, so that what was told first is read first, also after they all had
    to wait. Those of a sender whose lease ended are due again. Commit before sending.
    """
    due = or_(
        and_(NoticeRow.state == _QUEUED, NoticeRow.next_at <= now),
        and_(NoticeRow.state == _SENDING, NoticeRow.lease_until <= now),
    )
    query = (
        select(NoticeRow)
        .where(due)
        .order_by(NoticeRow.created_at, NoticeRow.key)
        .limit(limit)
        .with_for_update(skip_locked=True)  # SQLite has one writer and ignores it
    )
    rows = list(session.scalars(query))
    until = now + timedelta(seconds=lease_seconds)
    for row in rows:
        row.state, row.owner, row.lease_until = _SENDING, owner, until
        row.attempts += 1
    session.flush()
    cases = cases_of(session, [row.key for row in rows])
    return [
        ClaimedNotice(
            Notice(**_plain(row), case_ids=cases.get(row.key, ())),
            row.attempts,
            row.refusals,
            row.refused_at,
        )
        for row in rows
    ]


def senders(session: Session, now: datetime) -> list[str]:
    """Return who is sending something, their lease not being over."""
    query = select(NoticeRow.owner).where(
        NoticeRow.state == _SENDING, NoticeRow.lease_until > now, NoticeRow.owner.is_not(None)
    )
    return sorted({owner for owner in session.scalars(query) if owner})


def expire(session: Session, owner: str, now: datetime) -> None:
    """End what a sender holds that is known to be dead; it is sent again."""
    session.execute(
        update(NoticeRow)
        .where(NoticeRow.state == _SENDING, NoticeRow.owner == owner, NoticeRow.lease_until > now)
        .values(lease_until=now)
    )


def mend(session: Session, now: datetime, lease_seconds: float, longest_wait: timedelta) -> int:
    """Shorten what was set by a clock that was ahead, and return how many notices it held.

    No lease is longer than `lease_seconds` from now, give or take what clocks of machines differ
    by: a sender that is alive keeps its full time, one that is dead no more than that. A notice
    that was deferred waits for no more than `longest_wait`; one never tried that says it was
    made in the future is made now, and waits as long as it was meant to.
    """
    lease, late = now + timedelta(seconds=lease_seconds), now + longest_wait
    queued, tried = NoticeRow.state == _QUEUED, NoticeRow.attempts > 0
    wrong = or_(
        and_(NoticeRow.state == _SENDING, NoticeRow.lease_until > lease + SKEW),
        and_(queued, tried, NoticeRow.next_at > late),
        and_(queued, ~tried, NoticeRow.created_at > now, NoticeRow.next_at > now),
    )
    columns = (NoticeRow.state, NoticeRow.attempts, NoticeRow.lease_until, NoticeRow.next_at)
    query = select(NoticeRow).where(wrong).options(load_only(*columns, NoticeRow.created_at))
    rows = list(session.scalars(query.with_for_update(skip_locked=True)))
    for row in rows:
        if row.state == _SENDING:
            row.lease_until = lease
        elif row.attempts:
            row.next_at = late
        else:
            row.next_at = row.not_before = now + (row.next_at - row.created_at)
            row.created_at = now
    session.flush()
    return len(rows)


def sent(session: Session, key: str, at: datetime) -> str | None:
    """Mark a notice as sent, whoever holds it now, and return its recipient.

    None where another sender settled it meanwhile: it is sent or set aside.
    """
    open_ = or_(NoticeRow.state == _QUEUED, NoticeRow.state == _SENDING)
    settled = {"state": _SENT, "sent_at": at, "owner": None, "lease_until": None}
    statement = (
        update(NoticeRow)
        .where(NoticeRow.key == key, open_)
        .values(settled | {"last_error": None})
        .returning(NoticeRow.recipient)
    )
    return session.scalar(statement)


def deferred(
    session: Session,
    key: str,
    owner: str,
    error: str,
    next_at: datetime,
    refused_at: datetime | None = None,
) -> bool:
    """Give a notice back, to be tried again from `next_at`.

    `refused_at` says that the way was open, and since when this notice is put off on it.
    """
    values: dict[str, Any] = {"next_at": next_at, "last_error": error}
    if refused_at is not None:
        values |= {"refusals": NoticeRow.refusals + 1, "refused_at": refused_at}
    return _settle(session, key, owner, state=_QUEUED, **values)


def failed(session: Session, key: str, owner: str, error: str, at: datetime) -> bool:
    """Set a notice aside for a person: trying again cannot help."""
    # What is set aside has no next try: the column says when that was.
    return _settle(session, key, owner, state=_FAILED, last_error=error, next_at=at)


def waiting(session: Session, now: datetime, late: datetime) -> list[tuple[str, str]]:
    """Return (key, last error) of due notices that were put off, or wait since before `late`."""
    is_due = or_(NoticeRow.state == _SENDING, NoticeRow.state == _QUEUED)
    held = or_(NoticeRow.last_error.is_not(None), NoticeRow.not_before < late)
    query = (
        select(NoticeRow.key, NoticeRow.last_error)
        .where(is_due, NoticeRow.not_before <= now, held)
        .order_by(NoticeRow.key)
    )
    return [(key, error or "") for key, error in session.execute(query)]


def last_queued(session: Session, kind: str, recipient: str) -> datetime | None:
    """Return when the newest notice of a kind to a reader was made, None where there is none."""
    query = select(func.max(NoticeRow.created_at)).where(
        NoticeRow.kind == kind, NoticeRow.recipient == recipient
    )
    return session.scalar(query)


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


def cases_of(session: Session, keys: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Return the cases that each of these notices tells of; none for those without."""
    found: dict[str, tuple[int, ...]] = {}
    for some in chunks(keys):
        query = (
            select(NoticeCaseRow.notice_key, NoticeCaseRow.case_id)
            .where(NoticeCaseRow.notice_key.in_(some))
            .order_by(NoticeCaseRow.case_id)
        )
        for key, case in session.execute(query):
            found[key] = (*found.get(key, ()), case)
    return found
