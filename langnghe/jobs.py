"""The clockwork: which job runs when, in Asia/Ho_Chi_Minh.

APScheduler only says that a moment has come; what is done is found in the tables, so
a job that is missed, repeated or killed does no harm.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from config.settings import ZONE
from langnghe.alarm import watched
from langnghe.app import App
from langnghe.clockwork import BlockingClockwork, Clockwork
from langnghe.logs import logger
from langnghe.rounds import (
    due_slot,
    run_daily,
    run_digest_once,
    run_mails,
    run_readers,
    run_round_at,
)
from langnghe.telling import was_told
from langnghe.web.server import address, answer_requests, listen

log = logger(__name__)
#: What runs once a day, and when it is tried again where it could not write.
_RARE, _AGAIN = frozenset({"digest", "daily"}), timedelta(minutes=10)
#: A job that could not start within this many seconds of its moment counts as missed.
_GRACE_S = 300


def schedule(app: App, scheduler: BaseScheduler) -> BaseScheduler:
    """Add the jobs of an installation to `scheduler` and return it, not started.

    Several moments of one job that passed while the machine slept are run once
    (`coalesce`); a job never runs twice at a time; a missed moment is logged, but that of
    what runs once a day, which is done late.
    """
    at = app.settings.digest_at
    every = app.settings.crawl_every_minutes
    plan: tuple[tuple[str, Callable[[], Any], Any], ...] = (
        (
            "round",
            lambda: run_round_at(app, due_slot(app)),
            IntervalTrigger(minutes=every),
        ),
        (
            "digest",
            lambda: run_digest_once(app, app.today()),
            CronTrigger(hour=at.hour, minute=at.minute, timezone=ZONE),
        ),
        ("readers", lambda: run_readers(app), IntervalTrigger(minutes=1)),
        ("mails", lambda: run_mails(app), IntervalTrigger(minutes=1)),
        ("daily", lambda: run_daily(app), IntervalTrigger(hours=24)),
    )
    for name, job, trigger in plan:
        watch = watched(app.alarm, app.clock, name, job)
        scheduler.add_job(
            _soon_again(app, scheduler, name, watch) if name in _RARE else watch,
            trigger,
            id=name,
            name=name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None if name == "daily" else _GRACE_S,
            next_run_time=_first(app, name),
        )
    scheduler.add_listener(_tell, EVENT_JOB_MISSED | EVENT_JOB_ERROR)
    return scheduler


def _soon_again(
    app: App, scheduler: BaseScheduler, name: str, job: Callable[[], None]
) -> Callable[[], None]:
    """Let a job that runs once a day, and could not write, try again before the next day."""

    def run() -> None:
        job()
        if any(one.job == name for one in app.alarm.now()):
            scheduler.modify_job(name, next_run_time=app.clock() + _AGAIN)

    return run


def serve_forever(app: App, began: Callable[[str], None]) -> None:
    """Run the scheduler, and the web pages unless switched off, until asked to end.

    `began` is called once, with the address of the pages or "". Raises `ConfigError` at
    once, before anything runs, where their port is taken.
    """
    if not app.settings.web.enabled:
        began("")
        _schedule_alone(app)
        return
    scheduler = schedule(app, Clockwork())
    with listen(app) as taken:

        def start() -> None:
            scheduler.start()
            began(address(taken))

        try:
            answer_requests(app, taken, start)
        finally:
            if scheduler.running:
                scheduler.shutdown(wait=False)


def _schedule_alone(app: App) -> None:
    scheduler = schedule(app, BlockingClockwork())

    def stop(number: int, frame: Any) -> None:  # noqa: ARG001 (signature of the signal module)
        log.info("stopping", signal=number)
        scheduler.shutdown(wait=False)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    log.info("serving", every_minutes=app.settings.crawl_every_minutes)
    scheduler.start()


def _first(app: App, name: str) -> Any:
    """Return when a job first runs: at once, but a digest only if today's is due and missing."""
    from apscheduler.util import undefined

    soon = app.clock() + timedelta(seconds=1)
    if name != "digest":
        return soon
    told = was_told(app, app.today())
    due = app.clock().astimezone(ZONE).time() >= app.settings.digest_at
    return soon if due and not told else undefined


def _tell(event: JobExecutionEvent) -> None:
    if event.code == EVENT_JOB_MISSED:
        log.warning("missed", job=event.job_id, scheduled_for=str(event.scheduled_run_time))
    else:
        log.error("failed", job=event.job_id, error=repr(event.exception))
