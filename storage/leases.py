"""Who works on what: leases that end by themselves, and hosts that must be left alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from storage.models import HostStateRow, LeaseRow
from storage.write import insert_into, put


def claim(session: Session, name: str, owner: str, now: datetime, seconds: float) -> int | None:
    """Take or renew the lease `name` for `seconds`; None where another one holds it.

    Returns how often it was taken without being released: what kills every worker that
    touches it can be told by that, and set aside.
    """
    statement = insert_into(session, LeaseRow).values(
        name=name, owner=owner, lease_until=now + timedelta(seconds=seconds), tries=1
    )
    statement = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={
            "owner": statement.excluded.owner,
            "lease_until": statement.excluded.lease_until,
            "tries": LeaseRow.tries + 1,
        },
        where=or_(LeaseRow.lease_until <= now, LeaseRow.owner == owner),
    )
    tries: int | None = session.scalar(statement.returning(LeaseRow.tries))
    return tries


def release(session: Session, name: str, owner: str) -> None:
    """Give a lease back; harmless where it has passed to another."""
    session.execute(delete(LeaseRow).where(LeaseRow.name == name, LeaseRow.owner == owner))


def next_allowed(session: Session, hosts: Iterable[str]) -> dict[str, datetime]:
    """Return from when on each of `hosts` may be asked; those never asked are left out."""
    query = select(HostStateRow.host, HostStateRow.next_allowed_at)
    rows = session.execute(query.where(HostStateRow.host.in_(sorted(hosts))))
    return {host: at for host, at in rows}  # noqa: C416 (a Row is no pair to the type checker)


def leave_alone(session: Session, until: Mapping[str, datetime]) -> None:
    """Note from when on hosts may be asked again. Commit it before asking them."""
    rows = [{"host": host, "next_allowed_at": at} for host, at in sorted(until.items())]
    put(session, HostStateRow, rows, ["host"])
