"""Looking for what a site offers: feeds, sitemaps and sections, on a loopback web."""

from __future__ import annotations

from loopback import Reply, article, crawl, loopback_web, rss

from crawlers.item import Outcome
from crawlers.job import DueSource
from crawlers.registry import FINDER, check_options, source_types

HOME = (
    '<html><head><link rel="alternate" type="application/rss+xml" href="/rss/tin-moi"></head><body>'
    '<a href="/ban-doc/">Bạn đọc</a><a href="/gioi-thieu">Giới thiệu</a>'
    '<a href="http://khac.example/rss">Báo khác</a><a href="/kenh-rss.htm">Kênh RSS</a>'
    "</body></html>"
)
SECTION = "".join(f'<a href="/mot-bai-bao-{n}0000.htm">Một bài</a>' for n in range(1, 8))
SITEMAP = "<urlset><url><loc>http://bao.example/mot-bai-bao-10000.htm</loc></url></urlset>"


def test_feeds_sitemaps_and_sections_are_found() -> None:
    with loopback_web() as web:
        web.put("bao.example/", HOME)
        web.put("bao.example/rss/tin-moi", rss(("http://bao.example/a-12345.htm", "Tin")))
        web.put(
            "bao.example/robots.txt", Reply("Sitemap: http://bao.example/so-do.xml\n", "text/plain")
        )
        web.put("bao.example/so-do.xml", Reply(SITEMAP, "application/xml"))
        web.put("bao.example/ban-doc/", f"<html><body>{SECTION}</body></html>")
        web.put("bao.example/gioi-thieu", article("Giới thiệu"))
        due = DueSource("tim", FINDER, {"url": "http://bao.example/"})
        told = crawl(due, proxy=web.url)["tim"]
        others = web.asked("khac.example")

    assert {(one.reason, one.url, one.items) for one in told.pages} == {
        ("feed", "http://bao.example/rss/tin-moi", 1),
        ("sitemap", "http://bao.example/so-do.xml", 1),
        ("listing", "http://bao.example/ban-doc/", 7),
    }
    assert (told.items, told.end.outcome, others) == ([], Outcome.NONE, [])


def test_a_site_that_cannot_be_had_is_told() -> None:
    with loopback_web() as web:
        due = DueSource("tim", FINDER, {"url": "http://bao.example/"})
        told = crawl(due, proxy=web.url)["tim"]

    assert (told.pages, told.end.outcome) == ([], Outcome.ERROR)


def test_no_source_is_of_this_type() -> None:
    assert FINDER not in source_types()
    assert check_options(FINDER, {"url": "http://a.vn"}) == ["type: không có loại nguồn “_find”"]
