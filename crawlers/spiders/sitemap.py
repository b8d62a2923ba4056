"""Source type `sitemap`: a sitemap of a site, or an index of them, and the articles they name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from crawlers.articles import Lead, fresh, read_articles
from crawlers.hints import Hints
from crawlers.item import Fetch, Item
from crawlers.job import DueSource
from crawlers.outcome import FetchFailed
from crawlers.poll import Tally, not_a_feed
from crawlers.sitemap import Place, Sitemap, parse_sitemap
from crawlers.urls import WebAddress
from crawlers.web import Answer, Web

#: How many sitemaps of an index are read a poll, the newest first, and how deep they may nest.
MAX_SITEMAPS, MAX_DEPTH = 5, 2
#: How many pages count, the newest: of so many a round knows which are kept already.
MAX_PAGES = 10_000
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Options(BaseModel):
    """What an operator writes for a source of this type.

    Pages older than `days`, by what the sitemap says of them, are left alone; what has no
    date there is taken. `contains` narrows to addresses that hold it ("/ban-doc/").
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: WebAddress
    days: int = Field(default=7, ge=1, le=366)
    contains: str = ""
    hints: Hints | None = None


async def poll(due: DueSource, options: Options, web: Web) -> AsyncIterator[Item | Fetch]:
    """Yield the articles that the sitemap names and that are not known yet, the newest first."""
    tally = Tally(due.id, web.now)
    answer = await web.get(options.url, etag=due.etag, last_modified=due.last_modified)
    if answer.status == 304:
        yield tally.unchanged(due, answer)
        return
    found = await _read(answer, web)
    if found.problem is not None:
        yield not_a_feed(tally, answer, found.problem)
        return
    pages = await _pages(found, options, tally, web)
    tally.seen = len(pages)
    leads = fresh((_lead(page) for page in pages), due, tally, web)
    async for record in read_articles(leads, due, options.hints, tally, web):
        yield record
    yield tally.end(answer if found.pages else _without_validators(answer))


async def _read(answer: Answer, web: Web) -> Sitemap:
    return await web.read(parse_sitemap, answer.body, answer.url, web.now)


async def _pages(found: Sitemap, options: Options, tally: Tally, web: Web) -> list[Place]:
    """Return the pages of a sitemap and of the newest ones that it points to, newest first."""
    pages, level = list(found.pages), list(found.sitemaps)
    tally.reasons += [found.note] if found.note else []
    for _ in range(MAX_DEPTH):
        below: list[Place] = []
        for place in sorted(level, key=_changed, reverse=True)[:MAX_SITEMAPS]:
            try:
                inner = await _read(await web.get(place.link), web)
            except FetchFailed as error:
                tally.unfinished = True
                tally.reasons.append(f"{place.link}: {error.reason}")
                continue
            tally.reasons += [f"{place.link}: {inner.problem}"] if inner.problem else []
            pages += inner.pages
            below += inner.sitemaps
        level = below
    begin = web.now - timedelta(days=options.days)
    wanted = [one for one in pages if options.contains in one.url and _since(one, begin)]
    if len(wanted) > MAX_PAGES:
        tally.reasons.append(f"chỉ xét {MAX_PAGES} bài mới nhất của {len(wanted)} bài trong sơ đồ")
    return sorted(wanted, key=_changed, reverse=True)[:MAX_PAGES]


def _since(page: Place, begin: datetime) -> bool:
    at = page.published or page.changed
    return at is None or at >= begin


def _changed(place: Place) -> datetime:
    return place.published or place.changed or _LONG_AGO


def _lead(page: Place) -> Lead:
    return Lead(
        page.url,
        page.link,
        page.url,
        page.title,
        published=page.published,
        date_note=page.date_note,
    )


def _without_validators(answer: Answer) -> Answer:
    """Return the answer of an index: that it stays the same says nothing of what it points to."""
    return Answer(
        answer.url,
        answer.status,
        answer.body,
        answer.content_type,
        answer.charset,
        "",
        "",
        answer.headers,
    )
