"""Put one day's digest together: each event once, and again only when it is news.

What was told before is told again only when it changed, is overdue, waits for a person
or is still open.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from triage.case import CaseState
from triage.digest import OPEN, Coverage, DigestData, DigestEntry, Section, Tally
from triage.wording import STATE, VERACITY, severity_text


def assemble(
    entries: Iterable[DigestEntry],
    told_before: Mapping[int, str],
    *,
    day: date,
    province: str,
    made_at: datetime,
    coverage: Coverage,
    floor: float = 0.0,
) -> DigestData:
    """Sort `entries` into the sections of one day's digest, each event once.

    `told_before` maps events to the fingerprint under which the last digest told them
    (`DigestData.told`). `floor` is the least score of a new event without a case that
    is named. Where several entries are of one event, the open case is told, else the
    latest. Closed cases are told once, so pass those closed since the last digest. Events
    that the policy only counts are counted on their first day.
    """
    chosen = _one_per_event(entries)
    named = [entry for entry in chosen if not entry.counted_only]
    counted = [e for e in chosen if e.counted_only and e.event_id not in told_before]
    placed, slight = _place(named, told_before, made_at, floor)
    told = [entry for found in placed.values() for entry in found]
    live = [entry for entry in told if entry.state not in (CaseState.CLOSED, CaseState.DISMISSED)]
    return DigestData(
        day=day,
        province=province,
        made_at=made_at,
        coverage=coverage,
        by_unit=_tally((entry.unit_name or "Chưa rõ đơn vị", entry) for entry in live),
        by_topic=_tally((topic.name, entry) for entry in live for topic in entry.topics),
        counted_only=_tally((topic.name, entry) for entry in counted for topic in entry.topics[:1]),
        below_floor=slight,
        told=tuple(sorted((entry.event_id, fingerprint(entry)) for entry in (*told, *counted))),
        **{section.value: tuple(found) for section, found in placed.items()},
    )


def fingerprint(entry: DigestEntry) -> str:
    """Return what of an entry is news when it changes, as a short text to store."""
    return json.dumps(_facts(entry), ensure_ascii=False, separators=(",", ":"))


def changes(before: str, entry: DigestEntry) -> tuple[str, ...]:
    """Say in words what changed since the fingerprint `before`; nothing if it cannot be read."""
    return tuple(_changes(_read(before), entry))


def _read(fingerprint: str) -> dict[str, object]:
    try:
        read = json.loads(fingerprint)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _changes(old: Mapping[str, object], entry: DigestEntry) -> Iterable[str]:
    now = _facts(entry)
    moved = {name for name, value in now.items() if old.get(name, value) != value}
    if "case" in moved and entry.case_id is not None:
        yield "lập vụ việc" if old["case"] is None else "bùng phát lại, lập vụ việc mới"
    elif "state" in moved and entry.state is not None:
        yield STATE[entry.state]
    if "veracity" in moved:
        yield VERACITY[entry.veracity]
    if "severity" in moved:
        yield f"mức độ nay là “{severity_text(entry.severity).lower()}”"
    voices = old.get("outlets")
    if isinstance(voices, int) and entry.outlets > voices:
        yield f"thêm {entry.outlets - voices} nguồn độc lập, nay {entry.outlets}"
    if "unit" in moved and entry.unit_name:
        yield f"đơn vị nay là {entry.unit_name}"


def _facts(entry: DigestEntry) -> dict[str, object]:
    return {
        "case": entry.case_id,
        "state": entry.state,
        "veracity": entry.veracity,
        "severity": entry.severity,
        "outlets": entry.outlets,
        "unit": entry.unit_name,
    }


def _one_per_event(entries: Iterable[DigestEntry]) -> list[DigestEntry]:
    best: dict[int, DigestEntry] = {}
    for entry in entries:
        held = best.get(entry.event_id)
        if held is None or _claim(entry) > _claim(held):
            best[entry.event_id] = entry
    return list(best.values())


def _claim(entry: DigestEntry) -> tuple[bool, int, float]:
    return (entry.state in OPEN, entry.case_id or 0, entry.last_at.timestamp())


def _place(
    named: Iterable[DigestEntry], told_before: Mapping[int, str], made_at: datetime, floor: float
) -> tuple[dict[Section, list[DigestEntry]], int]:
    """Return the sections, each in its order, and how many new events were too slight."""
    placed: dict[Section, list[DigestEntry]] = {section: [] for section in Section}
    slight = 0
    for entry in named:
        section = _section(entry, told_before, made_at)
        if section is Section.NEW and entry.case_id is None and entry.score < floor:
            slight += 1
        elif section is not None:
            placed[section].append(_completed(entry, told_before, made_at))
    for section, found in placed.items():
        found.sort(key=_overdue_first if section is Section.OVERDUE else _weightiest_first)
    return placed, slight


def _section(
    entry: DigestEntry, told_before: Mapping[int, str], made_at: datetime
) -> Section | None:
    before = told_before.get(entry.event_id)
    moved = before is not None and bool(changes(before, entry))
    if entry.state is CaseState.CLOSED:
        return (
            None if before and _read(before).get("state") == CaseState.CLOSED else Section.RESOLVED
        )
    if entry.state is CaseState.DISMISSED:
        return Section.CHANGED if moved else None
    if entry.due is not None and entry.due.at < made_at:
        return Section.OVERDUE
    if entry.hold or entry.state is CaseState.PROPOSED:
        return Section.WAITING
    if before is None:
        return Section.NEW
    if moved:
        return Section.CHANGED
    return Section.CARRIED if entry.state in (CaseState.APPROVED, *OPEN) else None


def _completed(
    entry: DigestEntry, told_before: Mapping[int, str], made_at: datetime
) -> DigestEntry:
    before = told_before.get(entry.event_id)
    late = entry.due if entry.due is not None and entry.due.at < made_at else None
    moved = () if before is None else changes(before, entry)
    return replace(entry, changes=moved, first_told=before is None, late=late)


def _weightiest_first(entry: DigestEntry) -> tuple[float, int, float, int]:
    return (-entry.score, -entry.severity, -entry.last_at.timestamp(), entry.event_id)


def _overdue_first(entry: DigestEntry) -> tuple[float, int, float, int]:
    due = 0.0 if entry.late is None else entry.late.at.timestamp()
    return (-entry.severity, 0, due, entry.event_id)


def _tally(pairs: Iterable[tuple[str, DigestEntry]]) -> tuple[Tally, ...]:
    total: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for name, entry in pairs:
        total[name] += 1
        late[name] += entry.late is not None
    ordered = sorted(total.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Tally(name, count, late[name]) for name, count in ordered)
