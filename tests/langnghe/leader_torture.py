"""Schedulers that are killed, stopped and cut off while they lead, beside the demo in one process.

Plan T11. Two schedulers are up at any time; who leads is killed, or stopped for longer
than its lock lasts and continued beside its successor, or its connection is ended. What
the cluster tells and mails is compared, byte for byte, with what one quiet process does.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any

from cluster_lab import Lab, lab
from sqlalchemy import func, select, text

from config.settings import ZONE
from langnghe.app import App
from langnghe.pressfolder import Press, Round, load_press
from langnghe.pressserver import PressServer, serve_press
from langnghe.rounds import run_digest, run_round_at
from storage import outbox, rounds
from storage.models import FetchRow, RoundRow

_DRIVER = Path(__file__).parent / "scheduler_process.py"
_WAYS = ("kill", "cut", "kill", "stop", "kill", "cut", "end")
#: A stopped leader's lock lasts ten seconds; five more for its successor.
_STOPPED_S, _PROMISED_S, _PATIENCE_S = 15.0, 5.0, 60.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of the schedulers, beside one quiet process. Seconds until a successor led."""

    starts: int
    kills: int
    cuts: int
    stops: int
    rounds: int
    digests: int
    mails: int
    doubled: int
    polled_twice: int
    differ: int
    late: int
    slowest_s: float
    slowest_after_stop_s: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def bad(self) -> int:
        """How much is not as it must be."""
        return self.doubled + self.polled_twice + self.differ + self.late


class _One:
    """A scheduler's process, and what it said when."""

    def __init__(self, arguments: list[str], log: Any) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(_DRIVER), *arguments], stdout=subprocess.PIPE, stderr=log
        )
        self.said: SimpleQueue[str] = SimpleQueue()
        self.led_at = 0.0
        Thread(target=self._listen, daemon=True).start()
        assert self.said.get(timeout=_PATIENCE_S) == "waits"

    def leads(self, patience: float) -> bool:
        """Wait until it leads, no longer than so many seconds."""
        try:
            return bool(self.led_at) or self.said.get(timeout=patience) == "leads"
        except Empty:
            return False

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            word = line.decode().strip()
            if word == "leads":
                self.led_at = time.monotonic()
            self.said.put(word)


class Trouble:
    """Strikes whoever leads, over and over, until so many schedulers were started."""

    def __init__(self, one: Lab, folder: Path, starts: int, seed: int) -> None:
        self._lab, self._starts = one, starts
        self._chance = random.Random(seed)  # noqa: S311 (a repeatable test, no secret)
        self.wanted = folder / "wanted"
        self.want("nothing")
        self._arguments = [str(one.folder), str(one._moment), str(self.wanted)]
        self._log = (folder / "schedulers.log").open("ab")
        self.engine = one.app().engine
        self.ways: dict[str, int] = dict.fromkeys(_WAYS, 0)
        self.started, self.late = 0, 0
        self.slowest: dict[str, float] = dict.fromkeys(_WAYS, 0.0)
        self.over, self._end = Event(), Event()
        self.fault: list[BaseException] = []
        self._up = [self._start(), self._start()]
        self._thread = Thread(target=self._watched)

    def want(self, job: str, at: datetime | None = None) -> None:
        """Say what whoever leads is to do."""
        fresh = self.wanted.with_suffix(".new")
        fresh.write_text(json.dumps({"job": job, "at": at and at.isoformat()}), "ascii")
        fresh.replace(self.wanted)

    def begin(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the trouble and all schedulers."""
        self._end.set()
        self._thread.join()
        for one in self._up:
            one.process.kill()
            one.process.wait()
        self._log.close()
        self.engine.dispose()

    def _watched(self) -> None:
        try:
            self._run()
        except BaseException as error:  # noqa: BLE001 - told to whoever waits
            self.fault.append(error)
        self.over.set()
        self._lab.lines.put("trouble over")

    def _run(self) -> None:
        leader = next(one for one in self._up * 100 if one.leads(1.0))
        number = 0
        while self.started < self._starts and not self._end.is_set():
            self._end.wait(self._chance.uniform(0.0, 1.0))
            (waiting,) = (one for one in self._up if one is not leader)
            self._strike(leader, waiting, _WAYS[number % len(_WAYS)])
            number += 1
            leader = waiting
            self._up = [leader, self._start()]

    def _strike(self, leader: _One, waiting: _One, way: str) -> None:
        self.ways[way] += 1
        struck = time.monotonic()
        if way == "cut":
            self._cut()
        elif way == "stop":
            leader.process.send_signal(signal.SIGSTOP)
        else:
            leader.process.send_signal(signal.SIGKILL if way == "kill" else signal.SIGTERM)
        assert waiting.leads(_PATIENCE_S), f"no successor after {way}"
        took = waiting.led_at - struck
        self.slowest[way] = max(self.slowest[way], took)
        self.late += took > (_STOPPED_S if way == "stop" else _PROMISED_S)
        if way == "stop":
            leader.process.send_signal(signal.SIGCONT)  # for a while both take themselves for it
        code = leader.process.wait(timeout=_PATIENCE_S)
        assert code == {"kill": -signal.SIGKILL, "end": 0}.get(way, 1), (way, code)

    def _cut(self) -> None:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        here = " AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        with self.engine.connect() as connection:
            connection.execute(text(ended + here))

    def _start(self) -> _One:
        self.started += 1
        return _One([*self._arguments, json.dumps(self._lab.options)], self._log)


def torture_leaders(
    folder: Path, url: str, *, starts: int, mornings: int | None = None, seed: int = 1
) -> Figures:
    """Let the demo run on a cluster whose schedulers are struck until so many were started."""
    press = load_press()
    press = replace(press, rounds=press.rounds[:mornings])
    quiet, hard = folder / "quiet", folder / "hard"
    _quietly(quiet, press)
    with ExitStack() as stack:
        server = stack.enter_context(serve_press(press))
        crawl = {"proxy": server.url, "allow_private": True}
        options = {"data_dir": str(hard), "database_url": url, "crawl": crawl}
        begin = press.rounds[0].crawl_at
        one, _ = stack.enter_context(lab(press.config, folder, begin, **options))
        trouble = Trouble(one, folder, starts, seed)
        stack.callback(trouble.stop)
        trouble.begin()
        app = one.app()
        stack.callback(app.engine.dispose)
        for moment in press.rounds:
            _morning(app, one, server, trouble, moment)
        one.wait(lambda _: trouble.over.is_set())
        if trouble.fault:
            raise trouble.fault[0]
        return _figures(app, press, trouble, _differ(quiet, hard))


def _quietly(out: Path, press: Press) -> None:
    now = [press.rounds[0].crawl_at]
    with serve_press(press) as server:
        crawl = {"proxy": server.url, "allow_private": True}
        database = f"sqlite:///{out / 'a.db'}"
        app = App(
            press.config, clock=lambda: now[0], data_dir=out, database_url=database, crawl=crawl
        )
        for moment in press.rounds:
            now[0] = moment.crawl_at
            server.set_now(moment.crawl_at)
            run_round_at(app, moment.crawl_at)
            now[0] = moment.digest_at
            run_digest(app, moment.digest_at.astimezone(ZONE).date())
        app.engine.dispose()


def _morning(app: App, one: Lab, server: PressServer, trouble: Trouble, moment: Round) -> None:
    trouble.want("nothing")
    one.set_now(moment.crawl_at)
    server.set_now(moment.crawl_at)
    trouble.want("round", moment.crawl_at)
    one.wait(_ended(app, "round", moment.crawl_at, trouble))
    trouble.want("nothing")
    one.set_now(moment.digest_at)
    trouble.want("digest")
    day = moment.digest_at.astimezone(ZONE).date()
    at = datetime.combine(day, app.settings.digest_at, tzinfo=ZONE)
    one.wait(_ended(app, "digest", at, trouble))


def _ended(app: App, job: str, at: datetime, trouble: Trouble) -> Callable[[str], bool]:
    def ask(_: str) -> bool:
        if trouble.fault:
            raise trouble.fault[0]
        with app.views() as session:
            run = rounds.find(session, job, at)
            left = {state for state in outbox.counts(session) if state in ("queued", "sending")}
        return run is not None and run.finished and not left

    return ask


def _figures(app: App, press: Press, trouble: Trouble, differ: int) -> Figures:
    runs = select(RoundRow.job, RoundRow.scheduled_for, func.count().label("n"))
    polls = select(func.count()).where(FetchRow.url == "")
    with app.views() as session:
        told = session.execute(runs.group_by(RoundRow.job, RoundRow.scheduled_for)).all()
        polled = session.scalars(polls.group_by(FetchRow.round_id, FetchRow.source_id)).all()
        mails = outbox.counts(session).get("sent", 0)
    by_job = {job: sum(one.job == job for one in told) for job in ("round", "digest")}
    extra = sum(abs(count - len(press.rounds)) for count in by_job.values())
    quick = max(value for way, value in trouble.slowest.items() if way != "stop")
    return Figures(
        starts=trouble.started,
        kills=trouble.ways["kill"],
        cuts=trouble.ways["cut"],
        stops=trouble.ways["stop"],
        rounds=by_job["round"],
        digests=by_job["digest"],
        mails=mails,
        doubled=extra + sum(one.n - 1 for one in told),
        polled_twice=sum(count - 1 for count in polled),
        differ=differ,
        late=trouble.late,
        slowest_s=round(quick, 1),
        slowest_after_stop_s=round(trouble.slowest["stop"], 1),
    )


def _differ(quiet: Path, hard: Path) -> int:
    """Return how many digests and mails are missing, too many or other than the quiet ones."""
    count = 0
    for folder in ("digests", "outbox"):
        here, there = (
            {path.name: path.read_bytes() for path in (one / folder).iterdir()}
            for one in (quiet, hard)
        )
        count += sum(here.get(name) != there.get(name) for name in here.keys() | there.keys())
    return count
