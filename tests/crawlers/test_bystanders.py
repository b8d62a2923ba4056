"""What one server answers costs no other source its turn."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from loopback import NOW, Reply, article, crawl, feed, limits, loopback_web, rss
from scrapy import Request
from scrapy.http import Response

from crawlers.guard import BlockedError
from crawlers.item import Outcome
from crawlers.outcome import retry_after
from crawlers.robots import RobotsMiddleware

FAR = "Mon, 01 Jan 99999999999999 00:00:00 GMT"


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        (FAR, None),
        ("Mon, 01 Jan 2026 00:00:00 +99999999999999", None),
        ("Mon, 01 Jan 0001 00:00:00 +2300", 60),
        ("Fri, 31 Dec 9999 23:59:59 -2300", 86_400),
        ("Mon, 01 Jan 2026 00:00:00 -0000", None),
        ("9" * 20, 86_400),
        ("Tue, 24 Nov 2026 02:10:00 GMT", 600),
        ("", None),
    ],
)
def test_any_retry_after_is_read_or_passed_over(header: str, wait: int | None) -> None:
    assert retry_after(header, NOW) == wait


def test_a_page_with_a_mad_retry_after_costs_only_itself() -> None:
    with loopback_web() as web:
        mad = Reply("x", status=500, headers={"Retry-After": FAR})
        web.put("a.example/1.htm", mad)
        web.put("a.example/2.htm", article("Bài hai"))
        news = rss(("http://a.example/1.htm", "Bài một"), ("http://a.example/2.htm", "Bài hai"))
        told = crawl(feed("a", web.put("a.example/rss", news)), proxy=web.url, per_host=1)["a"]

    assert [item.title for item in told.items] == ["Bài hai"]
    assert [page.reason for page in told.pages] == ["HTTP 500: máy chủ lỗi"]
    assert told.end.outcome is Outcome.NEW


class _Engine:
    """Downloads robots.txt when it is let, as slowly as any server."""

    def __init__(self) -> None:
        self.asked, self.free = asyncio.Event(), asyncio.Event()

    async def download_async(self, request: Request) -> Response:
        self.asked.set()
        await self.free.wait()
        return Response(request.url, body=b"User-agent: *\nDisallow: /kin/\n")


async def _given_up() -> Any:
    engine = _Engine()
    crawler: Any = SimpleNamespace(settings={"ROUND_LIMITS": limits()}, engine=engine)
    robots = RobotsMiddleware.from_crawler(crawler)
    page = Request("http://ba.example/kin/a.htm")
    first = asyncio.create_task(robots.process_request(page))
    await engine.asked.wait()
    second = asyncio.create_task(robots.process_request(page))
    first.cancel()
    await asyncio.wait({first})
    engine.free.set()
    return (await asyncio.wait_for(asyncio.gather(second, return_exceptions=True), 10))[0]


def test_who_gives_up_on_robots_txt_leaves_it_to_those_who_wait() -> None:
    assert isinstance(asyncio.run(_given_up()), BlockedError)
