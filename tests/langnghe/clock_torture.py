"""The service through days on which the clock jumps, the machine sleeps, a year or February ends.

Plan T10. The scheduler of the program runs its own jobs; only the two clocks are ours: one that
goes on steadily, and the wall clock, which jumps. Nothing waits: each sleep of the scheduler is
passed at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from unittest.mock import patch

from apscheduler.executors.debug import DebugExecutor
from sqlalchemy import text

from config.settings import ZONE
from langnghe import jobs
from langnghe.app import App
from langnghe.clockwork import Clockwork

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: Where the clock stands at the beginning: a plain day, the end of years, leap days.
MOMENTS = (
    datetime(2026, 3, 2, 3, 0, tzinfo=ZONE),
    datetime(2026, 12, 31, 3, 0, tzinfo=ZONE),
    datetime(2028, 2, 28, 3, 0, tzinfo=ZONE),
)
#: What happens to the clock, and after how many hours.
JUMPS: dict[str, tuple[timedelta, float]] = {
    "an hour ahead over the digest": (HOUR, 3.5),
    "an hour back over the digest": (-HOUR, 4.5),
    "a day ahead": (DAY, 2),
    "a day back": (-DAY, 6),
    "a day back in the evening": (-DAY, 18),
    "asleep for five minutes at the digest": (timedelta(minutes=5), 3.97),
    "asleep for six hours over the digest": (6 * HOUR, 2),
    "asleep for three days": (3 * DAY, 5),
    "back by ten minutes, after the digest": (timedelta(minutes=-10), 4.05),
    "nothing": (timedelta(0), 1),
}
SCENARIOS = tuple((moment, jump) for moment in MOMENTS for jump in JUMPS)
_EVERY_MIN, _LATE = 60, timedelta(minutes=15)


@dataclass
class Found:
    """What came of the days: digests by day, rounds, and what was wrong."""

    digests: Counter[date] = field(default_factory=Counter)
    due: set[date] = field(default_factory=set)
    rounds: int = 0
    most_rounds: float = 0.0
    longest_deaf: timedelta = timedelta(0)

    @property
    def wrong(self) -> list[str]:
        """Say what is not as it must be."""
        found = [f"{day}: {count} digests" for day, count in self.digests.items() if count > 1]
        found += [f"{day}: no digest" for day in sorted(self.due - set(self.digests))]
        if self.rounds > self.most_rounds:
            found.append(f"{self.rounds} rounds, at most {self.most_rounds:.0f} expected")
        if self.longest_deaf > timedelta(minutes=_EVERY_MIN + 5):
            found.append(f"no round for {self.longest_deaf}")
        return found


class Clocks:
    """A steady clock in seconds, and a wall clock that jumps once."""

    def __init__(self, begin: datetime, jump: timedelta, after: timedelta) -> None:
        self._begin, self._jump, self._after = begin, jump, after.total_seconds()
        self.steady_s = 0.0

    def steady(self) -> float:
        return self.steady_s

    def wall(self) -> datetime:
        jumped = self._jump if self.steady_s >= self._after else timedelta(0)
        return self._begin + timedelta(seconds=self.steady_s) + jumped

    def sleep(self, seconds: float) -> None:
        """Let time pass, at least a little, and no further than to the jump."""
        to = self.steady_s + max(seconds, 0.001)
        self.steady_s = min(to, self._after) if self.steady_s < self._after else to


def days(folder: Path, begin: datetime, jump: str, *, hours: float, plain: bool = False) -> Found:
    """Let the service run for so many hours of the steady clock; return what came of it.

    With `plain` the scheduler is APScheduler's own, to show what ours is for.
    """
    clocks = Clocks(begin, JUMPS[jump][0], timedelta(hours=JUMPS[jump][1]))
    (folder / "operator").mkdir(parents=True)
    settings = {
        "data_dir": folder / "data",
        "crawl_every_minutes": _EVERY_MIN,
        "mail": {"digest_to": ["ban@tinh.example"]},
    }
    words = 'defaults = ["topics", "units", "routing", "holidays", "notifiers"]\n'
    (folder / "operator" / "langnghe.toml").write_text(words, "utf-8")
    app = App(folder / "operator", clock=clocks.wall, **settings)
    found, last = Found(), 0.0
    with _clock_of_apscheduler(clocks):
        scheduler = _scheduler(app, clocks, plain=plain)
        while clocks.steady_s < hours * 3600:
            wait = scheduler._process_jobs()
            if (now := _rounds(app)) > found.rounds:
                found.rounds, last = now, clocks.steady_s
            deaf = timedelta(seconds=clocks.steady_s - last)
            found.longest_deaf = max(found.longest_deaf, deaf)
            _note_due(found, app, clocks, hours)
            clocks.sleep(3600.0 if wait is None else wait)
        scheduler.shutdown(wait=False)
    found.most_rounds = hours * 60 / _EVERY_MIN + 3
    with app.views() as session:
        keys = session.scalars(text("SELECT key FROM notice WHERE kind = 'digest'"))
        found.digests.update(_day_of(key) for key in keys)
    app.engine.dispose()
    return found


def _scheduler(app: App, clocks: Clocks, *, plain: bool) -> Clockwork:
    scheduler = Clockwork(
        executors={"default": DebugExecutor()}, wall=clocks.wall, steady=clocks.steady
    )
    if plain:
        scheduler._look = lambda: None  # type: ignore[method-assign]
    jobs.schedule(app, scheduler)
    scheduler._thread = _NoThread()
    with patch("apscheduler.schedulers.background.Thread", _NoThread):
        scheduler.start()
    return scheduler


def _rounds(app: App) -> int:
    with app.views() as session:
        query = text("SELECT count(*) FROM round WHERE job = 'round'")
        return session.scalar(query) or 0


class _NoThread:
    """No thread: the torture itself steps the scheduler."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.daemon = True

    def start(self) -> None:
        """Do nothing."""

    def join(self) -> None:
        """Do nothing."""


def _note_due(found: Found, app: App, clocks: Clocks, hours: float) -> None:
    """Note that today's digest must be there, where there was time to make it."""
    wall = clocks.wall()
    due = datetime.combine(wall.date(), app.settings.digest_at, tzinfo=ZONE) + _LATE
    if wall >= due and clocks.steady_s < hours * 3600 - _LATE.total_seconds():
        found.due.add(wall.date())


def _day_of(key: str) -> date:
    return date.fromisoformat(next(part for part in key.split(":") if part[:2] == "20"))


@contextmanager
def _clock_of_apscheduler(clocks: Clocks) -> Iterator[None]:
    class Ours(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return clocks.wall().astimezone(tz)

    with (
        patch("apscheduler.schedulers.base.datetime", Ours),
        patch("apscheduler.executors.base.datetime", Ours),
        patch("apscheduler.triggers.interval.datetime", Ours),
        patch("apscheduler.triggers.cron.datetime", Ours),
    ):
        yield
