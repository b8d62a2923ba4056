"""Dated words on cases: promises that are still open, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.models import CommitmentRow
from storage.write import chunks

PROMISE, OPEN = "promise", "open"


@dataclass(frozen=True, slots=True)
class Commitment:
    """One open dated word. `replaced_at` is when the case got the next one of its kind."""

    id: int
    case_id: int
    text: str
    by: str
    made_at: datetime
    due: date
    replaced_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A dated word to be kept. `by` says who gave it; `members` are units or offices only."""

    case_id: int
    kind: str
    text: str
    by: str
    made_at: datetime
    due: date
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One dated word on a case, open or settled. `by` and `members` are units or offices.

    `by_person` says that a person told what became of it, which can be taken back.
    """

    id: int
    case_id: int
    kind: str
    text: str
    by: str
    members: tuple[str, ...]
    made_at: datetime
    due: date
    state: str
    settled_at: datetime | None
    note: str
    by_person: bool


def open_promises(session: Session, case_ids: Iterable[int] | None = None) -> list[Commitment]:
    """Return the open promises of these cases, oldest first; None means: of all cases."""
    query = (
        select(CommitmentRow)
        .where(CommitmentRow.kind == PROMISE, CommitmentRow.state == OPEN)
        .order_by(CommitmentRow.id)
    )
    if case_ids is None:
        return _with_successors(list(session.scalars(query)))
    rows: list[CommitmentRow] = []
    for part in chunks(sorted(set(case_ids))):
        rows += session.scalars(query.where(CommitmentRow.case_id.in_(part)))
    return _with_successors(rows)


def settle(
    session: Session, number: int, state: str, at: datetime, by: str, note: str = ""
) -> bool:
    """Say what became of an open one (kept, late, dropped); False where somebody did before."""
    settled = session.scalar(
        update(CommitmentRow)
        .where(CommitmentRow.id == number, CommitmentRow.state == OPEN)
        .values(state=state, settled_at=at, settled_by=by, note=note)
        .returning(CommitmentRow.id)
    )
    return settled is not None


def reopen(session: Session, number: int) -> bool:
    """Take back what a person said became of one; False where it is open or the machine did."""
    taken = session.scalar(
        update(CommitmentRow)
        .where(CommitmentRow.id == number, CommitmentRow.state != OPEN)
        .where(CommitmentRow.settled_by != "machine")
        .values(state=OPEN, settled_at=None, settled_by=None, note="")
        .returning(CommitmentRow.id)
    )
    return taken is not None


def add(session: Session, new: NewEntry) -> int:
    """Keep a dated word and return its number."""
    values = {name: getattr(new, name) for name in NewEntry.__slots__}
    row = CommitmentRow(**(values | {"members": list(new.members)}), state=OPEN, note="")
    session.add(row)
    session.flush()
    return row.id


def of_case(session: Session, case_id: int) -> list[Entry]:
    """Return all dated words on a case, by day."""
    query = select(CommitmentRow).where(CommitmentRow.case_id == case_id)
    return [
        Entry(
            row.id,
            row.case_id,
            row.kind,
            row.text,
            row.by,
            tuple(row.members),
            row.made_at,
            row.due,
            row.state,
            row.settled_at,
            row.note,
            row.settled_by not in (None, "machine"),
        )
        for row in session.scalars(query.order_by(CommitmentRow.due, CommitmentRow.id))
    ]


def _with_successors(rows: list[CommitmentRow]) -> list[Commitment]:
    following: dict[int, datetime] = {}
    found = []
    for row in reversed(rows):
        found.append(
            Commitment(
                row.id,
                row.case_id,
                row.text,
                row.by,
                row.made_at,
                row.due,
                following.get(row.case_id),
            )
        )
        following[row.case_id] = row.made_at
    return found[::-1]
