"""Sources over time: which are due, how their polls ended, and how they are doing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config.catalog import SourceEntry
from crawlers.item import Fetch, Outcome
from storage.health import CLOCKS_DIFFER, SourceHealth, health, rhythms
from storage.models import FetchRow, ItemUrlRow, SourceStateRow
from storage.write import add, put

__all__ = [
    "DueInfo",
    "SourceHealth",
    "due",
    "forgive_outage",
    "health",
    "known_urls",
    "last_fetches",
    "record",
    "rhythms",
    "switch",
]

#: No source is left alone for longer, however often it failed.
LONGEST_WAIT = timedelta(hours=24)
_GOOD = {Outcome.NEW, Outcome.NONE, Outcome.NOT_MODIFIED}
#: Outcomes that may be the fault of our own line.
_UNREACHED = {Outcome.TIMEOUT, Outcome.ERROR}


@dataclass(frozen=True, slots=True)
class DueInfo:
    """A source to poll now, and what its last poll left behind."""

    source_id: str
    etag: str = ""
    last_modified: str = ""
    cursor: str = ""
    failures: int = 0
    last_poll_at: datetime | None = None


def due(session: Session, now: datetime, entries: Iterable[SourceEntry]) -> list[DueInfo]:
    """Return the sources of `entries` whose time has come, the longest waiting first.

    A source that is switched off, in its file or by hand, is never due. One whose time lies
    further ahead than any wait was last asked under a clock that was wrong, and is.
    """
    states = {row.source_id: row for row in session.scalars(select(SourceStateRow))}
    waiting: list[tuple[float, str, DueInfo]] = []
    for entry in entries:
        state = states.get(entry.id)
        if not entry.enabled or (state and state.disabled):
            continue
        if state is None or state.next_at is None:
            waiting.append((0.0, entry.id, DueInfo(entry.id)))
        elif _ahead(state.next_at, now, timedelta(minutes=entry.every_minutes)):
            waiting.append((0.0, entry.id, _due_info(state)))
        elif state.next_at <= now:
            waiting.append((state.next_at.timestamp(), entry.id, _due_info(state)))
    return [info for _, _, info in sorted(waiting, key=lambda one: one[:2])]


def record(
    session: Session,
    fetches: Sequence[Fetch],
    now: datetime,
    entries: Iterable[SourceEntry],
    round_id: int | None = None,
    slowest: timedelta = timedelta(0),
) -> None:
    """Keep how fetches ended, and set when their sources are due again.

    A source that brings nothing is asked more and more rarely, up to a third of its usual
    pause and to `slowest`; one that brings something, every `every_minutes` again.

    Call it after the items of these fetches were kept, in the same transaction or a
    later one: what is remembered here keeps the source from telling them again. For
    that reason the validators of a poll are dropped where one of its pages could not
    be had and may be had later.
    """
    add(session, FetchRow, [_fetch_row(fetch, round_id) for fetch in fetches])
    every = {entry.id: timedelta(minutes=entry.every_minutes) for entry in entries}
    by_source: dict[str, list[Fetch]] = defaultdict(list)
    for fetch in fetches:
        by_source[fetch.source_id].append(fetch)
    states = _states(session, by_source)
    usual = rhythms(session, now, sorted(by_source))
    rows = [
        _after(
            states.get(source_id),
            found,
            now,
            _Pace(every.get(source_id, timedelta(hours=1)), usual.get(source_id), slowest),
        )
        for source_id, found in sorted(by_source.items())
        if any(not fetch.url for fetch in found)
    ]
    put(session, SourceStateRow, rows, ["source_id"])


def forgive_outage(
    session: Session, round_id: int, now: datetime, entries: Iterable[SourceEntry]
) -> bool:
    """Take back the failures of a round in which nothing answered at all; say whether it was one.

    Then our own line was down, and no source is made to wait for it. Two sources at
    least must have been asked.
    """
    polls = session.execute(
        select(FetchRow.source_id, FetchRow.outcome, FetchRow.http_status).where(
            FetchRow.round_id == round_id, FetchRow.url == ""
        )
    ).all()
    silent = all(Outcome(outcome) in _UNREACHED and status is None for _, outcome, status in polls)
    if not silent or len({poll.source_id for poll in polls}) < 2:
        return False
    every = {entry.id: timedelta(minutes=entry.every_minutes) for entry in entries}
    for source_id, state in _states(session, {poll.source_id for poll in polls}).items():
        if state.failures:
            again = min(state.next_at or now, now + every.get(source_id, timedelta(hours=1)))
            session.execute(
                update(SourceStateRow)
                .where(SourceStateRow.source_id == source_id)
                .values(failures=SourceStateRow.failures - 1, next_at=again)
            )
    return True


def switch(session: Session, source_id: str, *, on: bool, note: str = "") -> None:
    """Switch a source on or off by hand, with a word why."""
    row = {"source_id": source_id, "disabled": not on, "note": note}
    put(session, SourceStateRow, [row], ["source_id"])


def known_urls(session: Session, source_id: str, limit: int) -> frozenset[str]:
    """Return the addresses of the newest items that a source showed."""
    query = (
        select(ItemUrlRow.url)
        .where(ItemUrlRow.source_id == source_id)
        .order_by(ItemUrlRow.item_id.desc())
        .limit(limit)
    )
    return frozenset(session.scalars(query))


def last_fetches(session: Session, source_id: str, limit: int) -> list[Fetch]:
    """Return how the newest fetches of a source ended, newest first."""
    query = (
        select(FetchRow).where(FetchRow.source_id == source_id).order_by(FetchRow.id.desc())
    ).limit(limit)
    return [
        Fetch(
            source_id=row.source_id,
            outcome=Outcome(row.outcome),
            reason=row.reason,
            fetched_at=row.at,
            url=row.url,
            http_status=row.http_status,
            items=row.items,
        )
        for row in session.scalars(query)
    ]


def _ahead(at: datetime, now: datetime, every: timedelta) -> bool:
    return at > now + max(LONGEST_WAIT, every) + CLOCKS_DIFFER


def _past(at: datetime | None, now: datetime) -> datetime | None:
    """Return a moment of the past; what a clock wrote that was ahead counts as now."""
    return min(at, now) if at is not None else None


def _due_info(state: SourceStateRow) -> DueInfo:
    return DueInfo(
        state.source_id,
        state.etag,
        state.last_modified,
        state.cursor,
        state.failures,
        state.last_poll_at,
    )


def _states(session: Session, source_ids: Iterable[str]) -> dict[str, SourceStateRow]:
    query = select(SourceStateRow).where(SourceStateRow.source_id.in_(sorted(source_ids)))
    rows = session.scalars(query.execution_options(populate_existing=True))
    return {row.source_id: row for row in rows}


@dataclass(frozen=True, slots=True)
class _Pace:
    """How often a source is asked: `every` at most, `slowest` at least, `usual` its own pause."""

    every: timedelta
    usual: timedelta | None
    slowest: timedelta

    def after_nothing(self, state: SourceStateRow | None) -> timedelta:
        """Return when to ask again a source that brought nothing: half as often as last time."""
        if self.usual is None or state is None or state.last_poll_at is None:
            return self.every
        last = (state.next_at or state.last_poll_at) - state.last_poll_at
        longest = min(self.usual / 3, self.slowest)
        return max(self.every, min(2 * last, longest))


def _after(
    state: SourceStateRow | None, fetches: Sequence[Fetch], now: datetime, pace: _Pace
) -> dict[str, Any]:
    """Return the state of a source after one poll."""
    polls = [fetch for fetch in fetches if not fetch.url]
    good = [fetch for fetch in polls if fetch.outcome in _GOOD]
    poll = good[-1] if good else polls[-1]
    failures = 0 if good else (state.failures if state else 0) + 1
    brought = _brought_something(polls)
    every = pace.every if brought or failures else pace.after_nothing(state)
    values = {
        "source_id": poll.source_id,
        "last_poll_at": now,
        "last_ok_at": now if good else state and _past(state.last_ok_at, now),
        "last_new_at": now if brought else state and _past(state.last_new_at, now),
        "failures": failures,
        "next_at": now + _wait(polls, failures, every),
    }
    old = {name: getattr(state, name) if state else "" for name in _VALIDATORS}
    if not good:
        # How far a poll came before it failed is worth keeping, where its type tells it.
        return values | old | {"cursor": poll.cursor or old["cursor"]}
    return values | _validators(poll, old, _complete(fetches))


_VALIDATORS = ("etag", "last_modified", "cursor")


def _validators(poll: Fetch, old: dict[str, str], complete: bool) -> dict[str, str]:
    """Return what to send back at the next poll.

    Where a page is missing, the source must not be told as unmodified. The cursor is the
    type's own: it knows of the missing page, and may have waited for it long enough.
    """
    cursor = poll.cursor or old["cursor"]
    if not complete:
        return {"etag": "", "last_modified": "", "cursor": cursor}
    new = {name: getattr(poll, name) for name in _VALIDATORS}
    if poll.outcome is Outcome.NOT_MODIFIED:
        new = {name: new[name] or old[name] for name in _VALIDATORS}
    return new | {"cursor": cursor}


def _complete(fetches: Sequence[Fetch]) -> bool:
    """Say whether no page is missing that a later poll may get."""
    return not any(
        fetch.url
        and fetch.outcome in _UNREACHED
        and (fetch.http_status is None or fetch.http_status >= 500 or fetch.http_status == 429)
        for fetch in fetches
    )


def _brought_something(polls: Sequence[Fetch]) -> bool:
    return any(fetch.outcome is Outcome.NEW or fetch.items for fetch in polls)


def _wait(polls: Sequence[Fetch], failures: int, every: timedelta) -> timedelta:
    """Return how long to leave a source alone: twice as long after each failure, a day at most."""
    wait = min(every * 2 ** min(failures, 12), LONGEST_WAIT) if failures else every
    asked = max((fetch.retry_after or 0 for fetch in polls), default=0)
    return max(wait, min(timedelta(seconds=asked), LONGEST_WAIT))


def _fetch_row(fetch: Fetch, round_id: int | None) -> dict[str, Any]:
    return {
        "round_id": round_id,
        "source_id": fetch.source_id,
        "url": fetch.url,
        "outcome": fetch.outcome.value,
        "reason": fetch.reason,
        "http_status": fetch.http_status,
        "items": fetch.items,
        "at": fetch.fetched_at,
    }
