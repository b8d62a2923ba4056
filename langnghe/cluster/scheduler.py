"""The clock of the cluster: one active scheduler puts ticks into the tables and hints at them."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from kombu.exceptions import KombuError

from config.settings import ZONE
from langnghe.alarm import watched
from langnghe.app import App
from langnghe.clockwork import Clockwork
from langnghe.cluster.broker import Broker
from langnghe.cluster.flow import open_round
from langnghe.cluster.hints import Hint, moment
from langnghe.cluster.sweep import sweep
from langnghe.logs import logger
from langnghe.rounds import due_slot
from storage import rounds
from storage.errors import database_lost
from storage.leader import Leader, drop_when_silent

log = logger(__name__)
SWEEP_S = 15.0
#: How often one in waiting asks for the lock, and the leader whether it still has it.
#: Five seconds are promised; the server may be slow to answer.
_WATCH_S = 2.0
_GRACE_S = 300


class Scheduler:
    """Ticks while it leads. Ends, to be started again, where it lost the lead."""

    def __init__(self, app: App, broker: Broker) -> None:
        self._app, self.broker = app, broker
        if app.engine.dialect.name == "postgresql":
            drop_when_silent(app.engine)
        self._leader = Leader(app.engine, app.settings.cluster.name)
        self._end = threading.Event()

    def stop(self, *_: Any) -> None:
        """Ask it to end; a signal handler may."""
        self._end.set()

    def run(self, began: Callable[[], None] = lambda: None) -> int:
        """Wait for the lead, then tick until asked to end (0) or the lead is lost (1)."""
        while not self._leader.take():
            log.info("another scheduler leads; waiting")
            if self._end.wait(_WATCH_S):
                return 0
        began()
        self._declare()
        scheduler = self._plan(Clockwork())
        scheduler.start()
        try:
            while not self._end.wait(_WATCH_S):
                if not self._leader.stands():
                    log.error("lost the lead: the connection to the database broke")
                    return 1
            return 0
        finally:
            scheduler.shutdown(wait=False)
            self._leader.leave()

    def tick(self, at: datetime) -> None:
        """Open the round of a moment and hint at its shards."""
        self.broker.send(open_round(self._app, at))

    def sweep(self) -> None:
        """Hint again at what a lost hint left."""
        hints = sweep(self._app, self.broker.idle())
        if hints:
            log.info("swept", hints=len(hints), sent=self.broker.send(hints))

    def digest(self) -> None:
        """Put today's digest into the tables; a repeat is seen there."""
        app = self._app
        at = datetime.combine(app.today(), app.settings.digest_at, tzinfo=ZONE)
        with app.sessions.begin() as session:
            fresh = rounds.add(session, "digest", at, app.clock())
        if fresh:
            self.broker.send([Hint("digest", {"at": moment(at)})])

    def hint_at(self, name: str) -> None:
        """Hint at a small job, unless earlier hints still wait."""
        if "mail" in self.broker.idle():
            self.broker.send([Hint("job", {"name": name})])

    def _plan(self, scheduler: BackgroundScheduler) -> BackgroundScheduler:
        settings = self._app.settings
        every, at = settings.crawl_every_minutes, settings.digest_at
        morning = CronTrigger(hour=at.hour, minute=at.minute, timezone=ZONE)
        plan: tuple[tuple[str, Callable[[], None], Any], ...] = (
            ("round", self._round, IntervalTrigger(minutes=every)),
            ("sweep", self.sweep, IntervalTrigger(seconds=SWEEP_S)),
            ("digest", self.digest, morning),
            ("readers", lambda: self.hint_at("readers"), IntervalTrigger(minutes=1)),
            ("deliver", lambda: self.hint_at("deliver"), IntervalTrigger(minutes=1)),
            ("daily", lambda: self.hint_at("daily"), IntervalTrigger(hours=24)),
        )
        for name, job, trigger in plan:
            # the time of the timer itself, which is that of the machine
            first = {} if name == "digest" else {"next_run_time": datetime.now(ZONE)}
            scheduler.add_job(
                calm(self._app, name, job),
                trigger,
                id=name,
                name=name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None if name == "daily" else _GRACE_S,
                **first,
            )
        return scheduler

    def _round(self) -> None:
        self.tick(due_slot(self._app))

    def _declare(self) -> None:
        try:
            self.broker.declare()
        except (KombuError, OSError) as error:
            log.error("broker cannot be reached", error=type(error).__name__)


def run_scheduler(app: App, began: Callable[[], None]) -> int:
    """Run the scheduler of a cluster until a signal; return its exit status."""
    scheduler = Scheduler(app, Broker(app.settings.cluster))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, scheduler.stop)
    return scheduler.run(began)


def calm(app: App, name: str, job: Callable[[], None]) -> Callable[[], None]:
    """Let a job fail while the database is away: the tables are asked again at its next turn."""
    told = watched(app.alarm, app.clock, name, job)

    def run() -> None:
        try:
            told()
        except Exception as error:
            if not database_lost(error):
                raise
            log.error("the database went away", job=name, error=type(error).__name__)

    return run
