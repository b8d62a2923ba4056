"""Articles that an outlet spreads over several pages."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from lxml.html import HtmlElement

from crawlers.urls import repair

#: Of an article no more pages are read than so many.
MOST_PARTS = 8
_KEYS = frozenset({"page", "trang"})
_MARK = re.compile(
    r"(?:[-_/](?:p|page|trang)[-_/]?|/)(?P<number>\d{1,2})(?P<suffix>\.\w{2,5}|/)?$", re.IGNORECASE
)


def next_part(root: HtmlElement, url: str) -> str:
    """Return the address of the page of the same article that follows `url`, or "".

    That is a link to this very address but for its number, which is one higher: `?page=2`,
    `-p2.html`, `/page/2`, `/2/`. What merely says rel="next" is mostly another article.
    """
    stem, number = split_part(url)
    wanted = str(number + 1)
    for one in root.iter("a", "link"):
        raw = one.get("href") or ""
        if wanted in raw and split_part(link := repair(raw, url)) == (stem, number + 1):
            return link
    return ""


def is_first(url: str) -> bool:
    """Say whether an address may be the first page of an article: it names no page.

    `/tin/12` and `-p1.html` do, and are mostly one of many articles.
    """
    parts = urlsplit(url)
    return not (
        _MARK.search(parts.path) or _KEYS & {key.lower() for key, _ in parse_qsl(parts.query)}
    )


def split_part(url: str) -> tuple[str, int]:
    """Return an address without the number of its page, and that number, 1 where none is said."""
    parts = urlsplit(url)
    pairs, number = [], 1
    for key, value in parse_qsl(parts.query, keep_blank_values=True):
        if key.lower() in _KEYS and value.isdecimal() and len(value) <= 2:
            number = int(value)
        else:
            pairs.append((key, value))
    path = parts.path
    if number == 1 and (mark := _MARK.search(path)):
        number = int(mark["number"])
        path = path[: mark.start()] + (mark["suffix"] or "").rstrip("/")
    stem = urlunsplit((parts.scheme, parts.netloc, path.rstrip("/"), urlencode(pairs), ""))
    return stem, number
