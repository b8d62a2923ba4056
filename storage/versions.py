"""Every text that was kept, as evidence: what it was, when it came, and its hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from nlp.reading import seen
from storage.models import ItemRow, ItemVersionRow
from storage.write import chunks

_PAGE = 2000
#: The columns of a `Proof`: not the texts, which are long.
_PROOF = (
    ItemVersionRow.item_id,
    ItemVersionRow.number,
    ItemRow.url,
    ItemVersionRow.seen_at,
    ItemVersionRow.http_status,
    ItemVersionRow.body_sha256,
    ItemVersionRow.text_sha256,
)


@dataclass(frozen=True, slots=True)
class Proof:
    """One version of an item.

    `body_sha256` is over the bytes as they were received, `text_sha256` over the masked
    title and text as they were kept.
    """

    item: int
    version: int
    url: str
    seen_at: datetime
    http_status: int
    body_sha256: str
    text_sha256: str


def first_seen(session: Session) -> datetime | None:
    """Return when the oldest version came, None where there is none."""
    return session.scalar(select(func.min(ItemVersionRow.seen_at)))


def between(session: Session, begin: datetime, end: datetime) -> Iterator[Proof]:
    """Yield the versions that came from `begin` on and before `end`, by item and version."""
    after = (0, 0)
    while True:
        query = (
            select(*_PROOF)
            .join(ItemRow, ItemRow.id == ItemVersionRow.item_id)
            .where(ItemVersionRow.seen_at >= begin, ItemVersionRow.seen_at < end)
            .where(
                (ItemVersionRow.item_id > after[0])
                | ((ItemVersionRow.item_id == after[0]) & (ItemVersionRow.number > after[1]))
            )
            .order_by(ItemVersionRow.item_id, ItemVersionRow.number)
            .limit(_PAGE)
        )
        rows = session.execute(query).all()
        yield from (Proof(*row) for row in rows)
        if len(rows) < _PAGE:
            return
        after = (rows[-1].item_id, rows[-1].number)


def as_kept(session: Session, keys: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Proof]:
    """Return versions by (item, number); the hash of a text is made from what stands there now."""
    found, wanted = {}, set(keys)
    for part in chunks(sorted({item for item, _ in wanted})):
        query = select(ItemVersionRow, ItemRow.url).join(
            ItemRow, ItemRow.id == ItemVersionRow.item_id
        )
        for row, url in session.execute(query.where(ItemVersionRow.item_id.in_(part))):
            if (row.item_id, row.number) in wanted:
                mark = hashlib.sha256(seen(row.title, row.text).encode()).hexdigest()
                found[row.item_id, row.number] = _proof(row, url, mark)
    return found


def _proof(row: ItemVersionRow, url: str, text_sha256: str) -> Proof:
    return Proof(
        item=row.item_id,
        version=row.number,
        url=url,
        seen_at=row.seen_at,
        http_status=row.http_status,
        body_sha256=row.body_sha256,
        text_sha256=text_sha256,
    )
