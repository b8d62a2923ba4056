"""What the grouper was not sure of: items that may belong to another event, for a person to say."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, aliased

from storage.models import EventRow, MembershipRow, SuggestionRow

YES, NO = "yes", "no"
_MOST = 30


@dataclass(frozen=True, slots=True)
class Suggestion:
    """That another event may be the same. `score` is the grouper's best for any of its items."""

    event_id: int
    title: str
    score: float


@dataclass(frozen=True, slots=True)
class EventHead:
    """An event by number, title, and what it was merged into."""

    event_id: int
    title: str
    merged_into: int | None


def head(session: Session, event_id: int) -> EventHead | None:
    """Return what an event is called, or None without it."""
    row = session.get(EventRow, event_id)
    return EventHead(row.id, row.title, row.merged_into) if row else None


def merged(session: Session, event_id: int) -> list[EventHead]:
    """Return the events that were merged into this one."""
    query = select(EventRow).where(EventRow.merged_into == event_id).order_by(EventRow.id)
    return [EventHead(row.id, row.title, row.merged_into) for row in session.scalars(query)]


def open_suggestions(session: Session, event_id: int) -> list[Suggestion]:
    """Return which other events may be the same as this one, likeliest first.

    Either side may have been asked about; what a person answered is not asked again.
    """
    root = func.coalesce(EventRow.merged_into, EventRow.id)
    asked = (
        select(MembershipRow.event_id.label("mine"), root.label("other"), SuggestionRow.score)
        .join(SuggestionRow, SuggestionRow.item_id == MembershipRow.item_id)
        .join(EventRow, EventRow.id == SuggestionRow.event_id)
        .where(SuggestionRow.answer.is_(None))
        .limit(10 * _MOST)
    )
    # Each side has its index; asked for either at once, the databases read both tables whole.
    of_mine = asked.where(MembershipRow.event_id == event_id)
    absorbed = select(EventRow.id).where(EventRow.merged_into == event_id)
    these = [event_id, *session.scalars(absorbed)]
    of_others = asked.where(SuggestionRow.event_id.in_(these), root == event_id)
    best: dict[int, float] = {}
    for mine, other, score in (*session.execute(of_mine), *session.execute(of_others)):
        their = other if mine == event_id else mine
        if their != event_id:
            best[their] = max(score, best.get(their, 0.0))
    named = select(EventRow.id, EventRow.title).where(EventRow.id.in_(list(best)))
    titles = dict(session.execute(named).tuples().all()) if best else {}
    ordered = sorted(best, key=lambda event: (-best[event], event))[:_MOST]
    return [Suggestion(event, titles.get(event, ""), best[event]) for event in ordered]


def answer(session: Session, event_id: int, other_id: int, said: str, who: str) -> int:
    """Note what a person said of two events, and return how many questions that answered."""
    event = aliased(EventRow)
    root = func.coalesce(event.merged_into, event.id)
    questions = (
        select(SuggestionRow.item_id, SuggestionRow.event_id)
        .join(MembershipRow, MembershipRow.item_id == SuggestionRow.item_id)
        .join(event, event.id == SuggestionRow.event_id)
        .where(
            SuggestionRow.answer.is_(None),
            MembershipRow.event_id.in_((event_id, other_id)),
            root.in_((event_id, other_id)),
        )
    )
    found = session.execute(questions).all()
    for item, asked in found:
        session.execute(
            update(SuggestionRow)
            .where(SuggestionRow.item_id == item, SuggestionRow.event_id == asked)
            .values(answer=said, who=who)
        )
    return len(found)
