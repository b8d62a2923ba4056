"""Sections read back to a day: page by page, poll by poll, and never in a circle."""

from __future__ import annotations

from datetime import date
from typing import Any

import lxml.html
import pytest
from loopback import LoopbackWeb, Reply, Told, article, crawl, loopback_web

from crawlers.item import Outcome
from crawlers.job import DueSource
from crawlers.listpage import next_page
from crawlers.registry import check_options
from crawlers.walk import walked

BACK_TO = date(2026, 8, 1)
DONE = walked(BACK_TO)
URL = "http://muc.example/ban-doc/"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('<a rel="next" href="?p=2">x</a>', "?p=2"),
        ('<a href="trang-2.html">Trang sau</a>', "trang-2.html"),
        ('<a href="/ban-doc/2/">»</a>', "2/"),
        ('<a href="?p=1">1</a><a href="?p=2">2</a><a href="?p=3">3</a>', "?p=2"),
        ('<a rel="next" href="http://khac.example/?p=2">x</a>', None),
        ('<a rel="next" href="#">x</a>', None),
        ('<a href="/bai-so-2-12345.htm">Bài tiếp theo của loạt bài</a>', None),
    ],
)
def test_page_behind_is_found(body: str, found: str | None) -> None:
    root = lxml.html.fromstring(f"<html><body>{body}</body></html>")
    assert next_page(root, URL) == ("" if found is None else URL + found)


def test_page_behind_that_one_is_the_next_number() -> None:
    body = '<a href="?p=1">1</a><a href="?p=3">3</a><a href="?p=4">4</a>'
    root = lxml.html.fromstring(f"<html><body>{body}</body></html>")
    assert next_page(root, f"{URL}?p=2") == f"{URL}?p=3"


def test_page_behind_by_selector() -> None:
    root = lxml.html.fromstring('<div><b class="sau"><a href="/x/cu">…</a></b></div>')
    assert next_page(root, URL, ".sau") == "http://muc.example/x/cu"


def _section(web: LoopbackWeb, *, circle: bool = False) -> None:
    """Five pages of three articles; each page is a month older than the one before."""
    for page in range(1, 6):
        links = ""
        for n in range(3):
            path = f"bai-so-{n}-trang-{page}-2026{page}{n}.htm"
            day = f"2026-{11 - page:02}-1{n}T08:00:00+07:00"
            web.put(f"muc.example/{path}", article(f"Bài {n} trang {page}", date=day))
            links += f'<h3><a href="/{path}">Bài số {n} của trang {page}</a></h3>'
        later = 1 if circle and page == 3 else page + 1
        links += f'<a rel="next" href="?p={later}">sau</a>'
        web.put(f"muc.example/ban-doc/{f'?p={page}' if page > 1 else ''}", f"<html>{links}</html>")
        web.put("muc.example/ban-doc/?p=1", "<html></html>")


def _poll(
    web: LoopbackWeb, told: list[Told], cursor: str, back_to: date = BACK_TO, **limits: Any
) -> str:
    known = frozenset(item.url for one in told for item in one.items)
    options = {"url": URL, "back_to": back_to}
    source = DueSource("s", "listing", options, cursor=cursor, known=known)
    told.append(crawl(source, proxy=web.url, **limits)["s"])
    return told[-1].end.cursor


def test_section_is_read_down_to_the_day() -> None:
    told: list[Told] = []
    with loopback_web() as web:
        _section(web)
        cursor = _poll(web, told, "")
        asked = web.asked("muc.example")

    assert cursor == DONE
    assert (len(told[0].items), told[0].end.items) == (9, 9)  # October, September, August
    assert "/ban-doc/?p=5" not in asked


def test_what_one_poll_cannot_read_the_next_ones_do() -> None:
    told: list[Told] = []
    with loopback_web() as web:
        _section(web)
        cursor, polls = "", 0
        while cursor != DONE and polls < 9:
            cursor, polls = _poll(web, told, cursor, max_articles=4), polls + 1
        last = _poll(web, told, cursor, max_articles=4)

    titles = [item.title for one in told for item in one.items]
    assert len(titles) == len(set(titles)) == 9
    assert (last, told[-1].end.outcome) == (DONE, Outcome.NONE)


def test_page_that_comes_whatever_is_asked_for_ends_the_walk() -> None:
    told: list[Told] = []
    with loopback_web() as web:
        _section(web)
        for page in range(2, 40):
            links = f'<h3><a href="/bai-so-0-trang-1-202610.htm">Bài số 0 của trang 1</a></h3>\
<a rel="next" href="?p={page + 1}">sau</a>'
            web.put(f"muc.example/ban-doc/?p={page}", f"<html>{links}</html>")
        assert _poll(web, told, "") == DONE
        assert len([path for path in web.asked("muc.example") if "?p=" in path]) == 2


def test_article_that_fails_for_now_is_asked_for_at_the_next_poll() -> None:
    told: list[Told] = []
    with loopback_web() as web:
        _section(web)
        whole = web.replies["muc.example/bai-so-1-trang-2-202621.htm"]
        web.put("muc.example/bai-so-1-trang-2-202621.htm", Reply("x", status=503))
        cursor = _poll(web, told, "")
        web.put("muc.example/bai-so-1-trang-2-202621.htm", whole)
        while cursor != DONE and len(told) < 9:
            cursor = _poll(web, told, cursor)

    assert "Bài 1 trang 2" in [item.title for one in told[1:] for item in one.items]
    assert sum(len(one.items) for one in told) == 9


def test_pages_longer_than_a_poll_are_read_whole() -> None:
    told: list[Told] = []
    with loopback_web() as web:
        _section(web)
        cursor = ""
        while cursor != DONE and len(told) < 15:
            cursor = _poll(web, told, cursor, max_articles=2)

    assert len({item.title for one in told for item in one.items}) == 9


def test_an_earlier_day_is_walked_to_as_well() -> None:
    told: list[Told] = []
    with loopback_web() as web:
        _section(web)
        cursor = _poll(web, told, "")
        cursor = _poll(web, told, cursor, back_to=date(2026, 7, 1))

    assert cursor == walked(date(2026, 7, 1))
    assert sorted(item.title for item in told[1].items) == [f"Bài {n} trang 4" for n in range(3)]


def test_pages_in_a_circle_end() -> None:
    told: list[Told] = []
    with loopback_web() as web:
        _section(web, circle=True)
        assert _poll(web, told, "") == DONE


@pytest.mark.parametrize("options", [{"next": "a[["}, {"back_to": "hôm qua"}])
def test_options_that_cannot_be_are_told(options: dict[str, str]) -> None:
    assert check_options("listing", {"url": URL} | options)
