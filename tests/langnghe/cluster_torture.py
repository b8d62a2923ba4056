"""A cluster whose processes are killed at any moment, against a quiet run in one process.

Plan T2. Children of the worker pools and whole workers are killed; RabbitMQ and
PostgreSQL are real. What is left is compared as in `line_torture`.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from cluster_lab import Lab, lab
from line_torture import CHUNK, ENTRY, STEP, Figures, Line, compared, fetched, life
from torture_texts import BEGIN, made_items

from langnghe.app import App
from langnghe.cluster.hints import Hint
from langnghe.cluster.scheduler import Scheduler
from langnghe.collect import keep_all
from langnghe.pressfolder import BUNDLED
from storage import outbox, rounds

#: Of so many kills one takes a whole worker with its pool, the others a child.
_WHOLE = 10


def torture_cluster(folder: Path, url: str, *, number: int, kills: int, seed: int = 1) -> Figures:
    """Run `number` items through a cluster with so many kills, and through a quiet process."""
    quiet_folder, hard_folder = folder / "quiet", folder / "hard"
    for one in (quiet_folder, hard_folder):
        one.mkdir(parents=True)
    quiet = Line(quiet_folder, f"sqlite:///{quiet_folder / 'a.db'}", number, {})
    shared = quiet.warm()
    assert not life(quiet, None)
    hard = Line(hard_folder, url, number, shared)
    killer = _Killer(random.Random(seed), kills, (number + CHUNK - 1) // CHUNK)  # noqa: S311
    options = {"data_dir": str(hard_folder), "database_url": url, "cluster": {"batch": 10}}
    with lab(BUNDLED / "config", folder, BEGIN, **options) as (one, scheduler):
        app = one.app()
        app.__dict__ |= shared
        for at in _keep(app, one, number):
            scheduler.broker.send([Hint("read", {"ids": []}), Hint("settle")])
            _work(one, scheduler, killer, _done(app, at))
        app.engine.dispose()
    return compared(quiet.state(), hard.state(), killer.died, 0)


def _work(one: Lab, scheduler: Scheduler, killer: _Killer, done: Callable[[], bool]) -> None:
    """Let the cluster work until a round is done, with kills whenever a task ended."""
    one.wait(lambda _: done() or killer.strike(one) or _again(scheduler))


class _Killer:
    """Kills, now and then, a process of the cluster; evenly over the rounds."""

    def __init__(self, chance: random.Random, kills: int, of_rounds: int) -> None:
        self._chance, self._left, self._odds = chance, kills, kills / of_rounds / 8
        self.died = 0

    def strike(self, one: Lab) -> bool:
        """Perhaps kill something, and say that it is not done yet."""
        if self._left and self._chance.random() < self._odds:
            self._left -= 1
            self.died += 1
            if self.died % _WHOLE == 0:
                one.replace(self._chance.randrange(len(one.processes)))
            else:
                self._kill_child(one)
        return False

    def _kill_child(self, one: Lab) -> None:
        worker = self._chance.choice(one.processes)
        children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text("ascii").split()
        if children:
            with suppress(ProcessLookupError):
                os.kill(int(self._chance.choice(children)), signal.SIGKILL)


def _keep(app: App, one: Lab, number: int) -> Iterator[datetime]:
    """Keep one round after another, and yield its moment when it is to be worked on."""
    items = list(made_items(number))
    for count, start in enumerate(range(0, number, CHUNK), 1):
        at = BEGIN + count * STEP
        one.set_now(at)
        some = items[start : start + CHUNK]
        keep_all(app, (fetched(item, at) for item in some), ENTRY, lambda _: None)
        with app.sessions.begin() as session:
            rounds.add(session, "round", at, at)
        yield at


def _done(app: App, at: datetime) -> Callable[[], bool]:
    def ask() -> bool:
        with app.views() as session:
            run = rounds.find(session, "round", at)
            left = {state for state in outbox.counts(session) if state in ("queued", "sending")}
        return run is not None and run.finished and not left

    return ask


def _again(scheduler: Scheduler) -> bool:
    """Hint again at what waits, as the scheduler does with time; not done yet."""
    scheduler.sweep()
    scheduler.hint_at("deliver")
    return False
