"""What triage looks at and what it said: facts of events, gathered from the tables."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from config.settings import ZONE
from nlp.reading import Reading
from storage.cases import LIVE, StoredCase, find
from storage.evidence import EventLine, Evidence, of_events
from storage.models import AssessmentRow, EventRow, MembershipRow
from storage.readings import by_items
from storage.write import put
from triage.case import CaseState
from triage.facts import EventFacts, Routing, Score, Verdict

#: What is older than this before the last item says nothing of the present outbreak.
RECENT = timedelta(days=30)
_BASELINE_DAYS = 63
_MOST_PLACES = 4
#: Flags that hold only where every report carries them; of the others one report is enough.
_ALL_OF = frozenset({"speech", "protest", "remedied"})


@dataclass(frozen=True, slots=True)
class _Recent:
    """The reports of the present outbreak, with what was read out of each."""

    reports: tuple[tuple[Evidence, Reading], ...]

    @property
    def originals(self) -> tuple[Reading, ...]:
        """The readings of independent reports."""
        found = tuple(reading for one, reading in self.reports if not one.copy)
        return found or tuple(reading for _, reading in self.reports)


def unassessed(session: Session, limit: int) -> list[EventFacts]:
    """Return the facts of up to `limit` events with something new, oldest event first."""
    query = (
        select(EventRow.id)
        .where(EventRow.stale, EventRow.merged_into.is_(None))
        .order_by(EventRow.id)
        .limit(limit)
    )
    return facts(session, list(session.scalars(query)))


def facts(session: Session, event_ids: Sequence[int]) -> list[EventFacts]:
    """Return the facts of these events as they stand now, in the order of the ids."""
    lines = of_events(session, event_ids)
    items = [one.item_id for line in lines.values() for one in line.evidence]
    readings = by_items(session, items)
    cases: dict[int, list[StoredCase]] = defaultdict(list)
    for case in find(session, events=list(event_ids)):
        cases[case.brief.event_id].append(case)
    return [_facts(lines[event], readings, cases[event]) for event in event_ids if event in lines]


def save_assessment(
    session: Session,
    found: EventFacts,
    score: Score,
    verdict: Verdict,
    routing: Routing,
    at: datetime,
    config_hash: str,
) -> None:
    """Keep what triage said of an event; new items that came meanwhile stay work to do."""
    event = session.get_one(EventRow, found.event_id)
    row = {
        "event_id": found.event_id,
        "last_item_id": event.last_item_id,
        "score": score.total,
        "parts": [asdict(part) for part in score.parts],
        "verdict": verdict.action,
        "reasons": list(verdict.reasons),
        "routing": asdict(routing),
        "at": at,
        "config_hash": config_hash,
    }
    put(session, AssessmentRow, [row], ["event_id"])
    members = select(func.count()).where(MembershipRow.event_id == found.event_id)
    session.execute(
        update(EventRow)
        .where(EventRow.id == found.event_id, members.scalar_subquery() == found.items)
        .values(stale=False)
    )


def reconsider(session: Session, config_hash: str, since: datetime) -> int:
    """Make events that were judged by other rules work to do again, and say how many.

    Only those with an item at or after `since`: what is long over stays as it was told.
    """
    other = select(AssessmentRow.event_id).where(AssessmentRow.config_hash != config_hash)
    changed = session.scalars(
        update(EventRow)
        .where(EventRow.id.in_(other), EventRow.last_at >= since, ~EventRow.stale)
        .values(stale=True)
        .returning(EventRow.id)
    )
    return len(changed.all())


def _facts(
    line: EventLine, readings: dict[int, Reading], cases: Sequence[StoredCase]
) -> EventFacts:
    recent = _recent(line, readings)
    originals = recent.originals
    places = _places(originals)
    topics = _topics(originals)
    hold, candidates = _hold(originals)
    live = [case for case in cases if case.brief.state in LIVE]
    closed = [case for case in cases if case.brief.state is CaseState.CLOSED]
    voices = [one for one in line.evidence if not one.copy] or list(line.evidence)
    first_open = min((case.brief.opened_at for case in live), default=None)
    return EventFacts(
        event_id=line.event_id,
        title=line.title,
        topics=tuple(topic for topic, _ in topics),
        topic_score=topics[0][1] if topics else 0.0,
        issue_score=max((reading.issue_score for reading in originals), default=0.0),
        severity=max((reading.severity for reading in originals), default=0),
        place=places[0][0] if places else None,
        place_score=places[0][1] if places else 0.0,
        places=tuple(key for key, _ in places),
        first_at=line.first_at,
        last_at=line.last_at,
        items=len(line.evidence),
        outlets=tuple(sorted({one.outlet for one in voices})),
        kinds=tuple(sorted({one.kind for one in voices})),
        flags=_flags(originals),
        daily=_daily(line),
        hold=hold,
        candidates=candidates,
        open_case=live[0].brief.case_id if live else None,
        last_closed_case=closed[0].brief.case_id if closed else None,
        last_closed_at=closed[0].closed_at if closed else None,
        unanswered_since=first_open,
        cases=len(cases),
    )


def _recent(line: EventLine, readings: dict[int, Reading]) -> _Recent:
    return _Recent(
        tuple(
            (one, readings[one.item_id])
            for one in line.evidence
            if one.item_id in readings and one.at >= line.last_at - RECENT
        )
    )


def _places(readings: Sequence[Reading]) -> list[tuple[str, float]]:
    """Return places with their best score, the one most reports mean first."""
    weight: dict[str, float] = defaultdict(float)
    best: dict[str, float] = {}
    for reading in readings:
        for rank, place in enumerate(reading.where.places):
            weight[place.key] += place.score / (1 + rank)
            best[place.key] = max(best.get(place.key, 0.0), place.score)
    ordered = sorted(weight, key=lambda key: (-weight[key], key))
    return [(key, best[key]) for key in ordered[:_MOST_PLACES]]


def _topics(readings: Sequence[Reading]) -> list[tuple[str, float]]:
    """Return topics with their best score: the main one, and what half of the reports name."""
    weight: dict[str, float] = defaultdict(float)
    named: Counter[str] = Counter()
    best: dict[str, float] = {}
    for reading in readings:
        for rank, topic in enumerate(reading.topics):
            weight[topic.topic] += topic.score / (1 + rank)
            named[topic.topic] += 1
            best[topic.topic] = max(best.get(topic.topic, 0.0), topic.score)
    ordered = sorted(weight, key=lambda topic: (-weight[topic], topic))
    kept = [topic for topic in ordered[1:] if 2 * named[topic] >= len(readings)]
    return [(topic, best[topic]) for topic in (*ordered[:1], *kept)]


def _hold(readings: Sequence[Reading]) -> tuple[str | None, tuple[str, ...]]:
    """Return why nobody knows the place, unless one report does."""
    held = [reading.where.hold for reading in readings]
    if not held or any(hold is None for hold in held):
        return None, ()
    last = held[-1]
    return (last.reason, last.candidates) if last else (None, ())


def _flags(readings: Sequence[Reading]) -> tuple[str, ...]:
    counted = Counter(flag for reading in readings for flag in set(reading.flags))
    return tuple(
        sorted(
            flag
            for flag, number in counted.items()
            if flag not in _ALL_OF or number == len(readings)
        )
    )


def _daily(line: EventLine) -> tuple[int, ...]:
    """Count reports a day, newest day first, back to the event's first day."""
    last = line.last_at.astimezone(ZONE).date()
    days = Counter((last - one.at.astimezone(ZONE).date()).days for one in line.evidence)
    span = min(max(days, default=0) + 1, _BASELINE_DAYS)
    return tuple(days[back] for back in range(span))
