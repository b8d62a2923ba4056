"""Feeds of every format, as broken as they come."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from datetime import datetime

import pytest
from loopback import NOW

from crawlers.cpu import CpuTimeExceededError, cpu_limit
from crawlers.feeds import MAX_BYTES, Entry, parse_feed

URL = "https://bao.vn/rss/tin.rss"


def _rss(items: str, head: str = "") -> bytes:
    return f'<rss version="2.0"><channel><title>Tin</title>{head}{items}</channel></rss>'.encode()


def _only(body: bytes) -> Entry:
    parsed = parse_feed(body, URL, now=NOW)
    assert parsed.problem is None
    [entry] = parsed.entries
    return entry


def test_rss_entry_is_read_into_plain_text() -> None:
    entry = _only(_rss("""<item><title><![CDATA[ Biển &amp;apos;chờ lún&amp;apos; ]]></title>
        <description><![CDATA[<a href="x"><img src="y"></a></br>Mặt đường lún.]]></description>
        <link> https://bao.vn/a.htm?utm_source=rss </link><guid isPermaLink="false">ma-1</guid>
        <pubDate>Tue, 24 Nov 2026 08:15:00 GMT+7</pubDate></item>"""))  # fmt: skip

    assert entry == Entry(
        id="ma-1",
        url="https://bao.vn/a.htm",
        link="https://bao.vn/a.htm?utm_source=rss",
        title="Biển 'chờ lún'",
        text="Mặt đường lún.",
        published=datetime.fromisoformat("2026-11-24T08:15:00+07:00"),
    )


ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">
<title>Kênh</title><entry><title>Triều cường</title><id>yt:1</id>
<link rel="alternate" href="/xem?v=1"/><published>2026-11-23T08:00:00Z</published>
<summary>ngắn</summary><content type="html">&lt;p&gt;Nội dung dài hơn&lt;/p&gt;</content>
</entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>x</title></channel><item><title>Triều cường</title>
<link>https://bao.vn/xem?v=1</link><dc:date>2026-11-23T15:00:00+07:00</dc:date></item></rdf:RDF>"""
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Kênh",
        "items": [
            {
                "id": 1,
                "url": "/xem?v=1",
                "title": "Triều cường",
                "date_published": "2026-11-23T08:00:00Z",
            },
            {"id": "2"},
            "không phải tin",
        ],
    }
)


@pytest.mark.parametrize("body", [ATOM, RDF, JSON_FEED])
def test_other_formats(body: str) -> None:
    entry = _only(body.encode())

    assert (entry.title, entry.url) == ("Triều cường", "https://bao.vn/xem?v=1")
    assert entry.published == datetime.fromisoformat("2026-11-23T15:00:00+07:00")


def test_longer_content_is_taken_over_the_summary() -> None:
    assert _only(ATOM.encode()).text == "Nội dung dài hơn"


@pytest.mark.parametrize(
    ("link", "url", "note"),
    [
        ("http:moc.gov.vn/a", "http://moc.gov.vn/a", "đã sửa liên kết “http:moc.gov.vn/a”"),
        ("javascript:alert(1)", "", "bỏ liên kết hỏng “javascript:alert(1)”"),
        ("", "", "không có liên kết"),
        ("https://bao.vn/a", "https://bao.vn/a", ""),
    ],
)
def test_links_are_mended_or_dropped_with_a_note(link: str, url: str, note: str) -> None:
    entry = _only(_rss(f"<item><title>t</title><link>{link}</link></item>"))

    assert (entry.url, entry.note) == (url, note)


def test_guid_that_is_an_address_stands_in_for_a_missing_link() -> None:
    assert _only(_rss("<item><title>t</title><guid>https://bao.vn/g</guid></item>")).url == (
        "https://bao.vn/g"
    )


def test_entries_that_lead_nowhere_and_repeated_ones_are_left_out() -> None:
    items = (
        "<item><title>Một</title><link>https://bao.vn/1</link></item>"
        "<item><title>Một nữa</title><link>https://bao.vn/1?utm_source=x</link></item>"
        "<item><link>https://bao.vn/2</link></item><item><guid isPermaLink='false'>3</guid></item>"
    )
    entries = parse_feed(_rss(items), URL, now=NOW).entries
    assert [(entry.title, entry.url) for entry in entries] == [
        ("Một", "https://bao.vn/1"),
        ("", "https://bao.vn/2"),
    ]


def test_encoding_that_nobody_knows_costs_no_entry() -> None:
    body = _rss("<item><title>Đê vỡ</title></item>").decode()
    assert _only(f'<?xml version="1.0" encoding="ms-cyrl-9"?>{body}'.encode()).title == "Đê vỡ"


def test_entry_without_id_and_link_is_known_by_its_words() -> None:
    one, same = (_only(_rss("<item><title>Chỉ có tựa</title></item>")).id for _ in range(2))
    assert one == same
    assert len(one) == 64


def test_broken_feed_gives_what_it_holds_and_a_note() -> None:
    parsed = parse_feed(_rss("<item><title>Còn đọc được</title></item><item><title>đứt"), URL)

    assert parsed.entries[0].title == "Còn đọc được"
    assert parsed.note.startswith("bản tin sai cú pháp")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "trả lời trống, không có nội dung"),
        (b" \n\0", "trả lời trống, không có nội dung"),
        (b"<!DOCTYPE html><html></html>", "không phải bản tin RSS/Atom mà là trang HTML"),
        (b"Xin loi", "không phải bản tin RSS/Atom mà là nội dung lạ"),
        (b"<rss><", "bản tin sai cú pháp (SAXParseException)"),
        (b"{", "JSON hỏng, không đọc được"),
        (b'{"a": 1}', "JSON này không phải JSON Feed (thiếu “items”)"),
        (b"[1]", "JSON này không phải JSON Feed (thiếu “items”)"),
        (b" " * (MAX_BYTES + 1), "quá lớn: 5 MB, giới hạn 5 MB"),
    ],
)  # fmt: skip
def test_what_is_not_a_feed_is_told(body: bytes, problem: str) -> None:
    parsed = parse_feed(body, URL, now=NOW)

    assert (parsed.problem, parsed.entries) == (problem, ())


def test_half_letters_do_not_stop_the_reading() -> None:
    entry = _only(_rss("<item><title>Đê&#xD800; &#55296;vỡ</title><guid>a&#1;b</guid></item>"))

    assert entry.title == "Đê vỡ"
    entry.id.encode()


def test_empty_feed_is_no_problem() -> None:
    parsed = parse_feed(_rss(""), URL, now=NOW)

    assert (parsed.problem, parsed.entries, parsed.title) == (None, (), "Tin")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1258"])
def test_stated_encodings(encoding: str) -> None:
    title = "Đê bao" if encoding == "windows-1258" else "Đê bao sạt lở"
    text = f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"><channel><item>'
    body = f"{text}<title>{title}</title></item></channel></rss>".encode(encoding)

    assert _only(body).title == title


def test_cpu_limit_stops_a_busy_loop() -> None:
    with pytest.raises(CpuTimeExceededError), cpu_limit(0.05):
        sum(number * number for number in range(10**12))


def test_cpu_limit_is_left_off_outside_the_main_thread() -> None:
    done: list[int] = []

    def work() -> None:
        with cpu_limit(0.001):
            done.append(sum(range(200_000)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [sum(range(200_000))]


def test_feed_that_takes_too_long_is_told() -> None:
    """In a process of its own: the limit is a signal, and must not strike while coverage notes a line."""
    code = (
        "import sys; from crawlers import feeds; feeds.CPU_SECONDS = 0.05; "
        "print(feeds.parse_feed(sys.stdin.buffer.read(), 'https://bao.vn/rss').problem)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        input=_rss("<item><title>x</title></item>" * 20_000),
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    assert told.stdout.decode().strip() == "đọc quá 0 giây, bỏ"
