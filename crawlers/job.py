"""What a crawl round is told: which sources are due, and under which limits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

#: Environment variable by which the parent tells its child when the round began: seconds of
#: the monotonic clock, which all processes of a machine share.
BEGAN_VARIABLE = "LANGNGHE_ROUND_BEGAN"


@dataclass(frozen=True, slots=True)
class Limits:
    """The politeness and safety of a round. Times in seconds, sizes in bytes.

    `allow_private` lets tests and the demo crawl loopback addresses; never set it in
    production. `proxy` is an http:// URL all requests go through, or empty.
    """

    user_agent: str
    delay: float = 2.0
    per_host: int = 1
    concurrent: int = 16
    timeout: float = 30.0
    round_timeout: float = 900.0
    max_bytes: int = 15 * 2**20
    max_redirects: int = 5
    max_articles: int = 60
    robots: bool = True
    allow_private: bool = False
    proxy: str = ""


@dataclass(frozen=True, slots=True)
class Addresses:
    """A set of addresses that can only be asked whether it holds one, under http or https.

    It keeps short hashes: a large newspaper has many addresses, and all go over a pipe.
    """

    marks: frozenset[str] = frozenset()

    @classmethod
    def of(cls, urls: Iterable[str] | Addresses) -> Addresses:
        """Return the set of these addresses."""
        return urls if isinstance(urls, Addresses) else cls(frozenset(map(_mark, urls)))

    def __contains__(self, url: object) -> bool:
        return isinstance(url, str) and _mark(url) in self.marks


def _mark(url: str) -> str:
    rest = url.partition("://")[2] or url
    return hashlib.blake2b(rest.encode(errors="replace"), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class DueSource:
    """One source to poll, with what its last poll left behind.

    `known` holds canonical URLs that need no fetching: of its recent items, however they
    were reached, and of pages that were refused for good not long ago. `tried` holds those
    that failed before: they come after what was never asked for. `again` holds addresses
    of articles to look at once more. `options` may carry secrets (a page token) and is
    never logged.
    """

    id: str
    type: str
    options: dict[str, Any]
    etag: str = ""
    last_modified: str = ""
    cursor: str = ""
    known: frozenset[str] | Addresses = field(default_factory=Addresses)
    tried: Addresses = field(default_factory=Addresses)
    again: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """One crawl round. `now` is what the round takes the time to be (for dates, not delays)."""

    now: datetime
    sources: tuple[DueSource, ...]
    limits: Limits
