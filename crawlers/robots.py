"""Obey robots.txt as RFC 9309 says, also when it cannot be had."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawlers.guard import BlockedError
from crawlers.handler import HOST_DELAY
from crawlers.item import Outcome
from crawlers.job import Limits
from crawlers.outcome import FetchFailed, failed_download
from crawlers.patience import Patience
from crawlers.robotrules import our_rules
from crawlers.workers import Workers

MAX_BYTES = 500 * 1024  # RFC 9309, section 2.5: read at least 500 KiB
MAX_CRAWL_DELAY = 60.0
#: Up to this size the worst file costs less than waiting for a place to read it elsewhere.
_SMALL = 8 * 1024
#: Seconds for which the others' pages are waited for at most, where it is larger.
_MOST_WAIT = 60.0
#: A longer address could not be matched with all of a large file's rules in no time.
_LONGEST_URL = 8_000


class RobotsMiddleware:
    """Asks each host's robots.txt once a round and refuses what it disallows.

    4xx means no rules; 5xx and no answer at all mean that nothing may be fetched now
    (RFC 9309, section 2.3.1). Crawl-delay is kept, up to a minute.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._limits: Limits = crawler.settings["ROUND_LIMITS"]
        self._rules: dict[str, asyncio.Task[Protego | FetchFailed]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsMiddleware:
        """Build the middleware for a crawl."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Refuse with `BlockedError` or `FetchFailed`, or let pass."""
        if not self._limits.robots or request.meta.get("dont_obey_robotstxt"):
            return
        if len(request.url) > _LONGEST_URL:
            raise FetchFailed(Outcome.ERROR, "địa chỉ quá dài, bỏ", lasting=True)
        parts = urlsplit(request.url)
        rules = await self._rules_of(f"{parts.scheme}://{parts.netloc}")
        if isinstance(rules, FetchFailed):
            raise FetchFailed(
                rules.outcome, rules.reason, status=rules.status, retry_after=rules.retry_after
            )
        agent = self._limits.user_agent
        if not rules.can_fetch(request.url, agent):
            raise BlockedError("robots.txt không cho phép lấy trang này")
        self._slow_down(request, parts.hostname or "", rules.crawl_delay(agent))

    async def _rules_of(self, origin: str) -> Protego | FetchFailed:
        if origin not in self._rules:
            self._rules[origin] = asyncio.create_task(self._ask(origin))
        # Many may wait for it: that one of them is given up must not end it for the others.
        return await asyncio.shield(self._rules[origin])

    async def _ask(self, origin: str) -> Protego | FetchFailed:
        """Return the host's rules, or why nothing may be fetched from it."""
        request = Request(
            f"{origin}/robots.txt",
            priority=1000,
            meta={"dont_obey_robotstxt": True},
            callback=NO_CALLBACK,
        )
        try:
            answer: Response = await self._crawler.engine.download_async(request)
        except Exception as error:  # noqa: BLE001 - any failure of any kind is "unreachable"
            return failed_download(error)
        if answer.status >= 500 or answer.status == 429:
            reason = f"robots.txt trả lời HTTP {answer.status}"
            patience: Patience = vars(self._crawler.spider)["patience"]
            wait = patience.wait(urlsplit(origin).hostname or "")
            return FetchFailed(Outcome.BLOCKED, reason, status=answer.status, retry_after=wait)
        body = answer.body[:MAX_BYTES] if answer.status == 200 else b""
        return await self._read(body)

    async def _read(self, body: bytes) -> Protego | FetchFailed:
        agent = self._limits.user_agent
        if len(body) <= _SMALL:
            rules = our_rules(body, agent)
        else:
            workers: Workers = vars(self._crawler.spider)["workers"]
            try:
                rules = await workers.run(_MOST_WAIT, our_rules, body, agent)
            except Exception as error:  # noqa: BLE001 - as if it had never come
                return failed_download(error)
        return rules or FetchFailed(Outcome.BLOCKED, "robots.txt không đọc nổi")

    def _slow_down(self, request: Request, host: str, delay: float | None) -> None:
        request.meta.pop(HOST_DELAY, None)  # another host's, where it was redirected
        if not delay:
            return
        wanted = request.meta[HOST_DELAY] = min(float(delay), MAX_CRAWL_DELAY)
        slot = self._crawler.engine.downloader.slots.get(host)
        if slot is not None:
            slot.delay = max(slot.delay, wanted)
            request.meta["autothrottle_dont_adjust_delay"] = True
