"""Cases and their history, which only ever grows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from storage.models import CaseEntryRow, CaseRow, NoticeCaseRow, NoticeRow
from storage.write import add
from triage.case import CaseBrief, CaseOutcome, CaseState, Deadlines, Veracity
from triage.notice import WAITING

#: The states in which a case is not over.
LIVE = (
    CaseState.PROPOSED,
    CaseState.APPROVED,
    CaseState.SENT,
    CaseState.ACKNOWLEDGED,
    CaseState.ANSWERED,
)


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to be opened. `episode` counts the outbreaks of its event from 1."""

    event_id: int
    episode: int
    state: CaseState
    title: str
    gist: str
    topics: tuple[str, ...]
    severity: int
    place_key: str | None
    place: str
    unit_id: str
    unit_name: str
    opened_at: datetime
    unit_then: str | None = None
    unit_now: str | None = None
    cooperating: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    hold: str | None = None
    candidates: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    recurs_of: int | None = None
    config_hash: str = ""
    gazetteer_version: str = ""
    model_version: str = ""


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case as it is kept: the brief for telling, and what its decisions need."""

    brief: CaseBrief
    place_key: str | None
    unit_then: str | None
    hold: str | None
    candidates: tuple[str, ...]
    cooperating: tuple[str, ...]
    copies: tuple[str, ...]
    outcome: CaseOutcome | None
    closed_at: datetime | None
    episode: int


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """One line of a case's history."""

    seq: int
    at: datetime
    who: str
    kind: str
    text: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CaseStory:
    """A case with all that happened to it. `notices` are (key, recipient, state, message id)."""

    case: StoredCase
    entries: tuple[CaseEntry, ...]
    notices: tuple[tuple[str, str, str, str], ...]


def open_case(session: Session, new: NewCase, who: str = "machine") -> int | None:
    """Open a case and return its number; None where that outbreak has its case already."""
    values = {name: getattr(new, name) for name in NewCase.__slots__}
    for name in ("topics", "cooperating", "copies", "candidates", "reasons"):
        values[name] = list(values[name])
    values |= {"state": new.state.value, "veracity": Veracity.UNVERIFIED.value}
    before = _number(session, new)
    add(session, CaseRow, [values])
    number = _number(session, new)
    if before is not None or number is None:
        return None
    text = "; ".join(new.reasons)
    entry(session, number, new.opened_at, who, f"opened:{new.state.value}", text)
    return number


def entry(
    session: Session,
    case_id: int,
    at: datetime,
    who: str,
    kind: str,
    text: str,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Add one line to a case's history."""
    # Two who write at once must not give their lines one number.
    session.execute(select(CaseRow.id).where(CaseRow.id == case_id).with_for_update())
    last = session.scalar(select(func.max(CaseEntryRow.seq)).where(CaseEntryRow.case_id == case_id))
    session.add(
        CaseEntryRow(
            case_id=case_id,
            seq=(last or 0) + 1,
            at=at,
            who=who,
            kind=kind,
            text=text,
            data=dict(data or {}),
        )
    )
    session.flush()


def change(session: Session, case_id: int, **values: Any) -> None:
    """Set columns of a case; the caller writes the line of history that says why."""
    session.execute(update(CaseRow).where(CaseRow.id == case_id).values(**values))


def transition(
    session: Session, case_id: int, before: Collection[CaseState], to: CaseState, **values: Any
) -> bool:
    """Move a case to another state, with other columns; False where it left `before` meanwhile.

    Of two people who answer at once, one is told so.
    """
    changed = session.scalar(
        update(CaseRow)
        .where(CaseRow.id == case_id, CaseRow.state.in_([state.value for state in before]))
        .values(state=to.value, **values)
        .returning(CaseRow.id)
    )
    return changed is not None


def set_deadlines(session: Session, case_id: int, deadlines: Deadlines) -> None:
    """Start the three clocks of a case."""
    change(
        session,
        case_id,
        ack_due=deadlines.acknowledge,
        verify_due=deadlines.verify,
        final_due=deadlines.final,
    )


def find(
    session: Session,
    *,
    states: Collection[CaseState] | None = None,
    unit_id: str | None = None,
    events: Sequence[int] | None = None,
) -> list[StoredCase]:
    """Return the cases that fit, newest first; None means: any."""
    query = select(CaseRow).order_by(CaseRow.id.desc())
    if states is not None:
        query = query.where(CaseRow.state.in_([state.value for state in states]))
    if unit_id is not None:
        query = query.where(CaseRow.unit_id == unit_id)
    if events is not None:
        query = query.where(CaseRow.event_id.in_(events))
    return _stored(session, query)


def get(session: Session, case_id: int) -> StoredCase | None:
    """Return one case, or None."""
    found = _stored(session, select(CaseRow).where(CaseRow.id == case_id))
    return found[0] if found else None


def show(session: Session, case_id: int) -> CaseStory | None:
    """Return a case with its history and the notices that told units of it, or None."""
    case = get(session, case_id)
    if case is None:
        return None
    entries = session.scalars(
        select(CaseEntryRow).where(CaseEntryRow.case_id == case_id).order_by(CaseEntryRow.seq)
    )
    notices = session.execute(
        select(NoticeRow.key, NoticeRow.recipient, NoticeRow.state, NoticeRow.message_id)
        .join(NoticeCaseRow, NoticeCaseRow.notice_key == NoticeRow.key)
        .where(NoticeCaseRow.case_id == case_id, NoticeRow.kind != WAITING)
        .order_by(NoticeRow.created_at, NoticeRow.key)
    )
    return CaseStory(
        case,
        tuple(CaseEntry(row.seq, row.at, row.who, row.kind, row.text, row.data) for row in entries),
        tuple((row.key, row.recipient, row.state, row.message_id) for row in notices),
    )


def _number(session: Session, new: NewCase) -> int | None:
    return session.scalar(
        select(CaseRow.id).where(CaseRow.event_id == new.event_id, CaseRow.episode == new.episode)
    )


def by_rows(rows: Iterable[CaseRow]) -> list[StoredCase]:
    """Return cases as other modules of storage found them."""
    return [_case(row) for row in rows]


def _stored(session: Session, query: Select[CaseRow]) -> list[StoredCase]:
    return by_rows(session.scalars(query))


def _case(row: CaseRow) -> StoredCase:
    return StoredCase(
        brief=_brief(row),
        place_key=row.place_key,
        unit_then=row.unit_then,
        hold=row.hold,
        candidates=tuple(row.candidates),
        cooperating=tuple(row.cooperating),
        copies=tuple(row.copies),
        outcome=CaseOutcome(row.outcome) if row.outcome else None,
        closed_at=row.closed_at,
        episode=row.episode,
    )


def clocks_of(row: CaseRow) -> Deadlines | None:
    """Return the three clocks of a case, None before it was sent."""
    if row.ack_due and row.verify_due and row.final_due:
        return Deadlines(row.ack_due, row.verify_due, row.final_due)
    return None


def _brief(row: CaseRow) -> CaseBrief:
    return CaseBrief(
        case_id=row.id,
        event_id=row.event_id,
        title=row.title,
        gist=row.gist,
        topics=tuple(row.topics),
        severity=row.severity,
        place=row.place,
        unit_id=row.unit_id,
        unit_name=row.unit_name,
        state=CaseState(row.state),
        veracity=Veracity(row.veracity),
        opened_at=row.opened_at,
        deadlines=clocks_of(row),
        why=tuple(row.reasons),
        recurs_of=row.recurs_of,
    )
