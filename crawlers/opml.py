"""Lists of feeds in OPML 2.0, as feed readers exchange them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from crawlers.plain import plain_title
from crawlers.urls import repair

#: More feeds than this are no list that somebody keeps by hand.
MAX_FEEDS = 5_000


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed of a list."""

    title: str
    url: str


def read_opml(body: bytes) -> list[Outline]:
    """Return the feeds of a list, each address once. Raises ValueError for what is no OPML.

    Entities are not resolved, and nothing is loaded.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"không phải OPML: {error.msg}") from error
    if root.tag != "opml":
        raise ValueError(f"không phải OPML mà là <{root.tag}>")
    found: dict[str, Outline] = {}
    for one in root.iter("outline"):
        url = repair(one.get("xmlUrl") or "")
        if url and len(found) < MAX_FEEDS:
            title = plain_title(one.get("title") or one.get("text") or "")[:200]
            found.setdefault(url, Outline(title or url, url))
    return list(found.values())


def write_opml(feeds: Iterable[Outline], title: str) -> bytes:
    """Return a list of feeds as OPML."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    for one in feeds:
        etree.SubElement(body, "outline", type="rss", text=one.title, xmlUrl=one.url)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))
