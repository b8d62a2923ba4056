"""Politeness as the server sees it: gaps between requests, and requests at one time."""

from __future__ import annotations

import threading
import time
from itertools import pairwise
from typing import Any

from loopback import Reply, article, crawl, feed, loopback_web, rss

DELAY = 0.3
TOLERANCE = 0.005


def test_hosts_are_asked_one_by_one_with_a_pause() -> None:
    """Two feeds of one host share its pause; Crawl-delay lengthens it."""
    arrivals: dict[str, list[float]] = {"a.example": [], "b.example": []}
    lock = threading.Lock()

    def timed(host: str, reply: Reply) -> Any:
        def answer(_: object) -> Reply:
            with lock:
                arrivals[host].append(time.monotonic())
            return reply

        return answer

    with loopback_web() as web:
        web.put("b.example/robots.txt", Reply("User-agent: *\nCrawl-delay: 0.6\n", "text/plain"))
        sources = []
        for host in arrivals:
            for part in ("x", "y"):
                links = [(f"http://{host}/{part}{n}.htm", f"Bài {part}{n}") for n in range(2)]
                for link, title in links:
                    page = timed(host, Reply(article(title)))
                    web.put(link.removeprefix("http://"), page)
                news = timed(host, rss(*links))
                sources.append(feed(f"{host}-{part}", web.put(f"{host}/{part}.rss", news)))
        told = crawl(*sources, proxy=web.url, delay=DELAY, per_host=1)

    assert {name: len(one.items) for name, one in told.items()} == {one.id: 2 for one in sources}
    gaps = {host: [late - early for early, late in pairwise(at)] for host, at in arrivals.items()}
    assert {host: len(one) for host, one in gaps.items()} == {"a.example": 5, "b.example": 5}
    assert min(gaps["a.example"]) >= DELAY - TOLERANCE
    assert min(gaps["b.example"]) >= 0.6 - TOLERANCE
