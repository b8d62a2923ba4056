"""What one server answers costs no other source its turn."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from loopback import AGENT, NOW, Reply, article, crawl, feed, limits, loopback_web, rss
from scrapy import Request
from scrapy.http import Response

from crawlers.cpu import cpu_limit
from crawlers.guard import BlockedError
from crawlers.item import Outcome
from crawlers.outcome import retry_after
from crawlers.robotrules import our_rules
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


def _agents(count: int, rules: int) -> str:
    names = "".join(f"User-agent: a{n}\n" for n in range(count))
    return names + "".join(f"Disallow:/{n}\n" for n in range(rules))


def test_robots_txt_that_is_a_trap_closes_its_own_host_only() -> None:
    """Half a megabyte of agents and rules: 340 million pairs, minutes and gigabytes if read."""
    trap = Reply(_agents(17_000, 20_000), "text/plain")
    large = Reply("# rác\n" * 5000 + "User-agent: *\nDisallow: /kin/\n", "text/plain")
    with loopback_web() as web:
        web.put("bay.example/robots.txt", trap)
        web.put("lon.example/robots.txt", large)
        links = []
        for host in ("bay", "lon", "nha"):
            web.put(f"{host}.example/mo.htm", article(f"Bài {host}"))
            links.append((f"http://{host}.example/mo.htm", host))
        links.append(("http://lon.example/kin/a.htm", "kín"))
        told = crawl(feed("a", web.put("nha.example/rss", rss(*links))), proxy=web.url)["a"]

        assert web.asked("bay.example") == []
        assert "/kin/a.htm" not in web.asked("lon.example")
    assert sorted(item.title for item in told.items if not item.summary_only) == [
        "Bài lon",
        "Bài nha",
    ]
    reasons = {page.url: page.reason for page in told.pages}
    assert reasons["http://bay.example/mo.htm"] == "robots.txt không đọc nổi"


@pytest.mark.parametrize("line", ["Disallow: //[x", "Disallow: http://[::1", "Allow: //℀x/"])
def test_any_robots_txt_is_read_or_refused(line: str) -> None:
    body = f"User-agent: *\n{line}\nDisallow: /kin/\n".encode()
    rules = our_rules(body, AGENT)
    assert rules is None or not rules.can_fetch("http://a.example/kin/b", AGENT)


def test_rules_are_those_for_us() -> None:
    text = (
        "User-agent: khac\nDisallow: /\n\nUser-agent: langnghe\nDisallow: /a*z$\nCrawl-delay: 3\n"
    )
    rules = our_rules(("\ufeff" + text).encode(), AGENT)
    assert rules is not None
    told = [rules.can_fetch(f"http://a.example{path}", AGENT) for path in ("/", "/abz", "/abzy")]
    assert (told, rules.crawl_delay(AGENT)) == ([True, False, True], 3.0)


def test_matching_with_stars_takes_no_time() -> None:
    """Half a megabyte of patterns against the longest address that is matched at all."""
    stars = "".join(f"Disallow: /*{'a*' * 20}b{n}$\n" for n in range(9_000))
    rules = our_rules(f"User-agent: *\n{stars}".encode(), AGENT)
    assert rules is not None
    with cpu_limit(2.0):
        assert rules.can_fetch("http://a.example/" + "a" * 7_900, AGENT)


def test_address_beyond_all_measure_is_refused() -> None:
    with loopback_web() as web:
        away = Reply(status=302, headers={"Location": "/" + "a" * 9_000})
        told = crawl(feed("a", web.put("a.example/rss", away)), proxy=web.url)["a"]
    assert told.end.reason == "địa chỉ quá dài, bỏ"


def test_marks_without_end_hold_up_nobody() -> None:
    """A megabyte of marks in the title of a feed and of its page."""
    pile = "a" + "\u0301\u0316" * 250_000
    with loopback_web() as web:
        web.put("a.example/1.htm", f"<html><title>{pile}</title><p>{pile}</p></html>")
        news = rss(("http://a.example/1.htm", pile))
        sources = [feed("a", web.put("a.example/rss", news))]
        web.put("b.example/1.htm", article("Bài b"))
        sources.append(feed("b", web.put("b.example/rss", rss(("http://b.example/1.htm", "x")))))
        told = crawl(*sources, proxy=web.url)

    assert [len(item.title) for item in told["a"].items] == [8]
    assert [item.title for item in told["b"].items] == ["Bài b"]
