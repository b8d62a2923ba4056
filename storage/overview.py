"""What the console's overview pages show: few columns of many rows, each with a bound."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from storage.cases import LIVE
from storage.models import AssessmentRow, CaseEntryRow, CaseRow, EventRow, SourceStateRow
from storage.write import chunks
from triage.case import CaseState, Deadlines

_LIVE = tuple(state.value for state in LIVE)


@dataclass(frozen=True, slots=True)
class CaseNow:
    """One case in a list. `why` is the first reason it was opened for."""

    case_id: int
    event_id: int
    title: str
    place: str
    place_key: str | None
    unit_id: str
    unit_name: str
    topics: tuple[str, ...]
    severity: int
    state: CaseState
    hold: str
    why: str
    opened_at: datetime
    closed_at: datetime | None
    deadlines: Deadlines | None


@dataclass(frozen=True, slots=True)
class EventNow:
    """One event of concern that has no case."""

    event_id: int
    title: str
    first_at: datetime
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class SourceMark:
    """How the last poll of a source went."""

    failures: int
    last_ok_at: datetime | None
    last_new_at: datetime | None
    disabled: bool


def live(session: Session) -> list[CaseNow]:
    """Return the cases that are not over, the gravest and then the oldest first."""
    query = _lines().where(CaseRow.state.in_(_LIVE))
    return _cases(session, query.order_by(CaseRow.severity.desc(), CaseRow.id))


def ended(session: Session, since: datetime, most: int) -> list[CaseNow]:
    """Return up to `most` cases that were closed at or after `since`, newest first."""
    query = _lines().where(CaseRow.state == CaseState.CLOSED.value, CaseRow.closed_at >= since)
    return _cases(session, query.order_by(CaseRow.closed_at.desc()).limit(most))


def of_events(session: Session, events: Collection[int]) -> list[CaseNow]:
    """Return the cases of these events, newest first."""
    found: list[CaseNow] = []
    for part in chunks(sorted(set(events))):
        found += _cases(session, _lines().where(CaseRow.event_id.in_(part)))
    return sorted(found, key=lambda case: -case.case_id)


def numbered(session: Session, number: int) -> list[CaseNow]:
    """Return the case of a number, if there is one."""
    return _cases(session, _lines().where(CaseRow.id == number))


def touched(session: Session, since: datetime) -> dict[int, str]:
    """Return what was last done to each live case at or after `since`, opening left out."""
    query = (
        select(CaseEntryRow.case_id, CaseEntryRow.kind)
        .join(CaseRow, CaseRow.id == CaseEntryRow.case_id)
        .where(
            CaseRow.state.in_(_LIVE),
            CaseEntryRow.at >= since,
            CaseEntryRow.kind.not_like("opened:%"),
        )
        .order_by(CaseEntryRow.case_id, CaseEntryRow.seq)
    )
    return dict(session.execute(query).tuples().all())


def unasked(session: Session, since: datetime, most: int) -> tuple[list[EventNow], int]:
    """Return the weightiest events told since that no case is about, and how many there are."""
    cased = select(CaseRow.id).where(CaseRow.event_id == EventRow.id).exists()
    where = (
        EventRow.last_at >= since,
        EventRow.merged_into.is_(None),
        AssessmentRow.verdict.in_(["digest", "hold"]),
        ~cased,
    )
    joined = AssessmentRow.event_id == EventRow.id
    query = (
        select(
            EventRow.id,
            EventRow.title,
            EventRow.first_at,
            AssessmentRow.score,
            AssessmentRow.reasons,
        )
        .join(AssessmentRow, joined)
        .where(*where)
        .order_by(AssessmentRow.score.desc(), EventRow.id)
        .limit(most)
    )
    found = [
        EventNow(number, title, at, score, _first(reasons))
        for number, title, at, score, reasons in session.execute(query)
    ]
    if len(found) < most:
        return found, len(found)
    counted = select(func.count()).select_from(EventRow).join(AssessmentRow, joined).where(*where)
    return found, session.scalar(counted) or 0


def opened_since(
    session: Session, since: datetime
) -> list[tuple[datetime, tuple[str, ...], str, str]]:
    """Return (opened, topics, unit id, unit name) of each case opened at or after `since`."""
    query = select(CaseRow.opened_at, CaseRow.topics, CaseRow.unit_id, CaseRow.unit_name).where(
        CaseRow.opened_at >= since
    )
    return [(at, tuple(topics), unit, name) for at, topics, unit, name in session.execute(query)]


def events_since(session: Session, since: datetime) -> list[datetime]:
    """Return when each event of concern began, of those that began at or after `since`."""
    query = (
        select(EventRow.first_at)
        .join(AssessmentRow, AssessmentRow.event_id == EventRow.id)
        .where(
            EventRow.merged_into.is_(None),
            EventRow.first_at >= since,
            AssessmentRow.at >= since,  # none is judged before it begins
            AssessmentRow.verdict != "nothing",
        )
    )
    return list(session.scalars(query))


def source_marks(session: Session) -> dict[str, SourceMark]:
    """Return how the last poll of each source went."""
    return {
        row.source_id: SourceMark(row.failures, row.last_ok_at, row.last_new_at, row.disabled)
        for row in session.scalars(select(SourceStateRow))
    }


def _lines() -> Select[*tuple[Any, ...]]:
    case = CaseRow
    return select(
        case.id,
        case.event_id,
        case.title,
        case.place,
        case.place_key,
        case.unit_id,
        case.unit_name,
        case.topics,
        case.severity,
        case.state,
        case.hold,
        case.reasons,
        case.opened_at,
        case.closed_at,
        case.ack_due,
        case.verify_due,
        case.final_due,
    )


def _cases(session: Session, query: Select[*tuple[Any, ...]]) -> list[CaseNow]:
    return [_case(row) for row in session.execute(query)]


def _case(row: Row[*tuple[Any, ...]]) -> CaseNow:
    clocks = (row.ack_due, row.verify_due, row.final_due)
    return CaseNow(
        case_id=row.id,
        event_id=row.event_id,
        title=row.title,
        place=row.place,
        place_key=row.place_key,
        unit_id=row.unit_id,
        unit_name=row.unit_name,
        topics=tuple(row.topics),
        severity=row.severity,
        state=CaseState(row.state),
        hold=row.hold or "",
        why=_first(row.reasons),
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        deadlines=Deadlines(*clocks) if all(clocks) else None,
    )


def _first(reasons: list[Any]) -> str:
    return str(reasons[0]) if reasons else ""
