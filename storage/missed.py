"""The book of misses: what reached the committee by another road first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from storage.models import (
    CaseEntryRow,
    CaseRow,
    ItemRow,
    ItemUrlRow,
    ItemVersionRow,
    MembershipRow,
    MissedRow,
)


@dataclass(frozen=True, slots=True)
class Miss:
    """One line of the book. `road` says how it reached the committee; `title` is masked.

    `station` is where we lost it, as it stood when it was noted; `id` 0: not kept yet.
    """

    noted_at: datetime
    who: str
    title: str
    url: str
    happened_on: date
    place_key: str | None
    topic: str
    road: str
    station: str
    event_id: int | None = None
    note: str = ""
    id: int = 0


def add(session: Session, miss: Miss) -> int:
    """Write a line into the book and return its number."""
    row = MissedRow(
        noted_at=miss.noted_at,
        who=miss.who,
        title=miss.title,
        url=miss.url,
        happened_on=miss.happened_on,
        place_key=miss.place_key,
        topic=miss.topic,
        road=miss.road,
        event_id=miss.event_id,
        # The table has no column of its own for the station: it is the first line here.
        note=f"{miss.station}\n{miss.note}",
    )
    session.add(row)
    session.flush()
    return row.id


def every(
    session: Session, start: datetime | None = None, end: datetime | None = None
) -> list[Miss]:
    """Return the lines noted from `start` to before `end`, newest first.

    A line without an event gets the one that its item has by now.
    """
    query = select(MissedRow).order_by(MissedRow.id.desc())
    if start is not None:
        query = query.where(MissedRow.noted_at >= start)
    if end is not None:
        query = query.where(MissedRow.noted_at < end)
    return [_miss(session, row) for row in session.scalars(query)]


def item_of(session: Session, urls: Iterable[str]) -> int | None:
    """Return the item kept under one of these addresses, or None."""
    wanted = [url for url in urls if url]
    shown = select(ItemUrlRow.item_id).where(ItemUrlRow.url.in_(wanted))
    query = select(ItemRow.id).where(or_(ItemRow.url.in_(wanted), ItemRow.id.in_(shown)))
    return session.scalar(query.order_by(ItemRow.id).limit(1))


def titled(session: Session, title: str, around: datetime, span: timedelta) -> int | None:
    """Return the first item whose masked title is just `title`, within `span` of `around`."""
    at = func.coalesce(ItemRow.published, ItemRow.fetched_at)
    query = (
        select(ItemRow.id)
        .join(ItemVersionRow, ItemVersionRow.item_id == ItemRow.id)
        .where(ItemVersionRow.title == title, at >= around - span, at <= around + span)
        .order_by(ItemRow.id)
    )
    return session.scalar(query.limit(1))


def event_of(session: Session, item_id: int) -> int | None:
    """Return the event of an item, or None."""
    return session.scalar(select(MembershipRow.event_id).where(MembershipRow.item_id == item_id))


def last_case(session: Session, event_id: int) -> tuple[str, datetime | None] | None:
    """Return state and first sending of the last case of an event; None without one."""
    row = session.execute(
        select(CaseRow.id, CaseRow.state)
        .where(CaseRow.event_id == event_id)
        .order_by(CaseRow.episode.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    sent = select(func.min(CaseEntryRow.at)).where(
        CaseEntryRow.case_id == row.id, CaseEntryRow.kind == "sent"
    )
    return row.state, session.scalar(sent)


def _miss(session: Session, row: MissedRow) -> Miss:
    station, _, note = row.note.partition("\n")
    event = row.event_id
    if event is None and (item := item_of(session, [row.url])) is not None:
        event = event_of(session, item)
    return Miss(
        noted_at=row.noted_at,
        who=row.who,
        title=row.title,
        url=row.url,
        happened_on=row.happened_on,
        place_key=row.place_key,
        topic=row.topic,
        road=row.road,
        station=station,
        event_id=event,
        note=note,
        id=row.id,
    )
