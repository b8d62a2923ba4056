"""What a site offers to listen to: feeds, sitemaps, sections. No source is of this type.

Each thing found is a `Fetch` with its address, the number of entries, and its kind in
`reason`; the last one sums up, as of every source type.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from urllib.parse import urljoin, urlsplit

from pydantic import BaseModel, ConfigDict

from crawlers.feeds import parse_feed
from crawlers.item import Fetch, Item, Outcome
from crawlers.job import DueSource
from crawlers.listpage import page_links
from crawlers.outcome import FetchFailed
from crawlers.plain import decode, parse
from crawlers.poll import Tally
from crawlers.sitemap import parse_sitemap
from crawlers.urls import repair, site
from crawlers.web import Answer, Web

#: Where feeds and sitemaps often are, and how many addresses are tried at most.
_USUAL = (
    "/rss",
    "/feed",
    "/rss/home.rss",
    "/sitemap.xml",
    "/sitemap-news.xml",
    "/news-sitemap.xml",
)
MAX_TRIED, MAX_SECTIONS = 40, 25
#: A page that links to so many articles is a section.
SECTION = 5
_LIKELY = re.compile(r"rss|feed|atom|sitemap|\.xml(?:\.gz)?$", re.IGNORECASE)
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_NAMED = re.compile(rb"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class Options(BaseModel):
    """Where to begin."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str


async def poll(due: DueSource, options: Options, web: Web) -> AsyncIterator[Item | Fetch]:
    """Yield what the page and the usual places of its site offer."""
    tally = Tally(due.id, web.now)
    answer = await web.get(options.url)
    found = await _kind(answer, web)
    links = await web.read(_links, answer.body, answer.url, answer.charset)
    if found is not None and web.claim(answer.url):
        yield _told(tally, answer.url, *found)
    named = await _named(answer.url, web)
    usual = [urljoin(answer.url, path) for path in _USUAL]
    likely = [link for link in links if _LIKELY.search(link)]
    sections = [link for link in links if link not in likely and _may_be_section(link)]
    wanted = dict.fromkeys([*named, *likely, *usual, *sections[:MAX_SECTIONS]])
    for url in list(wanted)[:MAX_TRIED]:
        try:
            tried = await web.get(url)
        except FetchFailed:
            continue
        kind = await _kind(tried, web)
        if kind is not None and web.claim(tried.url):
            yield _told(tally, tried.url, *kind)
    yield tally.end(answer)


def _told(tally: Tally, url: str, kind: str, count: int) -> Fetch:
    tally.seen += 1
    return Fetch(tally.source_id, Outcome.NEW, kind, tally.now, url=url, items=count)


async def _kind(answer: Answer, web: Web) -> tuple[str, int] | None:
    """Return what an answer is and how much it holds; None for nothing to listen to."""
    feed = await web.read(parse_feed, answer.body, answer.url, now=web.now)
    if feed.problem is None and feed.entries:
        return "feed", len(feed.entries)
    sitemap = await web.read(parse_sitemap, answer.body, answer.url, web.now)
    if sitemap.problem is None and (sitemap.pages or sitemap.sitemaps):
        return "sitemap", len(sitemap.pages) + len(sitemap.sitemaps)
    links = await web.read(page_links, answer.body, answer.url, answer.charset)
    if links is not None and len(links) >= SECTION:
        return "listing", len(links)
    return None


async def _named(url: str, web: Web) -> list[str]:
    """Return the sitemaps that robots.txt names."""
    try:
        robots = await web.get(urljoin(url, "/robots.txt"))
    except FetchFailed:
        return []
    found = (repair(one.decode("utf-8", "replace")) for one in _NAMED.findall(robots.body))
    return [one for one in found if one and site(one) == site(url)]


def _links(body: bytes, url: str, charset: str) -> list[str]:
    """Return the links of a page on its own site, those that call themselves feeds first."""
    root = parse(decode(body, charset))
    if root is None:
        return []
    feeds = (one.get("href") for one in root.iter("link") if one.get("type") in _FEED_TYPES)
    anchors = (one.get("href") for one in root.iter("a"))
    return list(dict.fromkeys(_own([*feeds, *anchors], url)))


def _own(links: Iterable[str | None], url: str) -> Iterator[str]:
    for link in links:
        whole = repair(link or "", url)
        if whole and site(whole) == site(url):
            yield whole


def _may_be_section(link: str) -> bool:
    """Say whether an address looks like a section: one or two short names, no number."""
    parts = [part for part in urlsplit(link).path.split("/") if part]
    return 1 <= len(parts) <= 2 and not re.search(r"\d{4}", link) and len(parts[-1]) <= 40
