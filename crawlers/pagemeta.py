"""Read from a page's head what it says of itself: title, date, canonical address, lead."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from lxml.html import HtmlElement

from crawlers.dates import MISSING, Dated, read_date
from crawlers.hints import Hints, selector_path
from crawlers.plain import clean, node_text, plain_title

_DATE_METAS = [
    "article:published_time",
    "article:published",
    "og:published_time",
    "datepublished",
    "pubdate",
    "publishdate",
    "publish_date",
    "publication_date",
    "date.issued",
    "dc.date.issued",
    "dcterms.created",
    "dc.date",
    "cxenseparse:recs:publishtime",
    "sailthru.date",
    "date",
]
_LEADS = [
    "sapo",
    "detail-sapo",
    "singular-sapo",
    "article-sapo",
    "news-sapo",
    "article__sapo",
    "cms-desc",
    "detail__summary",
    "description",
    "lead",
    "chapeau",
    "article-summary",
    "summary",
    "bai-viet-sapo",
    "mota",
    "trichdan",
    "chappeau",
    "the-article-summary",
    "content-detail-sapo",
    "knc-sapo",
    "detail__sapo",
    "lead-detail",
]
_DATE_WORDS = re.compile(
    r"(?:^|[\s_-])(?:date|pdate|time|datetime\w*|publish\w*|ngay\w*|post-?date)", re.IGNORECASE
)
_LD_DATE = re.compile(r'"datePublished"\s*:\s*"([^"]{6,60})"')
_LD_HEADLINE = re.compile(r'"headline"\s*:\s*"((?:[^"\\]|\\.){3,400})"')
_OUTLET = re.compile(
    r"^(?:báo|tạp chí|tin tức|trang|cổng|đài)\b|\bonline$|\.(?:vn|net|com)\b|vnexpress"
)
_SEPARATOR = re.compile(r"\s+[-|–—•·»]+\s+|\s*\|\s*")


def select(root: HtmlElement, selector: str) -> list[HtmlElement]:
    """Return the elements that match a CSS selector; none for an empty selector."""
    return list(root.xpath(selector_path(selector))) if selector else []


def page_title(root: HtmlElement, hints: Hints) -> str:
    """Return the headline without the outlet's name, or "" where the page has none."""
    for found in select(root, hints.title):
        if text := clean(found.text_content()):
            return text
    metas = _metas(root)
    headings = [text for h1 in root.iter("h1") if (text := plain_title(h1.text_content()))]
    page = plain_title(root.findtext(".//title") or "")
    name = metas.get("og:site_name", "")
    stated = [metas.get("og:title", ""), metas.get("twitter:title", ""), _ld(root, _LD_HEADLINE)]
    for text in (plain_title(one) for one in stated):
        if text and text.casefold() != name.casefold():
            return _without_outlet(text, headings, name)
    near = [heading for heading in headings if heading in page] or headings
    return near[0] if near else _without_outlet(page, headings, name)


def page_date(root: HtmlElement, hints: Hints, now: datetime | None) -> Dated:
    """Return the time of first publication.

    The first statement that can be read decides: the operator's hint, the meta tags,
    JSON-LD, `<time datetime>`, a date in words beside the heading. If it lies (future,
    absurd) there is no date: a second statement is not used to guess.
    """
    seen = Dated(None, MISSING)
    for raw in _date_statements(root, hints):
        dated = read_date(raw, now)
        if dated.published or not dated.note.startswith(("missing", "unreadable")):
            return dated
        seen = dated if raw.strip() else seen
    return seen


def stated_address(root: HtmlElement) -> str:
    """Return what the page calls its own address (rel=canonical, else og:url), as written."""
    for link in root.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split() and link.get("href"):
            return str(link.get("href"))
    return _metas(root).get("og:url", "")


def page_lead(root: HtmlElement, hints: Hints) -> str:
    """Return the lead paragraph (sapo) that the page shows, or ""."""
    for found in select(root, hints.sapo):
        if text := _flat(found):
            return text
    described = _squash(_metas(root).get("og:description") or _metas(root).get("description", ""))
    for element in root.iter("h2", "p", "div", "strong"):
        names = (element.get("class") or "").lower().split()
        text = _flat(element) if any(name in _LEADS for name in names) else ""
        # Teasers of other stories carry the same class: the page's own description decides.
        if 30 < len(text) < 1500 and _overlaps(_squash(text), described):
            return text
    for element in root.iter("h2", "h3", "p", "strong") if len(described) > 30 else ():
        text = _flat(element)
        if len(text) < 1000 and _squash(text) == described:
            return text
    return ""


def _metas(root: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for meta in root.iter("meta"):
        key = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        if key and (meta.get("content") or "").strip():
            found.setdefault(key, meta.get("content").strip())
    return found


def _date_statements(root: HtmlElement, hints: Hints) -> Iterator[str]:
    for found in select(root, hints.date):
        yield found.get("datetime") or found.get("content") or found.text_content()
    metas = _metas(root)
    yield from (metas[name] for name in _DATE_METAS if name in metas)
    yield from _ld_dates(root)
    times = list(root.iter("time"))
    yield from (time.get("datetime") for time in times[:1] if time.get("datetime"))
    yield from (time.text_content() for time in times[:1])
    for element in root.iter("span", "div", "p", "li"):
        named = f"{element.get('class') or ''} {element.get('id') or ''}"
        if _DATE_WORDS.search(named) and 6 < len(text := clean(element.text_content())) < 80:
            yield text


def _ld_dates(root: HtmlElement) -> Iterator[str]:
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or ""):
            continue
        try:
            data = json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):
            yield from _LD_DATE.findall(script.text or "")[:1]
        else:
            yield from _article_dates(data)


def _article_dates(data: Any) -> Iterator[str]:
    if isinstance(data, list):
        for one in data[:50]:
            yield from _article_dates(one)
    elif isinstance(data, dict):
        if "Article" in str(data.get("@type")) or "Posting" in str(data.get("@type")):
            yield str(data.get("datePublished") or "")
        yield from _article_dates(data.get("@graph"))


def _ld(root: HtmlElement, pattern: re.Pattern[str]) -> str:
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or "") and (found := pattern.search(script.text or "")):
            return _json_text(found[1])
    return ""


def _json_text(raw: str) -> str:
    """Return what a string of JSON says, escapes read; as it stands where it is broken."""
    try:
        text = str(json.loads(f'"{raw}"', strict=False))
    except ValueError:
        return raw
    # Half a character, cut off by a careless template, can be written nowhere.
    return text.encode(errors="ignore").decode()


def _without_outlet(text: str, headings: list[str], name: str) -> str:
    for heading in headings:
        rest = text[len(heading) :]
        if text.startswith(heading) and (not rest or _SEPARATOR.match(rest)):
            return heading
    parts = list(_SEPARATOR.finditer(text))
    if parts and len(text) - parts[-1].end() <= 40:
        tail = text[parts[-1].end() :].casefold()
        named = name.casefold()
        if tail in named or (named and named in tail) or _OUTLET.search(tail):
            return text[: parts[-1].start()]
    return text


def _flat(element: HtmlElement) -> str:
    return node_text(element).replace("\n", " ")


def _squash(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _overlaps(one: str, other: str) -> bool:
    head = one[:40]
    return bool(other) and (head in other or other[:40] in one or other[-30:] in one)
