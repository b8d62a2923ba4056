"""What a source type may do on the web: get one address, and hear how it ended."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ParamSpec, TypeVar

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawlers.handler import BY_TOKEN
from crawlers.item import Outcome
from crawlers.job import Limits
from crawlers.outcome import FetchFailed, failed_download, failed_status, retry_after
from crawlers.workers import Workers

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w:.-]{2,40})", re.IGNORECASE)
# Kept back from the round's seconds, so that every source can still say how it ended.
_USUAL_RESERVE, _MOST_RESERVE = 10.0, 30.0
_LEAST_READING = 5.0
_LEAST_WAIT = 0.1

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """A page or feed as received. `url` is where it was found, after redirects."""

    url: str
    status: int
    body: bytes
    content_type: str
    charset: str
    etag: str
    last_modified: str
    headers: Mapping[str, str]

    @property
    def sha256(self) -> str:
        """The hash of the body (decompressed, otherwise as received)."""
        return hashlib.sha256(self.body).hexdigest()


class Web:
    """The web as one round sees it. All requests pass Scrapy's middlewares and limits."""

    def __init__(self, crawler: Crawler, workers: Workers, limits: Limits, now: datetime) -> None:
        self.limits = limits
        self._workers = workers
        self.now = now
        self._crawler = crawler
        self._claimed: set[str] = set()
        self._handed: dict[str, frozenset[int]] = {}
        tenth, half = limits.round_timeout / 10, limits.round_timeout / 2
        reserve = min(_MOST_RESERVE, max(tenth, min(_USUAL_RESERVE, half)))
        self._deadline = time.monotonic() + limits.round_timeout - reserve

    @property
    def time_left(self) -> float:
        """Seconds until no new request is begun, so that the round ends in order."""
        return self._deadline - time.monotonic()

    def claim(self, url: str) -> bool:
        """Set out to fetch an article; False where another source of the round has."""
        return _added(url, self._claimed)

    def hand_over(self, url: str, words: str = "") -> bool:
        """Make an item of an article; False where the round has one already.

        Apart from `claim`: pages tell their identity only once they are there, and a
        claim may come to nothing. `words` are what `is_anothers` compares.
        """
        if url in self._handed:
            return False
        self._handed[url] = _lines(words)
        return True

    def is_anothers(self, url: str, words: str) -> bool:
        """Say whether the round has an item under this address that tells something else.

        The same article has most of its lines again, also where one page shows more of it.
        """
        one, other = self._handed.get(url, frozenset()), _lines(words)
        return bool(one) and len(one & other) * 2 <= min(len(one), len(other))

    async def read(self, function: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
        """Run a parser beside the downloads. Raises `FetchFailed` where it does not end."""
        limit = max(self.time_left, _LEAST_READING)
        return await self._workers.run(limit, function, *args, **more)

    async def get(
        self, url: str, *, etag: str = "", last_modified: str = "", api: bool = False
    ) -> Answer:
        """Fetch `url`; with validators a 304 comes back as an empty answer of status 304.

        `api` is for an interface used by agreement, with a token: robots.txt does not
        speak of it, and a redirect (which would carry the token away) is not followed.
        Raises `FetchFailed` for everything that is not 200 or 304.
        """
        if self.time_left <= 0:
            raise FetchFailed(Outcome.TIMEOUT, "hết giờ của lượt thu thập")
        headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        # No download outlives the round: its source can still say that it ran out of time.
        limit = min(self.limits.timeout, max(self.time_left, _LEAST_WAIT))
        request = Request(
            url,
            headers={name: value for name, value in headers.items() if value},
            meta={
                "dont_obey_robotstxt": api,
                "dont_redirect": api,
                BY_TOKEN: api,
                "download_timeout": limit,
            },
            callback=NO_CALLBACK,
            dont_filter=True,
        )
        try:
            response = await self._crawler.engine.download_async(request)
        except Exception as error:
            raise failed_download(error) from error
        answer = _answer(response)
        if answer.status not in (200, 304) and not (api and answer.body):
            wait = retry_after(answer.headers.get("retry-after", ""), self.now)
            raise failed_status(answer.status, wait)
        return answer


def _answer(response: Response) -> Answer:
    found = {
        name.decode("latin-1").lower(): values[-1].decode("latin-1")
        for name, values in response.headers.items()
        if values
    }
    kind = found.get("content-type", "")
    charset = _CHARSET.search(kind)
    return Answer(
        url=response.url,
        status=response.status,
        body=response.body,
        content_type=kind.partition(";")[0].strip().lower(),
        charset=charset[1] if charset else "",
        etag=found.get("etag", "")[:500],
        last_modified=found.get("last-modified", "")[:100],
        headers=found,
    )


def _lines(words: str) -> frozenset[int]:
    return frozenset(hash(line) for line in words.split("\n") if line)


def _added(url: str, to: set[str]) -> bool:
    if url in to:
        return False
    to.add(url)
    return True
