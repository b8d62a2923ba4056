"""The stages as the cluster runs them: each looks into the tables, works, and hints at the next.

Nothing here knows a broker. A hint says where work may be; a stage that finds none, or
finds another at it, ends without harm. So hints may be lost, late, or come twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit
from zlib import crc32

from config.settings import ZONE
from crawlers.urls import site
from langnghe.app import App
from langnghe.cluster.beat import Held, holding
from langnghe.cluster.hints import Hint, moment
from langnghe.cluster.turns import HostTurns
from langnghe.collect import forgive, listen
from langnghe.correspond import correspond
from langnghe.delivering import deliver
from langnghe.judging import judge_events
from langnghe.logs import logger
from langnghe.readers import mail_readers
from langnghe.report import RoundReport
from langnghe.rounds import is_digest_missed, round_name, run_daily, run_digest
from langnghe.stages import group, index, read
from storage import rounds, sources, unread
from storage.rounds import Run
from storage.sources import DueInfo

log = logger(__name__)
#: A crawler that has not renewed its lease for so long is dead.
CRAWL_LEASE_S = 60.0
#: The lease of whoever ends rounds and makes digests.
SETTLE, SETTLE_LEASE_S = "settle", 120.0
_CRAWL = "crawl."


def open_round(app: App, at: datetime) -> list[Hint]:
    """Put the round of `at` into the tables, with a tick for every shard that has sources due.

    Nothing where another scheduler did, or where the readers are too far behind. A shard
    still busy with an earlier round is left out; its sources stay due.
    """
    now = app.clock()
    known = app.catalog.sources.values()  # read from files: not in a transaction
    with app.sessions.begin() as session:
        behind = unread.count(session)
        if behind > app.settings.cluster.backlog:
            log.warning("no new round: readers are behind", unread=behind)
            return []
        if not rounds.add(session, "round", at, now):
            return []
        busy = {run.job for run in rounds.open_runs(session, _CRAWL)}
        due = sources.due(session, now, known)
        shards = sorted({shard_of(app, one.source_id) for one in due})
        ticks = [one for one in shards if _job(one) not in busy]
        for shard in ticks:
            rounds.add(session, _job(shard), at, now)
    hints = [Hint("crawl", {"shard": shard, "at": moment(at)}) for shard in ticks]
    return hints or [Hint("settle")]


def crawl_shard(app: App, shard: int, at: datetime) -> Iterator[Hint]:
    """Poll the sources of one shard that are due, and hint at what is to be read.

    One process has a shard at a time, and so each of its hosts. Does nothing where the
    tick is done or another process is at it.
    """
    known = app.catalog.sources.values()
    with app.views() as session:
        tick, of = rounds.find(session, _job(shard), at), rounds.find(session, "round", at)
        due = sources.due(session, app.clock(), known)
    if tick is None or tick.finished or of is None:
        return
    mine = [one for one in due if shard_of(app, one.source_id) == shard]
    with holding(app, _job(shard), CRAWL_LEASE_S) as held:
        if held is None:
            return
        ids = _poll(app, held, tick, of, mine)
    batch = app.settings.cluster.batch
    for start in range(0, len(ids), batch):
        yield Hint("read", {"ids": list(ids[start : start + batch])})
    yield Hint("settle")


def _poll(app: App, held: Held, tick: Run, of: Run, due: list[DueInfo]) -> tuple[int, ...]:
    report, ids = listen(app, due, of.number, held.check, HostTurns(app))
    with app.sessions.begin() as session:
        held.keep(session)
        rounds.finish(session, tick.number, app.clock(), {"crawl": dict(report.notes)})
    return ids


def read_items(app: App, ids: list[int]) -> Iterator[Hint]:
    """Read these items; none: whatever waits, what a dead reader left first."""
    read(app, ids)
    with app.views() as session:
        left = unread.first(session)
    if left is None:
        yield Hint("settle")


def settle(app: App) -> Iterator[Hint]:
    """Gather, judge and answer for every round whose sources are heard and whose items are read."""
    with holding(app, SETTLE, SETTLE_LEASE_S) as held:
        if held is None:
            return
        with app.views() as session:
            waiting = rounds.open_runs(session, "round", exact=True)
        for run in waiting:
            if _is_heard(app, run):
                held.check()
                _settle_one(app, run)
                yield Hint("job", {"name": "deliver"})


def _is_heard(app: App, run: Run) -> bool:
    """Say whether all shards of a round ended and all they brought is read."""
    with app.sessions.begin() as session:
        if any(tick.scheduled_for == run.scheduled_for for tick in _ticks(session)):
            return False
        upto = run.report.get("upto")
        if upto is None:
            upto = rounds.note(session, run.number, upto=unread.newest(session))["upto"]
        first = unread.first(session)
    return first is None or first > upto


def _settle_one(app: App, run: Run) -> None:
    forgive(app, run.number)
    gathered = index(app), group(app), judge_events(app)
    report = RoundReport((*gathered, correspond(app, round_name(run.scheduled_for))))
    with app.sessions.begin() as session:
        rounds.finish(session, run.number, app.clock(), report.as_dict())
    log.info("round", **report.as_dict())


def run_job(app: App, name: str) -> Iterator[Hint]:
    """Run one of the small jobs: deliver, readers, daily.

    A digest that missed its moment is hinted at, not made here: units are not written to
    beside a round that settles.
    """
    jobs = {"deliver": deliver, "readers": mail_readers, "daily": run_daily}
    if name not in jobs:
        log.error("no such job", job=name)
        return
    if name == "readers" and is_digest_missed(app):
        at = datetime.combine(app.today(), app.settings.digest_at, tzinfo=ZONE)
        with app.sessions.begin() as session:
            rounds.add(session, "digest", at, app.clock())
        yield Hint("digest", {"at": moment(at)})
    jobs[name](app)


def make_digest(app: App, at: datetime) -> None:
    """Make the digest whose tick is `at`, unless it is made; never beside a round that settles."""
    with holding(app, SETTLE, SETTLE_LEASE_S) as held:
        if held is None:
            return
        with app.views() as session:
            tick = rounds.find(session, "digest", at)
        if tick is None or tick.finished:
            return
        path = run_digest(app, at.astimezone(ZONE).date())
        with app.sessions.begin() as session:
            rounds.finish(session, tick.number, app.clock(), {"digest": path.name})


def shard_of(app: App, source_id: str) -> int:
    """Return the shard of a source: sources of one registrable domain are in one."""
    return crc32(host_of(app, source_id).encode()) % app.settings.cluster.shards


def host_of(app: App, source_id: str) -> str:
    """Return what politeness is owed to: the registrable domain, or what serves the source."""
    source = app.catalog.sources[source_id]
    url = str(source.options.get("url", ""))
    return site(url) or urlsplit(url).netloc or source.type


def _job(shard: int) -> str:
    return f"{_CRAWL}{shard:02}"


def _ticks(session: rounds.Session) -> list[Run]:
    return rounds.open_runs(session, _CRAWL)
