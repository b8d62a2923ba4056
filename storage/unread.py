"""Items that are still to be read, each given to one reader at a time.

An item is taken under a lease and dropped from it in the transaction that keeps its
reading. A reader that dies leaves the lease behind: when it ends, the items are taken
again, one at a time, so that what kills readers is found out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, String, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from storage import leases
from storage.items import StoredItem, stored, stored_items
from storage.models import ItemRow, LeaseRow, ReadingRow

_PREFIX = "read:"
#: A reader that has not kept what it took after so long is taken for dead. A batch takes
#: seconds; a heavy machine may take ten times that.
LEASE_S = 60.0
#: An item that was taken more often than this without being kept is suspected to kill its readers.
MAX_DEATHS = 3

_UNFINISHED = ItemRow.read_version != ItemRow.current_version


@dataclass(frozen=True, slots=True)
class Share:
    """Items that are this reader's to read. Over a `suspect` every reader died so far.

    That may be chance: a machine that was switched off each time. It must be tried apart.
    """

    items: tuple[StoredItem, ...] = ()
    suspects: tuple[StoredItem, ...] = ()

    @property
    def all(self) -> tuple[StoredItem, ...]:
        """All items of the share."""
        return (*self.items, *self.suspects)

    def __bool__(self) -> bool:
        """Say whether there is anything to do."""
        return bool(self.all)


def claim(
    session: Session,
    reader_version: str,
    owner: str,
    now: datetime,
    limit: int,
    ids: Sequence[int] = (),
) -> Share:
    """Take up to `limit` items to be read, oldest first: new or changed ones.

    Also those that only an older reader failed to read. With `ids`, of these only. What a
    dead reader left comes first, alone. Commit it before reading; whoever keeps a reading
    calls `done` in the same transaction.
    """
    while not ids and (left := leases.retake(session, _PREFIX, owner, now, LEASE_S)):
        name, tries = left
        found = _get(session, [int(name.removeprefix(_PREFIX))], reader_version)
        if not found:  # read meanwhile, by one that was slow and not dead
            leases.drop(session, [name], owner)
            continue
        return Share(suspects=found) if tries > MAX_DEATHS else Share(found)
    wanted = _waiting(session, reader_version, limit, ids)
    got = leases.take_fresh(session, [_name(one) for one in wanted], owner, now, LEASE_S)
    return Share(_get(session, [one for one in wanted if _name(one) in got], reader_version))


def put_back(session: Session, owner: str) -> int:
    """Give up what `owner` took earlier and did not end, because the database went away.

    Only whoever reads nothing at this moment may say so. Returns how many items it was.
    """
    return leases.drop_all(session, _PREFIX, owner)


def done(session: Session, items: Sequence[StoredItem], owner: str) -> None:
    """Give up the leases of items whose readings are kept in this transaction."""
    leases.drop(session, [_name(item.id) for item in items], owner)


def first(session: Session) -> int | None:
    """Return the oldest item that is not read yet, None where all are."""
    return session.scalar(select(func.min(ItemRow.id)).where(_UNFINISHED))


def first_fetched(session: Session) -> datetime | None:
    """Return when the oldest round with an item that is not read yet was; None if all are read."""
    return session.scalar(select(func.min(ItemRow.fetched_at)).where(_UNFINISHED))


def newest(session: Session) -> int:
    """Return the item that arrived last, 0 where there is none."""
    return session.scalar(select(func.max(ItemRow.id))) or 0


def waiting(session: Session, reader_version: str, limit: int) -> list[int]:
    """Return up to `limit` items that nobody took yet, oldest first."""
    return _waiting(session, reader_version, limit, ())


def left_behind(session: Session, now: datetime) -> bool:
    """Say whether a reader died over its items."""
    return leases.any_over(session, _PREFIX, now, LEASE_S)


def count(session: Session) -> int:
    """Return how many items are not read yet."""
    return session.scalar(select(func.count()).select_from(ItemRow).where(_UNFINISHED)) or 0


def _name(item_id: int) -> str:
    return f"{_PREFIX}{item_id}"


def _waiting(session: Session, reader_version: str, limit: int, ids: Sequence[int]) -> list[int]:
    taken = select(LeaseRow.name).where(
        LeaseRow.name == literal(_PREFIX) + cast(ItemRow.id, String)
    )
    free = select(ItemRow.id).where(~taken.exists()).order_by(ItemRow.id).limit(limit)
    if ids:
        free = free.where(ItemRow.id.in_(ids))
    found = list(session.scalars(free.where(_UNFINISHED)))
    if len(found) < limit:
        again = free.where(~_UNFINISHED, ItemRow.id.in_(_failed_before(reader_version)))
        found += session.scalars(again.limit(limit - len(found)))
    return found


def _get(session: Session, ids: Sequence[int], reader_version: str) -> tuple[StoredItem, ...]:
    """Return those of `ids` that are still to be read, in their order."""
    if not ids:
        return ()
    to_do = or_(_UNFINISHED, ItemRow.id.in_(_failed_before(reader_version)))
    query = stored_items().where(ItemRow.id.in_(ids), to_do).order_by(ItemRow.id)
    return tuple(stored(row) for row in session.execute(query))


def _failed_before(reader_version: str) -> Select[int]:
    return select(ReadingRow.item_id).where(
        ReadingRow.failure.is_not(None),
        ReadingRow.current,
        ReadingRow.reader_version != reader_version,
    )
