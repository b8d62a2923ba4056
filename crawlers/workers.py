"""Read pages and feeds in processes beside the downloads, so that no page stops the round.

Parsing is Python work: done among the downloads, one page that takes ten seconds lets
every other source's transfer run into its time limit. Here it costs one core of several.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, ParamSpec, TypeVar

from crawlers.item import Outcome
from crawlers.outcome import FetchFailed

MAX_WORKERS = 8
#: Seconds of CPU that one reading may cost. What is read limits itself to a third of that; a
#: long call in C does not hear of that limit, and the system ends its process here.
MOST_CPU = 30

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """A few processes that run functions. Start it before any thread: the first are forked."""

    def __init__(self, count: int | None = None, most_cpu: int = MOST_CPU) -> None:
        count = count or min(MAX_WORKERS, os.cpu_count() or 1)
        self._all = [_Worker(most_cpu) for _ in range(count)]
        self._idle: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        for one in self._all:
            self._idle.put_nowait(one)
        self._threads = ThreadPoolExecutor(count)  # each waits for one process

    async def run(
        self, limit: float, function: Callable[P, T], *args: P.args, **more: P.kwargs
    ) -> T:
        """Run `function` in a worker and return its result, within `limit` seconds of wall time.

        Raises `FetchFailed` where it takes longer, or where the worker dies of it twice
        (out of memory, a crash in a C library). A worker that is late or works beyond
        `MOST_CPU` is killed, and another takes its place.
        """
        end = time.monotonic() + limit
        for _ in range(2):
            ended, told = await self._told(end, (function, args, more))
            if ended is None:
                if isinstance(told, BaseException):
                    raise told
                result: T = told[0]
                return result
            if ended == -signal.SIGXCPU:
                break
        raise FetchFailed(Outcome.ERROR, "đọc nội dung làm chết tiến trình đọc, bỏ", lasting=True)

    async def _told(self, end: float, job: Any) -> tuple[int | None, Any]:
        try:
            worker = await asyncio.wait_for(self._idle.get(), end - time.monotonic())
        except TimeoutError as error:
            raise FetchFailed(Outcome.TIMEOUT, "đọc nội dung không xong trong hạn") from error
        loop = asyncio.get_running_loop()
        answer = loop.run_in_executor(self._threads, worker.ask, job)
        # Also where nobody waits any more it is busy until it has answered or is dead.
        answer.add_done_callback(lambda _: self._idle.put_nowait(worker))
        done, _ = await asyncio.wait({answer}, timeout=max(end - time.monotonic(), 0.0))
        if not done:
            worker.kill()
            raise FetchFailed(Outcome.TIMEOUT, "đọc nội dung không xong trong hạn")
        return answer.result()

    def stop(self) -> None:
        """End the processes, whatever they are doing."""
        for one in self._all:
            one.kill(for_good=True)
        self._threads.shutdown(wait=True)


class _Worker:
    """One process, and the next where it died. Asked by one thread at a time."""

    def __init__(self, most_cpu: int) -> None:
        self._most_cpu = most_cpu
        self._lock = threading.Lock()
        self._stopped = False
        self._process, self._line = self._start("fork")

    def ask(self, job: Any) -> tuple[int | None, Any]:
        """Return (None, what the function gave or raised), or how the process ended instead."""
        with self._lock:
            if not self._stopped and not self._process.is_alive():
                self._line.close()
                self._process, self._line = self._start("spawn")
        try:
            self._line.send(job)
            return None, self._line.recv()
        except (EOFError, OSError):
            with self._lock:
                self._process.join()
                return self._process.exitcode or 0, None

    def kill(self, *, for_good: bool = False) -> None:
        """End the process; with `for_good` no other follows."""
        with self._lock:
            self._stopped |= for_good
            self._process.kill()
            self._process.join()

    def _start(self, method: str) -> tuple[Any, Connection]:
        context: Any = multiprocessing.get_context(method)
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_serve, args=(theirs, os.getpid(), self._most_cpu), daemon=True
        )
        process.start()
        theirs.close()
        return process, ours


def _serve(line: Connection, parent: int, most_cpu: int) -> None:
    """Run what comes over the line, one by one, until nobody is at its other end."""
    os.dup2(2, 1)  # let go of the pipe to the round
    threading.Thread(target=watch, args=(parent,), daemon=True).start()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(EOFError, OSError):
        while True:
            function, args, more = line.recv()
            _allow(most_cpu)
            told: Any
            try:
                told = (function(*args, **more),)
            except BaseException as error:  # noqa: BLE001 - for who asked to judge
                told = error
            line.send(told)


def _allow(seconds: int) -> None:
    """Let the system end this process after so many further seconds of CPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime) + 1 + seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard == resource.RLIM_INFINITY or most < hard:
        resource.setrlimit(resource.RLIMIT_CPU, (most, hard))


def watch(parent: int) -> None:
    """End this process as soon as the one that began it is no more: nobody would hear it."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
