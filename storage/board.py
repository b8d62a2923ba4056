"""What the lists of the console show: pages of cases, and events that nobody opened one of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, cast, distinct, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from storage.answers import last_moves
from storage.cases import StoredCase, by_rows
from storage.models import (
    AccountRow,
    AssessmentRow,
    CaseRow,
    EventRow,
    ItemRow,
    MembershipRow,
    QueueClaimRow,
)
from storage.write import chunks
from triage.case import CaseState, Veracity

#: The states in which a person of the committee has to decide.
WAITING = (CaseState.PROPOSED, CaseState.ANSWERED)
#: More than this is not looked through for words.
_MOST_WORDS = 20_000
_MOST_DAYS = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases a list shows. Empty or None: any. `late_at` asks for what was overdue then.

    `sent` leaves out what the unit was never told of.
    """

    states: tuple[CaseState, ...] = ()
    topic: str = ""
    severity: int | None = None
    unit_id: str = ""
    late_at: datetime | None = None
    sent: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A case as one line of a list. `sources` counts independent outlets.

    `claimed_by` is the name of somebody else who looks at it just now, or "". `last_move` is
    that of `answers.LinkedCase`.
    """

    case: StoredCase
    proposed: Veracity | None
    returned: int
    sources: int
    claimed_by: str
    last_move: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """An event that waits for a person's word and has no case."""

    event_id: int
    title: str
    last_at: datetime
    score: float
    reasons: tuple[str, ...]
    sources: int


def words(session: Session, wanted: Wanted, *, by_weight: bool) -> Iterator[tuple[int, str, str]]:
    """Yield (number, what it tells, where) of the cases that fit, in the order of `page`."""
    query = (
        select(CaseRow.id, CaseRow.title, CaseRow.gist, CaseRow.place, CaseRow.unit_name)
        .where(*_conditions(wanted))
        .order_by(*_order(by_weight=by_weight))
        .limit(_MOST_WORDS)
    )
    for number, title, gist, place, unit in session.execute(query):
        yield number, f"{title}\n{gist}\n{unit}", place


def count(session: Session, wanted: Wanted) -> int:
    """Return how many cases fit."""
    query = select(func.count()).select_from(CaseRow).where(*_conditions(wanted))
    return session.scalar(query) or 0


def page(
    session: Session, wanted: Wanted, start: int, size: int, *, by_weight: bool
) -> list[StoredCase]:
    """Return cases that fit from position `start`, by weight or newest first.

    By weight: what waits for a person, then the gravest, then what waits longest.
    """
    query = select(CaseRow).where(*_conditions(wanted)).order_by(*_order(by_weight=by_weight))
    return by_rows(session.scalars(query.offset(start).limit(size)))


def numbered(session: Session, numbers: Sequence[int]) -> list[StoredCase]:
    """Return the cases of these numbers, in their order."""
    found: dict[int, StoredCase] = {}
    for part in chunks(list(numbers)):
        for one in by_rows(session.scalars(select(CaseRow).where(CaseRow.id.in_(part)))):
            found[one.brief.case_id] = one
    return [found[number] for number in numbers if number in found]


def lines(session: Session, cases: Sequence[StoredCase], me: int, now: datetime) -> list[Line]:
    """Return what a list tells of each case, as the account `me` sees it."""
    numbers = [one.brief.case_id for one in cases]
    voices = _voices(session, [one.brief.event_id for one in cases])
    held, moved = claims(session, numbers, me, now), last_moves(session, numbers)
    query = select(CaseRow.id, CaseRow.proposed_veracity, CaseRow.returned)
    more = {row.id: row for row in session.execute(query.where(CaseRow.id.in_(numbers)))}
    return [
        Line(
            case=one,
            proposed=_truth(more[one.brief.case_id].proposed_veracity),
            returned=more[one.brief.case_id].returned,
            sources=voices.get(one.brief.event_id, 0),
            claimed_by=held.get(one.brief.case_id, ""),
            last_move=moved[one.brief.case_id],
        )
        for one in cases
    ]


def claims(session: Session, numbers: Sequence[int], me: int, now: datetime) -> dict[int, str]:
    """Return which of these cases somebody else looks at just now, and who."""
    if not numbers:
        return {}
    query = (
        select(QueueClaimRow.case_id, AccountRow.name, AccountRow.login)
        .join(AccountRow, AccountRow.id == QueueClaimRow.account_id)
        .where(
            QueueClaimRow.case_id.in_(numbers),
            QueueClaimRow.account_id != me,
            QueueClaimRow.until > now,
        )
    )
    return {number: name or login for number, name, login in session.execute(query)}


def count_doubts(session: Session) -> int:
    """Return how many events wait for a word and have no case."""
    return session.scalar(select(func.count()).select_from(AssessmentRow).where(*_DOUBTFUL)) or 0


def doubts(session: Session, start: int, size: int) -> list[Doubt]:
    """Return events that wait for a word and have no case, weightiest first."""
    said = AssessmentRow
    query = (
        select(EventRow.id, EventRow.title, EventRow.last_at, said.score, said.reasons)
        .join(said, said.event_id == EventRow.id)
        .where(*_DOUBTFUL)
        .order_by(said.score.desc(), said.event_id)
    )
    rows = session.execute(query.offset(start).limit(size)).all()
    voices = _voices(session, [row.id for row in rows])
    return [
        Doubt(row.id, row.title, row.last_at, row.score, tuple(row.reasons), voices.get(row.id, 0))
        for row in rows
    ]


_MERGED = aliased(EventRow)
#: Assessments of events that wait for a word. What was merged is few, and is left out by its own
#: index: to count, no event need be read.
_DOUBTFUL: tuple[ColumnElement[bool], ...] = (
    AssessmentRow.verdict == literal("hold", literal_execute=True),
    ~select(_MERGED.id)
    .where(_MERGED.id == AssessmentRow.event_id, _MERGED.merged_into.is_not(None))
    .exists(),
    ~select(CaseRow.id).where(CaseRow.event_id == AssessmentRow.event_id).exists(),
)


def alike(
    session: Session, topics: Sequence[str], place: str | None, but: int, limit: int
) -> list[StoredCase]:
    """Return cases about the same main topic in the same place, open or over, newest first."""
    if not topics or place is None:
        return []
    query = (
        select(CaseRow)
        .where(CaseRow.place_key == place, _about(topics[0]), CaseRow.id != but)
        .order_by(CaseRow.id.desc())
        .limit(limit)
    )
    return by_rows(session.scalars(query))


def chain(session: Session, case_id: int, event_id: int, recurs_of: int | None) -> list[StoredCase]:
    """Return the other cases of the same trouble: of its event, and what it came back from."""
    query = (
        select(CaseRow)
        .where(
            CaseRow.id != case_id,
            or_(
                CaseRow.event_id == event_id,
                CaseRow.id == recurs_of if recurs_of else CaseRow.recurs_of == case_id,
                CaseRow.recurs_of == case_id,
            ),
        )
        .order_by(CaseRow.id.desc())
        .limit(_MOST_DAYS)
    )
    return by_rows(session.scalars(query))


def of_events(session: Session, event_ids: Sequence[int]) -> list[StoredCase]:
    """Return all cases of these events, newest first."""
    query = select(CaseRow).where(CaseRow.event_id.in_(list(event_ids)))
    return by_rows(session.scalars(query.order_by(CaseRow.id.desc())))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.states:
        found.append(CaseRow.state.in_([state.value for state in wanted.states]))
    if wanted.topic:
        found.append(_about(wanted.topic))
    if wanted.severity is not None:
        found.append(CaseRow.severity == wanted.severity)
    if wanted.unit_id:
        found.append(CaseRow.unit_id == wanted.unit_id)
    if wanted.sent:
        found.append(CaseRow.sent_at.is_not(None))
    if wanted.late_at is not None:
        found.append(is_late(wanted.late_at))
    return found


def _order(*, by_weight: bool) -> list[Any]:
    if not by_weight:
        return [CaseRow.id.desc()]
    waits = case((CaseRow.state.in_([state.value for state in WAITING]), 0), else_=1)
    return [waits, CaseRow.severity.desc(), CaseRow.opened_at, CaseRow.id]


def _about(topic: str) -> ColumnElement[bool]:
    """Say that a case is about a topic: names of topics hold neither quotes nor wildcards."""
    return cast(CaseRow.topics, Text).contains(f'"{topic}"', autoescape=True)


def is_late(now: datetime) -> ColumnElement[bool]:
    """Say that the clock that runs in the case's state has run out, as `next_due` does."""
    clocks = (
        (CaseState.SENT, CaseRow.ack_due),
        (CaseState.ACKNOWLEDGED, CaseRow.verify_due),
        (CaseState.ANSWERED, CaseRow.final_due),
    )
    return or_(*(and_(CaseRow.state == state.value, due < now) for state, due in clocks))


def _voices(session: Session, event_ids: Sequence[int]) -> dict[int, int]:
    """Count the outlets that tell of each event in words of their own."""
    if not event_ids:
        return {}
    query = (
        select(MembershipRow.event_id, func.count(distinct(ItemRow.outlet)))
        .join(ItemRow, ItemRow.id == MembershipRow.item_id)
        .where(MembershipRow.event_id.in_(list(event_ids)), MembershipRow.copy_of.is_(None))
        .group_by(MembershipRow.event_id)
    )
    return dict(session.execute(query).tuples().all())


def _truth(value: str | None) -> Veracity | None:
    return Veracity(value) if value else None
