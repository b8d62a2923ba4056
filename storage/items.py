"""Keep items: each published thing once, every text it had, masked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, func, select, update
from sqlalchemy.orm import Session

from crawlers.item import Item
from nlp.reading import Masked
from storage.identity import KeptItem, Known, Met, Wanted, allowed
from storage.models import ItemRow, ItemUrlRow, ItemVersionRow
from storage.write import add, chunks, insert_into

__all__ = ["Kept", "KeptItem", "StoredItem", "Version", "by_ids", "count", "get"]
__all__ += ["keep", "kept", "stored", "stored_items", "versions"]


@dataclass(frozen=True, slots=True)
class StoredItem:
    """A kept item as it stands now. `id` is its place in the order of arrival.

    `version` numbers its text, from 1; it grows when the page was edited. `gone_at` is
    since when its page is known to be taken down.
    """

    id: int
    source_id: str
    outlet: str
    kind: str
    url: str
    external_id: str
    title: str
    text: str
    published: datetime | None
    fetched_at: datetime
    date_note: str
    engagement: Mapping[str, int]
    version: int
    text_sha256: str
    body_sha256: str
    http_status: int
    summary_only: bool
    gone_at: datetime | None

    @property
    def at(self) -> datetime:
        """When it was published, or fetched where that is not known."""
        return self.published or self.fetched_at


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a batch: ids of new items, of changed ones, and of those known as they are."""

    new: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()
    same: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """One text an item had."""

    number: int
    seen_at: datetime
    title: str
    text: str
    text_sha256: str
    body_sha256: str
    http_status: int


def kept(item: Item, masked: Masked, outlet: str, kind: str) -> KeptItem:
    """Put the masked text in the place of the published one."""
    return KeptItem(
        source_id=item.source_id,
        outlet=outlet,
        kind=kind,
        url=item.url,
        external_id=item.external_id,
        title=masked.title,
        text=masked.text,
        published=item.published,
        fetched_at=item.fetched_at,
        body_sha256=item.body_sha256,
        http_status=item.http_status,
        date_note=item.date_note,
        summary_only=item.summary_only,
        engagement=item.engagement,
        asked=item.asked,
    )


def keep(session: Session, items: Iterable[KeptItem], *, reverts: bool = True) -> Kept:
    """Keep `items`, in their order. Harmless to repeat.

    An item is known by its URL, else by the id its source gave it together with its
    title or its text, else by outlet, title and a text of some length. A known item
    with another text gets a new version, unless it is a mere summary of a full one.
    A text that it had before counts again only where `reverts`: a page may be set back,
    but a file that tells the same story in two wordings must not swing it for ever. What a
    person had deleted is not kept again.
    """
    wanted = allowed(session, [Wanted.of(item) for item in items])
    known = Known(session)
    known.look_up(wanted)
    wanted = known.apart(wanted)
    fresh: list[Wanted] = []
    rest: list[Wanted] = []
    for one in wanted:
        if known.find(one) is None and not known.promised(one):
            known.promise(one)
            fresh.append(known.trustworthy(one))
        else:
            rest.append(one)
    ids = _insert(session, fresh)
    rest += [one for one in fresh if one.item.url not in ids]
    known.look_up(rest)
    # Another writer may have given the id of the source to another item meanwhile.
    ids |= _insert(session, [one.by_url() for one in rest if known.find(one) is None])
    new = set(ids.values())
    changed, same = _meet_again(session, known, rest, reverts=reverts)
    parts = (new, changed - new, same - changed - new)
    return Kept(*(tuple(sorted(ids)) for ids in parts))


def get(session: Session, item_id: int) -> StoredItem | None:
    """Return one item, or None."""
    return by_ids(session, [item_id]).get(item_id)


def by_ids(session: Session, ids: Iterable[int]) -> dict[int, StoredItem]:
    """Return the items of `ids` that exist."""
    found = {}
    for some in chunks(sorted(set(ids))):
        for row in session.execute(stored_items().where(ItemRow.id.in_(some))):
            found[row.id] = stored(row)
    return found


def versions(session: Session, item_id: int) -> list[Version]:
    """Return every text an item had, oldest first."""
    query = (
        select(
            ItemVersionRow.number,
            ItemVersionRow.seen_at,
            ItemVersionRow.title,
            ItemVersionRow.text,
            ItemVersionRow.text_sha256,
            ItemVersionRow.body_sha256,
            ItemVersionRow.http_status,
        )
        .where(ItemVersionRow.item_id == item_id)
        .order_by(ItemVersionRow.number)
    )
    return [Version(*row) for row in session.execute(query)]


def count_since(session: Session, since: datetime) -> int:
    """Return how many items were kept at or after `since`."""
    query = select(func.count()).select_from(ItemRow).where(ItemRow.fetched_at >= since)
    return session.scalar(query) or 0


def count(session: Session) -> int:
    """Return how many items there are."""
    return session.scalar(select(func.count()).select_from(ItemRow)) or 0


def stored_items() -> Select[*tuple[Any, ...]]:
    """Return the query of items with their present text; the caller narrows it."""
    item, text = ItemRow, ItemVersionRow
    return select(
        item.id,
        item.source_id,
        item.outlet,
        item.kind,
        item.url,
        item.external_id,
        text.title,
        text.text,
        item.published,
        item.fetched_at,
        item.date_note,
        item.engagement,
        item.current_version,
        text.text_sha256,
        text.body_sha256,
        text.http_status,
        text.summary_only,
        item.gone_at,
    ).join(text, and_(text.item_id == item.id, text.number == item.current_version))


def stored(row: Row[*tuple[Any, ...]]) -> StoredItem:
    """Turn a row of `stored_items` into what others may see."""
    return StoredItem(*row)


def _insert(session: Session, wanted: Sequence[Wanted]) -> dict[str, int]:
    """Insert new items with their first text, and return their ids by URL."""
    if not wanted:
        return {}
    statement = insert_into(session, ItemRow).on_conflict_do_nothing()
    rows = [
        {
            "source_id": one.item.source_id,
            "outlet": one.item.outlet,
            "kind": one.item.kind,
            "url": one.item.url,
            "external_id": one.item.external_id,
            "published": one.item.published,
            "date_note": one.item.date_note,
            "fetched_at": one.item.fetched_at,
            "engagement": dict(one.item.engagement),
            "first_sha256": one.first_sha256,
        }
        for one in wanted
    ]
    answer = session.connection().execute(statement.returning(ItemRow.id, ItemRow.url), rows)
    ids = {url: item_id for item_id, url in answer}
    fresh = [one for one in wanted if one.item.url in ids]
    add(session, ItemVersionRow, [_version(one, ids[one.item.url], 1) for one in fresh])
    add(session, ItemUrlRow, [row for one in fresh for row in one.rows(ids[one.item.url])])
    return ids


def _meet_again(
    session: Session, known: Known, wanted: Sequence[Wanted], *, reverts: bool
) -> tuple[set[int], set[int]]:
    """Note what is new about items that are there: another address, text, or counts."""
    changed: set[int] = set()
    same: set[int] = set()
    addresses: list[dict[str, object]] = []
    counts = []
    texts: dict[int, tuple[Wanted, Met]] = {}
    for one in wanted:
        met = known.find(one)
        if met is None:
            continue
        if not known.shown(one):
            addresses += one.rows(met.id)
        same.add(met.id)
        if one.item.engagement and dict(one.item.engagement) != dict(met.engagement):
            counts.append({"of": met.id, "counts": dict(one.item.engagement)})
        if one.sha256 == met.sha256:
            texts.pop(met.id, None)  # the last word of a batch counts
        elif met.summary_only or not one.item.summary_only:
            texts[met.id] = (one, met)
    add(session, ItemUrlRow, addresses)
    if counts:
        session.connection().execute(
            update(ItemRow)
            .where(ItemRow.id == bindparam("of"))
            .values(engagement=bindparam("counts", type_=ItemRow.engagement.type)),
            counts,
        )
    for one, met in texts.values():
        if _edit(session, one, met, reverts=reverts):
            changed.add(met.id)
    return changed, same


def _edit(session: Session, one: Wanted, met: Met, *, reverts: bool) -> bool:
    """Give an item the text it has now, and say whether that is a change."""
    of_item = ItemVersionRow.item_id == met.id
    number = session.scalar(
        select(ItemVersionRow.number).where(of_item, ItemVersionRow.text_sha256 == one.sha256)
    )
    if number is not None and (one.item.url != met.url or not reverts):
        # The same story under two addresses with two texts: the first address leads,
        # else the text would swing between them with every round.
        return False
    if number is None:
        number = 1 + (session.scalar(select(func.max(ItemVersionRow.number)).where(of_item)) or 0)
        add(session, ItemVersionRow, [_version(one, met.id, number)])
    session.execute(update(ItemRow).where(ItemRow.id == met.id).values(current_version=number))
    return True


def _version(one: Wanted, item_id: int, number: int) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "number": number,
        "seen_at": one.item.fetched_at,
        "title": one.item.title,
        "text": one.item.text,
        "text_sha256": one.sha256,
        "body_sha256": one.item.body_sha256,
        "http_status": one.item.http_status,
        "summary_only": one.item.summary_only,
    }
