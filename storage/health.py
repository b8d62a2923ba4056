"""How sources are doing, each judged by its own rhythm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.catalog import SourceEntry
from storage.models import FetchRow, SourceStateRow

#: How far back the rhythm of a source is looked for.
_MEMORY = timedelta(days=60)
#: A source is silent after so many of its usual pauses, and never before `_PATIENCE`.
_PAUSES = 4
_PATIENCE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """One source: when it was last asked, answered, and brought something.

    `pause` is the usual time between two polls that brought something, None where
    that is not known yet. `silent` says that it answers but brings nothing for much
    longer than usual. `reason` is how its newest poll ended, in words.
    """

    source_id: str
    enabled: bool
    last_poll_at: datetime | None
    last_ok_at: datetime | None
    last_new_at: datetime | None
    next_at: datetime | None
    failures: int
    outcome: str
    reason: str
    pause: timedelta | None
    silent: bool
    note: str = ""


def health(session: Session, now: datetime, entries: Iterable[SourceEntry]) -> list[SourceHealth]:
    """Return how each source of `entries` is doing, in their order."""
    states = {row.source_id: row for row in session.scalars(select(SourceStateRow))}
    last = _last_polls(session)
    pauses = _pauses(session, now)
    return [
        _health(entry, states.get(entry.id), last.get(entry.id), pauses.get(entry.id), now)
        for entry in entries
    ]


def _health(
    entry: SourceEntry,
    state: SourceStateRow | None,
    last: tuple[str, str] | None,
    pause: timedelta | None,
    now: datetime,
) -> SourceHealth:
    outcome, reason = last or ("", "")
    if state is None:
        return SourceHealth(
            entry.id, entry.enabled, None, None, None, None, 0, outcome, reason, pause, False
        )
    return SourceHealth(
        source_id=entry.id,
        enabled=entry.enabled and not state.disabled,
        last_poll_at=state.last_poll_at,
        last_ok_at=state.last_ok_at,
        last_new_at=state.last_new_at,
        next_at=state.next_at,
        failures=state.failures,
        outcome=outcome,
        reason=reason,
        pause=pause,
        silent=_silent(state, pause, now),
        note=state.note,
    )


def _silent(state: SourceStateRow, pause: timedelta | None, now: datetime) -> bool:
    if state.failures or state.last_new_at is None or pause is None:
        return False
    return now - state.last_new_at > max(pause * _PAUSES, _PATIENCE)


def _last_polls(session: Session) -> dict[str, tuple[str, str]]:
    newest = select(func.max(FetchRow.id)).where(FetchRow.url == "").group_by(FetchRow.source_id)
    query = select(FetchRow.source_id, FetchRow.outcome, FetchRow.reason)
    rows = session.execute(query.where(FetchRow.id.in_(newest)))
    return {source: (outcome, reason) for source, outcome, reason in rows}


def _pauses(session: Session, now: datetime) -> dict[str, timedelta]:
    """Return the median pause between polls that brought something, where there were three."""
    moments: dict[str, list[datetime]] = defaultdict(list)
    query = (
        select(FetchRow.source_id, FetchRow.at)
        .where(FetchRow.url == "", FetchRow.items > 0, FetchRow.at >= now - _MEMORY)
        .order_by(FetchRow.at)
    )
    for source, at in session.execute(query):
        moments[source].append(at)
    return {
        source: timedelta(
            seconds=median((later - earlier).total_seconds() for earlier, later in pairwise(found))
        )
        for source, found in moments.items()
        if len(found) >= 3
    }
