"""Who looks at which case just now, and the views of the queue that people kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from storage.models import QueueClaimRow, SavedFilterRow
from storage.write import insert_into

#: A claim ends by itself, so that nobody is ever locked out of a case.
LASTS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A view of the queue that somebody named: the fields of its address."""

    id: int
    name: str
    query: Mapping[str, str]


def claim(session: Session, numbers: Sequence[int], me: int, now: datetime) -> set[int]:
    """Say that `me` works on these cases for `LASTS`, and return which ones it got.

    A case that another works on just now stays theirs; one's own claim begins anew.
    """
    got = set()
    for number in sorted(set(numbers)):
        insert = insert_into(session, QueueClaimRow)
        insert = insert.on_conflict_do_update(
            index_elements=["case_id"],
            set_={"account_id": insert.excluded.account_id, "until": insert.excluded.until},
            where=or_(QueueClaimRow.account_id == me, QueueClaimRow.until <= now),
        )
        row = {"case_id": number, "account_id": me, "until": now + LASTS}
        if session.execute(insert.returning(QueueClaimRow.case_id), [row]).first():
            got.add(number)
    return got


def release(session: Session, numbers: Sequence[int], me: int) -> None:
    """Let cases go that `me` works on."""
    session.execute(
        delete(QueueClaimRow).where(
            QueueClaimRow.case_id.in_(list(numbers)), QueueClaimRow.account_id == me
        )
    )


def filters(session: Session, me: int) -> list[SavedFilter]:
    """Return the views that `me` kept, by name."""
    query = select(SavedFilterRow).where(SavedFilterRow.account_id == me)
    rows = session.scalars(query.order_by(SavedFilterRow.name))
    return [SavedFilter(row.id, row.name, row.query) for row in rows]


def save_filter(session: Session, me: int, name: str, query: Mapping[str, str]) -> int:
    """Keep a view under a name and return its number; one of the same name gives way to it."""
    insert = insert_into(session, SavedFilterRow)
    insert = insert.on_conflict_do_update(
        index_elements=["account_id", "name"], set_={"query": insert.excluded.query}
    )
    row = {"account_id": me, "name": name, "query": dict(query)}
    return session.execute(insert.returning(SavedFilterRow.id), [row]).scalar_one()


def drop_filter(session: Session, me: int, number: int) -> None:
    """Forget a view of `me`; another's stays."""
    session.execute(
        delete(SavedFilterRow).where(SavedFilterRow.account_id == me, SavedFilterRow.id == number)
    )
