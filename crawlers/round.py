"""Run a crawl round in a child process, and survive whatever happens to it."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import suppress

from crawlers.item import Fetch, Item, Outcome
from crawlers.job import BEGAN_VARIABLE, Job
from crawlers.turns import TURNS_VARIABLE, Desk, Turns
from crawlers.wire import from_line, job_to_json

_log = logging.getLogger(__name__)


def run_round(job: Job, turns: Turns | None = None) -> Generator[Item | Fetch, None, None]:
    """Poll all sources of `job`; yield items and fetches as they come.

    For each source there is exactly one Fetch with `url` "" that sums up its poll, after
    all its items, whatever happens: where the child process dies, is killed, or is
    still running at `round_timeout` (then it is killed), the sources that had not
    finished end in error or timeout with the reason. Closing the iterator early kills
    the child. The job goes over a pipe; nothing of it is on a command line or in a log.
    With `turns` no host is asked but in its turn, which other rounds may have.
    """
    if not job.sources:
        return
    child = _Child(job, turns)
    items: Counter[str] = Counter()
    waiting = {source.id: source for source in job.sources}
    try:
        for record in child.records():
            if isinstance(record, Item):
                items[record.source_id] += 1
            elif not record.url:
                waiting.pop(record.source_id, None)
            yield record
        outcome, reason = child.end()
    finally:
        child.stop()
    for due in waiting.values():
        yield Fetch(
            source_id=due.id,
            outcome=outcome,
            reason=reason,
            fetched_at=job.now,
            items=items[due.id],
            etag=due.etag,
            last_modified=due.last_modified,
            cursor=due.cursor,
        )


class _Child:
    """The running child process of one round."""

    def __init__(self, job: Job, turns: Turns | None) -> None:
        self._desk = Desk(turns, job.limits.delay) if turns is not None else None
        shared = () if self._desk is None else (self._desk.theirs.fileno(),)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "crawlers.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Fewer malloc arenas: each counts 64 MB of the child's address space.
            # A group of its own, so that its reading processes end with it.
            start_new_session=True,
            pass_fds=shared,
            env=_public_environment()
            | {
                "MALLOC_ARENA_MAX": "2",
                "PYTHONUNBUFFERED": "1",
                BEGAN_VARIABLE: str(time.monotonic()),
                TURNS_VARIABLE: "".join(map(str, shared)),
            },
        )
        if self._desk is not None:
            self._desk.start()
        self._late = False
        self._timer = threading.Timer(job.limits.round_timeout, self._time_out)
        self._timer.daemon = True
        self._timer.start()
        self._send(job_to_json(job))

    def records(self) -> Iterator[Item | Fetch]:
        """Yield the records until the child closes its end. A broken line is skipped."""
        assert self._process.stdout is not None  # noqa: S101 - told so above
        for line in self._process.stdout:
            if line.endswith(b"\n"):
                try:
                    yield from_line(line.decode("ascii"))
                except ValueError:
                    _log.warning("crawl child wrote a line that is not a record")

    def end(self) -> tuple[Outcome, str]:
        """Wait for the child; return how a source ends that it did not finish."""
        code = self._process.wait()
        if self._late:
            return Outcome.TIMEOUT, "lượt thu thập quá giờ, bị dừng"
        if code < 0:
            name = signal.Signals(-code).name
            return Outcome.ERROR, f"tiến trình thu thập chết giữa chừng ({name})"
        return Outcome.ERROR, f"tiến trình thu thập dừng sớm (mã {code})"

    def stop(self) -> None:
        """End the child if it still runs, and let go of the pipes."""
        self._timer.cancel()
        self._kill()
        self._process.wait()
        if self._desk is not None:
            self._desk.stop()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _send(self, text: str) -> None:
        assert self._process.stdin is not None  # noqa: S101 - told so above
        try:
            self._process.stdin.write(text.encode("ascii"))
            self._process.stdin.close()
        except BrokenPipeError:
            _log.warning("crawl child ended before it read its job")

    def _time_out(self) -> None:
        self._late = True
        self._kill()

    def _kill(self) -> None:
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)


def _public_environment() -> dict[str, str]:
    """Return the environment without the program's own settings: the child needs none of them.

    They may hold the database's password, and the child reads what strangers send.
    """
    return {name: value for name, value in os.environ.items() if not name.startswith("LANGNGHE_")}
