"""Scrapy's HTTP handler with more limits: a host's turn, transfers at one time, size of headers."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.web._newclient import HEADER, STATUS

from crawlers.patience import Patience
from crawlers.turns import Gate

MAX_HEADERS = 256 * 1024
#: Key of a request's meta: seconds that its host wants between two requests.
HOST_DELAY = "host_delay"
#: Key of a request's meta: it is made with a token, by agreement.
BY_TOKEN = "by_token"  # noqa: S105 - a name


class _BoundedProtocol(_LenientHTTP11ClientProtocol):
    """Hangs up on a server that sends headers without end (100 MB were accepted before)."""

    _head = 0

    def request(self, request: Any) -> Any:
        self._head = 0
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        if self._parser is not None and self._parser.state in (STATUS, HEADER):
            self._head += len(data)
        super().dataReceived(data)  # type: ignore[no-untyped-call]
        still = self._parser is not None and self._parser.state in (STATUS, HEADER)
        if still and self._head > MAX_HEADERS and self.transport is not None:
            self.transport.abortConnection()


class _BoundedFactory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: Any) -> _BoundedProtocol:  # noqa: ARG002, N802
        return _BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class BoundedHandler(HTTP11DownloadHandler):
    """The handler of http and https."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._round = crawler
        self._pool._factory = _BoundedFactory
        self._transfers = asyncio.Semaphore(crawler.settings.getint("CONCURRENT_REQUESTS"))

    async def download_request(self, request: Request) -> Response:
        """Transfer, when it is the host's turn and fewer than CONCURRENT_REQUESTS are under way.

        The limits stand here and not where requests queue: one that waits for its host's
        delay must not hold a place that another host could use, and what was redirected
        stands in the queue of the host that it came from.
        """
        gate: Gate = vars(self._round.spider)["gate"]
        # An interface used by agreement counts by token, and says itself when it wants to rest.
        patience: Patience | None = vars(self._round.spider)["patience"]
        patience = None if request.meta.get(BY_TOKEN) else patience
        host = urlsplit(request.url).hostname or ""
        if patience is not None:
            patience.check(host)
        async with gate.turn(host, self._transfers, request.meta.get(HOST_DELAY, 0.0)):
            if patience is not None:
                patience.check(host)  # it may have said so while its turn was waited for
            answer = await super().download_request(request)
            if patience is not None:
                patience.note(host, answer)
            return answer
