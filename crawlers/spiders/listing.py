"""Source type `listing`: a section page of a site that has no feed, and the articles it links."""

from __future__ import annotations

from collections.abc import AsyncIterator

from pydantic import BaseModel, ConfigDict, field_validator

from crawlers.articles import Lead, fresh, read_articles
from crawlers.hints import Hints, selector_path
from crawlers.item import Fetch, Item
from crawlers.job import DueSource
from crawlers.links import page_links
from crawlers.poll import Tally, not_a_feed
from crawlers.urls import WebAddress
from crawlers.web import Answer, Web


class Options(BaseModel):
    """What an operator writes for a source of this type.

    `links` is a CSS selector of the article links (or of boxes around them); empty
    means that they are found by rule.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: WebAddress
    links: str = ""
    hints: Hints | None = None

    @field_validator("links")
    @classmethod
    def _is_selector(cls, value: str) -> str:
        selector_path(value)
        return value


async def poll(due: DueSource, options: Options, web: Web) -> AsyncIterator[Item | Fetch]:
    """Yield the articles that the page lists and that are not known yet."""
    tally = Tally(due.id, web.now)
    answer = await web.get(options.url, etag=due.etag, last_modified=due.last_modified)
    if answer.status == 304:
        yield tally.unchanged(due, answer)
        return
    links = await web.read(page_links, answer.body, answer.url, answer.charset, options.links)
    if links is None or not _is_html(answer):
        yield not_a_feed(tally, answer, f"không phải trang HTML ({answer.content_type or 'trống'})")
        return
    tally.seen = len(links)
    leads = fresh((Lead(one.url, one.link, one.url, one.title) for one in links), due, tally, web)
    async for record in read_articles(leads, due, options.hints, tally, web):
        yield record
    if not links:
        tally.reasons.append("không thấy liên kết bài viết nào trên trang")
    yield tally.end(answer)


def _is_html(answer: Answer) -> bool:
    return "html" in answer.content_type or b"<html" in answer.body[:2048].lower()
