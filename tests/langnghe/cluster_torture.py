"""A cluster whose processes are killed at any moment, against a quiet run in one process.

Plans T2 and T3. Children of the worker pools, whole workers, the scheduler, RabbitMQ and
PostgreSQL are killed. What is left is compared as in `line_torture`.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Timer
from typing import Any

from cluster_lab import BROKER, Lab, lab
from line_torture import (
    CHUNK,
    ENTRY,
    PATIENCE,
    STEP,
    Figures,
    Line,
    begun,
    compared,
    fetched,
    was_killed,
)
from own_servers import Server
from torture_answers import answer
from torture_texts import BEGIN, all_communes, made_items

from crawlers.item import Item
from langnghe.app import App
from langnghe.cluster.hints import Hint
from langnghe.cluster.scheduler import Scheduler
from langnghe.collect import keep_all
from langnghe.pressfolder import BUNDLED
from storage import outbox, rounds
from storage.errors import database_lost

#: Of so many kills one takes a whole worker with its pool.
_WHOLE = 10
#: Of so many kills one takes the scheduler, one the broker, one the database.
_RARE = 20
SERVERS = ("broker", "database")
#: A round has at least so many tasks that begin or end.
_LINES = 4
#: A child dies at most so long after a task began or ended, while others work.
_LATEST_S = 0.5


def torture_cluster(
    folder: Path,
    url: str,
    *,
    number: int,
    kills: int,
    seed: int = 1,
    broker: str = BROKER,
    servers: Mapping[str, Server] | None = None,
) -> tuple[Figures, Counter[str]]:
    """Run `number` items through a cluster with so many kills, and through a quiet process.

    `servers` are the ones of `SERVERS` that may be killed. Returns what differs, and how
    often each kind of process was killed.
    """
    quiet_folder, hard_folder = folder / "quiet", folder / "hard"
    for one in (quiet_folder, hard_folder):
        one.mkdir(parents=True)
    config, items = _deaf(folder / "config"), list(made_items(number, places=all_communes()))
    quiet = Line(quiet_folder, f"sqlite:///{quiet_folder / 'a.db'}", number, {}, config, items)
    shared = quiet.warm()
    calm = begun(quiet)  # beside the other
    hard = Line(hard_folder, url, number, shared, config, items)
    of_rounds = (number + CHUNK - 1) // CHUNK
    killer = Killer(random.Random(seed), kills, of_rounds, servers or {})  # noqa: S311
    cluster = {"batch": 10, "broker_url": broker}
    options = _options(hard_folder, url, cluster)
    with lab(config, folder, BEGIN, "scheduler", **options) as (one, scheduler):
        app = one.app()
        app.__dict__ |= shared
        for at in _keep(app, one, items):
            scheduler.broker.send([Hint("read", {"ids": []}), Hint("settle")])
            _work(one, scheduler, killer, finished(app, at))
        app.engine.dispose()
    assert not was_killed(calm)
    return compared(quiet.state(), hard.state(), killer.died.total(), 0), killer.died


def recoveries(
    folder: Path, url: str, broker: str, servers: Mapping[str, Server], *, kills: int, seed: int = 1
) -> tuple[Figures, dict[str, list[float]]]:
    """Kill each of `servers` so often in the midst of work; nobody but the scheduler helps on.

    Plan T3. Returns what differs from a quiet run, and for each server the seconds from the
    moment it answered again until the round was done and its mails were out.
    """
    number, quiet_folder, hard_folder = kills * len(servers) * CHUNK, folder / "q", folder / "h"
    for one in (quiet_folder, hard_folder):
        one.mkdir(parents=True)
    config = _deaf(folder / "config")
    quiet = Line(quiet_folder, f"sqlite:///{quiet_folder / 'a.db'}", number, {}, config)
    shared = quiet.warm()
    calm = begun(quiet)  # beside the other
    hard = Line(hard_folder, url, number, shared, config)
    cluster = {"batch": 10, "broker_url": broker}
    options = _options(hard_folder, url, cluster)
    chance, took = random.Random(seed), {name: list[float]() for name in servers}  # noqa: S311
    order = [name for name in servers for _ in range(kills)]
    chance.shuffle(order)
    with lab(config, folder, BEGIN, "scheduler", **options) as (lab_, scheduler):
        app = lab_.app()
        app.__dict__ |= shared
        for at, name in zip(_keep(app, lab_, list(made_items(number))), order, strict=True):
            scheduler.broker.send([Hint("read", {"ids": []}), Hint("settle")])
            left = iter(range(chance.randrange(1, 8)))
            lab_.wait(lambda _, left=left: next(left, None) is None)  # type: ignore[misc]
            servers[name].again()
            begin, done = time.monotonic(), finished(app, at)
            lab_.wait(lambda _, done=done: done() or lab_.revive() or False)  # type: ignore[misc]
            took[name].append(time.monotonic() - begin)
        app.engine.dispose()
    assert not was_killed(calm)
    return compared(quiet.state(), hard.state(), len(order), 0), took


def _work(one: Lab, scheduler: Scheduler, killer: Killer, done: Callable[[], bool]) -> None:
    """Let the cluster work until a round is done, with kills while tasks begin and end.

    What a kill left is hinted at again when nothing was heard for a second.
    """
    killer.begin_round()
    one.wait(lambda line: done() or killer.strike(one) or (not line and _again(one, scheduler)))
    killer.pause()


class Killer:
    """Kills, now and then, a process of the cluster; evenly over the rounds."""

    def __init__(
        self, chance: random.Random, kills: int, of_rounds: int, servers: Mapping[str, Server]
    ) -> None:
        self._chance, self._left, self._servers = chance, kills, servers
        self._rounds, self._odds = of_rounds, 0.0
        self._timer = Timer(0.0, lambda: None)
        self.died: Counter[str] = Counter()

    def begin_round(self) -> None:
        """Spread what is left of the kills over the rounds that are left."""
        self._odds = self._left / self._rounds / _LINES
        self._rounds -= 1

    def pause(self) -> None:
        """Wait for the kill that is under way; nothing dies until `strike` is called again."""
        if self._timer.ident is not None:
            self._timer.join()

    def strike(self, one: Lab) -> bool:
        """Perhaps kill something, and say that it is not done yet."""
        if self._left and self._chance.random() < self._odds:
            self._left -= 1
            kind = self._kind(self.died.total() + 1)
            self.died[kind] += 1
            if kind in self._servers:
                self._servers[kind].again()
            elif kind == "child":
                self.pause()
                after = self._chance.uniform(0.0, _LATEST_S)
                self._timer = Timer(
                    after, self._kill_child, (self._chance.choice(self._pools(one)),)
                )
                self._timer.start()
            else:
                roles = [n for n in range(len(one.processes)) if _is(one.role(n), kind)]
                one.replace(self._chance.choice(roles))
        return False

    def _kind(self, number: int) -> str:
        if number % _WHOLE == 0:
            return "worker"
        rare = ("scheduler", *SERVERS)
        place = number % _RARE - 1
        kind = rare[place] if place < len(rare) else "child"
        return kind if kind not in SERVERS or kind in self._servers else "child"

    @staticmethod
    def _pools(one: Lab) -> list[int]:
        numbers = [n for n in range(len(one.processes)) if _is(one.role(n), "worker")]
        return [one.processes[number].pid for number in numbers]

    def _kill_child(self, pool: int) -> None:
        with suppress(OSError):
            children = Path(f"/proc/{pool}/task/{pool}/children").read_text("ascii").split()
            if children:
                os.kill(int(self._chance.choice(children)), signal.SIGKILL)


def finished(app: App, at: datetime) -> Callable[[], bool]:
    """Return what tells whether the round of a moment is done and its mails are out.

    A mail that must not disturb the night waits for a later round.
    """

    def ask() -> bool:
        try:
            with app.views() as session:
                run = rounds.find(session, "round", at)
                left = outbox.waiting(session, at, at + timedelta(seconds=1))
        except Exception as error:
            if not database_lost(error):
                raise
            return False
        return run is not None and run.finished and not left

    return ask


def _options(folder: Path, url: str, cluster: dict[str, Any]) -> dict[str, Any]:
    """Return settings whose rounds begin at the moments at which the items come.

    Nothing is forgotten, though the clock goes on for years. No digest is due: it would write to units between two rounds, as the quiet run does not.
    """
    every = STEP.total_seconds() // 60 // 35
    return {
        "data_dir": str(folder),
        "database_url": url,
        "cluster": cluster,
        "crawl_every_minutes": int(every),
        "digest_at": "23:59",
        "retention": {"log_days": 0},
    }


def _is(role: str, kind: str) -> bool:
    return (role == "scheduler") == (kind == "scheduler")


def _deaf(folder: Path) -> Path:
    """Return an operator's folder of the invented province, without sources and digests by mail."""
    shutil.copytree(BUNDLED / "config", folder, ignore=shutil.ignore_patterns("sources"))
    settings = folder / "langnghe.toml"
    kept = [line for line in settings.read_text("utf-8").splitlines() if "digest_to" not in line]
    settings.write_text("\n".join(kept), "utf-8")
    return folder


def _keep(app: App, one: Lab, items: Sequence[Item]) -> Iterator[datetime]:
    """Keep one round after another, and yield its moment when it is to be worked on.

    The others hear of the moment when all lies there: the scheduler of the program opens
    the round of each moment by itself.
    """
    opened = finished(app, BEGIN)
    one.wait(lambda _: opened())  # the round that the scheduler opens when it starts
    for count, start in enumerate(range(0, len(items), CHUNK), 1):
        at = BEGIN + count * STEP
        app.clock = lambda at=at: at  # type: ignore[misc]
        answer(app, at - PATIENCE)
        some = items[start : start + CHUNK]
        keep_all(app, (fetched(item, at) for item in some), ENTRY, lambda _: None)
        one.set_now(at)  # before there is a round: nobody settles it by the clock of the last one
        with app.sessions.begin() as session:
            rounds.add(session, "round", at, at)
        yield at


def _again(one: Lab, scheduler: Scheduler) -> bool:
    """Revive what ended, and hint again at what waits, as time would bring it; not done yet."""
    one.revive()
    try:
        scheduler.sweep()
    except Exception as error:
        if not database_lost(error):
            raise
    scheduler.hint_at("deliver")
    return False
