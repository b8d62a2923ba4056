"""Look again at articles that are kept already, to see what was edited or taken down."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from crawlers.articles import REMOVED, Lead, read_articles
from crawlers.hints import Hints
from crawlers.item import Fetch, Item
from crawlers.job import DueSource
from crawlers.poll import Tally
from crawlers.web import Web

_GONE = frozenset({404, 410})


async def look_again(due: DueSource, hints: Hints | None, web: Web) -> AsyncIterator[Item | Fetch]:
    """Yield an item for each address of `due.again` that still answers, else a Fetch.

    The item is what stands there now, be it changed or not. Nothing of it counts in the
    poll of the source: its outcome, its number of items.
    """
    leads = [Lead(url, url, external_id=url, again=True) for url in due.again]
    unknown = replace(due, known=frozenset())
    async for record in read_articles(leads, unknown, hints, Tally(due.id, web.now), web):
        # The page may call itself otherwise by now: it is still the article that was asked for.
        if isinstance(record, Item):
            yield replace(record, url=record.external_id, asked="")
        else:
            yield record


def is_gone(fetch: Fetch) -> bool:
    """Say whether an article's page was taken down, as its site tells it."""
    return fetch.http_status in _GONE or fetch.reason == REMOVED
