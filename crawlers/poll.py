"""The contract between a round and a source type: what a type is given, and how it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from pydantic import BaseModel

from crawlers.item import Fetch, Item, Outcome
from crawlers.job import DueSource
from crawlers.outcome import FetchFailed
from crawlers.web import Answer, Web

#: So many pages at least say that it is not theirs but their server's fault: one or two articles
#: that are broken for good, the only ones that are not known yet, say nothing of their source.
_MANY = 3
#: How pages end whose host asks for patience; None where they were not asked for any more.
_PATIENCE = frozenset({429, 503, None})


@dataclass(slots=True)
class Tally:
    """What one poll has seen so far; the end of the poll is told from it."""

    source_id: str
    now: datetime
    seen: int = 0
    items: int = 0
    failed: int = 0
    #: Pages that were had; those that may come later; the hosts that asked for patience.
    had: int = 0
    passing: list[FetchFailed] = field(default_factory=list)
    waits: dict[str, int] = field(default_factory=dict)
    unfinished: bool = False
    reasons: list[str] = field(default_factory=list)

    def page_failure(self, error: FetchFailed, url: str, *, before: bool = False) -> Fetch:
        """Return the record of an article page that failed; `before` says that it did earlier.

        What keeps failing says nothing new of its server: the source must not be asked the
        less often for it, and miss what comes next.
        """
        if not error.lasting and not before:
            self.passing.append(error)
        if error.retry_after and error.status in _PATIENCE:
            host = urlsplit(url).hostname or ""
            self.waits[host] = max(error.retry_after, self.waits.get(host, 0))
        return Fetch(
            source_id=self.source_id,
            outcome=error.outcome,
            reason=error.reason,
            fetched_at=self.now,
            url=url,
            http_status=error.status,
            retry_after=error.retry_after,
        )

    def failure(self, error: FetchFailed, due: DueSource) -> Fetch:
        """Return the record of a poll that failed. Validators and cursor stay as they were."""
        return Fetch(
            source_id=self.source_id,
            outcome=error.outcome,
            reason=error.reason,
            fetched_at=self.now,
            http_status=error.status,
            items=self.items,
            etag=due.etag,
            last_modified=due.last_modified,
            retry_after=error.retry_after,
            cursor=due.cursor,
        )

    def end(self, answer: Answer, cursor: str = "") -> Fetch:
        """Return the record of a poll that read its source.

        Validators are handed on only if every page that was wanted was had; else the
        next poll would be told "not modified" and never ask for the missing ones. Where
        no page at all was had, the poll failed as its pages did.
        """
        many = len(self.passing) >= _MANY or bool(self.waits)
        nothing = bool(self.passing) and not self.had and many
        if self.items > 0:
            outcome, reason = Outcome.NEW, f"{self.items} tin mới"
        elif nothing:
            first = self.passing[0]
            outcome, reason = first.outcome, f"không trang nào: {first.reason}"
        elif self.seen:
            outcome, reason = Outcome.NONE, "không có tin mới"
        else:
            outcome, reason = Outcome.EMPTY, "nguồn trả lời nhưng không có tin nào"
        if self.failed:
            self.reasons.append(f"{self.failed} trang không lấy được")
        whole = not self.unfinished
        return Fetch(
            source_id=self.source_id,
            outcome=outcome,
            reason="; ".join([reason, *self.reasons]),
            fetched_at=self.now,
            http_status=answer.status,
            items=self.items,
            etag=answer.etag if whole else "",
            last_modified=answer.last_modified if whole else "",
            retry_after=self._wait(answer.url, nothing=nothing),
            cursor=cursor,
        )

    def _wait(self, url: str, *, nothing: bool) -> int | None:
        """Return how long its own host wants to be left alone; any host, where it had nothing."""
        own = self.waits.get(urlsplit(url).hostname or "")
        return max(self.waits.values(), default=None) if nothing else own

    def unchanged(self, due: DueSource, answer: Answer) -> Fetch:
        """Return the record of a poll that was answered 304."""
        return Fetch(
            source_id=self.source_id,
            outcome=Outcome.NOT_MODIFIED,
            reason="không đổi từ lần trước",
            fetched_at=self.now,
            http_status=304,
            etag=answer.etag or due.etag,
            last_modified=answer.last_modified or due.last_modified,
            cursor=due.cursor,
        )


class SourceType(Protocol):
    """A module of `crawlers.spiders`. Its file name is the type that sources name."""

    Options: type[BaseModel]

    def poll(self, due: DueSource, options: BaseModel, web: Web) -> AsyncIterator[Item | Fetch]:
        """Yield the source's new items and failed pages as they come, then one last Fetch.

        The last record has `url` "" and sums up the poll. A `FetchFailed` that leaves
        the iterator becomes that record.
        """
        ...


def not_a_feed(tally: Tally, answer: Answer, problem: str) -> Fetch:
    """Return the record of a source that answered with something else than it should."""
    return Fetch(
        source_id=tally.source_id,
        outcome=Outcome.NOT_A_FEED,
        reason=problem,
        fetched_at=tally.now,
        http_status=answer.status,
    )
