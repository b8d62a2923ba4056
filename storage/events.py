"""Events: which items are about one problem. The grouper decides, this keeps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, func, select, update
from sqlalchemy.orm import Session

from nlp.event import Arrival, Joined
from storage.looks import plan_looks
from storage.models import (
    EventChangeRow,
    EventRow,
    ItemRow,
    ItemVersionRow,
    MembershipRow,
    ReadingRow,
    SuggestionRow,
)
from storage.write import add, chunks

_MACHINE = "machine"
_PAGE = 1000
_PUBLISHED = func.coalesce(ItemRow.published, ItemRow.fetched_at)


def ungrouped(session: Session, limit: int, before: datetime | None = None) -> list[Arrival]:
    """Return up to `limit` items that are or may be issues and in no event, to be gathered.

    Round by round, and of one round in the order of publication: which site answered
    first must not decide which report began an event. `before` leaves out what was
    fetched at that moment or later.
    """
    waiting = select(ItemRow.id).join(ReadingRow, ReadingRow.item_id == ItemRow.id)
    waiting = waiting.where(ReadingRow.ungrouped)
    if before is not None:
        waiting = waiting.where(ItemRow.fetched_at < before)
    order = (ItemRow.fetched_at, _PUBLISHED, ItemRow.url)
    ids = list(session.scalars(waiting.order_by(*order).limit(limit)))
    found: dict[int, Arrival] = {}
    for part in chunks(ids):
        rows = session.execute(_arrivals().where(ItemRow.id.in_(part)))
        found |= {row.id: _arrival(row) for row in rows}
    return [found[item] for item in ids]


def window(session: Session, since: datetime) -> Iterator[tuple[Arrival, int, int | None]]:
    """Yield (item, its event, the item it copies) in order of arrival, to rebuild the index.

    Items published (or else fetched) before `since` are left out.
    """
    last = 0
    while True:
        query = (
            _arrivals(MembershipRow.event_id, MembershipRow.copy_of)
            .join(MembershipRow, MembershipRow.item_id == ItemRow.id)
            .where(MembershipRow.at >= since, ItemRow.id > last)
            .order_by(ItemRow.id)
            .limit(_PAGE)
        )
        rows = session.execute(query).all()
        for row in rows:
            yield _arrival(row), row.event_id, row.copy_of
        if len(rows) < _PAGE:
            return
        last = rows[-1].id


def save_joins(session: Session, joins: Sequence[tuple[Arrival, Joined]], at: datetime) -> None:
    """Keep what the grouper decided, in its order; the events become work for triage.

    An item that is in an event stays there. What joins an event that people merged into
    another joins that other.
    """
    roots = _roots(session, [joined.event for _, joined in joins])
    members = []
    for arrival, joined in joins:
        event = roots.get(joined.event, joined.event)
        if joined.new:
            add(session, EventRow, [_event(arrival, joined)])
        else:
            _extend(session, event, arrival)
        members.append(_membership(arrival, joined, at) | {"event_id": event})
    add(session, MembershipRow, members)
    add(
        session,
        SuggestionRow,
        [
            {"item_id": joined.item, "event_id": event, "score": score, "at": at}
            for _, joined in joins
            for event, score in joined.suggest
        ],
    )
    plan_looks(session, [joined.item for _, joined in joins])
    for part in chunks([joined.item for _, joined in joins]):
        session.execute(
            update(ReadingRow).where(ReadingRow.item_id.in_(part)).values(ungrouped=False)
        )


def last_change(session: Session) -> int:
    """Return the number of the last merge, split or move by a person; 0 where there is none."""
    return session.scalar(select(func.max(EventChangeRow.id))) or 0


def rename(session: Session, event_id: int, title: str) -> None:
    """Give an event another name; its items keep theirs."""
    session.execute(update(EventRow).where(EventRow.id == event_id).values(title=title))


def count(session: Session) -> int:
    """Return how many events stand on their own."""
    query = select(func.count()).select_from(EventRow).where(EventRow.merged_into.is_(None))
    return session.scalar(query) or 0


def _roots(session: Session, events: Sequence[int]) -> dict[int, int]:
    """Return where the merged ones among `events` now belong."""
    found: dict[int, int] = {}
    for part in chunks(sorted(set(events))):
        query = select(EventRow.id, EventRow.merged_into).where(
            EventRow.id.in_(part), EventRow.merged_into.is_not(None)
        )
        found |= {event: root for event, root in session.execute(query) if root is not None}
    return found


def _event(arrival: Arrival, joined: Joined) -> dict[str, object]:
    return {
        "id": joined.event,
        "title": arrival.title or arrival.text[:120],
        "first_at": arrival.at,
        "last_at": arrival.at,
        "last_item_id": arrival.id,
        "stale": True,
    }


def _extend(session: Session, event_id: int, arrival: Arrival) -> None:
    event = session.get_one(EventRow, event_id)
    event.first_at = min(event.first_at, arrival.at)
    event.last_at = max(event.last_at, arrival.at)
    event.last_item_id = max(event.last_item_id, arrival.id)
    event.stale = True
    session.flush()


def _membership(arrival: Arrival, joined: Joined, at: datetime) -> dict[str, object]:
    return {
        "item_id": joined.item,
        "event_id": joined.event,
        "at": arrival.at,
        "score": joined.score,
        "why": joined.why,
        "copy_of": joined.copy_of,
        "by": _MACHINE,
        "joined_at": at,
    }


def _arrivals(*more: Any) -> Select[Any]:
    """Return the query of items as the grouper sees them, with their counting reading."""
    return (
        select(
            ItemRow.id,
            ItemVersionRow.title,
            ItemVersionRow.text,
            _PUBLISHED.label("at"),
            ReadingRow.places,
            ReadingRow.topics,
            ReadingRow.is_issue,
            *more,
        )
        .join(
            ItemVersionRow,
            and_(
                ItemVersionRow.item_id == ItemRow.id,
                ItemVersionRow.number == ItemRow.current_version,
            ),
        )
        .join(ReadingRow, and_(ReadingRow.item_id == ItemRow.id, ReadingRow.current))
    )


def _arrival(row: Row[Any]) -> Arrival:
    return Arrival(
        id=row.id,
        title=row.title,
        text=row.text,
        at=row.at,
        places=tuple(place["key"] for place in row.places),
        topics=tuple(topic["topic"] for topic in row.topics),
        is_issue=row.is_issue,
    )
