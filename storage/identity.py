"""Tell whether something published is an item that is kept already."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from nlp.reading import seen
from storage.ledger import refused
from storage.models import ItemRow, ItemUrlRow, ItemVersionRow
from storage.types import storable
from storage.write import chunks

#: A text shorter than this is no identity: "photo story" may be published every day.
_IDENTITY_CHARS = 80


@dataclass(frozen=True, slots=True)
class KeptItem:
    """An item ready to be kept: masked, with the facts of its publication.

    `outlet` and `kind` are those of its source. `http_status` and `body_sha256` are
    evidence of what was received. `asked` is another address by which it was reached.
    """

    source_id: str
    outlet: str
    kind: str
    url: str
    external_id: str
    title: str
    text: str
    published: datetime | None
    fetched_at: datetime
    body_sha256: str
    http_status: int = 200
    date_note: str = ""
    summary_only: bool = False
    engagement: Mapping[str, int] = field(default_factory=dict)
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An item to keep, with the hash of its text and, of a text of some length, its identity."""

    item: KeptItem
    sha256: str
    first_sha256: str | None

    def by_url(self) -> Wanted:
        """Return it known by its URL only, where the id its source gives means nothing."""
        return replace(self, item=replace(self.item, external_id=self.item.url))

    def addresses(self) -> list[str]:
        """Return the addresses under which its source shows it."""
        return [self.item.url, *([self.item.asked] if self.item.asked else [])]

    def rows(self, item_id: int) -> list[dict[str, object]]:
        """Return what is noted of these addresses."""
        source = self.item.source_id
        return [{"url": url, "source_id": source, "item_id": item_id} for url in self.addresses()]

    @classmethod
    def of(cls, item: KeptItem) -> Wanted:
        """Hash the text of `item` as it will be stored."""
        title, text = storable(item.title), storable(item.text)
        url, asked = storable(item.url), storable(item.asked)
        item = replace(item, url=url, asked=asked, title=title, text=text)
        item = replace(item, external_id=storable(item.external_id) or item.url)
        sha256 = hashlib.sha256(seen(title, text).encode()).hexdigest()
        return cls(item, sha256, sha256 if len(text) >= _IDENTITY_CHARS else None)


def allowed(session: Session, wanted: Sequence[Wanted]) -> list[Wanted]:
    """Return those of `wanted` whose address no person had deleted."""
    gone = refused(session, {url for one in wanted for url in one.addresses()})
    return [one for one in wanted if gone.isdisjoint(one.addresses())]


@dataclass(frozen=True, slots=True)
class Met:
    """What is known of a stored item, for telling whether another is the same."""

    id: int
    url: str
    title: str
    sha256: str
    version: int
    summary_only: bool
    engagement: Mapping[str, int]


class Known:
    """The stored items that a batch may meet, by each of their identities."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._met: dict[int, Met] = {}
        self._urls: dict[str, int] = {}
        self._shown: set[tuple[str, str]] = set()
        self._externals: dict[tuple[str, str], int] = {}
        self._texts: dict[tuple[str, str], int] = {}
        self._promised: dict[object, Wanted] = {}

    def look_up(self, wanted: Sequence[Wanted]) -> None:
        """Load what the tables know of `wanted`."""
        for some in chunks(wanted):
            urls = [url for one in some for url in one.addresses()]
            url_row = ItemUrlRow
            query = select(url_row.url, url_row.source_id, url_row.item_id)
            for url, source, item_id in self._session.execute(query.where(url_row.url.in_(urls))):
                self._urls[url] = item_id
                self._shown.add((url, source))
            self._load(ItemRow.id.in_({self._urls[url] for url in urls if url in self._urls}))
            rest = [one for one in some if one.item.url not in self._urls]
            # The source and the outlet lead in the indexes: without them all items are read.
            self._load(
                ItemRow.source_id.in_({one.item.source_id for one in rest}),
                ItemRow.external_id.in_({one.item.external_id for one in rest}),
            )
            self._load(
                ItemRow.outlet.in_({one.item.outlet for one in rest}),
                ItemRow.first_sha256.in_({one.first_sha256 for one in rest} - {None}),
            )

    def find(self, one: Wanted) -> Met | None:
        """Return the stored item that `one` is, or None."""
        by_url = self._urls.get(one.item.url)
        if by_url is not None:
            return self._met[by_url]
        by_external = self._externals.get((one.item.source_id, one.item.external_id))
        if by_external is not None:
            met = self._met[by_external]
            if one.item.title == met.title or one.sha256 == met.sha256:
                return met
        by_text = self._texts.get((one.item.outlet, one.first_sha256 or ""))
        return None if by_text is None else self._met[by_text]

    def apart(self, wanted: Sequence[Wanted]) -> list[Wanted]:
        """Return `wanted`, each known by how it was reached where it states another's address.

        A careless template states one address for all its articles: taking its word would
        make each of them a new text of the first. What has neither the title nor the text
        of the item at that address is another article.
        """
        found = [self._own(one) for one in wanted]
        self.look_up([one for one, before in zip(found, wanted, strict=True) if one is not before])
        return found

    def _own(self, one: Wanted) -> Wanted:
        stated, asked = (self._urls.get(url) for url in (one.item.url, one.item.asked))
        if not one.item.asked or stated is None or stated == asked:
            return one
        met = self._met[stated]
        if one.item.title == met.title or one.sha256 == met.sha256:
            return one
        return replace(one, item=replace(one.item, url=one.item.asked, asked=""))

    def shown(self, one: Wanted) -> bool:
        """Say whether it is noted that the source of `one` shows it under these addresses."""
        return {(url, one.item.source_id) for url in one.addresses()} <= self._shown

    def promise(self, one: Wanted) -> None:
        """Remember that `one` is about to be inserted."""
        for key in self._keys(one):
            self._promised.setdefault(key, one)

    def promised(self, one: Wanted) -> bool:
        """Say whether `one` is an item that this batch inserts already."""
        url, external, text = self._keys(one)
        if url in self._promised or (one.first_sha256 and text in self._promised):
            return True
        other = self._promised.get(external)
        return other is not None and one.item.title == other.item.title

    def trustworthy(self, one: Wanted) -> Wanted:
        """Return `one`, known by its URL where its source gives the same id to another item.

        Some feeds give every entry the address of the front page as its id; taking
        their word would lose all items but one.
        """
        external = (one.item.source_id, one.item.external_id)
        if external in self._externals or self._promised[external] is not one:
            return one.by_url()
        return one

    def _keys(self, one: Wanted) -> tuple[object, object, object]:
        item = one.item
        return item.url, (item.source_id, item.external_id), (item.outlet, one.first_sha256, "")

    def _load(self, *only: ColumnElement[bool]) -> None:
        item, text = ItemRow, ItemVersionRow
        query = (
            select(
                item.source_id,
                item.external_id,
                item.outlet,
                item.first_sha256,
                item.id,
                item.url,
                text.title,
                text.text_sha256,
                item.current_version,
                text.summary_only,
                item.engagement,
            )
            .join(text, and_(text.item_id == item.id, text.number == item.current_version))
            .where(*only)
        )
        for source, external, outlet, first, *met in self._session.execute(query):
            self._met[met[0]] = Met(*met)
            self._externals[source, external] = met[0]
            if first:
                self._texts[outlet, first] = met[0]
