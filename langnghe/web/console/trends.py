"""/xu-huong: weeks side by side, by topic and unit, and how well the loop closed in one week."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from config.settings import ZONE
from langnghe.accounts import Right
from langnghe.app import App
from langnghe.web.console.guard import Answer, Desk, Visit
from langnghe.weekfigures import LEG_WORDS, figures_of, monday_of, percent
from storage import figures, overview
from triage.score import surge
from triage.weekly import Week

WEEKS, MOST = 12, 15
#: A chart is so high, and a week so wide, in units of the drawing.
HIGH, WIDE = 60, 26
_WEEK = timedelta(days=7)
_MOST_KEPT = 60


@dataclass(frozen=True, slots=True)
class Bar:
    """One week of a chart. The newest may still run."""

    monday: date
    count: int
    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Series:
    """The weeks of one topic, unit or of all. `usual` is what its own past makes us expect.

    It is None where the past is too short or empty. `base_y` is where the line is drawn.
    """

    name: str
    bars: tuple[Bar, ...]
    usual: float | None
    unusual: bool
    base_y: float

    @property
    def total(self) -> int:
        """How many in all weeks together."""
        return sum(bar.count for bar in self.bars)


class _Figures:
    """The figures of weeks, counted again only after something was done to a case."""

    def __init__(self) -> None:
        self._kept: dict[date, tuple[tuple[int, int], Week]] = {}

    def of(self, app: App, monday: date) -> Week:
        """Return the figures of the week that begins on `monday`."""
        with app.views() as session:
            now = figures.stamp(session, datetime.combine(monday, time(), ZONE))
        before, week = self._kept.get(monday, (None, None))
        if week is None or before != now:
            week = figures_of(app, monday)
            if len(self._kept) >= _MOST_KEPT:
                self._kept = {}
            self._kept[monday] = (now, week)
        return week


def routes(_: App, desk: Desk) -> list[Any]:
    """Return the route of the page."""
    weeks = _Figures()
    return [desk.look("/xu-huong", Right.LOOK, lambda visit: _trends(visit, weeks))]


def _trends(visit: Visit, weeks: _Figures) -> Answer:
    app = visit.app
    this = _monday(app.today())
    problem = ""
    try:
        week = monday_of(str(visit.request.query_params.get("tuan", "")), app.today())
    except ValueError:
        week, problem = this - _WEEK, "Tuần không đúng: viết như 2026-W08."
    if not date(1990, 1, 1) <= week <= date(2200, 1, 1):
        week, problem = this - _WEEK, "Tuần không đúng: viết như 2026-W08."
    topics = {topic.id: topic.name for topic in app.catalog.topics.values()}
    shown: dict[str, Any] = {
        "figures": weeks.of(app, week),
        "topic_names": topics,
        "label": f"{week:%G-W%V}",
        "legs": LEG_WORDS,
        "percent": percent,
        "problem": problem,
    }
    size = {"wide": WIDE * WEEKS, "high": HIGH + 16}
    return visit.page(
        "console/trends.html", week=week, **_charts(app, this, topics), **shown, **size
    )


def _charts(app: App, this: date, topics: Mapping[str, str]) -> dict[str, Any]:
    """Return the charts of the weeks up to the one that begins on `this`."""
    mondays = [this - _WEEK * back for back in reversed(range(WEEKS))]
    since = datetime.combine(mondays[0], time(), ZONE)
    with app.views() as session:
        opened = overview.opened_since(session, since)
        begun = overview.events_since(session, since)
    # A week is known whole only after the one in which the first case or event was seen.
    cases_from = min((_week(at) for at, *_ in opened), default=this) + _WEEK
    events_from = min((_week(at) for at in begun), default=this) + _WEEK
    cases = Counter(_week(at) for at, *_ in opened)
    events = Counter(_week(at) for at in begun)
    by_topic = ((topics.get(topic, topic), at) for at, found, *_ in opened for topic in found)
    by_unit = ((name, at) for at, _, _, name in opened)
    return {
        "whole": [
            series("Vụ việc được lập", cases, mondays, cases_from),
            series("Sự việc bắt đầu", events, mondays, events_from),
        ],
        "by_topic": _grouped(by_topic, mondays, cases_from),
        "by_unit": _grouped(by_unit, mondays, cases_from),
    }


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _week(at: datetime) -> date:
    return _monday(at.astimezone(ZONE).date())


def _grouped(
    pairs: Iterable[tuple[str, datetime]], mondays: Sequence[date], known_from: date
) -> list[Series]:
    counts: dict[str, Counter[date]] = defaultdict(Counter)
    for name, at in pairs:
        counts[name][_week(at)] += 1
    found = [
        series(name, weeks, mondays, known_from, len(counts)) for name, weeks in counts.items()
    ]
    return sorted(found, key=lambda one: (not one.unusual, -one.total, one.name))[:MOST]


def series(
    name: str, counts: Counter[date], mondays: Sequence[date], known_from: date, tests: int = 1
) -> Series:
    """Return the weeks from `mondays` drawn; the last whole week is held against those before.

    Weeks before `known_from` say nothing of what is usual. `tests` is how many series are
    looked at together, so that a few quiet ones do not surge.
    """
    values = [counts[monday] for monday in mondays]
    highest = max(1, *values)
    bars = tuple(
        Bar(monday, count, WIDE * n, HIGH - HIGH * count / highest + 12, HIGH * count / highest)
        for n, (monday, count) in enumerate(zip(mondays, values, strict=True))
    )
    # The running week says little before its end; the score's rule looks at every seventh.
    past = [counts[monday] for monday in reversed(mondays[:-1]) if monday >= known_from]
    spaced = [one for count in past for one in (count, *[0] * 6)]
    found = surge(spaced, tests)
    usual = found.expected if found and any(past[1:]) else None
    base = HIGH - HIGH * min(usual or 0.0, highest) / highest + 12
    return Series(name, bars, usual, bool(found and found.unusual and usual is not None), base)
