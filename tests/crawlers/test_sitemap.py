"""Sitemaps: what is read of one, and a source that follows them on a loopback web."""

from __future__ import annotations

import gzip
import random
from datetime import datetime

import pytest
from loopback import NOW, LoopbackWeb, Reply, Told, article, crawl, loopback_web

from crawlers.item import Outcome
from crawlers.job import DueSource
from crawlers.sitemap import parse_sitemap

URL = "http://bao.example/sitemap.xml"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
NEWS = (
    f'{HEAD}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">'
    "<url><loc>http://bao.example/cau-gay-12345.htm</loc>"
    "<image:image><image:loc>http://bao.example/a.jpg</image:loc></image:image>"
    "<news:news><news:publication><news:name>Báo</news:name></news:publication>"
    "<news:publication_date>2026-11-24T07:30:00+07:00</news:publication_date>"
    "<news:title>Cầu gãy &amp; đò chìm</news:title></news:news></url>"
    "<url><loc>http://khac.example/bai-12345.htm</loc></url>"
    "<url><loc>http://bao.example/cu-11111.htm</loc><lastmod>2026-01-02</lastmod></url>"
    "</urlset>"
)


def test_pages_are_read_with_what_the_news_extension_says() -> None:
    found = parse_sitemap(NEWS.encode(), URL, NOW)

    first, old = found.pages
    assert (first.url, first.title) == (
        "http://bao.example/cau-gay-12345.htm",
        "Cầu gãy & đò chìm",
    )
    assert first.published == datetime.fromisoformat("2026-11-24T07:30:00+07:00")
    assert old.changed == datetime.fromisoformat("2026-01-02T00:00:00+07:00")
    assert (found.problem, found.sitemaps) == (None, ())


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "không phải XML"),
        (b"<html><body>x</body></html>", "mà là <html>"),
        (b"\x1f\x8bnot gzip", "tệp nén hỏng"),
        (b'{"a": 1}', "không phải"),
    ],
)
def test_what_is_no_sitemap_is_told(body: bytes, problem: str) -> None:
    found = parse_sitemap(body, URL, NOW)

    assert problem in (found.problem or "")
    assert found.pages == ()


@pytest.mark.parametrize("half", ["&#xD800;", "&#xDFFF;"])
def test_half_a_character_spoils_its_own_entry_only(half: str) -> None:
    spoilt = NEWS.replace("2026-01-02", f"2026{half}").encode()
    whole = parse_sitemap(NEWS.encode(), URL, NOW)
    found = parse_sitemap(spoilt, URL, NOW)
    assert found.pages[:1] == whole.pages[:1]
    assert len(found.pages) == len(whole.pages) - 1
    assert parse_sitemap(NEWS.encode().replace(b"<urlset", b"<\xed\xa0\x80 "), URL, NOW).pages == ()


def test_no_entity_is_resolved_and_a_bomb_stays_small() -> None:
    entity = '<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    body = f"{HEAD}{entity}<urlset><url><loc>http://bao.example/&x;</loc></url></urlset>"
    assert "root" not in repr(parse_sitemap(body.encode(), URL, NOW))

    bomb = gzip.compress(b"<urlset>" + b" " * 200 * 2**20)
    assert parse_sitemap(bomb, URL, NOW).pages == ()


def test_two_thousand_broken_sitemaps_end_with_an_answer() -> None:
    dice = random.Random(5)  # noqa: S311 (no secret)
    whole = NEWS.encode()
    for _ in range(2000):
        body = bytearray(whole)
        for _ in range(dice.randint(1, 8)):
            at, kind = dice.randrange(len(body)), dice.randrange(3)
            if kind == 0:
                body[at] = dice.randrange(256)
            elif kind == 1:
                del body[at : at + dice.randint(1, 40)]
            else:
                body[at:at] = body[: dice.randint(1, 60)]
        found = parse_sitemap(bytes(body), URL, NOW)
        assert found.problem is None or found.problem
        assert all(page.url.startswith("http://bao.example/") for page in found.pages)


def _source(**options: object) -> DueSource:
    return DueSource("so-do", "sitemap", {"url": URL, **options})


def _poll(web: LoopbackWeb, source: DueSource) -> Told:
    return crawl(source, proxy=web.url)[source.id]


def test_an_index_is_followed_to_its_newest_sitemaps() -> None:
    index = (
        f"{HEAD}<sitemapindex>"
        "<sitemap><loc>http://bao.example/tin.xml.gz</loc><lastmod>2026-11-24</lastmod></sitemap>"
        "<sitemap><loc>http://bao.example/mat.xml</loc><lastmod>2026-11-23</lastmod></sitemap>"
        + "".join(
            f"<sitemap><loc>http://bao.example/{year}.xml</loc><lastmod>{year}-01-01</lastmod></sitemap>"
            for year in range(2015, 2025)
        )
        + "</sitemapindex>"
    )
    with loopback_web() as web:
        web.put("bao.example/sitemap.xml", Reply(index, "application/xml", headers={"ETag": '"1"'}))
        web.put("bao.example/tin.xml.gz", Reply(gzip.compress(NEWS.encode()), "application/gzip"))
        web.put("bao.example/cau-gay-12345.htm", article("Cầu gãy & đò chìm"))
        told = _poll(web, _source())
        asked, end = web.asked("bao.example"), told.end

    assert [item.url for item in told.items] == ["http://bao.example/cau-gay-12345.htm"]
    assert (end.outcome, end.items, end.etag) == (Outcome.NEW, 1, "")
    assert "mat.xml" in end.reason
    assert "/2024.xml" in asked
    assert "/2015.xml" not in asked
    assert "/cu-11111.htm" not in asked


def test_narrowed_and_unchanged_sitemaps() -> None:
    with loopback_web() as web:
        web.put("bao.example/sitemap.xml", Reply(NEWS, "application/xml", headers={"ETag": '"1"'}))
        none = _poll(web, _source(contains="/ban-doc/"))
        web.put("bao.example/sitemap.xml", Reply(status=304))
        same = _poll(web, DueSource("so-do", "sitemap", {"url": URL}, etag='"1"'))

    assert (none.items, none.end.outcome, none.end.etag) == ([], Outcome.EMPTY, '"1"')
    assert (same.items, same.end.outcome, same.end.etag) == ([], Outcome.NOT_MODIFIED, '"1"')


def test_a_page_of_html_is_no_sitemap() -> None:
    with loopback_web() as web:
        web.put("bao.example/sitemap.xml", article("Trang chủ"))
        told = _poll(web, _source())

    assert (told.items, told.end.outcome) == ([], Outcome.NOT_A_FEED)
