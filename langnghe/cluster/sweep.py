"""What a lost hint left: found in the tables, and hinted at again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from langnghe.app import App
from langnghe.cluster.flow import CRAWL_LEASE_S
from langnghe.cluster.hints import Hint, moment
from langnghe.gathering import bury
from langnghe.logs import logger
from storage import leases, rounds, unread

log = logger(__name__)
#: A tick that nobody ended for so long is given up: its sources are due at the next round.
LOST = timedelta(hours=1)
#: Hints for items at one sweep: enough to keep many readers busy until the next one.
_MOST = 40


def sweep(app: App, idle: Collection[str]) -> list[Hint]:
    """Return hints for work that waits, of stages whose queues are `idle` (hold no message)."""
    bury(app)
    version = app.reader.version  # loads the model: not in a transaction, which may not be silent
    now, found = app.clock(), list[Hint]()
    with app.sessions.begin() as session:
        for tick in rounds.open_runs(session, "crawl."):
            if not leases.is_free(session, tick.job, now, CRAWL_LEASE_S):
                continue
            if now - tick.started_at >= LOST:
                log.error("tick lost", job=tick.job, scheduled_for=str(tick.scheduled_for))
                rounds.finish(session, tick.number, now, {"lost": True})
            elif "crawl" in idle:
                shard = int(tick.job.removeprefix("crawl."))
                at = moment(tick.scheduled_for)
                found.append(Hint("crawl", {"shard": shard, "at": at}))
    with app.views() as session:
        if "read" in idle:
            if unread.left_behind(session, now):
                found.append(Hint("read", {"ids": []}))
            found += _to_read(app, unread.waiting(session, version, _most(app)))
        if "gather" in idle:
            if rounds.open_runs(session, "round", exact=True):
                found.append(Hint("settle"))
            for run in rounds.open_runs(session, "digest", exact=True):
                found.append(Hint("digest", {"at": moment(run.scheduled_for)}))
    return found


def _to_read(app: App, ids: list[int]) -> list[Hint]:
    batch = app.settings.cluster.batch
    return [
        Hint("read", {"ids": ids[start : start + batch]}) for start in range(0, len(ids), batch)
    ]


def _most(app: App) -> int:
    return _MOST * app.settings.cluster.batch
