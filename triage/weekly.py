"""The figures of one week: how often we were right, what we missed, how long each step took.

Counted are things that happened in the week: first sendings, ends, dismissals, steps done,
misses noted. Only the share of wrong units is of the cases first sent in the week, whatever
became of them since: a unit often answers "not ours" days later. Undone decisions count
as if they had never been.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from triage.act import Kind
from triage.case import Veracity
from triage.figures import CaseLine, MissLine, StepLine
from triage.station import Station

#: A share of fewer is not told: it would say more of chance than of the work.
ENOUGH = 5
_SENT = "sent"
_RIGHT = (Veracity.TRUE.value, Veracity.PARTLY.value)
#: Dismissals of what a unit was already written to that say the alert was wrong.
_WRONG = ("not_an_issue", "elsewhere")
_RECEIVED = (Kind.ACKNOWLEDGE.value, Kind.PROGRESS.value, Kind.ANSWER.value)

Hours = Callable[[datetime, datetime], float]


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The share, or None where it rests on too few."""
        return self.part / self.whole if self.whole >= ENOUGH else None


@dataclass(frozen=True, slots=True)
class Ended:
    """How cases of one unit, one topic or all ended in the week, each case once.

    `dropped` were dismissed after a unit was written to because they were no issue or lay
    elsewhere. `precision` is what proved true or partly true of all that was decided.
    """

    name: str
    true: int
    partly: int
    false: int
    undecided: int
    dropped: int

    @property
    def precision(self) -> Share:
        """How many of the alerts that could be judged were right."""
        right = self.true + self.partly
        return Share(right, right + self.false + self.dropped)


@dataclass(frozen=True, slots=True)
class Leg:
    """How long one step took, in working hours; None where no case made it in the week."""

    name: str
    count: int
    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Week:
    """The figures of one week. `misses` by station, `dismissed` by code, `readers` by version.

    `recall` is of what proved true and what was missed: an upper bound, as nobody knows
    what nobody noted.
    """

    start: datetime
    end: datetime
    sent: int
    ended: Ended
    units: tuple[Ended, ...]
    topics: tuple[Ended, ...]
    wrong_unit: Share
    misses: Mapping[str, int]
    recall: Share
    legs: tuple[Leg, ...]
    dismissed: Mapping[str, int]
    readers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Story:
    """One case told by what still stands of its history."""

    case: CaseLine
    steps: tuple[StepLine, ...]
    end: datetime

    @property
    def sent(self) -> datetime | None:
        return self.first((_SENT,))

    @property
    def settled(self) -> tuple[datetime, str, str] | None:
        """When, by what kind of step and as what it ended before the week's end, if it did."""
        found = None
        for step in self.steps:
            if step.at >= self.end:
                break
            if step.kind in (Kind.CLOSE.value, Kind.AMEND.value):
                found = (step.at, Kind.CLOSE.value, str(step.data.get("veracity", "")))
            elif step.kind == Kind.DISMISS.value:
                found = (step.at, step.kind, str(step.data.get("code", "")))
            elif step.kind == Kind.REOPEN.value:
                found = None
        return found

    @property
    def went_wrong(self) -> bool:
        """Whether a unit gave it back or somebody gave it to another after it was sent."""
        sent = self.sent
        return sent is not None and any(
            step.kind == Kind.NOT_OURS.value
            or (step.kind == Kind.ASSIGN.value and step.data.get("from") != step.data.get("to"))
            for step in self.steps
            if step.at >= sent
        )

    def first(self, kinds: Sequence[str], since: datetime | None = None) -> datetime | None:
        """Return when the first step of these kinds was, not before `since`."""
        times = (s.at for s in self.steps if s.kind in kinds and (since is None or s.at >= since))
        return next(times, None)


def weekly(
    cases: Iterable[CaseLine],
    misses: Iterable[MissLine],
    start: datetime,
    hours: Hours,
) -> Week:
    """Return the figures of the seven days from `start`; `hours` counts working hours."""
    end = start + timedelta(days=7)
    stories = [_Story(case, _standing(case.steps), end) for case in cases]
    fresh = [one for one in stories if _within(one.sent, start, end)]
    over = [(one, *one.settled) for one in stories if one.settled and one.settled[0] >= start]
    told = [(one, kind, what) for one, at, kind, what in over if one.sent and one.sent <= at]
    unsent = [what for one, at, kind, what in over if not (one.sent and one.sent <= at)]
    ended = _ended("", told)
    missed = Counter(one.station for one in misses)
    lost = sum(count for station, count in missed.items() if station != Station.KNOWN.value)
    confirmed = ended.true + ended.partly
    opened = (one.case.reader for one in stories if start <= one.case.opened_at < end)
    return Week(
        start=start,
        end=end,
        sent=len(fresh),
        ended=ended,
        units=_by(told, lambda one: (one.case.unit_name,)),
        topics=_by(told, lambda one: one.case.topics),
        wrong_unit=Share(sum(one.went_wrong for one in fresh), len(fresh)),
        misses=dict(sorted(missed.items())),
        recall=Share(confirmed, confirmed + lost) if lost else Share(0, 0),
        legs=tuple(_legs(stories, start, hours)),
        dismissed=dict(sorted(Counter(unsent).items())),
        readers=dict(sorted(Counter(opened).items())),
    )


def _standing(steps: Sequence[StepLine]) -> tuple[StepLine, ...]:
    """Return the steps without those that were undone, and without the undoing."""
    undone = {step.data.get("undoes") for step in steps if step.kind == Kind.UNDO.value}
    return tuple(s for s in steps if s.kind != Kind.UNDO.value and s.seq not in undone)


_Told = tuple[_Story, str, str]


def _ended(name: str, told: Sequence[_Told]) -> Ended:
    ways = Counter(what for _, kind, what in told if kind == Kind.CLOSE.value)
    dropped = sum(kind == Kind.DISMISS.value and what in _WRONG for _, kind, what in told)
    true, partly, false, undecided = (
        ways[way.value]
        for way in (Veracity.TRUE, Veracity.PARTLY, Veracity.FALSE, Veracity.UNDECIDED)
    )
    return Ended(name, true, partly, false, undecided, dropped)


def _by(told: Sequence[_Told], names: Callable[[_Story], Sequence[str]]) -> tuple[Ended, ...]:
    groups: dict[str, list[_Told]] = {}
    for one in told:
        for name in names(one[0]):
            groups.setdefault(name, []).append(one)
    ordered = sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return tuple(_ended(name, found) for name, found in ordered)


def _legs(stories: Sequence[_Story], start: datetime, hours: Hours) -> Iterable[Leg]:
    """Yield the four steps of the way: each counts in the week in which it was done."""
    taken: dict[str, list[float]] = {name: [] for name in LEGS}
    for one in stories:
        sent = one.sent
        received = one.first(_RECEIVED, sent) if sent else None
        answered = one.first((Kind.ANSWER.value,), sent) if sent else None
        settled = one.settled
        closed = settled[0] if settled and settled[1] == Kind.CLOSE.value else None
        ends = (one.case.opened_at, sent, received, answered, closed)
        for name, begun, done in zip(LEGS, ends, ends[1:], strict=False):
            if begun and done and begun <= done and _within(done, start, one.end):
                taken[name].append(hours(begun, done))
    for name, found in taken.items():
        yield Leg(name, len(found), median(found) if found else None, _p90(found))


#: From one station of a case to the next: detected, sent, received, answered, closed.
LEGS = ("sent", "received", "answered", "closed")


def _p90(values: Sequence[float]) -> float | None:
    """Return the value that nine of ten do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[math.ceil(0.9 * len(ordered)) - 1] if ordered else None


def _within(at: datetime | None, start: datetime, end: datetime) -> bool:
    return at is not None and start <= at < end
