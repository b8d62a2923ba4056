"""Source type `feed`: an RSS, Atom, RDF or JSON feed, with the article pages it points to."""

from __future__ import annotations

from collections.abc import AsyncIterator

from pydantic import BaseModel, ConfigDict

from crawlers.articles import Lead, fresh, read_articles, summary_item
from crawlers.feeds import Entry, parse_feed
from crawlers.hints import Hints
from crawlers.item import Fetch, Item
from crawlers.job import DueSource
from crawlers.poll import Tally, not_a_feed
from crawlers.urls import WebAddress
from crawlers.web import Web


class Options(BaseModel):
    """What an operator writes for a source of this type.

    `articles` False takes the feed's own summaries and fetches no article page.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: WebAddress
    articles: bool = True
    hints: Hints | None = None


async def poll(due: DueSource, options: Options, web: Web) -> AsyncIterator[Item | Fetch]:
    """Yield what is new in the feed since the last poll."""
    tally = Tally(due.id, web.now)
    answer = await web.get(options.url, etag=due.etag, last_modified=due.last_modified)
    if answer.status == 304:
        yield tally.unchanged(due, answer)
        return
    parsed = await web.read(parse_feed, answer.body, answer.url, now=web.now)
    if parsed.problem is not None:
        yield not_a_feed(tally, answer, parsed.problem)
        return
    tally.seen = len(parsed.entries)
    tally.reasons += [parsed.note] if parsed.note else []
    linked = [entry for entry in parsed.entries if entry.url]
    if len(linked) < len(parsed.entries):
        tally.reasons.append(f"{len(parsed.entries) - len(linked)} tin có liên kết hỏng, bỏ")
    leads = fresh((_lead(entry) for entry in linked), due, tally, web)
    if options.articles:
        async for record in read_articles(leads, due, options.hints, tally, web):
            yield record
    else:
        for lead in leads:
            if (lead.title or lead.text) and web.hand_over(lead.url):
                tally.items += 1
                yield summary_item(lead, due, web.now)
    yield tally.end(answer)


def _lead(entry: Entry) -> Lead:
    return Lead(
        url=entry.url,
        link=entry.link,
        external_id=entry.id,
        title=entry.title,
        text=entry.text,
        published=entry.published,
        date_note=entry.date_note,
    )
