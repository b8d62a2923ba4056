"""What keeps this installation from writing, told in words while it lasts.

A full disk, a read-only file system or a database that somebody else holds passes by itself or
by a person's hand. Until then nothing is lost: what a job could not write is work of its next
turn. The alarm stands from the first failure until a job that failed so comes through again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from langnghe.logs import logger
from storage.errors import Trouble, trouble

log = logger(__name__)
WORDS = {
    Trouble.FULL: "ổ đĩa đầy, không ghi được nữa: giải phóng chỗ trống, việc sẽ tự chạy tiếp",
    Trouble.READ_ONLY: "thư mục hay cơ sở dữ liệu không cho ghi: kiểm tra ổ đĩa và quyền ghi",
    Trouble.LOCKED: "cơ sở dữ liệu đang bị chương trình khác giữ: xem tiến trình nào đang mở tệp",
    Trouble.BROKEN: "ổ đĩa báo lỗi đọc ghi: kiểm tra ổ đĩa, chuẩn bị bản sao lưu",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """One thing that is wrong, and since when."""

    trouble: Trouble
    job: str
    since: datetime

    @property
    def words(self) -> str:
        """What is wrong and what to do, in Vietnamese."""
        return WORDS[self.trouble]


class Alarm:
    """What is wrong now, by the job that met it. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._standing: dict[str, Standing] = {}

    def now(self) -> list[Standing]:
        """Return what is wrong, the oldest first."""
        with self._lock:
            return sorted(self._standing.values(), key=lambda one: one.since)

    def failed(self, job: str, error: BaseException, at: datetime) -> str:
        """Note how a job failed; return it in words, "" where it is none of these."""
        found = trouble(error)
        if found is None:
            return ""
        with self._lock:
            first = self._standing.get(job)
            since = first.since if first and first.trouble is found else at
            self._standing[job] = Standing(found, job, since)
        return WORDS[found]

    def passed(self, job: str) -> None:
        """Note that a job came through."""
        with self._lock:
            over = self._standing.pop(job, None)
        if over is not None:
            log.info("over", job=job, trouble=over.trouble.value, since=over.since.isoformat())


def watched(
    alarm: Alarm, clock: Callable[[], datetime], name: str, job: Callable[[], object]
) -> Callable[[], None]:
    """Return the job with the alarm set by its failure and ended by its success.

    What the alarm has words for is told and goes no further: the next turn does the work.
    """

    def run() -> None:
        try:
            job()
        except Exception as error:
            words = alarm.failed(name, error, clock())
            if not words:
                raise
            log.error("cannot write", job=name, problem=words, error=type(error).__name__)
        else:
            alarm.passed(name)

    return run
