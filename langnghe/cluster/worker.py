"""A worker: takes hints from the broker and runs the stages they name."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from celery.signals import worker_process_init

from langnghe.alarm import watched
from langnghe.app import App
from langnghe.cluster import flow
from langnghe.cluster.beat import LeaseLostError
from langnghe.cluster.broker import Broker
from langnghe.cluster.hints import Hint
from langnghe.gathering import RoomLostError
from langnghe.logs import logger
from storage import leases
from storage.errors import database_lost

log = logger(__name__)
#: So long a stage waits for a database that went away; a restart takes seconds.
_WAIT_S = 60
#: What a worker does: most of it side by side, or the one place where events are gathered.
ROLES: dict[str, tuple[str, ...]] = {"work": ("crawl", "read", "mail"), "gather": ("gather",)}


def run_worker(app: App, role: str, processes: int | None = None) -> int:
    """Run a worker until it is asked to stop, and return its exit status.

    `role` is a key of `ROLES`. Gathering is done by one process, whatever `processes` says.
    """
    broker = Broker(app.settings.cluster)
    add_tasks(broker, app)
    _warm(app, role)
    count = 1 if role == "gather" else processes or os.cpu_count() or 1
    worker = broker.celery.Worker(
        concurrency=count,
        queues=[broker.full(short) for short in ROLES[role]],
        hostname=f"{role}-{os.getpid()}@%h",
        without_gossip=True,
        without_mingle=True,
        max_tasks_per_child=None if role == "gather" else 5000,
    )
    worker.start()
    return int(worker.exitcode or 0)


def add_tasks(broker: Broker, app: App) -> None:
    """Make the stages known to Celery. Each process of the pool gets connections of its own."""
    worker_process_init.connect(lambda **_: app.forked(), weak=False)

    def task(name: str, work: Callable[..., Iterable[Hint] | None]) -> None:
        def run(**args: Any) -> None:
            guarded(app, broker, name, lambda: work(**args))

        broker.celery.task(run, name=f"langnghe.{name}")

    task("crawl", lambda shard, at: flow.crawl_shard(app, shard, datetime.fromisoformat(at)))
    task("read", lambda ids: flow.read_items(app, ids))
    task("settle", lambda: flow.settle(app))
    task("digest", lambda at: flow.make_digest(app, datetime.fromisoformat(at)))
    task("job", lambda name: flow.run_job(app, name))


def guarded(app: App, broker: Broker, name: str, work: Callable[[], Iterable[Hint] | None]) -> None:
    """Run a stage and pass its hints on; what passes by itself is left to the sweep.

    Where the database went away in the midst of it, the stage is done once more when it is
    back: nobody else can take what this process held before its leases end.
    """

    def run() -> None:
        try:
            for hint in work() or ():
                broker.send([hint])
        except (LeaseLostError, RoomLostError) as error:
            log.warning("another process took over", stage=name, reason=error.reason)

    stage = watched(app.alarm, app.clock, name, run)
    if not _comes_through(name, stage) and _is_back(app):
        _comes_through(name, stage)


def _comes_through(name: str, stage: Callable[[], None]) -> bool:
    """Run a stage; False where the database went away."""
    try:
        stage()
    except Exception as error:
        if not database_lost(error):
            raise
        log.error("the database went away", stage=name, error=type(error).__name__)
        return False
    return True


def _is_back(app: App) -> bool:
    """Wait for the database, give back all that this process held, and say whether it is there."""
    for _ in range(_WAIT_S):
        try:
            with app.sessions.begin() as session:
                leases.give_back(session, app.owner, app.clock())
        except Exception as error:
            if not database_lost(error):
                raise
            time.sleep(1.0)
        else:
            return True
    return False


def _warm(app: App, role: str) -> None:
    """Load before the fork what all processes then share in memory."""
    _ = app.engine, app.catalog, app.gazetteer, app.masker
    if role == "gather":
        _ = app.routes, app.calendar, app.standing
    _ = app.reader
    app.engine.dispose()
