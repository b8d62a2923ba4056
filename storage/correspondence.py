"""What was written to whom about which case, and what is still to be written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from storage.cases import CaseEntry, StoredCase, by_rows
from storage.models import CaseEntryRow, CaseRow, NoticeCaseRow, NoticeRow
from storage.write import chunks
from triage.case import CaseState
from triage.notice import unit_of

_WITH_SOMEBODY = (CaseState.APPROVED, CaseState.SENT, CaseState.ACKNOWLEDGED, CaseState.ANSWERED)
_OVER = (CaseState.CLOSED, CaseState.DISMISSED)
_IN_HOUSE = ("queued", "sending", "failed")


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with its history and how far its reminding has come."""

    case: StoredCase
    entries: tuple[CaseEntry, ...]
    answered_at: datetime | None
    reminded: int
    reminded_at: datetime | None
    escalated: int
    link_epoch: int
    statement: str


@dataclass(frozen=True, slots=True)
class Posted:
    """How far a mail came, and since when it is out."""

    state: str
    sent_at: datetime | None

    @property
    def waits(self) -> bool:
        """Say whether it did not leave, and may yet."""
        return self.state in _IN_HOUSE


def to_write(session: Session) -> list[CaseFile]:
    """Return, locked, every case that may have something to be told, by number.

    These are the cases that somebody has in hand, and those that are over and whose
    recipients do not know it, or do not know the last correction.
    """
    states = [state.value for state in _WITH_SOMEBODY]
    over = and_(CaseRow.state.in_([state.value for state in _OVER]), CaseRow.id.in_(_untold()))
    query = select(CaseRow).where(or_(CaseRow.state.in_(states), over))
    return _files(session, session.scalars(query.order_by(CaseRow.id).with_for_update()).all())


def waiting(session: Session) -> list[CaseFile]:
    """Return the cases that wait for a person of the committee: proposals and answers."""
    states = [CaseState.PROPOSED.value, CaseState.ANSWERED.value]
    query = select(CaseRow).where(CaseRow.state.in_(states)).order_by(CaseRow.id)
    return _files(session, session.scalars(query).all())


def told(session: Session, case_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Return the units that were written to about each case, first told first.

    A mail that was set aside told nobody anything.
    """
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for part in chunks(sorted(set(case_ids))):
        query = (
            select(NoticeCaseRow.case_id, NoticeRow.key)
            .join(NoticeRow, NoticeRow.key == NoticeCaseRow.notice_key)
            .where(NoticeCaseRow.case_id.in_(part), NoticeRow.state != "failed")
            .order_by(NoticeRow.created_at, NoticeRow.key)
        )
        for number, key in session.execute(query):
            if unit := unit_of(key):
                found[number][unit] = None
    return {number: tuple(units) for number, units in found.items()}


def written(session: Session, keys: Collection[str]) -> set[str]:
    """Return which of these keys are in the outbox, whatever became of them."""
    found: set[str] = set()
    for part in chunks(sorted(keys)):
        found.update(session.scalars(select(NoticeRow.key).where(NoticeRow.key.in_(part))))
    return found


def posted(session: Session, keys: Collection[str]) -> dict[str, Posted]:
    """Return how far these mails came; nothing of those whose term is over."""
    found: dict[str, Posted] = {}
    for part in chunks(sorted(keys)):
        query = select(NoticeRow.key, NoticeRow.state, NoticeRow.sent_at)
        for key, state, at in session.execute(query.where(NoticeRow.key.in_(part))):
            found[key] = Posted(state, at)
    return found


def _untold() -> ColumnElement[int]:
    """The cases whose beginning or correction was told or made after the last closing mail."""
    sent, ended, amended = (_last(kind) for kind in ("sent", "closing_sent", "amended"))
    news = and_(sent > 0, or_(sent > ended, amended > ended))
    kinds = [literal(kind, literal_execute=True) for kind in ("sent", "closing_sent", "amended")]
    query = select(CaseEntryRow.case_id).where(CaseEntryRow.kind.in_(kinds))
    return query.group_by(CaseEntryRow.case_id).having(news).scalar_subquery()


def _last(kind: str) -> ColumnElement[int]:
    return func.coalesce(func.max(case((CaseEntryRow.kind == kind, CaseEntryRow.seq))), 0)


def _files(session: Session, rows: Sequence[CaseRow]) -> list[CaseFile]:
    entries: dict[int, list[CaseEntry]] = defaultdict(list)
    for part in chunks([row.id for row in rows]):
        query = select(CaseEntryRow).where(CaseEntryRow.case_id.in_(part))
        for line in session.scalars(query.order_by(CaseEntryRow.case_id, CaseEntryRow.seq)):
            entries[line.case_id].append(
                CaseEntry(line.seq, line.at, line.who, line.kind, line.text, line.data)
            )
    return [
        CaseFile(
            case=stored,
            entries=tuple(entries[row.id]),
            answered_at=row.answered_at,
            reminded=row.reminded,
            reminded_at=row.reminded_at,
            escalated=row.escalated,
            link_epoch=row.link_epoch,
            statement=row.statement,
        )
        for row, stored in zip(rows, by_rows(rows), strict=True)
    ]
