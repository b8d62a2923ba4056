"""Who works on what: leases that end by themselves.

A lease is known by its name. One for a room ("gather") is given back and stays, so that
the next holder knows who was there before; one for a piece of work ("read:17") is taken
by many at once and dropped when the work is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from storage.models import LeaseRow
from storage.write import chunks, insert_into

#: By so much may the clocks of two machines differ (docs/cluster.md says: a few seconds). A lease
#: that ends by no more than this too late was taken by a machine whose clock is ahead of ours.
SKEW = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Taken:
    """A lease that was had. `before` is who had it last, "" for nobody.

    `tries` counts how often it was taken without being given back, this time too.
    """

    before: str
    tries: int


def take(session: Session, name: str, owner: str, now: datetime, seconds: float) -> Taken | None:
    """Take or renew the lease `name` for `seconds`; None where another one holds it.

    One that ends later than any taken now would, by more than `SKEW`, was set by a clock that
    was ahead, and holds nothing.
    """
    until = now + timedelta(seconds=seconds)
    row = session.scalar(select(LeaseRow).where(LeaseRow.name == name).with_for_update())
    if row is None:
        fresh = {"name": name, "owner": owner, "lease_until": until, "tries": 1}
        statement = insert_into(session, LeaseRow).values(fresh).on_conflict_do_nothing()
        first = session.execute(statement.returning(LeaseRow.name)).first()
        return None if first is None else Taken("", 1)
    if row.owner != owner and now < row.lease_until <= until + SKEW:
        return None
    before, row.owner, row.lease_until = row.owner, owner, until
    row.tries += 1
    session.flush()
    return Taken(before, row.tries)


def hold(session: Session, name: str, owner: str, now: datetime, seconds: float) -> bool:
    """Renew a lease; False where it passed to another owner.

    In the transaction that writes under the lease this is its fence: nobody else can take
    the lease before that transaction ends.
    """
    mine = update(LeaseRow).where(LeaseRow.name == name, LeaseRow.owner == owner)
    until = now + timedelta(seconds=seconds)
    renewed = session.execute(mine.values(lease_until=until).returning(LeaseRow.name))
    return renewed.first() is not None


def release(session: Session, name: str, owner: str, now: datetime) -> None:
    """Give a lease back; harmless where it has passed to another."""
    mine = update(LeaseRow).where(LeaseRow.name == name, LeaseRow.owner == owner)
    session.execute(mine.values(lease_until=now, tries=0))


def is_free(session: Session, name: str, now: datetime, seconds: float) -> bool:
    """Say whether nobody holds the lease `name`, which is taken for `seconds` at a time."""
    until = session.scalar(select(LeaseRow.lease_until).where(LeaseRow.name == name))
    return until is None or not now < until <= now + timedelta(seconds=seconds) + SKEW


def take_fresh(
    session: Session, names: Sequence[str], owner: str, now: datetime, seconds: float
) -> frozenset[str]:
    """Take those of `names` that nobody ever took; return them."""
    until, got = now + timedelta(seconds=seconds), set[str]()
    for part in chunks(names):
        rows = [{"name": one, "owner": owner, "lease_until": until, "tries": 1} for one in part]
        statement = insert_into(session, LeaseRow).values(rows).on_conflict_do_nothing()
        got.update(session.scalars(statement.returning(LeaseRow.name)))
    return frozenset(got)


def retake(
    session: Session, prefix: str, owner: str, now: datetime, seconds: float
) -> tuple[str, int] | None:
    """Take one lease of those called `prefix`… whose holder died; return (name, tries).

    One at a time, the least tried first: what kills whoever touches it is told from what
    only lay beside it.
    """
    until = now + timedelta(seconds=seconds)
    over = _over(prefix, now, until)
    order = (LeaseRow.tries, LeaseRow.lease_until, LeaseRow.name)
    query = select(LeaseRow).where(over).order_by(*order).limit(1)
    row = session.scalar(query.with_for_update(skip_locked=True))
    if row is None:
        return None
    row.owner, row.lease_until = owner, until
    row.tries += 1
    session.flush()
    return row.name, row.tries


def drop(session: Session, names: Sequence[str], owner: str) -> None:
    """Forget leases of work that is done; harmless where they passed to another."""
    for part in chunks(names):
        session.execute(delete(LeaseRow).where(LeaseRow.name.in_(part), LeaseRow.owner == owner))


def drop_all(session: Session, prefix: str, owner: str) -> int:
    """Forget all leases called `prefix`… of one owner; return how many there were."""
    mine = LeaseRow.name.startswith(prefix, autoescape=True) & (LeaseRow.owner == owner)
    return len(session.scalars(delete(LeaseRow).where(mine).returning(LeaseRow.name)).all())


def give_back(session: Session, owner: str, now: datetime) -> None:
    """Give back every lease of one that lives but works on nothing; this try does not count."""
    mine = update(LeaseRow).where(LeaseRow.owner == owner, LeaseRow.lease_until > now)
    session.execute(mine.values(lease_until=now, tries=LeaseRow.tries - 1))


def any_over(session: Session, prefix: str, now: datetime, seconds: float) -> bool:
    """Say whether the holder of some lease called `prefix`… died."""
    over = _over(prefix, now, now + timedelta(seconds=seconds))
    return session.scalar(select(LeaseRow.name).where(over).limit(1)) is not None


def holders(session: Session, now: datetime) -> list[str]:
    """Return who holds a lease that did not end."""
    query = select(LeaseRow.owner).where(LeaseRow.lease_until > now).distinct()
    return sorted(session.scalars(query))


def expire(session: Session, owner: str, now: datetime) -> None:
    """End all leases of an owner that is known to be dead; what it had counts as not given back."""
    session.execute(
        update(LeaseRow)
        .where(LeaseRow.owner == owner, LeaseRow.lease_until > now)
        .values(lease_until=now)
    )


def _over(prefix: str, now: datetime, until: datetime) -> ColumnElement[bool]:
    """Return the condition on leases called `prefix`… that nobody holds any more."""
    ended = or_(LeaseRow.lease_until <= now, LeaseRow.lease_until > until + SKEW)
    return and_(LeaseRow.name.startswith(prefix, autoescape=True), ended)
