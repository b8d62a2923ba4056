"""Stop a parser that a hostile input keeps busy."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class CpuTimeExceededError(BaseException):
    """Not an `Exception`: parsers that swallow every exception must not swallow this one."""


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raise `CpuTimeExceededError` inside the block after `seconds` of this process's CPU time.

    Signals reach Python code and the `re` module, not a long call into C. Works in the
    main thread only (a rule of Python's signals); elsewhere the block runs unlimited.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def _stop(_signal: int, _frame: FrameType | None) -> None:
        raise CpuTimeExceededError

    before = signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
