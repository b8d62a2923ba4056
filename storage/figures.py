"""Lines that the weekly figures are counted from."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import missed
from storage.models import CaseEntryRow, CaseRow, MissedRow
from storage.write import chunks
from triage.figures import CaseLine, MissLine, StepLine


def cases_touched(session: Session, start: datetime, end: datetime) -> list[CaseLine]:
    """Return every case to which something happened from `start` to before `end`, by id.

    With its whole history, also what came later.
    """
    touched = (
        select(CaseEntryRow.case_id)
        .where(CaseEntryRow.at >= start, CaseEntryRow.at < end)
        .distinct()
    )
    ids = sorted(session.scalars(touched))
    found: list[CaseLine] = []
    for part in chunks(ids):
        steps: dict[int, list[StepLine]] = defaultdict(list)
        # Columns, not rows of the mapper: there are many, and nothing else of them is needed.
        one = CaseEntryRow
        lines = select(one.case_id, one.seq, one.at, one.kind, one.data).where(
            one.case_id.in_(part)
        )
        for case, *line in session.execute(lines.order_by(one.case_id, one.seq)):
            steps[case].append(StepLine(*line))
        cases = select(CaseRow).where(CaseRow.id.in_(part)).order_by(CaseRow.id)
        found += [_line(row, steps[row.id]) for row in session.scalars(cases)]
    return found


def stamp(session: Session, start: datetime) -> tuple[int, int]:
    """Return what changes whenever a figure of the weeks from `start` on may.

    How many lines of history there are since, and how many misses: history only grows.
    """
    since = select(func.count()).select_from(CaseEntryRow).where(CaseEntryRow.at >= start)
    misses = select(func.count()).select_from(MissedRow)
    return session.scalar(since) or 0, session.scalar(misses) or 0


def misses_noted(session: Session, start: datetime, end: datetime) -> list[MissLine]:
    """Return the misses noted from `start` to before `end`."""
    return [MissLine(one.topic, one.station) for one in missed.every(session, start, end)]


def _line(row: CaseRow, steps: list[StepLine]) -> CaseLine:
    return CaseLine(
        case_id=row.id,
        unit_name=row.unit_name,
        topics=tuple(row.topics),
        opened_at=row.opened_at,
        reader=row.model_version,
        steps=tuple(steps),
    )
