"""How sources are doing, each judged by its own rhythm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from sqlalchemy import literal, select
from sqlalchemy.orm import Session, aliased

from config.catalog import SourceEntry
from storage.models import FetchRow, SourceStateRow

#: How far back the rhythm of a source is looked for.
_MEMORY = timedelta(days=60)
#: A source is silent after so many of its usual pauses, and never before `_PATIENCE`.
_PAUSES = 4
_PATIENCE = timedelta(days=2)
#: A poll that went well speaks for so long, at least.
_FRESH = timedelta(days=1)
#: How much the clocks of two machines may differ; what lies further ahead was written by a
#: clock that was wrong, and says nothing.
CLOCKS_DIFFER = timedelta(hours=1)
#: Written out, so that both databases know their own index for it.
_NONE = literal(0, literal_execute=True)
_POLL = FetchRow.url == literal("", literal_execute=True)


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """One source: when it was last asked, answered, and brought something.

    `pause` is the usual time between two polls that brought something, None where
    that is not known yet. `silent` says that it answers but brings nothing for much
    longer than usual. `heard` says that its newest poll went well and is not long ago.
    `reason` is how its newest poll ended, in words.
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
    heard: bool = False


def health(
    session: Session,
    now: datetime,
    entries: Iterable[SourceEntry],
    known: Mapping[str, timedelta] | None = None,
) -> list[SourceHealth]:
    """Return how each source of `entries` is doing, in their order.

    `known` are their rhythms where they were asked for before; they change slowly.
    """
    states = {row.source_id: row for row in session.scalars(select(SourceStateRow))}
    last = _last_polls(session, now)
    entries = list(entries)
    found = rhythms(session, now, [one.id for one in entries]) if known is None else known
    return [
        _health(entry, states.get(entry.id), last.get(entry.id), found.get(entry.id), now)
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
        heard=is_heard(entry, state.last_ok_at, state.failures, now),
    )


def is_heard(entry: SourceEntry, ok_at: datetime | None, failures: int, now: datetime) -> bool:
    """Say whether what a source publishes is known up to `now`, as nearly as a day.

    Its newest poll went well, and lies within a day, or two of its own pauses where it is
    asked more rarely: a crawler that stands still hears nobody, whatever went well before.
    """
    if failures or ok_at is None or ok_at > now + CLOCKS_DIFFER:
        return False
    return now - ok_at <= max(_FRESH, 2 * timedelta(minutes=entry.every_minutes))


def _silent(state: SourceStateRow, pause: timedelta | None, now: datetime) -> bool:
    if state.failures or state.last_new_at is None or pause is None:
        return False
    return now - state.last_new_at > max(pause * _PAUSES, _PATIENCE)


def _last_polls(session: Session, now: datetime) -> dict[str, tuple[str, str]]:
    # By source, so that the index gives the newest at once: there may be millions of fetches.
    one = aliased(FetchRow)
    newest = (
        select(one.id)
        .where(one.source_id == SourceStateRow.source_id, one.url == "")
        .where(one.at <= now + CLOCKS_DIFFER)
        .order_by(one.at.desc(), one.id.desc())
        .limit(1)
        .correlate(SourceStateRow)
        .scalar_subquery()
    )
    query = select(FetchRow.source_id, FetchRow.outcome, FetchRow.reason)
    rows = session.execute(query.join(SourceStateRow, FetchRow.id == newest))
    return {source: (outcome, reason) for source, outcome, reason in rows}


def rhythms(
    session: Session, now: datetime, of: Sequence[str] | None = None
) -> dict[str, timedelta]:
    """Return the median pause between polls that brought something, where there were three.

    `of` are the sources that are asked for; None: all.
    """
    moments: dict[str, list[datetime]] = defaultdict(list)
    query = (
        select(FetchRow.source_id, FetchRow.at)
        .where(_POLL, FetchRow.items > _NONE, FetchRow.at >= now - _MEMORY)
        .order_by(FetchRow.source_id, FetchRow.at)
    )
    if of is not None:
        query = query.where(FetchRow.source_id.in_(of))
    for source, at in session.execute(query):
        moments[source].append(at)
    return {
        source: timedelta(
            seconds=median((later - earlier).total_seconds() for earlier, later in pairwise(found))
        )
        for source, found in moments.items()
        if len(found) >= 3
    }
