"""Where units are written to, and which of these addresses take no mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.models import ContactRow
from storage.write import put


@dataclass(frozen=True, slots=True)
class Contact:
    """What the table holds of a unit's address; `confirmed_at` None: only a mark of failure."""

    email: str
    confirmed_at: datetime | None
    source: str
    failed_at: datetime | None
    failure: str


def every(session: Session) -> dict[str, Contact]:
    """Return the table by unit."""
    return {
        row.unit_id: Contact(row.email, row.confirmed_at, row.source, row.failed_at, row.failure)
        for row in session.scalars(select(ContactRow))
    }


def addresses(session: Session) -> dict[str, str]:
    """Return the address of each unit that was confirmed here; empty where it was switched off."""
    rows = session.execute(
        select(ContactRow.unit_id, ContactRow.email).where(ContactRow.confirmed_at.is_not(None))
    )
    return dict(rows.tuples().all())


def failed(session: Session) -> dict[str, tuple[str, datetime, str]]:
    """Return (address, when, why) of each unit whose address refused a mail for good.

    It counts only as long as the unit is still written to at that address.
    """
    rows = session.execute(
        select(ContactRow.unit_id, ContactRow.email, ContactRow.failed_at, ContactRow.failure)
        .where(ContactRow.failed_at.is_not(None))
        .order_by(ContactRow.unit_id)
    )
    return {unit: (email, at, why) for unit, email, at, why in rows if at is not None}


def confirm(session: Session, unit_id: str, email: str, source: str, at: datetime) -> None:
    """Set the address of a unit; `source` says who gave it, `at` when it was confirmed.

    An empty address switches the unit's mail off, whatever the files say. That the old
    address refused a mail is forgotten.
    """
    row = {"unit_id": unit_id, "email": email, "source": source, "confirmed_at": at}
    put(session, ContactRow, [row | {"failed_at": None, "failure": ""}], ["unit_id"])


def mark_failed(session: Session, unit_id: str, email: str, reason: str, at: datetime) -> None:
    """Note that a unit's address refused a mail for good: nothing is sent there any more.

    Until it is confirmed, replaced, or takes a mail after all. An address of the files gets
    a row here that was never confirmed, and only carries the mark.
    """
    mark = {"failed_at": at, "failure": reason}
    known = session.scalar(
        update(ContactRow)
        .where(ContactRow.unit_id == unit_id, ContactRow.email == email)
        .values(**mark)
        .returning(ContactRow.unit_id)
    )
    if known is None:
        # A row confirmed meanwhile for another address stays as it is.
        stands = session.get(ContactRow, unit_id)
        if stands is None or stands.confirmed_at is None:
            row = {"unit_id": unit_id, "email": email, "source": "files", **mark}
            put(session, ContactRow, [row], ["unit_id"])


def works(session: Session, email: str) -> None:
    """Note that an address took a mail: marks against it fall."""
    session.execute(
        update(ContactRow)
        .where(ContactRow.email == email, ContactRow.failed_at.is_not(None))
        .values(failed_at=None, failure="")
    )
