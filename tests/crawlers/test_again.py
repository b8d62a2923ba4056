"""Second looks: what became of articles that are kept already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from loopback import LoopbackWeb, Reply, Told, article, crawl, feed, loopback_web, rss

from crawlers.again import is_gone
from crawlers.item import Outcome

_ASKED = ("sua", "nguyen", "go", "mat", "trang-chu", "ban", "muc", "ten-moi")


@pytest.fixture(scope="module")
def looked() -> Iterator[tuple[dict[str, Told], LoopbackWeb]]:
    with loopback_web() as web:
        again = tuple(f"http://bao.example/{name}.htm" for name in _ASKED)
        web.put("bao.example/sua.htm", article("Đê bao đã được gia cố"))
        web.put("bao.example/nguyen.htm", article("Cầu gãy"))
        web.put("bao.example/go.htm", Reply("x", status=410))
        web.put("bao.example/trang-chu.htm", Reply(status=302, headers={"Location": "/"}))
        web.put("bao.example/", article("Trang chủ"))
        web.put("bao.example/ban.htm", Reply("x", status=503))
        web.put("bao.example/muc.htm", Reply(status=302, headers={"Location": "/thoi-su/"}))
        web.put("bao.example/thoi-su/", article("Thời sự"))
        own = '<link rel="canonical" href="/ten-moi-hon.htm">'
        web.put("bao.example/ten-moi.htm", article("Tên mới", head=own))
        web.put("bao.example/moi.htm", article("Bài mới"))
        news = ("http://bao.example/moi.htm", "Bài mới")
        known = frozenset(again)
        fresh = feed("fresh", web.put("bao.example/rss", rss(news)), known=known)
        quiet = feed("quiet", web.put("bao.example/304", Reply(status=304)), etag='"a"')
        broken = feed("broken", web.put("bao.example/500", Reply("x", status=500)))
        told = crawl(
            replace(fresh, again=again),
            replace(quiet, again=("http://bao.example/nguyen.htm?a=1",)),
            replace(broken, again=("http://bao.example/nguyen.htm?b=1",)),
            proxy=web.url,
        )
        yield told, web


def test_page_is_told_as_it_stands_now(looked: tuple[dict[str, Told], LoopbackWeb]) -> None:
    told, _ = looked
    titles = {item.url.rpartition("/")[2]: item.title for item in told["fresh"].items}
    assert titles == {
        "moi.htm": "Bài mới",
        "sua.htm": "Đê bao đã được gia cố",
        "nguyen.htm": "Cầu gãy",
        "ten-moi.htm": "Tên mới",
    }


def test_page_that_was_taken_down_is_told_so(looked: tuple[dict[str, Told], LoopbackWeb]) -> None:
    told, _ = looked
    gone = {page.url.rpartition("/")[2]: is_gone(page) for page in told["fresh"].pages}
    assert gone == {"go.htm": True, "mat.htm": True, "trang-chu.htm": True} | dict.fromkeys(
        ("ban.htm", "muc.htm"), False
    )


def test_looks_do_not_count_in_the_poll(looked: tuple[dict[str, Told], LoopbackWeb]) -> None:
    told, _ = looked
    assert (told["fresh"].end.outcome, told["fresh"].end.items) == (Outcome.NEW, 1)
    assert told["fresh"].end.reason == "1 tin mới"


def test_source_without_news_is_looked_at_and_a_broken_one_left_alone(
    looked: tuple[dict[str, Told], LoopbackWeb],
) -> None:
    told, web = looked
    assert [item.title for item in told["quiet"].items] == ["Cầu gãy"]
    assert told["quiet"].end.outcome is Outcome.NOT_MODIFIED
    assert "/nguyen.htm?b=1" not in web.asked("bao.example")
