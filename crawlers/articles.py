"""Fetch the article pages that a feed or a listing points to, and make items of them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from crawlers.extract import MAX_TEXT, Page, extract
from crawlers.hints import Hints
from crawlers.item import Fetch, Item, Outcome
from crawlers.job import DueSource
from crawlers.outcome import FetchFailed
from crawlers.parts import MOST_PARTS, is_first, split_part
from crawlers.poll import Tally
from crawlers.urls import canonical
from crawlers.web import Answer, Web

# A server that lets this many pages in a row run into the time limit is left alone.
MAX_STALLS = 3
MIN_TEXT = 80
#: How it is told that an article's address leads to the front page.
REMOVED = "bài đã bị gỡ (chuyển về trang chủ)"
_HTML_TYPES = frozenset({"", "text/html", "application/xhtml+xml", "text/plain", "application/xml"})


@dataclass(frozen=True, slots=True)
class Lead:
    """An article that a source speaks of: `link` to fetch, `url` its identity, and what it says.

    `again` where it is kept already: another address in its place is another page.
    """

    url: str
    link: str
    external_id: str
    title: str = ""
    text: str = ""
    published: datetime | None = None
    date_note: str = ""
    again: bool = False


def fresh(leads: Iterable[Lead], due: DueSource, tally: Tally, web: Web) -> list[Lead]:
    """Return the leads that are neither known nor taken by another source of this round.

    At most `max_articles`, those that failed before last: else a page that is never had
    would keep its place from those behind it. What is over is left to the next poll.
    """
    wanted = [lead for lead in leads if lead.url not in due.known and web.claim(lead.url)]
    wanted.sort(key=lambda lead: lead.url in due.tried)
    limit = web.limits.max_articles
    if len(wanted) > limit:
        tally.unfinished = True
        tally.reasons.append(f"còn {len(wanted) - limit} tin để lượt sau")
    return wanted[:limit]


def summary_item(lead: Lead, due: DueSource, now: datetime) -> Item:
    """Make an item of what the source itself says, without the article page."""
    return Item(
        source_id=due.id,
        url=lead.url,
        external_id=lead.external_id or lead.url,
        title=lead.title,
        text=lead.text,
        published=lead.published,
        fetched_at=now,
        body_sha256=hashlib.sha256(f"{lead.title}\n{lead.text}".encode()).hexdigest(),
        date_note=lead.date_note,
        summary_only=True,
    )


async def read_articles(
    leads: list[Lead], due: DueSource, hints: Hints | None, tally: Tally, web: Web
) -> AsyncIterator[Item | Fetch]:
    """Yield an item for each lead, or a Fetch for a page that failed, as they come.

    Where the page is refused, gone from our reach or holds no text, the summary stands
    in (and the failure is still told). A passing failure gives no item: the next poll
    tries again.
    """
    reader = _Reader(due, hints, tally, web)
    tasks = [asyncio.create_task(reader.read(lead)) for lead in leads]
    try:
        for task in asyncio.as_completed(tasks):
            for record in await task:
                if isinstance(record, Item):
                    tally.items += not _kept_already(record, due)
                yield record
    finally:
        for one in tasks:
            one.cancel()


class _Reader:
    """Reads one source's pages, never more at a time than its host is asked for."""

    def __init__(self, due: DueSource, hints: Hints | None, tally: Tally, web: Web) -> None:
        self._due, self._hints, self._tally, self._web = due, hints, tally, web
        self._gate = asyncio.Semaphore(web.limits.per_host)
        self._stalls = 0

    async def read(self, lead: Lead) -> list[Item | Fetch]:
        if urlsplit(lead.link).fragment and not lead.again:
            return self._unfetched(lead)
        async with self._gate:
            try:
                records = await self._article(lead)
                self._tally.had += 1
                return records
            except FetchFailed as error:
                return self._failure(lead, error)

    def _unfetched(self, lead: Lead) -> list[Item | Fetch]:
        """Take what the source says of a route of an application: a script fills its page.

        The server answers every route with the same bare page, which is no article.
        """
        if lead.title and self._web.hand_over(lead.url, f"{lead.title}\n{lead.text}"):
            return [summary_item(lead, self._due, self._web.now)]
        return []

    async def _article(self, lead: Lead) -> list[Item | Fetch]:
        if self._stalls >= MAX_STALLS:
            raise FetchFailed(Outcome.TIMEOUT, "máy chủ quá chậm, để lượt sau")
        try:
            answer = await self._web.get(lead.link)
        except FetchFailed as error:
            self._stalls = self._stalls + 1 if error.outcome is Outcome.TIMEOUT else 0
            raise
        self._stalls = 0
        if problem := _not_an_article(lead, answer):
            raise FetchFailed(Outcome.ERROR, problem, status=answer.status, lasting=True)
        page = await self._read(answer)
        if page.problem:
            raise FetchFailed(Outcome.ERROR, page.problem, status=answer.status, lasting=True)
        digest = hashlib.sha256(answer.body)
        if page.behind and is_first(answer.url):
            page = await self._whole(page, digest)
        return self._item(lead, answer, page, digest.hexdigest())

    async def _read(self, answer: Answer) -> Page:
        return await self._web.read(
            extract,
            answer.body,
            answer.url,
            hints=self._hints,
            charset=answer.charset,
            now=self._web.now,
        )

    async def _whole(self, page: Page, digest: hashlib._Hash) -> Page:
        """Add the further pages of an article to its first; `digest` goes over all of them.

        Where one cannot be had, what there is stands, and the poll says so.
        """
        lines, part, asked = page.text.split("\n"), page, set[str]()
        while part.behind and part.behind not in asked and len(asked) < MOST_PARTS:
            link = part.behind
            asked.add(link)
            try:
                answer = await self._web.get(link)
                part = await self._read(answer)
            except FetchFailed as error:
                self._tally.reasons.append(f"một bài nhiều trang bị thiếu ({error.reason})")
                break
            if not _is_part(link, answer, part, page):
                break
            known = set(lines)
            if not (fresh := [line for line in part.text.split("\n") if line not in known]):
                break  # the pages of the readers' comments, not of the article
            digest.update(answer.body)
            lines += fresh
        return replace(page, text="\n".join(lines)[:MAX_TEXT])

    def _item(self, lead: Lead, answer: Answer, page: Page, sha256: str) -> list[Item | Fetch]:
        short = len(page.text) < MIN_TEXT and len(lead.text) > len(page.text)
        if not (page.text or lead.text or page.title or lead.title):
            reason = "trang không có nội dung bài viết"
            raise FetchFailed(Outcome.EMPTY, reason, status=answer.status, lasting=True)
        url = self._address(lead, answer, page)
        if not self._web.hand_over(url, _words(page)):
            return []  # the same article under another address
        dated = page.published is not None or lead.published is None
        item = Item(
            source_id=self._due.id,
            url=url,
            external_id=lead.external_id or url,
            title=page.title or lead.title or page.text.partition("\n")[0][:120],
            text=lead.text if short else page.text,
            published=page.published if dated else lead.published,
            fetched_at=self._web.now,
            body_sha256=sha256,
            http_status=answer.status,
            date_note=page.date_note if dated else "",
            summary_only=short or not page.text,
            asked=lead.url if lead.url != url else "",
        )
        return [item]

    def _address(self, lead: Lead, answer: Answer, page: Page) -> str:
        """Return the identity of an article: what its page states, where that is not another's.

        Where a template states one address for all articles, each is known by its own.
        """
        found = (page.url, canonical(answer.url), lead.url)
        free = (url for url in found if url and not self._web.is_anothers(url, _words(page)))
        return next(free, lead.url)

    def _failure(self, lead: Lead, error: FetchFailed) -> list[Item | Fetch]:
        self._tally.failed += 1
        self._tally.unfinished |= not error.lasting
        before = lead.url in self._due.tried and not error.retry_after
        failed = self._tally.page_failure(error, lead.url, before=before)
        gone = error.status in (404, 410)
        told = error.lasting and not gone and lead.title and lead.text
        if told and self._web.hand_over(lead.url):
            return [summary_item(lead, self._due, self._web.now), failed]
        return [failed]


def _words(page: Page) -> str:
    return f"{page.title}\n{page.text}"


def _kept_already(item: Item, due: DueSource) -> bool:
    """Say whether an item is surely a known one, reached by another address.

    It is handed on all the same: only the storage can tell whether a page that states a
    known address is that article or, by a careless template, another one.
    """
    known = bool(item.asked) and item.url in due.known
    return known and _path(item.asked) == _path(item.url)


def _path(url: str) -> str:
    return urlsplit(url).path.rstrip("/")


def _is_part(link: str, answer: Answer, part: Page, first: Page) -> bool:
    """Say whether what came for `link` is the further page of an article, and no other page."""
    stem = split_part(link)[0]
    own = part.url == first.url or split_part(part.url)[0] in (stem, split_part(first.url)[0])
    titled = part.title.startswith(first.title) or first.title.startswith(part.title)
    found = split_part(answer.url) == split_part(link)
    return found and own and titled and not _not_an_article(Lead(link, link, link), answer)


def _same_place(asked: str, found: str) -> bool:
    """Say whether an article was found where it was asked for, be it by https or with www."""
    one, other = (canonical(url).partition("://")[2].removeprefix("www.") for url in (asked, found))
    return one.rstrip("/") == other.rstrip("/")


def _not_an_article(lead: Lead, answer: Answer) -> str:
    if answer.content_type not in _HTML_TYPES:
        head = answer.body[:1024].lower()
        if b"<html" not in head and b"<!doctype html" not in head:
            return f"không phải trang HTML ({answer.content_type[:60]})"
    if not answer.body.strip():
        return "trang trống"
    if not urlsplit(answer.url).path.strip("/") and urlsplit(lead.link).path.strip("/"):
        return REMOVED
    if lead.again and not _same_place(lead.link, answer.url):
        return "chuyển sang địa chỉ khác"
    return ""
