"""The child process of a crawl round: `python -m crawlers.child`, a job in, JSON lines out.

It owns the only Scrapy process of the round, touches no database, and holds what
strangers send; limits on its memory and a parent that watches the clock keep a
hostile page from harming more than its own round.
"""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import resource
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess
from twisted.logger import globalLogBeginner

from crawlers.again import look_again
from crawlers.guard import install
from crawlers.item import Fetch, Item, Outcome
from crawlers.job import BEGAN_VARIABLE, DueSource, Job, Limits
from crawlers.outcome import FetchFailed
from crawlers.patience import Patience
from crawlers.poll import Tally
from crawlers.registry import load_type, option_problems
from crawlers.settings import scrapy_settings
from crawlers.turns import Asker, Gate, asker_from_environment
from crawlers.urls import redact
from crawlers.web import Web
from crawlers.wire import job_from_json, to_line
from crawlers.workers import Workers, watch

MEMORY_BYTES = 2 * 2**30
_LEAST_ROUND = 1.0

Emit = Callable[[Item | Fetch], None]

_log = logging.getLogger(__name__)


class RoundSpider(Spider):
    """One Scrapy spider for all due sources: each source is a coroutine beside the others."""

    name = "round"

    def __init__(
        self, job: Job, workers: Workers, emit: Emit, asker: Asker | None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.gate = Gate(job.limits, asker)
        self.patience = Patience(job.now)
        self._asker = asker
        self._job = job
        self.workers = workers
        self._emit = emit

    async def start(self) -> AsyncIterator[Any]:
        """Poll every source. Scrapy gets no requests to schedule: sources await their own."""
        from twisted.internet import reactor

        install(reactor, self._job.limits)
        if self._asker is not None:
            await self._asker.start()
        web = Web(self.crawler, self.workers, self._job.limits, self._job.now)
        await asyncio.gather(*(poll_source(due, web, self._emit) for due in self._job.sources))
        if self._asker is not None:
            await self._asker.stop()
        nothing: tuple[Any, ...] = ()
        for one in nothing:
            yield one


async def poll_source(due: DueSource, web: Web, emit: Emit) -> None:
    """Poll one source and emit its records; whatever happens, exactly one last Fetch."""
    tally = Tally(due.id, web.now)
    try:
        module = load_type(due.type)
        options = module.Options.model_validate(due.options)
        async for record in module.poll(due, options, web):
            tally.items += isinstance(record, Item)
            if isinstance(record, Fetch) and not record.url:
                async for seen in look_again(due, getattr(options, "hints", None), web):
                    emit(seen)
                emit(record)
                return
            emit(record)
        failed = FetchFailed(Outcome.ERROR, "loại nguồn không báo kết quả")
    except FetchFailed as error:
        failed = error
    except ValidationError as error:
        failed = FetchFailed(Outcome.ERROR, "cấu hình sai: " + "; ".join(option_problems(error)))
    except ValueError as error:
        failed = FetchFailed(Outcome.ERROR, f"cấu hình sai: {error}")
    except Exception as error:  # noqa: BLE001 - one source's defect must not end the round
        _log.error("source %s: %s", due.id, type(error).__name__, exc_info=True)
        failed = FetchFailed(Outcome.ERROR, f"lỗi bên trong ({type(error).__name__})")
    emit(tally.failure(failed, due))


class _Writer:
    """Writes records from a thread, so that a slow reader does not stop the downloads."""

    def __init__(self, descriptor: int) -> None:
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._out = os.fdopen(descriptor, "w", encoding="ascii", buffering=1)
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def emit(self, record: Item | Fetch) -> None:
        self._lines.put(to_line(record) + "\n")

    def close(self) -> None:
        self._lines.put(None)
        self._thread.join()

    def _write(self) -> None:
        try:
            while (line := self._lines.get()) is not None:
                self._out.write(line)
            self._out.close()
        except OSError:
            os._exit(1)  # nobody listens any more


def _set_up_logging() -> None:
    """Keep access tokens out of the log, whoever writes it, and say each thing once."""
    plain = logging.getLogRecordFactory()

    def redacted(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = plain(*args, **kwargs)
        record.msg, record.args = redact(record.getMessage()), None
        return record

    logging.setLogRecordFactory(redacted)
    # A bad certificate is told in its Fetch; Twisted would add two tracebacks for each.
    globalLogBeginner.beginLoggingTo([], redirectStandardIO=False, discardBuffer=True)
    logging.getLogger("twisted").addFilter(
        lambda record: "while verifying certificate" not in record.msg
    )


def _what_is_left(limits: Limits) -> Limits:
    """Take off the round's seconds what the start of this process cost: the parent counts it."""
    began = float(os.environ.get(BEGAN_VARIABLE, time.monotonic()))
    left = limits.round_timeout - (time.monotonic() - began)
    return replace(limits, round_timeout=max(left, _LEAST_ROUND))


def main() -> int:
    """Run the round whose job stands on stdin. Exit status 2 for a job that cannot be read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    try:
        job = job_from_json(sys.stdin.read())
    except ValueError as error:
        print(f"crawlers.child: {error}", file=sys.stderr)  # noqa: T201 - before logging
        return 2
    job = replace(job, limits=_what_is_left(job.limits))
    workers = Workers()
    threading.Thread(target=watch, args=(os.getppid(),), daemon=True).start()
    records = os.dup(1)
    os.dup2(2, 1)  # a stray print must not mix with the records
    writer = _Writer(records)
    _set_up_logging()
    process = AsyncCrawlerProcess(scrapy_settings(job.limits))
    asker = asker_from_environment()
    process.crawl(RoundSpider, job=job, workers=workers, emit=writer.emit, asker=asker)
    process.start()
    writer.close()
    workers.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
