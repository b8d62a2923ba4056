"""Silences: who asked that something raise no alarm, why, and until when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.models import AssessmentRow, CaseRow, EventRow, SilenceRow
from storage.write import chunks
from triage.case import CaseState

#: Who ends a silence whose time is over.
TIME = "machine"


@dataclass(frozen=True, slots=True)
class StoredSilence:
    """A silence as it is kept. It holds from `created_at` until `until`, or until it was ended."""

    silence_id: int
    author: str
    reason: str
    created_at: datetime
    until: datetime
    event_id: int | None
    topics: tuple[str, ...]
    places: tuple[str, ...]
    ended_at: datetime | None
    ended_by: str | None


def add(
    session: Session,
    *,
    author: str,
    reason: str,
    at: datetime,
    until: datetime,
    event_id: int | None = None,
    topics: Collection[str] = (),
    places: Collection[str] = (),
) -> int:
    """Keep a silence and return its number."""
    row = SilenceRow(
        author=author,
        reason=reason,
        created_at=at,
        until=until,
        event_id=event_id,
        topics=list(topics),
        places=list(places),
    )
    session.add(row)
    session.flush()
    return row.id


def is_event(session: Session, event_id: int) -> bool:
    """Say whether there is an event of this number that stands on its own."""
    query = select(EventRow.id).where(EventRow.id == event_id, EventRow.merged_into.is_(None))
    return session.scalar(query) is not None


def holding(session: Session, now: datetime) -> list[StoredSilence]:
    """Return the silences that hold at `now`, oldest first."""
    query = select(SilenceRow).where(SilenceRow.ended_at.is_(None), SilenceRow.until > now)
    return [_silence(row) for row in session.scalars(query.order_by(SilenceRow.id))]


def every(session: Session) -> list[StoredSilence]:
    """Return all silences, newest first."""
    return [_silence(row) for row in session.scalars(select(SilenceRow).order_by(-SilenceRow.id))]


def over(session: Session, now: datetime) -> list[StoredSilence]:
    """Return the silences whose time is over and that nobody has ended yet, oldest first."""
    query = select(SilenceRow).where(SilenceRow.ended_at.is_(None), SilenceRow.until <= now)
    return [_silence(row) for row in session.scalars(query.order_by(SilenceRow.id))]


def end(session: Session, silence_id: int, who: str, at: datetime) -> StoredSilence | None:
    """End a silence and return it; None where there is none that still holds."""
    ended = session.scalar(
        update(SilenceRow)
        .where(SilenceRow.id == silence_id, SilenceRow.ended_at.is_(None))
        .values(ended_at=at, ended_by=who)
        .returning(SilenceRow.id)
    )
    if ended is None:
        return None
    row = session.get_one(SilenceRow, ended)
    session.refresh(row)
    return _silence(row)


def kept_quiet(
    session: Session, since: datetime, until: datetime
) -> list[tuple[int, datetime, tuple[str, ...]]]:
    """Return (event, when, reasons) of what was put into the digest only, `since` to `until`."""
    query = select(AssessmentRow.event_id, AssessmentRow.at, AssessmentRow.reasons).where(
        AssessmentRow.verdict == "digest", AssessmentRow.at >= since, AssessmentRow.at <= until
    )
    return [(event, at, tuple(reasons)) for event, at, reasons in session.execute(query)]


def dismissed_since(
    session: Session, since: datetime, severity: int
) -> list[tuple[int, datetime, datetime]]:
    """Return (case, opened, closed) of cases of at least `severity` dismissed since then."""
    query = select(CaseRow.id, CaseRow.opened_at, CaseRow.closed_at).where(
        CaseRow.state == CaseState.DISMISSED.value,
        CaseRow.severity >= severity,
        CaseRow.closed_at >= since,
    )
    return [(number, opened, closed) for number, opened, closed in session.execute(query) if closed]


def great_cases(
    session: Session, states: Collection[CaseState], severity: int
) -> list[tuple[int, int, int, tuple[str, ...], str | None]]:
    """Return (case, event, severity, topics, place) of cases of at least `severity`, newest first.

    Asked for after every great event of a round: not more is read than is needed.
    """
    query = (
        select(CaseRow.id, CaseRow.event_id, CaseRow.severity, CaseRow.topics, CaseRow.place_key)
        .where(CaseRow.state.in_([state.value for state in states]), CaseRow.severity >= severity)
        .order_by(CaseRow.id.desc())
    )
    return [
        (case, event, grave, tuple(topics), place)
        for case, event, grave, topics, place in session.execute(query)
    ]


def look_again(session: Session, event_ids: Collection[int]) -> int:
    """Make these events work for triage, and say how many were not already."""
    count = 0
    for part in chunks(sorted(set(event_ids))):
        changed = session.scalars(
            update(EventRow)
            .where(EventRow.id.in_(part), ~EventRow.stale, EventRow.merged_into.is_(None))
            .values(stale=True)
            .returning(EventRow.id)
        )
        count += len(changed.all())
    return count


def _silence(row: SilenceRow) -> StoredSilence:
    return StoredSilence(
        silence_id=row.id,
        author=row.author,
        reason=row.reason,
        created_at=row.created_at,
        until=row.until,
        event_id=row.event_id,
        topics=tuple(row.topics),
        places=tuple(row.places),
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )
