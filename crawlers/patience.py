"""Leave a host alone for the rest of the round, once it asked for that."""

from __future__ import annotations

from datetime import datetime

from scrapy.http import Response

from crawlers.item import Outcome
from crawlers.outcome import FetchFailed, retry_after

#: How it is told that a page was not asked for, because its host wants to be left alone.
RESTING = "máy chủ yêu cầu hỏi thưa hơn, để lượt sau"


class Patience:
    """The hosts that answered 429, or 503 with a time, and how long they want to be left alone."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._waits: dict[str, int | None] = {}

    def check(self, host: str) -> None:
        """Raise `FetchFailed` where nothing more may be asked of a host in this round."""
        if host in self._waits:
            raise FetchFailed(Outcome.ERROR, RESTING, retry_after=self._waits[host])

    def wait(self, host: str) -> int | None:
        """Return how many seconds a host wants to be left alone, where it said so."""
        return self._waits.get(host)

    def note(self, host: str, answer: Response) -> None:
        """Take what a host answered."""
        if answer.status not in (429, 503):
            return
        told = (answer.headers.get("Retry-After") or b"").decode("latin-1")
        wait = retry_after(told, self._now)
        if answer.status == 429 or wait is not None:
            self._waits[host] = wait
