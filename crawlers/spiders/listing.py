"""Source type `listing`: a section page of a site that has no feed, and the articles it links."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

from pydantic import BaseModel, ConfigDict, field_validator

from crawlers.articles import fresh, read_articles
from crawlers.hints import Hints, selector_path
from crawlers.item import Fetch, Item
from crawlers.job import DueSource
from crawlers.listpage import list_page
from crawlers.poll import Tally, not_a_feed
from crawlers.urls import WebAddress
from crawlers.walk import Walk, lead, walked
from crawlers.web import Answer, Web


class Options(BaseModel):
    """What an operator writes for a source of this type.

    `links` is a CSS selector of the article links (or of boxes around them); empty
    means that they are found by rule. With `back_to` the older pages are read as well,
    down to that day, a few at each poll; `next` is a CSS selector of the link to the
    page behind, where the rule does not find it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: WebAddress
    links: str = ""
    back_to: date | None = None
    next: str = ""
    hints: Hints | None = None

    @field_validator("links", "next")
    @classmethod
    def _is_selector(cls, value: str) -> str:
        selector_path(value)
        return value


async def poll(due: DueSource, options: Options, web: Web) -> AsyncIterator[Item | Fetch]:
    """Yield the articles that the page lists and that are not known yet, then older ones."""
    tally = Tally(due.id, web.now)
    walking = options.back_to is not None and due.cursor != walked(options.back_to)
    marks = ("", "") if walking else (due.etag, due.last_modified)
    answer = await web.get(options.url, etag=marks[0], last_modified=marks[1])
    if answer.status == 304:
        yield tally.unchanged(due, answer)
        return
    selectors = (options.links, options.next)
    page = await web.read(list_page, answer.body, answer.url, answer.charset, *selectors)
    if page is None or not _is_html(answer):
        yield not_a_feed(tally, answer, f"không phải trang HTML ({answer.content_type or 'trống'})")
        return
    tally.seen = len(page.links)
    leads = fresh(map(lead, page.links), due, tally, web)
    async for record in read_articles(leads, due, options.hints, tally, web):
        yield record
    if not page.links:
        tally.reasons.append("không thấy liên kết bài viết nào trên trang")
    cursor = due.cursor
    if options.back_to and walking:
        walk = Walk(due, options.back_to, selectors, options.hints)
        async for record in walk.go(page.behind, tally, web):
            yield record
        cursor = walk.cursor
    yield tally.end(answer, cursor=cursor)


def _is_html(answer: Answer) -> bool:
    return "html" in answer.content_type or b"<html" in answer.body[:2048].lower()
