"""A cluster on this machine for tests: real workers, real RabbitMQ, real PostgreSQL."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from kombu import Connection, Queue

from langnghe.app import App
from langnghe.cluster.broker import Broker
from langnghe.cluster.scheduler import Scheduler

BROKER = os.environ.get("LANGNGHE_TEST_RABBITMQ", "")
_ASK_S, _SILENT_S = 1.0, 120.0
_DRIVER = Path(__file__).parent / "cluster_process.py"


class Lab:
    """Workers of one installation; the test itself is its scheduler."""

    def __init__(
        self,
        folder: Path,
        work: Path,
        options: dict[str, Any],
        *,
        open_locks: bool = False,
        pool: int = 2,
    ) -> None:
        self._pool = str(pool)
        self._variables = {"TORTURE_OPEN_LOCKS": "1"} if open_locks else {}
        self.folder, self._moment = folder, work / "moment"
        self.name = f"test-{uuid.uuid4().hex[:8]}"
        cluster = {"broker_url": BROKER, "name": self.name, "shards": 2, "batch": 20}
        cluster |= options.get("cluster", {})
        self.options = options | {"cluster": cluster}
        self.broker = str(cluster["broker_url"])
        self.lines: SimpleQueue[str] = SimpleQueue()
        self.processes: list[subprocess.Popen[bytes]] = []
        self._roles: dict[int, str] = {}
        self._log = (work / "workers.log").open("ab")

    def set_now(self, now: datetime) -> None:
        fresh = self._moment.with_suffix(".new")
        fresh.write_text(now.isoformat(), "ascii")
        fresh.replace(self._moment)

    def clock(self) -> datetime:
        return datetime.fromisoformat(self._moment.read_text("ascii"))

    def app(self) -> App:
        over = self.options | {"data_dir": Path(self.options["data_dir"])}
        return App(self.folder, clock=self.clock, **over)

    def start(self, role: str) -> subprocess.Popen[bytes]:
        """Start a worker and wait until it takes hints."""
        told = [str(self.folder), str(self._moment), json.dumps(self.options), self._pool]
        process = subprocess.Popen(
            [sys.executable, str(_DRIVER), role, *told],
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
            env=os.environ | self._variables,
        )
        self.processes.append(process)
        self._roles[process.pid] = role
        Thread(target=self._listen, args=(process,), daemon=True).start()
        self.wait(lambda line: line == "ready" or process.poll() is not None)
        assert process.poll() is None, Path(self._log.name).read_text("utf-8")
        return process

    def replace(self, number: int) -> None:
        """Kill a process with all its children, and start another of its role."""
        process = self.processes.pop(number)
        role = self._roles.pop(process.pid)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.start(role)

    def role(self, number: int) -> str:
        """Return what a process does."""
        return self._roles[self.processes[number].pid]

    def revive(self) -> None:
        """Start again what ended by itself, as systemd does."""
        for number, process in reversed(list(enumerate(self.processes))):
            if process.poll() is not None:
                self.replace(number)

    def wait(self, done: Callable[[str], bool]) -> None:
        """Return when `done` says so of a line that a process wrote; "" where none did for a while."""
        silent = 0.0
        while True:
            try:
                line, silent = self.lines.get(timeout=_ASK_S), 0.0
            except Empty:
                line, silent = "", silent + _ASK_S
                assert silent < _SILENT_S, "the cluster stands still"
            if done(line):
                return

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._log.close()
        delete_queues(self.name, self.broker)

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.lines.put(line.decode().strip())


def delete_queues(name: str, broker: str = BROKER) -> None:
    """Take the queues of an installation away from the broker."""
    with Connection(broker) as connection:
        for short in ("crawl", "read", "gather", "mail", "dead"):
            queue = Queue(f"{name}.{short}")
            queue(connection.channel()).delete()


@contextmanager
def lab(
    folder: Path, work: Path, now: datetime, *more: str, pool: int = 2, **options: Any
) -> Iterator[tuple[Lab, Scheduler]]:
    """Run a cluster with one worker of each role and `more`; its scheduler is the caller's.

    A worker has `pool` processes.
    """
    one = Lab(folder, work, options, pool=pool)
    one.set_now(now)
    app = one.app()
    broker = Broker(app.settings.cluster)
    broker.declare()
    try:
        one.start("work")
        one.start("gather")
        for role in more:
            one.start(role)
        yield one, Scheduler(app, broker)
    finally:
        one.stop()
        app.engine.dispose()
