"""Walk the older pages of a section back to a day, a few at each poll."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

from crawlers.articles import Lead, fresh, read_articles
from crawlers.hints import Hints
from crawlers.item import Fetch, Item
from crawlers.job import DueSource
from crawlers.links import ArticleLink
from crawlers.listpage import ListPage, list_page
from crawlers.outcome import FetchFailed
from crawlers.poll import Tally
from crawlers.web import Answer, Web

#: Pages asked for at a poll; the next one goes on behind them.
MAX_PAGES = 10


def walked(back_to: date) -> str:
    """Return the cursor of a section that was walked down to this day; another day begins anew."""
    return f"đã đến {back_to}"


class Walk:
    """The way back through one section; `cursor` tells where the next poll goes on."""

    def __init__(
        self, due: DueSource, back_to: date, selectors: tuple[str, str], hints: Hints | None
    ) -> None:
        self._due, self._back_to, self._selectors, self._hints = due, back_to, selectors, hints
        self._done = walked(back_to)
        self.cursor = due.cursor if due.cursor.startswith("http") else ""

    async def go(self, behind: str, tally: Tally, web: Web) -> AsyncIterator[Item | Fetch]:
        """Yield the articles of older pages, down to the day; `behind` follows the first page.

        A page that cannot be had is asked for again at the next poll.
        """
        self.cursor = self.cursor or behind or self._done
        asked, before = set[str](), list[ArticleLink]()
        while self.cursor not in asked | {self._done} and len(asked) < MAX_PAGES:
            if tally.items >= web.limits.max_articles or web.time_left <= 0:
                return
            asked.add(self.cursor)
            try:
                answer = await web.get(self.cursor)
            except FetchFailed as error:
                tally.reasons.append(f"trang cũ hơn: {error.reason}")
                self.cursor = self._done if error.lasting else self.cursor
                return
            page = await self._read(answer, web)
            if page.links == before:
                self.cursor = self._done  # whatever page is asked for, the same one comes
                return
            before, days, brought = page.links, list[date](), 0
            whole, tally.unfinished = not tally.unfinished, False
            leads = fresh(map(lead, page.links), self._due, tally, web)
            async for record in read_articles(leads, self._due, self._hints, tally, web):
                brought += isinstance(record, Item)
                if isinstance(record, Item) and record.published:
                    days.append(record.published.date())
                    if days[-1] < self._back_to:
                        tally.items -= 1
                        continue
                yield record
            left, tally.unfinished = tally.unfinished, tally.unfinished or not whole
            if left and brought:
                return  # the next poll reads what is left of this page; what never comes, once more
            old = bool(days) and max(days) < self._back_to
            self.cursor = self._done if old or not page.links else page.behind or self._done
        if self.cursor in asked:
            self.cursor = self._done  # the pages lead in a circle

    async def _read(self, answer: Answer, web: Web) -> ListPage:
        links, behind = self._selectors
        page = await web.read(list_page, answer.body, answer.url, answer.charset, links, behind)
        return page or ListPage([], "")


def lead(link: ArticleLink) -> Lead:
    """Return what a section page tells of an article."""
    return Lead(link.url, link.link, link.url, link.title)
