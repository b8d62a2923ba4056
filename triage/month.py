"""The month in figures: what came, what ended and how, and who kept to time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median

from triage.case import CaseOutcome, CaseState, Veracity
from triage.record import CaseRecord, Commitment

Hours = Callable[[datetime, datetime], float]
_MOST_TOP = 10
#: The stations of a case that a unit has to reach, with the clock and the time stamp of each.
STATIONS = ("acknowledge", "verify", "final")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of time [start, end), and how far into it one can see (`now`)."""

    start: datetime
    end: datetime
    now: datetime

    def holds(self, at: datetime | None) -> bool:
        """Say whether an instant lies in it."""
        return at is not None and self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class Counts:
    """What a month held. `open` cases were not over at its end, `late` of them overdue.

    `waiting` of the open ones still wait for a person's decision.
    """

    events: int = 0
    new: int = 0
    closed: int = 0
    dismissed: int = 0
    open: int = 0
    late: int = 0
    waiting: int = 0
    recurring: int = 0
    items: int = 0


@dataclass(frozen=True, slots=True)
class Station:
    """How one station was kept to: of `due` terms that ran out, `kept` were met.

    `hours` is the median of the working hours from sending to reaching it, among those
    reached in the month; None where none was.
    """

    due: int = 0
    kept: int = 0
    hours: float | None = None


@dataclass(frozen=True, slots=True)
class UnitMonth:
    """One unit's month: its new, closed and open cases, and its three stations."""

    unit_id: str
    unit_name: str
    new: int
    closed: int
    open: int
    stations: tuple[Station, Station, Station]


@dataclass(frozen=True, slots=True)
class Promises:
    """The days given for this month: kept, gone by, taken back, and not yet come."""

    kept: int = 0
    late: int = 0
    dropped: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class Listening:
    """What the month's digests stated of their hearing, on average of its `days`."""

    days: int = 0
    expected: float = 0.0
    seen: float = 0.0
    deaf: int = 0
    sources: int = 0
    quiet: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MonthPack:
    """One month for the press briefing, beside the month before.

    `outcomes` and `veracity` are of the cases closed in the month, `topics` and `units` of
    the new ones. `until` is the last day that could be seen: the month may not be over.
    """

    first: date
    last: date
    until: date
    province: str
    made_at: datetime
    counts: Counts
    before: Counts
    outcomes: Mapping[str, int]
    veracity: Mapping[str, int]
    topics: Mapping[str, int]
    topics_before: Mapping[str, int]
    units: tuple[UnitMonth, ...]
    top: tuple[CaseRecord, ...]
    recurrences: tuple[CaseRecord, ...]
    promises: Promises
    listening: Listening


def counts(records: Iterable[CaseRecord], span: Span, *, events: int, items: int) -> Counts:
    """Count the cases of a month; `events` and `items` are counted by the caller."""
    cases = list(records)
    new = [case for case in cases if span.holds(case.opened_at)]
    ended = [case for case in cases if span.holds(case.closed_at)]
    left = [case for case in cases if _open_at_end(case, span)]
    return Counts(
        events=events,
        new=len(new),
        closed=sum(case.state is CaseState.CLOSED for case in ended),
        dismissed=sum(case.state is CaseState.DISMISSED for case in ended),
        open=len(left),
        late=sum(_late_at_end(case, span) for case in left),
        waiting=sum(case.state is CaseState.PROPOSED for case in left),
        recurring=sum(case.recurs_of is not None for case in new),
        items=items,
    )


def closed_in(records: Iterable[CaseRecord], span: Span) -> list[CaseRecord]:
    """Return the cases that were closed in the month, not those dismissed."""
    return [
        case for case in records if case.state is CaseState.CLOSED and span.holds(case.closed_at)
    ]


def outcomes(closed: Iterable[CaseRecord]) -> dict[str, int]:
    """Count how cases ended; every outcome is named, "" is an end without one."""
    found = Counter(case.outcome.value if case.outcome else "" for case in closed)
    return {key: found[key] for key in (*(one.value for one in CaseOutcome), "")}


def veracity(closed: Iterable[CaseRecord]) -> dict[str, int]:
    """Count what was found to be true among closed cases."""
    found = Counter(case.veracity.value for case in closed)
    return {one.value: found[one.value] for one in Veracity if found[one.value]}


def by_topic(records: Iterable[CaseRecord], span: Span) -> dict[str, int]:
    """Count new cases by main topic, most first."""
    new = [case for case in records if span.holds(case.opened_at)]
    found = Counter(case.topics[0] for case in new if case.topics)
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def by_unit(records: Sequence[CaseRecord], span: Span, hours: Hours) -> tuple[UnitMonth, ...]:
    """Return the month of every unit that was written to, the busiest first.

    A term counts once it ran out, or was met, in the month: what is not yet due is
    neither kept nor missed. `hours` counts working hours between two instants.
    """
    units: dict[str, list[CaseRecord]] = {}
    for case in records:
        if case.sent_at is not None and case.unit_id:
            units.setdefault(case.unit_id, []).append(case)
    found = [
        UnitMonth(
            unit,
            cases[-1].unit_name,
            new=sum(span.holds(case.opened_at) for case in cases),
            closed=len(closed_in(cases, span)),
            open=sum(_open_at_end(case, span) for case in cases),
            stations=(
                _station(cases, span, hours, "acknowledge"),
                _station(cases, span, hours, "verify"),
                _station(cases, span, hours, "final"),
            ),
        )
        for unit, cases in units.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.new - one.open, one.unit_id)))


def top(
    records: Iterable[CaseRecord], span: Span, scores: Mapping[int, float]
) -> tuple[CaseRecord, ...]:
    """Return the weightiest cases that were opened in the month, each event once.

    What waits for a decision or was dropped is not put before the press.
    """
    undecided = (CaseState.PROPOSED, CaseState.DISMISSED)
    new = [case for case in records if span.holds(case.opened_at) and case.state not in undecided]
    ordered = sorted(
        new, key=lambda one: (-one.severity, -scores.get(one.event_id, 0.0), one.case_id)
    )
    once = {case.event_id: case for case in reversed(ordered)}
    return tuple(case for case in ordered if once[case.event_id] is case)[:_MOST_TOP]


def promises(found: Iterable[Commitment], day: date) -> Promises:
    """Count days that were given: what is pending is late once its day has gone by."""
    given = list(found)
    late = sum(one.late_on(day) for one in given)
    return Promises(
        kept=sum(one.state == "kept" for one in given),
        late=late,
        dropped=sum(one.state == "dropped" for one in given),
        open=sum(one.pending for one in given) - late,
    )


def listening(
    coverages: Sequence[Mapping[str, object]], sources: int, quiet: tuple[str, ...]
) -> Listening:
    """Sum up what the digests of the month stated."""
    days = len(coverages)
    if not days:
        return Listening(sources=sources, quiet=quiet)
    pairs = [(float(str(one["expected"])), float(str(one["seen"]))) for one in coverages]
    return Listening(
        days=days,
        expected=round(sum(expected for expected, _ in pairs) / days, 1),
        seen=round(sum(seen for _, seen in pairs) / days, 1),
        deaf=sum(2 * seen < expected for expected, seen in pairs),
        sources=sources,
        quiet=quiet,
    )


def _open_at_end(case: CaseRecord, span: Span) -> bool:
    over = case.state in (CaseState.CLOSED, CaseState.DISMISSED)
    return case.opened_at < span.end and (
        not over or (case.closed_at is not None and case.closed_at >= span.end)
    )


def _late_at_end(case: CaseRecord, span: Span) -> bool:
    """Say whether the running clock of an open case had run out by the end of the month.

    A case that waits for a decision of the committee's people is no unit's delay.
    """
    if case.state in (CaseState.PROPOSED, CaseState.APPROVED):
        return False
    seen = min(span.end, span.now)
    for station in STATIONS:
        due, done = _term(case, station)
        if due is not None and (done is None or done >= seen):
            return due < seen
    return False


def _term(case: CaseRecord, station: str) -> tuple[datetime | None, datetime | None]:
    clocks = case.deadlines
    done = {
        "acknowledge": case.acknowledged_at,
        "verify": case.answered_at,
        "final": case.closed_at,
    }[station]
    return (getattr(clocks, station) if clocks else None), done


def _station(cases: Iterable[CaseRecord], span: Span, hours: Hours, station: str) -> Station:
    due_count = kept = 0
    took = []
    for case in cases:
        due, done = _term(case, station)
        if due is None or case.sent_at is None or case.state is CaseState.DISMISSED:
            continue
        if span.holds(done) and done is not None:
            took.append(hours(case.sent_at, done))
        ran_out = span.holds(due) and due < span.now
        if ran_out or (span.holds(done) and done is not None and done <= due):
            due_count += 1
            kept += done is not None and done <= due
    return Station(due_count, kept, round(median(took), 1) if took else None)
