"""Read pages and feeds in processes beside the downloads, so that no page stops the round.

Parsing is Python work: done among the downloads, one page that takes ten seconds lets
every other source's transfer run into its time limit. Here it costs one core of several.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import ParamSpec, TypeVar

from crawlers.item import Outcome
from crawlers.outcome import FetchFailed

MAX_WORKERS = 8

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """A few processes that run functions. Start it before any thread: the first are forked."""

    def __init__(self, count: int | None = None) -> None:
        self._count = count or min(MAX_WORKERS, os.cpu_count() or 1)
        self._pool = self._start("fork")
        # All are forked at the first call, which must come while there is one thread only.
        self._pool.submit(os.getpid).result()

    async def run(
        self, limit: float, function: Callable[P, T], *args: P.args, **more: P.kwargs
    ) -> T:
        """Run `function` in a worker and return its result, within `limit` seconds of wall time.

        Raises `FetchFailed` where it takes longer, or where the worker dies of it twice
        (out of memory, a crash in a C library).
        """
        for _ in range(2):
            pool = self._pool
            try:
                running = asyncio.wrap_future(pool.submit(function, *args, **more))
                return await asyncio.wait_for(running, limit)
            except TimeoutError as error:
                raise FetchFailed(Outcome.TIMEOUT, "đọc nội dung không xong trong hạn") from error
            except BrokenProcessPool:
                if pool is self._pool:  # the first to see it mends it
                    self._pool = self._start("spawn")
        raise FetchFailed(Outcome.ERROR, "đọc nội dung làm chết tiến trình đọc, bỏ", lasting=True)

    def stop(self) -> None:
        """End the processes, whatever they are doing."""
        for process in multiprocessing.active_children():
            process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _start(self, method: str) -> ProcessPoolExecutor:
        context = multiprocessing.get_context(method)
        return ProcessPoolExecutor(self._count, context, _begin, (os.getpid(),))


def _begin(parent: int) -> None:
    """Let go of the pipe to the round, and watch that the process above still lives."""
    os.dup2(2, 1)
    threading.Thread(target=watch, args=(parent,), daemon=True).start()


def watch(parent: int) -> None:
    """End this process as soon as the one that began it is no more: nobody would hear it."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
