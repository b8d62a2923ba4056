"""Captured pages and feeds of real outlets, served on loopback and crawled by a real round."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from loopback import HTML, RSS, Reply, Told, crawl, feed, loopback_web, rss

from crawlers.dates import VIETNAM
from crawlers.extract import extract
from crawlers.feeds import parse_feed
from crawlers.item import Item, Outcome
from crawlers.job import DueSource
from crawlers.listpage import page_links
from crawlers.plain import plain_title
from crawlers.urls import canonical

SHARED = Path(__file__).resolve().parents[3] / "shared"
pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="../shared is absent")

EXPECTED: dict[str, dict[str, Any]] = (
    json.loads((SHARED / "web/expected.json").read_text()) if SHARED.exists() else {}
)
ARTICLES = sorted(name for name, page in EXPECTED.items() if not page.get("listing"))
LISTINGS = sorted(name for name, page in EXPECTED.items() if page.get("listing"))
FEEDS = sorted(path.name for path in (SHARED / "web/rss").glob("*.xml"))
NOW = datetime(2026, 3, 8, tzinfo=VIETNAM)
# What stands around the articles of these outlets and is no part of any.
BANNERS = (
    "Tải ứng dụng", "Đọc tiếp", "Về trang Chủ đề", "Tham khảo thêm", "TIN MỚI", "Bình luận",
    "Chia sẻ", "Bản quyền", "Tin liên quan",
)  # fmt: skip


def _page(name: str) -> bytes:
    return (SHARED / "web/html" / name).read_bytes()


def _http(url: str) -> str:
    return url.replace("https://", "http://")


@pytest.fixture(scope="module")
def told() -> Iterator[dict[str, Told]]:
    """Each outlet: a feed of its captured article, and its captured section page."""
    with loopback_web() as web:
        sources: list[DueSource] = []
        for name in ARTICLES:
            url = _http(EXPECTED[name]["url"])
            host = url.split("/")[2]
            web.put(url.removeprefix("http://"), Reply(_page(name), HTML))
            sources.append(feed(name, web.put(f"{host}/mot.rss", rss((url, "x")))))
        for name in LISTINGS:
            url = _http(EXPECTED[name]["url"])
            web.put(url.removeprefix("http://"), Reply(_page(name), HTML))
            sources.append(DueSource(name, "listing", {"url": url}))
        for name in FEEDS:
            body = (SHARED / "web/rss" / name).read_bytes()
            url = web.put(f"{name.partition('_')[0]}.example/{name}", Reply(body, RSS))
            sources.append(feed(name, url, articles=False))
        yield crawl(*sources, now=NOW, proxy=web.url)


@pytest.mark.parametrize("name", ARTICLES)
def test_crawled_article_has_the_right_title_and_date(told: dict[str, Told], name: str) -> None:
    [item] = _articles(told, name)
    expected = EXPECTED[name]

    assert item.title == expected["title"]
    assert item.published is not None
    assert item.published.isoformat() == expected["published"]
    assert item.url == expected["url"]
    assert not item.summary_only


def _articles(told: dict[str, Told], name: str) -> list[Item]:
    """The item of a captured page: its section page may have got to it before its feed."""
    url = EXPECTED[name]["url"]
    return [item for one in told.values() for item in one.items if item.url == url]


@pytest.mark.parametrize("name", ARTICLES)
def test_main_text_has_no_banner_and_no_other_headline(name: str) -> None:
    expected = EXPECTED[name]
    page = extract(_page(name), expected["url"], now=NOW)
    anchors = lxml.html.document_fromstring(_page(name).decode()).iter("a")
    texts = {plain_title(one) for a in anchors for one in (a.get("title") or "", a.text_content())}
    headlines = {text for text in texts if len(text.split()) >= 6}

    assert [banner for banner in BANNERS if banner in page.text] == []
    assert [text for text in headlines if text in page.text and text not in page.title] == []
    assert len(page.text) > 2000
    assert page.title not in page.text.split("\n")[0]


@pytest.mark.parametrize("name", ARTICLES)
def test_main_text_begins_with_the_lead(name: str) -> None:
    page = extract(_page(name), EXPECTED[name]["url"], now=NOW)
    described = _description(name)

    assert _letters(page.text.split("\n")[0])[-40:] == _letters(described)[-40:]


def _description(name: str) -> str:
    root = lxml.html.document_fromstring(_page(name).decode())
    [content, *_] = root.xpath('//meta[@property="og:description"]/@content')
    return str(content)


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


@pytest.mark.parametrize("name", LISTINGS)
def test_section_page_gives_its_article_links(name: str) -> None:
    url = EXPECTED[name]["url"]
    links = page_links(_page(name), url)

    assert links is not None
    assert 10 < len(links) < 80
    outlet = name.partition("_")[0]
    article = next(page for page in ARTICLES if page.startswith(outlet))
    assert {link.url.rpartition(".")[2] for link in links} == {
        EXPECTED[article]["url"].rpartition(".")[2]
    }
    assert [link for link in links if len(link.title.split()) < 3] == []


def test_crawled_section_pages_try_the_articles_they_list(told: dict[str, Told]) -> None:
    for name in LISTINGS:
        end, pages = told[name].end, told[name].pages
        assert len(pages) > 10  # all but the captured are 404, and https leads nowhere here
        if all(page.http_status is None for page in pages):
            assert (end.outcome, "không trang nào" in end.reason) == (Outcome.ERROR, True)
        else:
            assert end.outcome in (Outcome.NEW, Outcome.NONE), name


@pytest.mark.parametrize("name", FEEDS)
def test_captured_feed_is_read_whole(told: dict[str, Told], name: str) -> None:
    body = (SHARED / "web/rss" / name).read_bytes()
    entries = parse_feed(body, "https://example.vn/rss", now=None).entries

    assert len(entries) == body.count(b"<item>")
    assert [one for one in entries if not one.published or not one.text or not one.url] == []
    marks = ("&amp;", "&apos;", "&#", "<", "]]>")
    assert [one for one in entries if any(mark in one.title + one.text for mark in marks)] == []
    fresh = [one for one in entries if one.published and one.published < NOW]
    dated = [item for item in told[name].items if item.published]
    assert len(dated) == len({one.url for one in fresh})


def test_real_links_are_canonical_already() -> None:
    """Twenty thousand links of the real stream: none is lost, and the rule is idempotent."""
    with lzma.open(SHARED / "corpus/feed_stream.jsonl.xz", "rt", encoding="utf-8") as lines:
        links = [json.loads(line)["link"] for _, line in zip(range(20_000), lines, strict=False)]

    seen = {link: canonical(link) for link in links}
    assert [link for link, url in seen.items() if link.startswith("http") and not url] == []
    assert [url for url in seen.values() if url and canonical(url) != url] == []
