"""What reports are made of: cases with their time stamps, promises, and what was listened to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from storage.asof import rows_at
from storage.cases import LIVE, clocks_of
from storage.models import (
    AssessmentRow,
    CaseRow,
    CommitmentRow,
    DigestRow,
    EventRow,
    ItemRow,
    ItemVersionRow,
    MembershipRow,
    ReadingRow,
)
from storage.write import chunks
from triage.case import CaseOutcome, CaseState, Veracity
from triage.record import CaseRecord, Commitment

_LIVE = tuple(state.value for state in LIVE)


def records(session: Session, case_ids: Sequence[int]) -> dict[int, CaseRecord]:
    """Return these cases by number; unknown numbers are left out."""
    found: dict[int, CaseRecord] = {}
    for part in chunks(list(case_ids)):
        for row in session.scalars(select(CaseRow).where(CaseRow.id.in_(part))):
            found[row.id] = _record(row)
    return found


def records_between(
    session: Session, start: datetime, end: datetime, *, seen: datetime | None = None
) -> list[CaseRecord]:
    """Return the cases that were alive at some moment of [start, end), by number.

    They are told as they stood at `seen`, without it as they stand now.
    """
    query = (
        select(CaseRow)
        .where(
            CaseRow.opened_at < end,
            or_(CaseRow.state.in_(_LIVE), CaseRow.closed_at.is_(None), CaseRow.closed_at >= start),
        )
        .order_by(CaseRow.id)
    )
    rows = list(session.scalars(query))
    return [_record(row) for row in (rows if seen is None else rows_at(session, rows, seen))]


def records_opened(session: Session, start: datetime, end: datetime) -> list[CaseRecord]:
    """Return the cases opened in [start, end), by number."""
    query = (
        select(CaseRow)
        .where(CaseRow.opened_at >= start, CaseRow.opened_at < end)
        .order_by(CaseRow.id)
    )
    return [_record(row) for row in session.scalars(query)]


def live_records(session: Session) -> list[CaseRecord]:
    """Return the cases that are not over, by number."""
    query = select(CaseRow).where(CaseRow.state.in_(_LIVE)).order_by(CaseRow.id)
    return [_record(row) for row in session.scalars(query)]


def commitments(
    session: Session,
    *,
    case_ids: Sequence[int] | None = None,
    due_from: date | None = None,
    due_to: date | None = None,
    pending: bool = False,
) -> list[Commitment]:
    """Return dated words on cases, by day; `pending` leaves out those kept and dropped.

    Both days are included.
    """
    query = select(CommitmentRow).order_by(CommitmentRow.due, CommitmentRow.id)
    if due_from is not None:
        query = query.where(CommitmentRow.due >= due_from)
    if due_to is not None:
        query = query.where(CommitmentRow.due <= due_to)
    if pending:
        query = query.where(CommitmentRow.state.in_(["open", "late"]))
    if case_ids is None:
        return _commitments(session, query)
    return [
        one
        for part in chunks(list(case_ids))
        for one in _commitments(session, query.where(CommitmentRow.case_id.in_(part)))
    ]


def places_heard(session: Session, since: datetime, until: datetime) -> set[str]:
    """Return the keys of the places that items fetched in [since, until) tell of."""
    fetched = (ItemRow.fetched_at >= since, ItemRow.fetched_at < until)
    ends = select(func.count(), func.min(ItemRow.id), func.max(ItemRow.id)).where(*fetched)
    count, first, last = session.execute(ends).one()
    if not count:
        return set()
    query = (
        select(ReadingRow.places)
        .join(ItemRow, ItemRow.id == ReadingRow.item_id)
        # By number too: what came in one month lies together, and the rest is not read.
        .where(*fetched, ReadingRow.item_id.between(first, last))
        .where(ReadingRow.current, ReadingRow.places != [])
    )
    return {place["key"] for places in session.scalars(query) for place in places}


def items_by_source(session: Session, start: datetime, end: datetime) -> dict[str, int]:
    """Return how many items each source brought in [start, end)."""
    query = (
        select(ItemRow.source_id, func.count())
        .where(ItemRow.fetched_at >= start, ItemRow.fetched_at < end)
        .group_by(ItemRow.source_id)
    )
    return dict(session.execute(query).tuples().all())


def events_begun(session: Session, start: datetime, end: datetime) -> int:
    """Return how many events of concern began in [start, end)."""
    query = (
        select(func.count())
        .select_from(EventRow)
        .join(AssessmentRow, AssessmentRow.event_id == EventRow.id)
        .where(
            EventRow.merged_into.is_(None),
            EventRow.first_at >= start,
            EventRow.first_at < end,
            AssessmentRow.at >= start,  # none is judged before it begins
            AssessmentRow.verdict != "nothing",
        )
    )
    return session.scalar(query) or 0


def coverage_between(session: Session, first: date, last: date) -> list[Mapping[str, Any]]:
    """Return the coverage that each digest of these days stated, both included."""
    query = (
        select(DigestRow.data)
        .where(DigestRow.day >= first, DigestRow.day <= last)
        .order_by(DigestRow.day)
    )
    return [data["coverage"] for data in session.scalars(query)]


def events_active(session: Session, start: datetime, end: datetime) -> list[int]:
    """Return the events of concern with a report published in [start, end), by number."""
    query = (
        select(MembershipRow.event_id)
        .join(AssessmentRow, AssessmentRow.event_id == MembershipRow.event_id)
        .where(
            MembershipRow.at >= start,
            MembershipRow.at < end,
            AssessmentRow.verdict != "nothing",
        )
        .distinct()
        .order_by(MembershipRow.event_id)
    )
    return list(session.scalars(query))


@dataclass(frozen=True, slots=True)
class ItemRead:
    """One item as it was read. The title is masked."""

    item_id: int
    outlet: str
    kind: str
    title: str
    url: str
    published: datetime | None
    fetched_at: datetime
    event_id: int | None
    is_issue: bool
    severity: int
    topics: tuple[str, ...]
    places: tuple[str, ...]


def items_read(session: Session, start: datetime, end: datetime) -> Iterator[ItemRead]:
    """Yield the items fetched in [start, end) with what was read out of them, by number."""
    query = (
        select(ItemRow, ItemVersionRow.title, MembershipRow.event_id, ReadingRow)
        .join(
            ItemVersionRow,
            and_(
                ItemVersionRow.item_id == ItemRow.id,
                ItemVersionRow.number == ItemRow.current_version,
            ),
        )
        .outerjoin(MembershipRow, MembershipRow.item_id == ItemRow.id)
        .outerjoin(ReadingRow, and_(ReadingRow.item_id == ItemRow.id, ReadingRow.current))
        .where(ItemRow.fetched_at >= start, ItemRow.fetched_at < end)
        .order_by(ItemRow.id)
        .execution_options(yield_per=1000)
    )
    for item, title, event, reading in session.execute(query):
        yield ItemRead(
            item_id=item.id,
            outlet=item.outlet,
            kind=item.kind,
            title=title,
            url=item.url,
            published=item.published,
            fetched_at=item.fetched_at,
            event_id=event,
            is_issue=bool(reading and reading.is_issue),
            severity=reading.severity if reading else 0,
            topics=tuple(one["topic"] for one in reading.topics) if reading else (),
            places=tuple(one["key"] for one in reading.places) if reading else (),
        )


def roots(session: Session, event_ids: Sequence[int]) -> dict[int, int]:
    """Return for each of these events that was merged into another the one it now is part of."""
    found: dict[int, int] = {}
    for part in chunks(list(event_ids)):
        query = select(EventRow.id, EventRow.merged_into).where(
            and_(EventRow.id.in_(part), EventRow.merged_into.is_not(None))
        )
        found |= {event: root for event, root in session.execute(query) if root is not None}
    return found


def _commitments(session: Session, query: Select[CommitmentRow]) -> list[Commitment]:
    return [
        Commitment(
            row.case_id, row.kind, row.text, row.by, row.made_at, row.due, row.state, row.settled_at
        )
        for row in session.scalars(query)
    ]


def _record(row: CaseRow) -> CaseRecord:
    return CaseRecord(
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
        outcome=CaseOutcome(row.outcome) if row.outcome else None,
        opened_at=row.opened_at,
        sent_at=row.sent_at,
        acknowledged_at=row.acknowledged_at,
        answered_at=row.answered_at,
        closed_at=row.closed_at,
        deadlines=clocks_of(row),
        recurs_of=row.recurs_of,
        proposed=Veracity(row.proposed_veracity) if row.proposed_veracity else None,
        statement=row.statement,
        returned=row.returned,
        reminded=row.reminded,
        escalated=row.escalated,
    )
