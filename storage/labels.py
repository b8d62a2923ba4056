"""What people said of items: it wins over every reading, and teaches the model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.models import EventRow, LabelRow, MembershipRow
from storage.write import chunks


@dataclass(frozen=True, slots=True)
class Label:
    """A correction: what `field` of an item's reading should have been."""

    item_id: int
    field: str
    value: Any
    who: str
    at: datetime


def correct(session: Session, label: Label) -> None:
    """Keep a correction; the event of its item becomes work for triage."""
    session.add(
        LabelRow(
            item_id=label.item_id,
            field=label.field,
            value={"value": label.value},
            who=label.who,
            at=label.at,
        )
    )
    session.flush()
    event = select(MembershipRow.event_id).where(MembershipRow.item_id == label.item_id)
    session.execute(update(EventRow).where(EventRow.id.in_(event)).values(stale=True))


def of_items(session: Session, item_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return what people last said of each of these items, by field."""
    found: dict[int, dict[str, Any]] = {}
    for part in chunks(sorted(set(item_ids))):
        query = select(LabelRow).where(LabelRow.item_id.in_(part)).order_by(LabelRow.id)
        for row in session.scalars(query):
            found.setdefault(row.item_id, {})[row.field] = row.value["value"]
    return found


def all_labels(session: Session) -> list[Label]:
    """Return every correction, oldest first, for training."""
    return [
        Label(row.item_id, row.field, row.value["value"], row.who, row.at)
        for row in session.scalars(select(LabelRow).order_by(LabelRow.id))
    ]
