"""One round from feeds to mailed cases, in one process or on the engine, with what it costs."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import func, select

from langnghe import logs, stages
from langnghe.app import App
from langnghe.collect import crawl
from langnghe.correspond import correspond
from langnghe.delivering import deliver
from langnghe.judging import judge_events
from langnghe.rounds import round_name
from storage import rounds
from storage.models import CaseRow, EventRow, ItemRow, ItemVersionRow, NoticeRow

if TYPE_CHECKING:
    from own_servers import OwnPostgres, OwnRabbit

_TICK = os.sysconf("SC_CLK_TCK")
_COUNTED = {"items": ItemRow, "events": EventRow, "cases": CaseRow, "mails": NoticeRow}


@dataclass(frozen=True)
class Servers:
    """The servers of a run."""

    database: OwnPostgres
    broker: OwnRabbit

    @property
    def pids(self) -> dict[str, int]:
        """Their first processes."""
        found = {"postgresql": self.database.process, "rabbitmq": self.broker.process}
        return {name: one.pid for name, one in found.items() if one}

    def new_database(self) -> str:
        """Return the address of an empty database."""
        name = f"t{uuid.uuid4().hex[:12]}"
        with psycopg.connect(
            host="127.0.0.1", port=self.database.port, user="postgres", autocommit=True
        ) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.database.url.rpartition("/")[0] + f"/{name}"


def inline(
    folder: Path, url: str, at: datetime, proxy: str, servers: dict[str, int]
) -> dict[str, Any]:
    """Run the round in this process, stage after stage; return rate and costs."""
    logs.setup(json_lines=True)
    now = at + timedelta(minutes=1)
    app = App(folder, clock=lambda: now, **_options(folder, url, proxy))
    _ = app.reader, app.masker, app.routes, app.engine
    with app.sessions.begin() as session:
        number = rounds.begin(session, "round", now, now)
    steps: dict[str, Callable[[], object]] = {
        "crawl": lambda: crawl(app, number),
        "read": lambda: stages.read(app),
        "index": lambda: stages.index(app),
        "group": lambda: stages.group(app),
        "judge": lambda: judge_events(app),
        "write": lambda: correspond(app, round_name(now)),
        "deliver": lambda: deliver(app),
    }
    cost, began = {}, time.perf_counter()
    for name, step in steps.items():
        cost[name] = _measured(step, servers["postgresql"])
    seconds = time.perf_counter() - began
    counts = _counts(app)
    cost["crawl"]["of_it_masking"] = _masking(app)
    app.engine.dispose()
    return _told(counts, seconds) | {"cpu_ms_an_item": _each(cost, counts["items"])}


def engine(
    folder: Path, servers: Servers, at: datetime, proxy: str, workers: int
) -> dict[str, Any]:
    """Run the round on a worker of so many processes and a gatherer; return rate and costs."""
    from cluster_lab import lab
    from cluster_torture import finished

    now, url = at + timedelta(minutes=1), servers.new_database()
    options = _options(folder, url, proxy) | {"data_dir": str(folder / "data")}
    options["cluster"] = {"broker_url": servers.broker.url, "shards": 16, "batch": 50}
    with lab(folder, folder / "data", now, pool=workers, **options) as (one, scheduler):
        app = one.app()
        pids = {one.role(n): process.pid for n, process in enumerate(one.processes)} | servers.pids
        before = {name: cpu_of(pid) for name, pid in pids.items()}
        began, last = time.perf_counter(), dict[str, float]()
        scheduler.tick(now)
        done = finished(app, now)

        def note(line: str) -> bool:
            if line:
                last[line.rpartition(".")[2]] = round(time.perf_counter() - began, 2)
            return done()

        one.wait(note)
        seconds = time.perf_counter() - began
        cost = {name: cpu_of(pid) - before[name] for name, pid in pids.items()}
        counts = _counts(app)
        app.engine.dispose()
    each = {name: round(1000 * used / counts["items"], 2) for name, used in cost.items()}
    ended = {name: last[name] for name in ("crawl", "read") if name in last}
    return _told(counts, seconds) | {"ended_after_s": ended, "cpu_ms_an_item": each}


def cpu_of(pid: int) -> float:
    """Return the seconds of CPU of a process, of all below it, and of those that ended there."""
    used = 0.0
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
        used = sum(map(int, fields[11:15])) / _TICK
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split():
            used += cpu_of(int(child))
    return used


def _measured(step: Callable[[], object], database: int) -> dict[str, float]:
    before, theirs, began = os.times(), cpu_of(database), time.perf_counter()
    step()
    after = os.times()
    return {
        "seconds": time.perf_counter() - began,
        "own": after.user + after.system - before.user - before.system,
        "children": after.children_user
        + after.children_system
        - before.children_user
        - before.children_system,
        "postgresql": cpu_of(database) - theirs,
    }


def _masking(app: App) -> float:
    """Return the seconds that masking the texts takes, masked as they are now."""
    with app.views() as session:
        texts: Sequence[Any] = session.execute(
            select(ItemVersionRow.title, ItemVersionRow.text)
        ).all()
    began = time.process_time()
    for title, text in texts:
        app.masker.mask(title, text)
    return time.process_time() - began


def _each(cost: dict[str, dict[str, float]], items: int) -> dict[str, dict[str, float]]:
    return {
        stage: {name: round(1000 * used / items, 2) for name, used in parts.items() if used}
        for stage, parts in cost.items()
    }


def _told(counts: dict[str, int], seconds: float) -> dict[str, Any]:
    rate = round(counts["items"] / seconds, 1)
    return counts | {"seconds": round(seconds, 1), "items_a_second": rate}


def _counts(app: App) -> dict[str, int]:
    with app.views() as session:
        return {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in _COUNTED.items()
        }


def _options(folder: Path, url: str, proxy: str) -> dict[str, Any]:
    return {
        "data_dir": folder / "data",
        "database_url": url,
        "digest_at": "23:59",
        "crawl": {"proxy": proxy, "allow_private": True, "delay": 0.0, "max_articles": 10_000},
    }
