"""Read RSS, Atom, RDF and JSON feeds out of bytes; the home of feedparser."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.parsers import expat

import feedparser

from crawlers.cpu import CpuTimeExceededError, cpu_limit
from crawlers.dates import read_date
from crawlers.plain import clean, plain_text, plain_title
from crawlers.urls import canonical, repair

MAX_BYTES = 5 * 2**20
MAX_DEPTH = 100
MAX_ENTRIES = 2_000
CPU_SECONDS = 10.0
MAX_TEXT = 100_000  # characters
MAX_TITLE = 500
# How every XML feed format begins; what lacks it never reaches the slow parser.
_ROOT = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel|newsfeed)\b", re.IGNORECASE)
# References to half a letter: feedparser raises where it meets one.
_SURROGATES = re.compile(
    rb"&#(?:[xX]0*[dD][89a-fA-F][0-9a-fA-F]{2}|0*5(?:5(?:29[6-9]|[3-9]\d\d)|6\d{3}|7[0-3]\d\d));?"
)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed, in plain text. `link` can be fetched, `url` is its identity.

    Both are empty where the entry has no usable http(s) link. `note` says what was
    wrong with the link as written.
    """

    id: str
    url: str
    link: str
    title: str
    text: str
    published: datetime | None
    date_note: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """What a feed holds. `problem` says in words why it is no feed; then `entries` is empty."""

    entries: tuple[Entry, ...] = ()
    problem: str | None = None
    title: str = ""
    note: str = ""


def parse_feed(body: bytes, url: str, *, now: datetime | None = None) -> ParsedFeed:
    """Read the feed in `body`, which came from `url` (relative links are joined to it).

    Never raises: whatever is wrong is told in `problem` or in `note`. Bodies over 5 MB
    and parsing over 10 seconds of CPU are refused. Dates more than a day after `now`
    are dropped with a note. At most 2,000 entries are read.
    """
    if len(body) > MAX_BYTES:
        return ParsedFeed(problem=f"quá lớn: {len(body) // 2**20} MB, giới hạn 5 MB")
    start = body[:65_536].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if not start:
        return ParsedFeed(problem="trả lời trống, không có nội dung")
    try:
        with cpu_limit(CPU_SECONDS):
            if start[:1] in (b"{", b"["):
                return _json_feed(body, url, now)
            if not _ROOT.search(start):
                what = "trang HTML" if _HTML.search(start) else "nội dung lạ"
                return ParsedFeed(problem=f"không phải bản tin RSS/Atom mà là {what}")
            return _xml_feed(body, url, now)
    except CpuTimeExceededError:
        return ParsedFeed(problem=f"đọc quá {CPU_SECONDS:.0f} giây, bỏ")
    except Exception as error:  # noqa: BLE001 - strangers' bytes; KeyError was seen in the wild
        return ParsedFeed(problem=f"không đọc được ({type(error).__name__})")


def _too_deep(body: bytes) -> bool:
    """Say whether elements stand in one another deeper than any feed needs.

    Only so far as the bytes are XML, which costs a thirtieth of reading them: the reader of
    broken feeds is slow with what is opened and never closed.
    """
    parser, depth = expat.ParserCreate(), 0

    def begin(_: str, __: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise RecursionError

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    try:
        parser.Parse(body, True)
    except RecursionError:
        return True
    except (expat.ExpatError, ValueError, LookupError):
        pass  # broken feeds are read all the same
    return False


def _xml_feed(body: bytes, url: str, now: datetime | None) -> ParsedFeed:
    if _too_deep(body):
        return ParsedFeed(problem=f"lồng nhau sâu hơn {MAX_DEPTH} lớp")
    parsed = feedparser.parse(
        io.BytesIO(
            _SURROGATES.sub(b"", body)
        ),  # never a str or URL: feedparser would open what looks like one
        response_headers={"content-type": "application/xml"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not parsed.get("version") and not parsed.entries:
        return ParsedFeed(problem="không phải bản tin RSS/Atom")
    broken = parsed.get("bozo_exception") if parsed.get("bozo") else None
    note = f"bản tin sai cú pháp ({type(broken).__name__})" if broken else ""
    if note and not parsed.entries:
        return ParsedFeed(problem=note)
    entries = _unique(_xml_entry(raw, url, now) for raw in parsed.entries[:MAX_ENTRIES])
    return ParsedFeed(entries, title=plain_title(parsed.feed.get("title", "")), note=note)


def _xml_entry(raw: Any, base: str, now: datetime | None) -> Entry:
    texts = [part.get("value") or "" for part in raw.get("content") or ()]
    return _entry(
        guid=raw.get("id") or "",
        links=[raw.get("link") or "", *(one.get("href") or "" for one in raw.get("links") or ())],
        title=raw.get("title") or "",
        text=max([raw.get("summary") or "", *texts], key=len),
        date=raw.get("published") or raw.get("updated") or raw.get("created") or "",
        base=base,
        now=now,
    )


def _json_feed(body: bytes, url: str, now: datetime | None) -> ParsedFeed:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return ParsedFeed(problem="JSON hỏng, không đọc được")
    if not isinstance(data, dict) or not isinstance(data.get("items"), list):
        return ParsedFeed(problem="JSON này không phải JSON Feed (thiếu “items”)")
    raws = [raw for raw in data["items"][:MAX_ENTRIES] if isinstance(raw, dict)]
    entries = _unique(_json_entry(raw, url, now) for raw in raws)
    return ParsedFeed(entries, title=plain_title(_text(data.get("title"))))


def _json_entry(raw: dict[str, Any], base: str, now: datetime | None) -> Entry:
    return _entry(
        guid=_text(raw.get("id")),
        links=[_text(raw.get("url")), _text(raw.get("external_url"))],
        title=_text(raw.get("title")),
        text=_text(raw.get("summary") or raw.get("content_text") or raw.get("content_html")),
        date=_text(raw.get("date_published") or raw.get("date_modified")),
        base=base,
        now=now,
    )


def _entry(
    *,
    guid: str,
    links: list[str],
    title: str,
    text: str,
    date: str,
    base: str,
    now: datetime | None,
) -> Entry:
    raw = next((one for one in links if one.strip()), guid)
    link = next((good for one in [*links, guid] if (good := repair(one, base))), "")
    note = "" if link and link == repair(raw, base) and "//" in raw[:8] else _link_note(raw, link)
    dated = read_date(date, now)
    plain = plain_text(text)[:MAX_TEXT]
    heading = plain_title(title)[:MAX_TITLE] or plain.partition("\n")[0][:120]
    # Without words only what was meant as a link is worth a look.
    url = canonical(link) if heading or any(one.strip() for one in links) else ""
    identity = clean(guid)[:500] or url or hashlib.sha256(heading.encode()).hexdigest()
    return Entry(identity, url, link, heading, plain, dated.published, dated.note, note)


def _link_note(raw: str, link: str) -> str:
    if not link:
        return f"bỏ liên kết hỏng “{raw.strip()[:80]}”" if raw.strip() else "không có liên kết"
    return f"đã sửa liên kết “{raw.strip()[:80]}”"


def _unique(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Keep the first of each identity, and drop entries that say nothing and lead nowhere."""
    kept: dict[str, Entry] = {}
    for entry in entries:
        if entry.title or entry.text or entry.url:
            kept.setdefault(entry.url or entry.id, entry)
    return tuple(kept.values())


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else ""
