"""What a search shows of items: few columns of the newest that hold the words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, select
from sqlalchemy.orm import Session

from storage.models import EventRow, ItemRow, ItemVersionRow, MembershipRow, ReadingRow
from storage.write import chunks


@dataclass(frozen=True, slots=True)
class Hit:
    """One item that was found. The title is masked; `event_id` is of the event that stands."""

    item_id: int
    outlet: str
    kind: str
    title: str
    url: str
    at: datetime
    event_id: int | None
    topics: tuple[str, ...]
    places: tuple[str, ...]


def hits(
    session: Session,
    item_ids: Collection[int],
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Hit]:
    """Return these items, newest arrival first, of those published in [since, until)."""
    at = _at()
    query = _hits()
    if since is not None:
        query = query.where(at >= since)
    if until is not None:
        query = query.where(at < until)
    found = [
        _hit(row)
        for part in chunks(sorted(set(item_ids)))
        for row in session.execute(query.where(ItemRow.id.in_(part)))
    ]
    return sorted(found, key=lambda hit: -hit.item_id)


def _at() -> ColumnElement[datetime]:
    return func.coalesce(ItemRow.published, ItemRow.fetched_at)


def _hits() -> Select[*tuple[Any, ...]]:
    return (
        select(
            ItemRow.id,
            ItemRow.outlet,
            ItemRow.kind,
            ItemVersionRow.title,
            ItemRow.url,
            _at(),
            func.coalesce(EventRow.merged_into, EventRow.id),
            ReadingRow.topics,
            ReadingRow.places,
        )
        .join(
            ItemVersionRow,
            and_(
                ItemVersionRow.item_id == ItemRow.id,
                ItemVersionRow.number == ItemRow.current_version,
            ),
        )
        .outerjoin(MembershipRow, MembershipRow.item_id == ItemRow.id)
        .outerjoin(EventRow, EventRow.id == MembershipRow.event_id)
        .outerjoin(ReadingRow, and_(ReadingRow.item_id == ItemRow.id, ReadingRow.current))
    )


def _hit(row: Row[*tuple[Any, ...]]) -> Hit:
    item, outlet, kind, title, url, at, event, topics, places = row
    named = tuple(one["topic"] for one in topics or ())
    keys = tuple(one["key"] for one in places or ())
    return Hit(item, outlet, kind, title, url, at, event, named, keys)
