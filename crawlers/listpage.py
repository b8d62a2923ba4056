"""Read a section page: the articles that it lists, and where the page behind it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawlers.cpu import CpuTimeExceededError, cpu_limit
from crawlers.links import ArticleLink, article_links
from crawlers.pagemeta import select
from crawlers.plain import decode, parse, plain_title
from crawlers.urls import repair, site

CPU_SECONDS = 10.0
_NEXT_WORDS = re.compile(
    r"(?:trang )?(?:sau|tiếp|tiếp theo|kế tiếp|cũ hơn|next|older)(?: page| posts)?|[›»→>]{1,2}",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{1,5}")


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a section: its articles, and the address of the page behind it, or ""."""

    links: list[ArticleLink]
    behind: str


def list_page(
    body: bytes, url: str, charset: str = "", links: str = "", behind: str = ""
) -> ListPage | None:
    """Read a section page; None where there is no page. `links` and `behind` are selectors.

    Takes at most ten seconds of CPU; what takes longer lists nothing.
    """
    try:
        with cpu_limit(CPU_SECONDS):
            root = parse(decode(body, charset))
            if root is None:
                return None
            return ListPage(article_links(root, url, links), next_page(root, url, behind))
    except CpuTimeExceededError:
        return ListPage([], "")


def page_links(
    body: bytes, url: str, charset: str = "", selector: str = ""
) -> list[ArticleLink] | None:
    """Return the articles that a page's bytes link to; None where there is no page."""
    page = list_page(body, url, charset, selector)
    return None if page is None else page.links


def next_page(root: HtmlElement, url: str, selector: str = "") -> str:
    """Return the address of the page behind this one, or "".

    By `selector`; else the link that says rel="next"; else one whose words say so
    ("Trang sau", "»"); else the link that shows the number after that of this page.
    Only addresses of the same site count.
    """
    if selector:
        found = [a for box in select(root, selector) for a in box.iter("a")]
        return next(filter(None, (_own(a, url) for a in found)), "")
    said = [one for one in root.iter("a", "link") if "next" in (one.get("rel") or "").split()]
    anchors = [(a, plain_title(a.text_content())) for a in root.iter("a")]
    said += [a for a, text in anchors if _NEXT_WORDS.fullmatch(text)]
    numbers = [int(text) for a, text in anchors if _NUMBER.fullmatch(text) and _own(a, url)]
    if behind := next((own for a in said if (own := _own(a, url))), ""):
        return behind
    here = next((n for n in _numbers(url) if n + 1 in numbers), 1)
    later = (_own(a, url) for a, text in anchors if text == str(here + 1))
    return next(filter(None, later), "")


def _numbers(url: str) -> list[int]:
    parts = urlsplit(url)
    return [int(one) for one in _NUMBER.findall(f"{parts.query} {parts.path}")][::-1]


def _own(anchor: HtmlElement, url: str) -> str:
    link = repair(anchor.get("href") or "", url)
    here = link.partition("#")[0] == url.partition("#")[0]
    return link if link and not here and site(link) == site(url) else ""
