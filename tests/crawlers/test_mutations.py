"""Feeds and pages bent out of shape: never a crash, always an outcome."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loopback import NOW, article, rss

from crawlers.extract import extract
from crawlers.feeds import parse_feed
from crawlers.listpage import page_links

URL = "https://bao.vn/mot-bai-bao-12345.htm"
BOUNDED = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

_FEED = rss(("http://bao.vn/a", "Đê bao"), ("http://bao.vn/b", "Cầu gãy")).body
_ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><entry><title>x</title>
<link href="http://bao.vn/a"/><content type="xhtml"><div>y</div></content></entry></feed>"""
_JSON = '{"version": "1", "items": [{"id": "1", "url": "http://bao.vn/a", "title": "x"}]}'
_PIECES = [
    b"<![CDATA[", b"]]>", b"<!--", b"&#0;", b"&#xD800;", b"&nbsp;", b"\0", b"\xff\xfe", b"<item>",
    b"</item>", b"<link/>", b"<link href=''/>", b"<a:b xmlns:a='x'>", b"<?xml ", b"<guid>", b"null",
    b"<title type='xhtml'>", b"<script>", b"<p>" * 50, b"<div>" * 400, b"<table><tr><td>", b"[[",
    b"<base href='javascript:x'>", b"<time datetime='99999-99-99'>", b"<meta charset='utf-7'>",
    b"<link rel='canonical' href='http://['>", b'"url": {}', b"<h1>", b"\xe1\xba", b"<frameset>",
]  # fmt: skip


@st.composite
def _mutants(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """A seed with a few cuts, swaps and foreign pieces."""
    body = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(body)))
        length = draw(st.sampled_from([0, 0, 1, 3, 20, 200]))
        piece = draw(st.sampled_from(_PIECES) | st.binary(max_size=6))
        body = body[:at] + piece + body[at + length :]
    return body


def _seeds(*texts: str | bytes) -> list[bytes]:
    return [text.encode() if isinstance(text, str) else text for text in texts]


@BOUNDED
@given(_mutants(_seeds(_FEED, _ATOM, _JSON)))
def test_mutated_feed_is_read_or_refused(body: bytes) -> None:
    parsed = parse_feed(body, "https://bao.vn/rss", now=NOW)

    assert parsed.problem is None or parsed.entries == ()
    for entry in parsed.entries:
        assert entry.title or entry.url
        assert (entry.published is None) == bool(entry.date_note)
        assert entry.url == "" or entry.url.startswith(("http://", "https://"))
        (entry.title + entry.text + entry.id).encode()


@BOUNDED
@given(_mutants(_seeds(article("Đê bao sạt lở"), article("x", head="<base href='/'>"))))
def test_mutated_page_is_read_or_told(body: bytes) -> None:
    page = extract(body, URL, now=NOW)

    assert page.url.startswith(("http://", "https://"))
    assert page.problem.count("Error") == 0
    assert (page.published is None) == bool(page.date_note)
    assert "\0" not in page.title + page.text
    (page.title + page.text).encode()
    links = page_links(body, URL)
    assert links is None or [link for link in links if not link.url.startswith("http")] == []


@pytest.mark.parametrize("piece", _PIECES)
def test_pieces_alone_do_no_harm(piece: bytes) -> None:
    assert parse_feed(piece, URL).problem is not None
    assert "Error" not in extract(piece, URL).problem
