"""What must be kept whatever its term says, by whose word, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Exists, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage.models import CaseRow, HoldRow, ItemRow


class Held(StrEnum):
    """What can be held: a case, with all items of its event, or one item."""

    CASE = "case"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold. It stands until `ended_at`."""

    number: int
    kind: Held
    subject: int
    reason: str
    who: str
    at: datetime
    ended_at: datetime | None
    ended_by: str | None


def standing(kind: Held, subject: ColumnElement[int] | InstrumentedAttribute[int]) -> Exists:
    """Return the condition that a hold of this kind stands on `subject`, a column of numbers."""
    return (
        select(HoldRow.id)
        .where(HoldRow.ended_at.is_(None), HoldRow.kind == kind.value, HoldRow.subject == subject)
        .exists()
    )


def exists(session: Session, kind: Held, subject: int) -> bool:
    """Say whether there is such a case or item."""
    table = CaseRow if kind is Held.CASE else ItemRow
    return session.get(table, subject) is not None


def add(session: Session, kind: Held, subject: int, reason: str, who: str, at: datetime) -> int:
    """Hold a case or an item, and return the number of the hold."""
    row = HoldRow(kind=kind.value, subject=subject, reason=reason, who=who, at=at)
    session.add(row)
    session.flush()
    return row.id


def end(session: Session, number: int, who: str, at: datetime) -> bool:
    """End a hold; False where there is none that stands."""
    ended = session.execute(
        update(HoldRow)
        .where(HoldRow.id == number, HoldRow.ended_at.is_(None))
        .values(ended_at=at, ended_by=who)
    )
    return bool(ended.rowcount)  # type: ignore[attr-defined]


def listed(session: Session, *, every: bool = False) -> list[Hold]:
    """Return the holds that stand, with `every` also those that ended, oldest first."""
    query = select(HoldRow).order_by(HoldRow.id)
    if not every:
        query = query.where(HoldRow.ended_at.is_(None))
    return [
        Hold(
            row.id, Held(row.kind), row.subject, row.reason, row.who, row.at, row.ended_at,
            row.ended_by,
        )
        for row in session.scalars(query)
    ]  # fmt: skip
