"""Where units are written to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import ContactRow
from storage.write import put


def addresses(session: Session) -> dict[str, str]:
    """Return the e-mail address of each unit that has one here."""
    rows = session.execute(select(ContactRow.unit_id, ContactRow.email))
    return {unit: email for unit, email in rows if email}


def confirm(session: Session, unit_id: str, email: str, source: str, at: datetime) -> None:
    """Set the address of a unit; `source` says who gave it, `at` when it was confirmed.

    An empty address switches the unit's mail off, whatever the files say.
    """
    row = {"unit_id": unit_id, "email": email, "source": source, "confirmed_at": at}
    put(session, ContactRow, [row], ["unit_id"])
