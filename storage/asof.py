"""Cases as they stood at an earlier moment, from what their history says was replaced since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from storage.caselife import replaced
from storage.models import CaseEntryRow, CaseRow
from storage.write import chunks
from triage.case import CaseState

_SENT = "sent"
_CLOCKS = ("ack_due", "verify_due", "final_due")
_COLUMNS = [attribute.key for attribute in inspect(CaseRow).column_attrs]


def rows_at(session: Session, rows: Sequence[CaseRow], moment: datetime) -> list[CaseRow]:
    """Return copies of `rows`, in no session, as they stood just before `moment`.

    What a person decided and took back again, one before and one after the moment, is told
    as it stands now; so is what the machine alone counts (reminders).
    """
    numbers = [row.id for row in rows]
    later, sent = _later(session, numbers, moment), _sent(session, numbers, moment)
    return [_back(row, later.get(row.id, ()), sent.get(row.id)) for row in rows]


def _later(
    session: Session, numbers: Sequence[int], moment: datetime
) -> dict[int, list[CaseEntryRow]]:
    """Return the lines of history since `moment`, newest first, by case."""
    found: dict[int, list[CaseEntryRow]] = defaultdict(list)
    for part in chunks(numbers):
        query = (
            select(CaseEntryRow)
            .where(CaseEntryRow.case_id.in_(part), CaseEntryRow.at >= moment)
            .order_by(CaseEntryRow.seq.desc())
        )
        for entry in session.scalars(query):
            found[entry.case_id].append(entry)
    return found


def _sent(session: Session, numbers: Sequence[int], moment: datetime) -> dict[int, datetime]:
    """Return when the last mail that opened a case had left before `moment`, by case."""
    found: dict[int, datetime] = {}
    for part in chunks(numbers):
        query = (
            select(CaseEntryRow.case_id, func.max(CaseEntryRow.at))
            .where(
                CaseEntryRow.case_id.in_(part),
                CaseEntryRow.at < moment,
                CaseEntryRow.kind == _SENT,
            )
            .group_by(CaseEntryRow.case_id)
        )
        found |= {row[0]: row[1] for row in session.execute(query)}
    return found


def _back(row: CaseRow, later: Sequence[CaseEntryRow], sent: datetime | None) -> CaseRow:
    values: dict[str, Any] = {name: getattr(row, name) for name in _COLUMNS}
    for entry in later:
        values |= replaced(entry.data)
        if entry.kind == _SENT:
            values |= {"state": CaseState.APPROVED.value, "sent_at": sent}
            values |= {} if sent else dict.fromkeys(_CLOCKS)
    return CaseRow(**values)
