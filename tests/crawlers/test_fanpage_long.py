"""Two thousand posts of a page, through limits, an expired token, edits and deletions."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from loopback import JSON, Reply, Told, crawl, loopback_web
from test_fanpage import FIRST, _error, _page, _source
from test_fanpage import _post as _plain

from crawlers.item import Outcome

POSTS = 2000


def _post(number: int, **more: Any) -> dict[str, Any]:
    """A post an hour after the one before; the two thousandth is of the day before now."""
    made = FIRST + timedelta(hours=number - POSTS)
    return _plain(number, created_time=made.strftime("%Y-%m-%dT%H:%M:%S%z"), **more)


class Page:
    """A page whose answers differ from call to call; counts how often each post was given."""

    def __init__(self) -> None:
        self.posts = [_post(number) for number in range(POSTS, 0, -1)]
        self.calls = 0
        self.given: Counter[str] = Counter()
        self.broken: dict[int, Reply] = {}

    def answer(self, request: Any) -> Reply:
        self.calls += 1
        if self.calls in self.broken:
            return self.broken[self.calls]
        reply = _page(self.posts, parse_qs(urlsplit(request.path).query), cursors=True)
        self.given.update(post["id"] for post in json.loads(reply.body)["data"])
        share = 95 if self.calls % 6 == 0 else 40  # the hour's calls are spent every sixth time
        usage = json.dumps({"call_count": share, "total_time": 2, "total_cputime": 1})
        return Reply(reply.body, JSON, headers={"X-App-Usage": usage})


def _edited(number: int) -> dict[str, Any]:
    later = _post(number + 9)["created_time"]
    return _post(number, message="Đã sửa", updated_time=later)


def _poll(web: Any, told: list[Told]) -> None:
    known = frozenset(item.url for one in told for item in one.items)
    cursor = told[-1].end.cursor if told else ""
    source = _source("c", cursor=cursor, known=known, page_size=100, max_posts=5000)
    told.append(crawl(source, proxy=web.url)["c"])


def test_two_thousand_posts_are_taken_once_each_whatever_comes_between() -> None:
    page, told = Page(), list[Told]()
    page.broken = {3: _error(4, status=403), 9: _error(190, 463), 14: _error(613, status=403)}
    with loopback_web() as web:
        web.put("graph.example/v23.0/c/posts", page.answer)
        while len(told) < 20 and (not told or ";" in told[-1].end.cursor):
            _poll(web, told)
            if len(told) == 2:  # two that were read go, and two that were not
                gone = {f"77_{number}" for number in (POSTS, POSTS - 1, 2, 1)}
                page.posts = [post for post in page.posts if post["id"] not in gone]
        first = [item.external_id for one in told for item in one.items]
        calls = page.calls
        page.posts = [_post(POSTS + 1), _edited(POSTS - 2), *page.posts[1:]]
        _poll(web, told)

    assert sorted(first) == sorted(f"77_{number}" for number in range(3, POSTS + 1))
    reasons = [one.end.reason for one in told]
    assert sum("hết hạn mức" in reason for reason in reasons) >= 4
    assert sum(reason.startswith("Facebook báo lỗi 190") for reason in reasons) == 1
    assert calls <= POSTS / 100 + len(page.broken) + len(told)
    assert [(item.external_id, item.title) for item in told[-1].items] == [
        (f"77_{POSTS + 1}", f"Bà con ấp {POSTS + 1} phản ánh"),
        (f"77_{POSTS - 2}", "Đã sửa"),
    ]
    end = told[-1].end
    assert (end.outcome, end.items, end.cursor.count(";")) == (Outcome.NEW, 1, 0)
