"""What there is to learn from: items that people spoke of, and items of a time to read again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from nlp.reading import Reading
from storage import items, labels, readings
from storage.items import StoredItem
from storage.models import ItemRow, LabelRow, MembershipRow, ReadingRow
from storage.write import chunks

_PAGE = 200


@dataclass(frozen=True, slots=True)
class Lesson:
    """An item with what people last said of it, by field, and what the machine read."""

    item: StoredItem
    said: Mapping[str, Any]
    read: Reading


def lessons(session: Session) -> list[Lesson]:
    """Return every item whose topics, severity or being an issue a person spoke of, by id."""
    fields = (labels.IS_ISSUE, labels.TOPICS, labels.SEVERITY)
    spoken = select(LabelRow.item_id).where(LabelRow.field.in_(fields)).distinct()
    ids = sorted(session.scalars(spoken))
    found = []
    for part in chunks(ids):
        said = labels.of_items(session, part)
        kept, read = items.by_ids(session, part), readings.as_read(session, part)
        for item in part:
            words = {name: value for name, value in said.get(item, {}).items() if name in fields}
            if words and item in kept and item in read:
                found.append(Lesson(kept[item], words, read[item]))
    return found


def read_since(
    session: Session, since: datetime
) -> Iterator[list[tuple[StoredItem, Reading, int | None]]]:
    """Yield batches of (item, its reading, its event or None) published since, by id.

    Readings are the machine's own; items without a date count from when they were fetched.
    """
    last = 0
    at = func.coalesce(ItemRow.published, ItemRow.fetched_at)
    while True:
        query = (
            select(ItemRow.id, MembershipRow.event_id)
            .join(ReadingRow, (ReadingRow.item_id == ItemRow.id) & ReadingRow.current)
            .outerjoin(MembershipRow, MembershipRow.item_id == ItemRow.id)
            .where(at >= since, ItemRow.id > last, ReadingRow.failure.is_(None))
            .order_by(ItemRow.id)
            .limit(_PAGE)
        )
        events = dict(session.execute(query).tuples().all())
        if not events:
            return
        ids = list(events)
        kept, read = items.by_ids(session, ids), readings.as_read(session, ids)
        yield [(kept[item], read[item], events[item]) for item in ids]
        last = ids[-1]
