"""Find the article in a page; the home of trafilatura."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import datetime

import trafilatura
from lxml.html import HtmlElement

from crawlers.cpu import CpuTimeExceededError, cpu_limit
from crawlers.dates import MISSING
from crawlers.hints import Hints, merge
from crawlers.noise import strip_lines, strip_link_blocks, strip_noise
from crawlers.pagemeta import page_date, page_lead, page_title, select, stated_address
from crawlers.parts import next_part
from crawlers.plain import clean_lines, decode, few_marks, node_text, parse
from crawlers.urls import page_address, site

CPU_SECONDS = 10.0
MIN_BODY = 200
MAX_TEXT = 100_000  # characters; no article of the press is longer
MAX_TITLE = 500
# Containers that the platforms of Vietnamese newspapers share; tried before trafilatura.
_BODIES = (
    "[itemprop='articleBody']",
    ".afcbc-body",
    ".fck_detail",
    ".detail-content",
    ".singular-content",
    ".article__body",
    ".cms-body",
    ".article-body",
    ".article-content",
    ".maincontent",
    ".content-detail",
    ".detail-content-body",
    ".post-content",
    ".entry-content",
    ".the-article-body",
    ".art-body",
    ".knc-content",
    ".contentDetail",
    ".content-news-detail",
    ".detail__content",
    "#content_detail",
    "#article-content",
)


@dataclass(frozen=True, slots=True)
class Page:
    """An article as its page gives it, in plain text.

    `text` begins with the lead (sapo), one line for each paragraph; empty where no
    article was found. `url` is the page's identity. `site` is the outlet's domain.
    `problem` says why nothing could be read. `behind` is where the article goes on, or "".
    """

    title: str
    text: str
    published: datetime | None
    url: str
    site: str
    date_note: str = ""
    problem: str = ""
    behind: str = ""


def extract(
    html: bytes,
    url: str,
    *,
    hints: Hints | None = None,
    charset: str = "",
    now: datetime | None = None,
) -> Page:
    """Read the article in `html`, which came from `url`.

    `hints` win over the shipped ones for the outlet, key by key. `charset` is what the
    HTTP header said, used only where the bytes leave doubt. Dates more than a day
    after `now` are dropped with a note. Never raises: what cannot be read, or takes
    more than ten seconds of CPU, gives an empty page with its `problem`.
    """
    empty = Page("", "", None, page_address(url, ""), site(url), MISSING)
    try:
        with cpu_limit(CPU_SECONDS):
            return _extract(decode(html, charset), url, merge(hints, url), now)
    except CpuTimeExceededError:
        problem = f"đọc trang quá {CPU_SECONDS:.0f} giây, bỏ"
    except Exception as error:  # noqa: BLE001 - strangers' bytes
        problem = f"không đọc được trang ({type(error).__name__})"
    return Page(empty.title, "", None, empty.url, empty.site, MISSING, problem)


def _extract(text: str, url: str, hints: Hints, now: datetime | None) -> Page:
    root = parse(text)
    if root is None:
        return Page("", "", None, page_address(url, ""), site(url), MISSING, "trang trống")
    title = page_title(root, hints)
    dated = page_date(root, hints, now)
    address = page_address(url, stated_address(root))
    behind = next_part(root, url)
    lead = page_lead(root, hints)
    body = _body(root, hints, title)
    whole = f"{lead}\n{body}" if lead and _bare(lead)[:60] not in _bare(body[:1500]) else body
    return Page(
        title[:MAX_TITLE],
        whole.strip()[:MAX_TEXT],
        dated.published,
        address,
        site(address),
        dated.note,
        behind=behind,
    )


def _body(root: HtmlElement, hints: Hints, title: str) -> str:
    for selector in hints.remove:
        for element in select(root, selector):
            if element.getparent() is not None:
                element.drop_tree()
    strip_noise(root)
    container = _container(root, hints)
    if container is not None:
        strip_link_blocks(container)
        text = strip_lines(node_text(container), title)
        if len(text) >= MIN_BODY or hints.body:
            return text
    found = trafilatura.extract(
        few_marks(copy.deepcopy(root)), fast=True, include_comments=False, include_tables=True
    )
    return strip_lines(clean_lines(found or ""), title)


def _container(root: HtmlElement, hints: Hints) -> HtmlElement | None:
    if stated := select(root, hints.body):
        return max(stated, key=_weight)
    for selector in _BODIES:
        if found := select(root, selector):
            best = max(found, key=_weight)
            if _weight(best) >= MIN_BODY:
                return best
    return None


def _weight(element: HtmlElement) -> int:
    return sum(len(p.text_content()) for p in element.iter("p")) or len(element.text_content()) // 2


def _bare(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
