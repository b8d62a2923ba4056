"""What the page of an answer link shows of a case, its forms taken once, its links revoked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from storage import cases
from storage.cases import CaseEntry, StoredCase
from storage.models import CaseEntryRow, CaseRow, CommitmentRow, UsedNonceRow
from storage.write import insert_into
from triage.act import BY_UNIT, Kind
from triage.case import CaseOutcome, CaseState, Veracity

#: Lines of the history that a decision wrote.
_MOVES = [kind.value for kind in Kind if kind is not Kind.NOTE]


@dataclass(frozen=True, slots=True)
class Promised:
    """A day that was given for a case; `state` is open, kept, late or dropped."""

    text: str
    due: date
    made_at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Gate:
    """What decides whether a link still works: the epoch of its case, whose it is, its state."""

    epoch: int
    unit_id: str
    state: CaseState


@dataclass(frozen=True, slots=True)
class LinkedCase:
    """A case as the unit under its link sees it. Texts are masked.

    `last_move` numbers the last line of the history that somebody's decision wrote: what a
    form has to know of, so that of two people who answer at once one is told. `asked_again` is
    what is missing where the answer was sent back; `assigned` says that a person chose the unit.
    What another unit wrote before the case became this one's is not in it.
    """

    case: StoredCase
    epoch: int
    statement: str
    veracity: Veracity | None
    outcome: CaseOutcome | None
    answered_at: datetime | None
    promises: tuple[Promised, ...]
    by_unit: tuple[CaseEntry, ...]
    asked_again: str
    assigned: bool
    last_move: int


def gate(session: Session, case_id: int, *, lock: bool = False) -> Gate | None:
    """Return what decides whether a link still works; None without the case.

    `lock` keeps the case as it is until the transaction ends.
    """
    query = select(CaseRow.link_epoch, CaseRow.unit_id, CaseRow.state).where(CaseRow.id == case_id)
    row = session.execute(query.with_for_update() if lock else query).first()
    return Gate(row.link_epoch, row.unit_id, CaseState(row.state)) if row else None


def linked(session: Session, case_id: int) -> LinkedCase | None:
    """Return a case for its link; None without it."""
    row = session.get(CaseRow, case_id)
    if row is None:
        return None
    moves = _moves(session, case_id)
    units = [kind.value for kind in BY_UNIT]
    last = moves[-1] if moves else None
    return LinkedCase(
        case=cases.by_rows([row])[0],
        epoch=row.link_epoch,
        statement=row.statement,
        veracity=Veracity(row.proposed_veracity) if row.proposed_veracity else None,
        outcome=CaseOutcome(row.proposed_outcome) if row.proposed_outcome else None,
        answered_at=row.answered_at,
        promises=_promises(session, row, moves),
        by_unit=tuple(m for m in moves if m.kind in units and m.who == f"unit:{row.unit_id}"),
        asked_again=last.text if last and last.kind == Kind.SEND_BACK.value else "",
        assigned=any(move.kind == Kind.ASSIGN.value for move in moves),
        last_move=last.seq if last else 0,
    )


def use(session: Session, nonce: str, now: datetime, until: datetime) -> datetime | None:
    """Use a nonce up; None the first time, else when it was used.

    Two transactions with one nonce: the second waits for the first. A nonce is remembered
    until `until`, when its form has ended by itself.
    """
    insert = insert_into(session, UsedNonceRow).on_conflict_do_nothing()
    row = {"nonce": nonce, "used_at": now, "until": until}
    made = session.execute(insert.returning(UsedNonceRow.nonce), [row]).first()
    if made is not None:
        return None
    return session.get_one(UsedNonceRow, nonce).used_at


def forget_nonces(session: Session, now: datetime) -> None:
    """Forget the nonces whose forms have ended by themselves."""
    session.execute(delete(UsedNonceRow).where(UsedNonceRow.until <= now))


def revoke(session: Session, case_id: int, at: datetime, who: str) -> int | None:
    """End all links of a case that were given so far; return the new epoch, None without a case."""
    epoch = session.scalar(
        update(CaseRow)
        .where(CaseRow.id == case_id)
        .values(link_epoch=CaseRow.link_epoch + 1)
        .returning(CaseRow.link_epoch)
    )
    if epoch is not None:
        cases.entry(session, case_id, at, who, "links_revoked", "", {"epoch": epoch})
    return epoch


def last_seq(session: Session, case_id: int) -> int:
    """Return the number of the last line of a case's history."""
    query = select(CaseEntryRow.seq).where(CaseEntryRow.case_id == case_id)
    return session.scalar(query.order_by(CaseEntryRow.seq.desc()).limit(1)) or 0


def last_moves(session: Session, case_ids: Collection[int]) -> dict[int, int]:
    """Return the `last_move` of each case, 0 where nobody decided yet."""
    found = dict.fromkeys(case_ids, 0)
    query = (
        select(CaseEntryRow.case_id, func.max(CaseEntryRow.seq))
        .where(CaseEntryRow.case_id.in_(found), CaseEntryRow.kind.in_(_MOVES))
        .group_by(CaseEntryRow.case_id)
    )
    return found | dict(session.execute(query).tuples().all())


def _moves(session: Session, case_id: int) -> list[CaseEntry]:
    rows = session.scalars(
        select(CaseEntryRow)
        .where(CaseEntryRow.case_id == case_id, CaseEntryRow.kind.in_(_MOVES))
        .order_by(CaseEntryRow.seq)
    )
    return [CaseEntry(row.seq, row.at, row.who, row.kind, row.text, row.data) for row in rows]


def _promises(session: Session, case: CaseRow, moves: list[CaseEntry]) -> tuple[Promised, ...]:
    """Return the promises of the unit itself, and those that people noted since it has the case."""
    since = [move.at for move in moves if move.kind == Kind.ASSIGN.value]
    noted = ~CommitmentRow.by.startswith("unit:")
    if since:
        noted &= CommitmentRow.made_at >= since[-1]
    rows = session.scalars(
        select(CommitmentRow)
        .where(CommitmentRow.case_id == case.id, CommitmentRow.kind == "promise")
        .where((CommitmentRow.by == f"unit:{case.unit_id}") | noted)
        .order_by(CommitmentRow.made_at, CommitmentRow.id)
    )
    return tuple(Promised(row.text, row.due, row.made_at, row.state) for row in rows)
