"""What each day's digest told, so that nothing is told twice as new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, union, update
from sqlalchemy.orm import Session

from storage.cases import LIVE
from storage.models import AssessmentRow, CaseRow, DigestEntryRow, DigestRow
from storage.write import add, chunks


@dataclass(frozen=True, slots=True)
class StoredDigest:
    """A digest as it was told. `data` is the caller's own form."""

    day: date
    made_at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Assessed:
    """What triage last said of an event."""

    event_id: int
    score: float
    verdict: str
    reasons: tuple[str, ...]
    routing: Mapping[str, Any]
    parts: tuple[Mapping[str, Any], ...] = ()


def get(session: Session, day: date) -> StoredDigest | None:
    """Return the digest of a day, or None."""
    row = session.get(DigestRow, day)
    return None if row is None else StoredDigest(row.day, row.made_at, row.data)


def near(session: Session, day: date, days: int) -> StoredDigest | None:
    """Return the newest digest made for `day` or one of the `days` before it, or None."""
    query = (
        select(DigestRow)
        .where(DigestRow.day <= day, DigestRow.day >= day - timedelta(days=days))
        .order_by(DigestRow.day.desc())
        .limit(1)
    )
    row = session.scalar(query)
    return None if row is None else StoredDigest(row.day, row.made_at, row.data)


def last_before(session: Session, day: date) -> datetime | None:
    """Return when the last digest before `day` was made, or None for the first."""
    return session.scalar(select(func.max(DigestRow.made_at)).where(DigestRow.day < day))


def since(session: Session, day: date) -> list[StoredDigest]:
    """Return the digests of a day and all later ones, the oldest first."""
    query = select(DigestRow).where(DigestRow.day >= day).order_by(DigestRow.day)
    return [StoredDigest(row.day, row.made_at, row.data) for row in session.scalars(query)]


def rewrite(session: Session, day: date, data: Mapping[str, Any]) -> None:
    """Replace what the digest of a day told, because some of its words are to be forgotten."""
    session.execute(update(DigestRow).where(DigestRow.day == day).values(data=dict(data)))


def candidates(session: Session, since: datetime | None) -> list[int]:
    """Return the events a digest has to look at: judged or closed since, or in a live case."""
    assessed = select(AssessmentRow.event_id).where(AssessmentRow.verdict != "nothing")
    live = CaseRow.state.in_([state.value for state in LIVE])
    cases = select(CaseRow.event_id).where(live)
    if since is not None:
        assessed = assessed.where(AssessmentRow.at >= since)
        cases = select(CaseRow.event_id).where(or_(live, CaseRow.closed_at >= since))
    return sorted(session.scalars(union(assessed, cases)))


def assessed(session: Session, event_ids: Sequence[int]) -> dict[int, Assessed]:
    """Return what triage last said of these events."""
    found = {}
    for part in chunks(list(event_ids)):
        query = select(AssessmentRow).where(AssessmentRow.event_id.in_(part))
        for row in session.scalars(query):
            found[row.event_id] = Assessed(
                row.event_id,
                row.score,
                row.verdict,
                tuple(row.reasons),
                row.routing or {},
                tuple(row.parts),
            )
    return found


def told_before(session: Session, event_ids: Sequence[int], day: date) -> dict[int, str]:
    """Return the fingerprint under which each event was last told before `day`."""
    found: dict[int, str] = {}
    for part in chunks(list(event_ids)):
        rows = session.execute(
            select(DigestEntryRow.event_id, DigestEntryRow.fingerprint)
            .where(DigestEntryRow.event_id.in_(part), DigestEntryRow.day < day)
            .order_by(DigestEntryRow.day)
        )
        found |= dict(rows.tuples().all())
    return found


def save(
    session: Session,
    digest: StoredDigest,
    told: Iterable[tuple[int, str, str]],
) -> bool:
    """Keep a digest and what it told: (event, section, fingerprint); False if the day has one."""
    if session.get(DigestRow, digest.day) is not None:
        return False
    row = {"day": digest.day, "made_at": digest.made_at, "data": dict(digest.data)}
    add(session, DigestRow, [row])
    entries = [
        {"day": digest.day, "event_id": event, "section": section, "fingerprint": fingerprint}
        for event, section, fingerprint in told
    ]
    add(session, DigestEntryRow, entries)
    return True
