"""A worker: takes hints from the broker and runs the stages they name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from celery.signals import worker_process_init

from langnghe.app import App
from langnghe.cluster import flow
from langnghe.cluster.beat import LeaseLostError
from langnghe.cluster.broker import Broker
from langnghe.cluster.hints import Hint
from langnghe.gathering import RoomLostError
from langnghe.logs import logger
from storage.errors import database_lost

log = logger(__name__)
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
            _guarded(broker, name, lambda: work(**args))

        broker.celery.task(run, name=f"langnghe.{name}")

    task("crawl", lambda shard, at: flow.crawl_shard(app, shard, datetime.fromisoformat(at)))
    task("read", lambda ids: flow.read_items(app, ids))
    task("settle", lambda: flow.settle(app))
    task("digest", lambda at: flow.make_digest(app, datetime.fromisoformat(at)))
    task("job", lambda name: flow.run_job(app, name))


def _guarded(broker: Broker, name: str, work: Callable[[], Iterable[Hint] | None]) -> None:
    """Run a stage and pass its hints on; what passes by itself is left to the sweep."""
    try:
        for hint in work() or ():
            broker.send([hint])
    except (LeaseLostError, RoomLostError) as error:
        log.warning("another process took over", stage=name, reason=error.reason)
    except Exception as error:
        if not database_lost(error):
            raise
        log.error("the database went away", stage=name, error=type(error).__name__)


def _warm(app: App, role: str) -> None:
    """Load before the fork what all processes then share in memory."""
    _ = app.engine, app.catalog, app.gazetteer, app.masker
    if role == "gather":
        _ = app.routes, app.calendar, app.standing
    _ = app.reader
    app.engine.dispose()
