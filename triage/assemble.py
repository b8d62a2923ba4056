"""Put one day's digest together: each event once, and again only when it is news.

What was told before is told again only when it changed, is overdue, waits for a person
or is still open; what only waits on or is late on takes one line then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from config.settings import ZONE
from triage.case import CaseState
from triage.digest import (
    OPEN,
    Coverage,
    DigestData,
    DigestEntry,
    Pledge,
    Section,
    Tally,
    Unheard,
)
from triage.news import changes, fingerprint, read, told_in_full

__all__ = ["assemble", "changes", "fingerprint", "tallies"]
_OVER = (CaseState.CLOSED, CaseState.DISMISSED)

#: Events without a case that wait for a person: no digest names more of them.
MOST_DOUBTFUL = 5


def assemble(
    entries: Iterable[DigestEntry],
    told_before: Mapping[int, str],
    *,
    day: date,
    province: str,
    made_at: datetime,
    coverage: Coverage,
    floor: float = 0.0,
    pledges: Iterable[Pledge] = (),
    unheard: Iterable[Unheard] = (),
    week_before: DigestData | None = None,
) -> DigestData:
    """Sort `entries` into the sections of one day's digest, each event once.

    `told_before` maps events to the fingerprint of their last telling (`DigestData.told`);
    `floor` is the least score of a new event without a case that is named. Of several
    entries of one event the open case is told, else the latest. Pass the cases closed since
    the last digest: each is told once. `week_before` is what charts are compared with.
    """
    chosen = _one_per_event(entries)
    named = [_dated(entry, made_at) for entry in chosen if not entry.counted_only]
    counted = [e for e in chosen if e.counted_only and e.event_id not in told_before]
    placed, slight = _place(named, told_before, floor)
    told = [entry for found in placed.values() for entry in found]
    units, topics = tallies(told, week_before)
    sections: dict[str, Any] = {one.value: tuple(found) for one, found in placed.items()}
    return DigestData(
        day=day,
        province=province,
        made_at=made_at,
        coverage=coverage,
        by_unit=units,
        by_topic=topics,
        counted_only=_tally((topic.name, entry) for entry in counted for topic in entry.topics[:1]),
        below_floor=slight,
        **_owed(pledges, unheard),
        told=tuple(sorted((entry.event_id, fingerprint(entry)) for entry in (*told, *counted))),
        **sections,
    )


def _owed(pledges: Iterable[Pledge], unheard: Iterable[Unheard]) -> dict[str, Any]:
    """Return what is owed beside the cases, the longest owed first."""
    return {
        "pledges": tuple(sorted(pledges, key=lambda one: (not one.late, one.due, one.case_id))),
        "unheard": tuple(sorted(unheard, key=lambda one: (one.since, one.unit_id))),
    }


def tallies(
    told: Iterable[DigestEntry], week_before: DigestData | None = None
) -> tuple[tuple[Tally, ...], tuple[Tally, ...]]:
    """Count what is not over by unit and by topic, beside the counts of a week before."""
    live = [entry for entry in told if entry.state not in _OVER]
    units = _tally((entry.unit_name or "Chưa rõ đơn vị", entry) for entry in live)
    topics = _tally((topic.name, entry) for entry in live for topic in entry.topics)
    if week_before is None:
        return units, topics
    return _beside(units, week_before.by_unit), _beside(topics, week_before.by_topic)


def _beside(now: tuple[Tally, ...], then: tuple[Tally, ...]) -> tuple[Tally, ...]:
    before = {tally.name: tally.count for tally in then}
    return tuple(replace(tally, before=before.get(tally.name, 0)) for tally in now)


def _one_per_event(entries: Iterable[DigestEntry]) -> list[DigestEntry]:
    best: dict[int, DigestEntry] = {}
    for entry in entries:
        held = best.get(entry.event_id)
        if held is None or _claim(entry) > _claim(held):
            best[entry.event_id] = entry
    return list(best.values())


def _claim(entry: DigestEntry) -> tuple[bool, int, float]:
    return (entry.state in OPEN, entry.case_id or 0, entry.last_at.timestamp())


def _dated(entry: DigestEntry, made_at: datetime) -> DigestEntry:
    """Say which clock and which promise have run out by now."""
    late = entry.due if entry.due is not None and entry.due.at < made_at else None
    today = made_at.astimezone(ZONE).date()
    promised = entry.promised if entry.state in OPEN else None
    broken, due_today = promised is not None and promised < today, promised == today
    return replace(entry, late=late, broken=broken, due_today=due_today)


def _place(
    named: Iterable[DigestEntry], told_before: Mapping[int, str], floor: float
) -> tuple[dict[Section, list[DigestEntry]], int]:
    """Return the sections, each in its order, and how many new events were too slight."""
    placed: dict[Section, list[DigestEntry]] = {section: [] for section in Section}
    slight = 0
    for entry in named:
        before = told_before.get(entry.event_id)
        section = _section(entry, before)
        if section is Section.NEW and entry.case_id is None and entry.score < floor:
            slight += 1
        elif section is not None:
            placed[section].append(_completed(entry, before, section))
    placed[Section.WAITING], left = _few_doubtful(placed[Section.WAITING])
    slight += left
    for section, found in placed.items():
        found.sort(key=_overdue_first if section is Section.OVERDUE else _weightiest_first)
    return placed, slight


def _few_doubtful(waiting: list[DigestEntry]) -> tuple[list[DigestEntry], int]:
    """Keep the weightiest of what only may be an issue, and say how many are only counted."""
    doubtful = [entry for entry in waiting if entry.case_id is None]
    left = {entry.event_id for entry in sorted(doubtful, key=_weightiest_first)[MOST_DOUBTFUL:]}
    return [entry for entry in waiting if entry.event_id not in left], len(left)


def _section(entry: DigestEntry, before: str | None) -> Section | None:
    moved = before is not None and bool(changes(before, entry))
    if entry.state is CaseState.CLOSED:
        known = before is not None and read(before).get("state") == CaseState.CLOSED
        return None if known else Section.RESOLVED
    if entry.state is CaseState.DISMISSED:
        return Section.CHANGED if moved else None
    if entry.late is not None:
        return Section.OVERDUE
    if entry.hold or entry.state is CaseState.PROPOSED:
        return Section.WAITING
    if before is None:
        return Section.NEW
    if moved:
        return Section.CHANGED
    return Section.CARRIED if entry.state in (CaseState.APPROVED, *OPEN) else None


def _completed(entry: DigestEntry, before: str | None, section: Section) -> DigestEntry:
    moved = () if before is None else changes(before, entry)
    lasting = section in (Section.OVERDUE, Section.WAITING) and told_in_full(before, entry)
    brief = section is Section.CARRIED or lasting
    return replace(entry, changes=moved, first_told=before is None, brief=brief)


#: What an entry is sorted by; between equals the title decides, not who answered first.
_Order = tuple[tuple[float, ...], str, int]


def _weightiest_first(entry: DigestEntry) -> _Order:
    fresh = (float(entry.brief), float(not entry.fixed))
    weight = (*fresh, -entry.score, -entry.severity, -entry.last_at.timestamp())
    return weight, entry.title, entry.event_id


def _overdue_first(entry: DigestEntry) -> _Order:
    due = 0.0 if entry.late is None else entry.late.at.timestamp()
    return (float(entry.brief), -entry.severity, due, -entry.score), entry.title, entry.event_id


def _tally(pairs: Iterable[tuple[str, DigestEntry]]) -> tuple[Tally, ...]:
    total: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for name, entry in pairs:
        total[name] += 1
        late[name] += entry.late is not None
    ordered = sorted(total.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Tally(name, count, late[name]) for name, count in ordered)
