"""APScheduler that notices when the clock of the machine was set back.

It waits for moments of the wall clock. Set back by a day, it would do nothing for a day. Here
the wall clock is compared with the monotonic one at every step, and once a minute at least; where
it went back, every job is planned anew: what runs at intervals at once, what runs at an hour
at that hour. Forward needs nothing: what is due runs once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.interval import IntervalTrigger

from config.settings import ZONE
from langnghe.logs import logger

log = logger(__name__)
#: How long it sleeps at most before it looks at the clocks, seconds.
_LOOK_S = 60.0
#: A clock that NTP draws straight moves by less.
_BACK = timedelta(seconds=-30)
Wall = Callable[[], datetime]
Steady = Callable[[], float]


def machine_clock() -> datetime:
    """Return the time by which the scheduler itself goes."""
    return datetime.now(ZONE)


class _FollowsTheClock(BaseScheduler):  # type: ignore[misc]
    """Plans anew when `wall` fell behind `steady`."""

    def __init__(
        self, *args: Any, wall: Wall = machine_clock, steady: Steady = time.monotonic, **more: Any
    ) -> None:
        super().__init__(*args, timezone=ZONE, **more)
        self._wall, self._steady = wall, steady
        self._seen = wall(), steady()

    def _process_jobs(self) -> float:
        """Run what is due; return for how many seconds to sleep."""
        self._look()
        wait: float | None = super()._process_jobs()
        return _LOOK_S if wait is None else min(wait, _LOOK_S)

    def _look(self) -> None:
        wall, steady = self._wall(), self._steady()
        jump = (wall - self._seen[0]) - timedelta(seconds=steady - self._seen[1])
        self._seen = wall, steady
        if jump >= _BACK:
            return
        log.warning("the clock went back", seconds=round(-jump.total_seconds()))
        for job in self.get_jobs():
            often = isinstance(job.trigger, IntervalTrigger)
            again = wall if often else job.trigger.get_next_fire_time(None, wall)
            job.modify(next_run_time=again)


class Clockwork(_FollowsTheClock, BackgroundScheduler):  # type: ignore[misc]
    """Runs in a thread of its own."""


class BlockingClockwork(_FollowsTheClock, BlockingScheduler):  # type: ignore[misc]
    """Runs in the thread that starts it."""
