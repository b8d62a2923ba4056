"""What triage looks at and what it said: facts of events, gathered from the tables."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from config.settings import ZONE
from nlp.reading import Reading
from storage import labels
from storage.casehome import inner
from storage.caselife import standing
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
        """The readings of independent reports; the doubtful ones only where all are."""
        found = tuple(reading for one, reading in self.reports if not one.copy)
        found = found or tuple(reading for _, reading in self.reports)
        return tuple(reading for reading in found if reading.is_issue) or found


def unassessed(session: Session, limit: int) -> list[EventFacts]:
    """Return the facts of up to `limit` events with something new, oldest event first.

    By when it was first told of, not by when we heard of it: which site answered first in a
    round must not number the cases.
    """
    query = (
        select(EventRow.id)
        .where(EventRow.stale, EventRow.merged_into.is_(None))
        .order_by(EventRow.first_at, EventRow.title, EventRow.id)
        .limit(limit)
    )
    return facts(session, list(session.scalars(query)))


def facts(
    session: Session,
    event_ids: Sequence[int],
    instead: Mapping[int, Reading] | None = None,
) -> list[EventFacts]:
    """Return the facts of these events as they stand now, in the order of the ids.

    `instead` are readings by item that are taken in the place of the kept ones, to see
    what another reader would change; people's words stand over them too.
    """
    lines = of_events(session, event_ids)
    ordered = {event: lines[event] for event in event_ids if event in lines}
    return _of_lines(session, ordered, instead)


def _of_lines(
    session: Session, lines: Mapping[int, EventLine], instead: Mapping[int, Reading] | None = None
) -> list[EventFacts]:
    items = [one.item_id for line in lines.values() for one in line.evidence]
    readings = by_items(session, items, instead)
    cases: dict[int, list[StoredCase]] = defaultdict(list)
    # The first releases left the cases of merged events where they were.
    roots = inner(session, list(lines))
    for case in find(session, events=[*lines, *(one for one in roots if one not in lines)]):
        cases[roots.get(case.brief.event_id, case.brief.event_id)].append(case)
    return [of_line(line, readings, cases[event]) for event, line in lines.items()]


def unchanged(session: Session, found: EventFacts) -> EventLine | None:
    """Return what an event rests on if `found` still tells all of it, else None.

    The event and its open case are locked until the end of the transaction: whoever corrects
    it waits, and makes it work for triage afterwards. The case comes first, as it does where
    people act on one.
    """
    if found.open_case is not None:
        standing(session, found.open_case)
    session.execute(select(EventRow.id).where(EventRow.id == found.event_id).with_for_update())
    lines = of_events(session, [found.event_id])
    return lines[found.event_id] if _of_lines(session, lines) == [found] else None


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


def last_judged(session: Session, event_id: int) -> int:
    """Return the newest item that triage has seen of an event; 0 where it saw none.

    What it saw of an event before that was merged into this one, it has seen.
    """
    events = [event_id, *inner(session, [event_id])]
    query = select(func.max(AssessmentRow.last_item_id)).where(AssessmentRow.event_id.in_(events))
    return session.scalar(query) or 0


def of_line(
    line: EventLine, readings: Mapping[int, Reading], cases: Sequence[StoredCase] = ()
) -> EventFacts:
    """Return the facts of one event from what it rests on.

    Where people said what it is about or where it lies, only they count: a problem keeps
    its topic and its place. How grave it is, and whether it is one, each report tells for
    itself, a person's word before the reader's: what is new may be graver.
    """
    recent = _recent(line, readings)
    originals = recent.originals
    located = _by_people(originals, "place")
    places = _places(located)
    topics = _topics(_by_people(originals, "topic"))
    hold, candidates = _hold(located)
    voices = [one for one in line.evidence if not one.copy] or list(line.evidence)
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
        confirmed=not originals or any(reading.is_issue for reading in originals),
        elsewhere=not places and any(labels.says(reading, "place") for reading in located),
        **_of_cases(cases),
    )


def _of_cases(cases: Sequence[StoredCase]) -> dict[str, Any]:
    """Return what the cases of an event, newest first, say of it."""
    live = [case for case in cases if case.brief.state in LIVE]
    closed = [case for case in cases if case.brief.state is CaseState.CLOSED]
    dropped = cases[0] if cases and cases[0].brief.state is CaseState.DISMISSED else None
    return {
        "dropped_case": dropped.brief.case_id if dropped else None,
        "dropped_at": dropped.closed_at if dropped else None,
        "dropped_severity": dropped.brief.severity if dropped else 0,
        "open_case": live[0].brief.case_id if live else None,
        "last_closed_case": closed[0].brief.case_id if closed else None,
        "last_closed_at": closed[0].closed_at if closed else None,
        "unanswered_since": min((case.brief.opened_at for case in live), default=None),
        "cases": len(cases),
        "last_episode": max((case.episode for case in cases), default=0),
    }


def _by_people(readings: Sequence[Reading], kind: str) -> Sequence[Reading]:
    """Return the readings in which a person said `kind`; all where nobody did."""
    return tuple(one for one in readings if labels.says(one, kind)) or readings


def _recent(line: EventLine, readings: Mapping[int, Reading]) -> _Recent:
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
    """Return the main topic and what half of the reports name, each with how sure it is.

    Reports that are no copies and name the same topic make it surer: the score is the
    chance that not all of them are wrong, as if they erred apart.
    """
    weight: dict[str, float] = defaultdict(float)
    named: Counter[str] = Counter()
    doubt: dict[str, float] = defaultdict(lambda: 1.0)
    for reading in readings:
        for rank, topic in enumerate(reading.topics):
            weight[topic.topic] += topic.score / (1 + rank)
            named[topic.topic] += 1
            doubt[topic.topic] *= 1.0 - topic.score
    ordered = sorted(weight, key=lambda topic: (-weight[topic], topic))
    kept = [topic for topic in ordered[1:] if 2 * named[topic] >= len(readings)]
    return [(topic, round(1.0 - doubt[topic], 4)) for topic in (*ordered[:1], *kept)]


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
