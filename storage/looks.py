"""Second looks at articles that are evidence, to see what was edited or taken down.

The times between looks grow with the age of an article: most edits come within hours.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from storage.models import ItemRow, MembershipRow
from storage.write import chunks

#: When an article is looked at again, counted from when it was first fetched.
SLOTS = (
    timedelta(hours=2),
    timedelta(hours=12),
    timedelta(days=2),
    timedelta(days=7),
    timedelta(days=30),
)
#: After a look at which an article was not had.
LATER = timedelta(hours=6)


def next_look(fetched_at: datetime, now: datetime) -> datetime | None:
    """Return when an article fetched then is looked at next after `now`; None: no more.

    >>> from datetime import UTC
    >>> next_look(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 6, tzinfo=UTC)).hour
    12
    """
    return next((fetched_at + slot for slot in SLOTS if fetched_at + slot > now), None)


def due_looks(session: Session, source_id: str, now: datetime, limit: int) -> tuple[str, ...]:
    """Return the addresses of a source's items in events whose next look is due, oldest first."""
    query = (
        select(ItemRow.url)
        .join(MembershipRow, MembershipRow.item_id == ItemRow.id)
        .where(ItemRow.source_id == source_id, ItemRow.look_at <= now)
        .order_by(ItemRow.look_at, ItemRow.id)
        .limit(limit)
    )
    return tuple(session.scalars(query))


def plan_looks(session: Session, item_ids: Sequence[int]) -> None:
    """Let items that came into events be looked at again; the first look of old ones is due."""
    for part in chunks(item_ids):
        query = select(ItemRow.id, ItemRow.fetched_at).where(ItemRow.id.in_(part))
        rows = [
            {"of": number, "then": next_look(fetched_at, fetched_at)}
            for number, fetched_at in session.execute(query)
        ]
        if rows:
            session.connection().execute(
                update(ItemRow)
                .where(ItemRow.id == bindparam("of"), ItemRow.look_at.is_(None))
                .values(look_at=bindparam("then", type_=ItemRow.look_at.type)),
                rows,
            )


def looked(
    session: Session,
    now: datetime,
    *,
    there: Collection[str],
    gone: Collection[str],
    unknown: Collection[str],
) -> None:
    """Note how looks ended, by address: `there`, `gone`, or `unknown` (it was not had).

    What was not had is looked at again after `LATER`, so that a site that is down for long
    costs no look, and a page that kills its reader does not do so at every poll.

    An article counts as gone only where an earlier look found it at this very address:
    what identifies an article is not always where it can be fetched.
    """  # fmt: skip
    asked = [*there, *gone, *unknown]
    query = select(ItemRow.id, ItemRow.url, ItemRow.fetched_at, ItemRow.looked_at, ItemRow.gone_at)
    for row in session.execute(query.where(ItemRow.url.in_(asked))).all():
        then = next_look(row.fetched_at, now)
        if row.url in unknown and now - row.fetched_at < SLOTS[-1]:
            then = min(now + LATER, then or now + LATER)
        values: dict[str, datetime | None] = {"look_at": then}
        if row.url in there:
            values |= {"looked_at": now, "gone_at": None}
        elif row.url in gone and row.looked_at is not None:
            values["gone_at"] = row.gone_at or now
        session.execute(update(ItemRow).where(ItemRow.id == row.id).values(**values))
