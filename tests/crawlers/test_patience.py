"""Hosts that ask to be left alone: they are, and their sources are not called healthy."""

from __future__ import annotations

import pytest
from loopback import Reply, article, crawl, feed, loopback_web, rss

from crawlers.item import Outcome
from crawlers.patience import RESTING

ASKS = {"Retry-After": "3600"}


def _links(host: str, *names: str) -> list[tuple[str, str]]:
    return [(f"http://{host}/{name}.htm", f"Bài {name}") for name in names]


@pytest.mark.parametrize("status", [429, 503])
def test_host_is_asked_no_more_once_it_said_so(status: int) -> None:
    with loopback_web() as web:
        links = _links("a.example", *"12345678")
        for link, _ in links:
            web.put(link.removeprefix("http://"), Reply("x", status=status, headers=ASKS))
        sources = [
            feed(name, web.put(f"{name}.example/rss", rss(*part)))
            for name, part in (("a", links[:7]), ("b", links[7:]))
        ]
        told = crawl(*sources, proxy=web.url, per_host=1)
        pages = [path for path in web.asked("a.example") if path != "/rss"]

    assert len(pages) == 1
    reasons = [page.reason for one in told.values() for page in one.pages]
    assert sorted(reasons)[1:] == [RESTING] * 7
    for one in told.values():
        assert (one.end.outcome, one.end.items) == (Outcome.ERROR, 0)
        assert one.end.retry_after == 3600
        assert (one.end.etag, len(one.ends)) == ("", 1)


def test_a_host_that_is_redirected_to_is_left_alone_as_well() -> None:
    with loopback_web() as web:
        for name in "123":
            to = {"Location": f"http://b.example/{name}"}
            web.put(f"a.example/{name}.htm", Reply(status=302, headers=to))
            web.put(f"b.example/{name}", Reply("x", status=429))
        news = rss(*_links("a.example", *"123"))
        crawl(feed("a", web.put("a.example/rss", news)), proxy=web.url, per_host=1)

        assert len(web.asked("b.example")) == 1


def test_another_host_that_asks_for_patience_does_not_hold_up_the_source() -> None:
    with loopback_web() as web:
        web.put("a.example/1.htm", article("Bài một"))
        web.put("b.example/1.htm", Reply("x", status=429, headers=ASKS))
        news = rss(*_links("a.example", "1"), *_links("b.example", "1"))
        end = crawl(feed("a", web.put("a.example/rss", news)), proxy=web.url)["a"].end

    assert (end.outcome, end.items, end.retry_after) == (Outcome.NEW, 1, None)


def test_a_poll_that_had_some_pages_is_good_and_waits_all_the_same() -> None:
    with loopback_web() as web:
        web.put("a.example/1.htm", article("Bài một"))
        web.put("a.example/2.htm", Reply("x", status=429, headers=ASKS))
        news = rss(*_links("a.example", *"12"))
        end = crawl(feed("a", web.put("a.example/rss", news)), proxy=web.url, per_host=1)["a"].end

    assert (end.outcome, end.items, end.retry_after) == (Outcome.NEW, 1, 3600)


@pytest.mark.parametrize(("broken", "outcome"), [("12", Outcome.NONE), ("123", Outcome.ERROR)])
def test_a_poll_without_any_page_is_not_a_good_one(broken: str, outcome: Outcome) -> None:
    """But one or two broken articles, the only ones that are not known, make no source sick."""
    with loopback_web() as web:
        for name in broken:
            web.put(f"a.example/{name}.htm", Reply("x", status=500))
        news = rss(*_links("a.example", *broken))
        end = crawl(feed("a", web.put("a.example/rss", news)), proxy=web.url)["a"].end

    assert (end.outcome, end.retry_after) == (outcome, None)


def test_pages_that_are_gone_for_good_make_no_source_sick() -> None:
    with loopback_web() as web:
        news = rss(*_links("a.example", *"1234"))
        end = crawl(feed("a", web.put("a.example/rss", news)), proxy=web.url)["a"].end

    assert end.outcome is Outcome.NONE


@pytest.mark.parametrize("status", [429, 503])
def test_patience_asked_for_by_robots_txt_is_kept(status: int) -> None:
    with loopback_web() as web:
        web.put("a.example/robots.txt", Reply("x", status=status, headers=ASKS))
        end = crawl(feed("a", web.put("a.example/rss", rss())), proxy=web.url)["a"].end

    assert (end.outcome, end.http_status, end.retry_after) == (Outcome.BLOCKED, status, 3600)
