"""Read sitemaps (sitemaps.org 0.9, with Google's news extension): pages, and other sitemaps."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from crawlers.cpu import CpuTimeExceededError, cpu_limit
from crawlers.dates import read_date
from crawlers.plain import plain_title
from crawlers.urls import canonical, repair, site

#: What the protocol allows in one file, and what it unpacks to at most.
MAX_ENTRIES, MAX_BYTES = 50_000, 50 * 2**20
CPU_SECONDS = 10.0
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Place:
    """One address of a sitemap: `link` to fetch, `url` its identity, and what is said of it.

    `published` is the date of the news extension, `changed` the last change of the page.
    """

    url: str
    link: str
    title: str = ""
    published: datetime | None = None
    date_note: str = ""
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What a sitemap holds: `pages`, or (of an index) further `sitemaps`; else the `problem`."""

    pages: tuple[Place, ...] = ()
    sitemaps: tuple[Place, ...] = ()
    problem: str | None = None
    note: str = ""


def parse_sitemap(body: bytes, url: str, now: datetime) -> Sitemap:
    """Return what the bytes of a sitemap hold, packed by gzip or not.

    Addresses of other sites are left out, as the protocol asks. Entities are not resolved,
    nothing is loaded; at most `MAX_ENTRIES` are read, in at most ten seconds of CPU.
    """
    try:
        with cpu_limit(CPU_SECONDS):
            return _parse(_unpacked(body), url, now)
    except CpuTimeExceededError:
        return Sitemap(problem="sơ đồ trang quá phức tạp")
    except (zlib.error, EOFError):
        return Sitemap(problem="tệp nén hỏng")
    except (etree.XMLSyntaxError, UnicodeDecodeError):  # the second where the root's name is bad
        return Sitemap(problem="không phải XML")


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(_GZIP):
        return body
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    return unpacker.decompress(body, MAX_BYTES)


def _parse(body: bytes, url: str, now: datetime) -> Sitemap:
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    root = etree.fromstring(body, parser)
    kind = "" if root is None else _name(root)
    if root is None or kind not in ("urlset", "sitemapindex"):
        return Sitemap(problem=f"không phải sơ đồ trang (sitemap) mà là <{kind or 'trống'}>")
    read = list(_places(root, url, now))
    note = f"chỉ đọc {MAX_ENTRIES} địa chỉ đầu" if len(root) > MAX_ENTRIES else ""
    if kind == "sitemapindex":
        return Sitemap(sitemaps=tuple(read), note=note)
    return Sitemap(pages=tuple(read), note=note)


def _places(root: etree._Element, url: str, now: datetime) -> Iterator[Place]:
    own = site(url)
    for entry in root[:MAX_ENTRIES]:
        try:
            said = _said(entry)
        except UnicodeDecodeError:  # a half character, which the parser let through
            continue
        link = repair(said.get("loc", ""), url)
        if not (address := canonical(link)) or site(link) != own:
            continue
        dated = read_date(said.get("publication_date"), now)
        yield Place(
            address,
            link,
            plain_title(said.get("title", ""))[:300],
            dated.published,
            dated.note if said.get("publication_date") else "",
            read_date(said.get("lastmod"), now).published,
        )


def _said(entry: etree._Element) -> dict[str, str]:
    """Return what an entry says by name; of what lies deeper only what the news extension says."""
    said: dict[str, str] = {}
    for child in entry:
        for one in child if _name(child) == "news" else (child,):
            said.setdefault(_name(one), (one.text or "").strip())
    return said


def _name(element: etree._Element) -> str:
    """Return the name without its space, broken ones as they are; "" for what is no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
