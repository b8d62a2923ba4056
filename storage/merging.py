"""Events put together and taken apart by people, with a history that allows both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from config.errors import LangNgheError
from storage.models import EventChangeRow, EventRow, ItemRow, ItemVersionRow, MembershipRow
from storage.write import add, chunks


class CannotMerge(LangNgheError):
    """These events cannot be put together, or taken apart."""

    reason = "merge"


@dataclass(frozen=True, slots=True)
class Change:
    """What a person did: `other_id` was merged into `event_id`, or taken out of it again."""

    kind: str
    event_id: int
    other_id: int
    items: tuple[int, ...]
    who: str
    at: datetime


def merge(session: Session, event_id: int, other_id: int, who: str, at: datetime) -> None:
    """Put the items of `other_id` into `event_id`, which triage then looks at again.

    Raises `CannotMerge` unless these are two events that both stand on their own.
    """
    if event_id == other_id:
        raise CannotMerge(f"event {event_id} cannot be merged into itself")
    for number in (event_id, other_id):
        event = session.get(EventRow, number, with_for_update=True)
        if event is None or event.merged_into is not None:
            raise CannotMerge(f"there is no event {number} that stands on its own")
    items = _members(session, other_id)
    inner = list(session.scalars(select(EventRow.id).where(EventRow.merged_into == other_id)))
    _move(session, items, event_id)
    _point(session, [other_id, *inner], event_id)
    _refresh(session, event_id)
    _note(session, Change("merge", event_id, other_id, tuple(items), who, at), inner)


def unmerge(session: Session, other_id: int, who: str, at: datetime) -> None:
    """Take `other_id` out of the event it was merged into, with the items it brought.

    Items and events that a person has moved elsewhere since stay there. Raises `CannotMerge`
    where it is not merged.
    """
    event = session.get(EventRow, other_id, with_for_update=True)
    if event is None or event.merged_into is None:
        raise CannotMerge(f"event {other_id} is not merged into another")
    root = event.merged_into
    last = session.scalars(
        select(EventChangeRow)
        .where(EventChangeRow.other_id == other_id, EventChangeRow.kind == "merge")
        .order_by(EventChangeRow.id.desc())
        .limit(1)
    ).one()
    inner, elsewhere = _still_inner(session, root, last)
    here = set(_members(session, root)) - elsewhere
    items = [item for item in last.items if item in here]
    _move(session, items, other_id)
    _point(session, inner, other_id)
    session.execute(update(EventRow).where(EventRow.id == other_id).values(merged_into=None))
    _refresh(session, root)
    _refresh(session, other_id)
    _note(session, Change("unmerge", root, other_id, tuple(items), who, at), inner)


def split(session: Session, event_id: int, item_id: int, who: str, at: datetime) -> int:
    """Take one item out of an event, to be an event of its own again, and return its number.

    What copied the item goes with it. Raises `CannotMerge` for an item that is not of this
    event, and for the one that began it: its number is the event's, so that the others must
    be taken out instead.
    """
    event = session.get(EventRow, event_id, with_for_update=True)
    members = _members(session, event_id)
    if event is None or item_id not in members:
        raise CannotMerge(f"item {item_id} is not of event {event_id}")
    if item_id == event_id or len(members) < 2:
        raise CannotMerge(f"event {event_id} began with item {item_id}")
    copies = select(MembershipRow.item_id).where(
        MembershipRow.event_id == event_id, MembershipRow.copy_of == item_id
    )
    items = sorted({item_id, *session.scalars(copies)} - {event_id})
    own = session.get(EventRow, item_id)
    if own is None:
        add(session, EventRow, [_alone(session, item_id)])
    session.execute(
        update(EventRow).where(EventRow.id == item_id).values(merged_into=None, stale=True)
    )
    _move(session, items, item_id)
    session.execute(
        update(MembershipRow).where(MembershipRow.item_id == item_id).values(copy_of=None)
    )
    _refresh(session, event_id)
    _refresh(session, item_id)
    _note(session, Change("split", event_id, item_id, tuple(items), who, at), [])
    return item_id


def history(session: Session, event_id: int) -> list[Change]:
    """Return what people did to an event, oldest first."""
    query = (
        select(EventChangeRow)
        .where(or_(EventChangeRow.event_id == event_id, EventChangeRow.other_id == event_id))
        .order_by(EventChangeRow.id)
    )
    return [
        Change(row.kind, row.event_id, row.other_id, tuple(row.items), row.who, row.at)
        for row in session.scalars(query)
    ]


def _still_inner(session: Session, root: int, merged: EventChangeRow) -> tuple[list[int], set[int]]:
    """Return the events that came to `root` inside a merged one, and are there by that merge.

    With them the items of those that were taken out and put into `root` by themselves.
    """
    later = session.scalars(
        select(EventChangeRow).where(
            EventChangeRow.other_id.in_(merged.events),
            EventChangeRow.id > merged.id,
            EventChangeRow.kind == "merge",
        )
    ).all()
    again = {row.other_id for row in later}
    query = select(EventRow.id).where(EventRow.id.in_(merged.events), EventRow.merged_into == root)
    inner = [event for event in session.scalars(query.order_by(EventRow.id)) if event not in again]
    return inner, {item for row in later for item in row.items}


def _members(session: Session, event_id: int) -> list[int]:
    query = select(MembershipRow.item_id).where(MembershipRow.event_id == event_id)
    return sorted(session.scalars(query))


def _move(session: Session, items: Sequence[int], event_id: int) -> None:
    for part in chunks(items):
        session.execute(
            update(MembershipRow).where(MembershipRow.item_id.in_(part)).values(event_id=event_id)
        )


def _point(session: Session, events: Sequence[int], root: int) -> None:
    """Let merged events name the one they belong to now, never one that is merged itself."""
    for part in chunks(events):
        session.execute(
            update(EventRow).where(EventRow.id.in_(part)).values(merged_into=root, stale=False)
        )


def _refresh(session: Session, event_id: int) -> None:
    """Set the times of an event by its items, and make it work for triage."""
    row = session.execute(
        select(
            func.min(MembershipRow.at).label("first_at"),
            func.max(MembershipRow.at).label("last_at"),
            func.max(MembershipRow.item_id).label("last_item_id"),
        ).where(MembershipRow.event_id == event_id)
    ).one()
    values = row._asdict() if row.last_item_id is not None else {}
    session.execute(update(EventRow).where(EventRow.id == event_id).values(stale=True, **values))


def _alone(session: Session, item_id: int) -> dict[str, object]:
    """Return the event that an item makes by itself; the times are set by its members."""
    item = session.get_one(ItemRow, item_id)
    version = session.get_one(ItemVersionRow, (item_id, item.current_version))
    at = item.published or item.fetched_at
    return {
        "id": item_id,
        "title": version.title or version.text[:120],
        "first_at": at,
        "last_at": at,
        "last_item_id": item_id,
        "stale": True,
    }


def _note(session: Session, change: Change, inner: Sequence[int]) -> None:
    session.add(
        EventChangeRow(
            kind=change.kind,
            event_id=change.event_id,
            other_id=change.other_id,
            items=list(change.items),
            events=list(inner),
            who=change.who,
            at=change.at,
        )
    )
    session.flush()
