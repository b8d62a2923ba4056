"""Runs of jobs: one for each job and moment, whoever starts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage.models import RoundRow
from storage.write import insert_into

__all__ = [
    "Run",
    "Session",
    "add",
    "begin",
    "find",
    "finish",
    "last_finished",
    "latest",
    "note",
    "open_runs",
    "unfinished",
]

#: A run that has not ended after this long is taken to have died; rounds take minutes.
TAKEOVER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one job, as it stands."""

    number: int
    job: str
    scheduled_for: datetime
    started_at: datetime
    finished: bool
    report: Mapping[str, Any]


def add(session: Session, job: str, scheduled_for: datetime, at: datetime) -> bool:
    """Put a run into the tables, for whoever takes it; False where it was there."""
    row = {"job": job, "scheduled_for": scheduled_for, "started_at": at}
    statement = insert_into(session, RoundRow).values(row).on_conflict_do_nothing()
    return session.scalar(statement.returning(RoundRow.id)) is not None


def find(session: Session, job: str, scheduled_for: datetime) -> Run | None:
    """Return the run of `job` at a moment, None where there is none."""
    query = select(RoundRow).where(RoundRow.job == job, RoundRow.scheduled_for == scheduled_for)
    row = session.scalar(query)
    return None if row is None else _run(row)


def open_runs(session: Session, job: str, *, exact: bool = False) -> list[Run]:
    """Return the runs that did not end of jobs called `job`…, oldest first; or of `job` alone."""
    named = RoundRow.job == job if exact else RoundRow.job.startswith(job, autoescape=True)
    query = select(RoundRow).where(named, RoundRow.finished_at.is_(None))
    rows = session.scalars(query.order_by(RoundRow.scheduled_for, RoundRow.job))
    return [_run(row) for row in rows]


def newest(session: Session, job: str) -> int | None:
    """Return the number of the round that began last, whatever the clock said; None for none."""
    return session.scalar(select(func.max(RoundRow.id)).where(RoundRow.job == job))


def latest(session: Session, job: str) -> Run | None:
    """Return the run that began last, whatever the clock said; None for none."""
    query = select(RoundRow).where(RoundRow.job == job).order_by(RoundRow.id.desc()).limit(1)
    row = session.scalar(query)
    return None if row is None else _run(row)


def note(session: Session, number: int, **values: Any) -> Mapping[str, Any]:
    """Add to what is known of a run that goes on; return it all."""
    row = session.get_one(RoundRow, number)
    row.report = {**(row.report or {}), **values}
    session.flush()
    return row.report


def begin(
    session: Session,
    job: str,
    scheduled_for: datetime,
    at: datetime,
    takeover: timedelta = TAKEOVER,
) -> int | None:
    """Take the run of `job` at `scheduled_for`; None where it was finished or is taken.

    A run that began `takeover` ago and never finished belongs to a process that died,
    and may be taken again, by one.
    """
    row = {"job": job, "scheduled_for": scheduled_for, "started_at": at}
    statement = insert_into(session, RoundRow).values(row).on_conflict_do_nothing()
    number: int | None = session.scalar(statement.returning(RoundRow.id))
    if number is not None:
        return number
    return session.scalar(
        update(RoundRow)
        .where(
            RoundRow.job == job,
            RoundRow.scheduled_for == scheduled_for,
            RoundRow.finished_at.is_(None),
            RoundRow.started_at <= at - takeover,
        )
        .values(started_at=at)
        .returning(RoundRow.id)
    )


def finish(session: Session, number: int, at: datetime, report: Mapping[str, Any]) -> None:
    """Mark a run as done, with what it did."""
    session.execute(
        update(RoundRow).where(RoundRow.id == number).values(finished_at=at, report=dict(report))
    )


def unfinished(session: Session, job: str) -> list[datetime]:
    """Return the moments of runs that began and never ended, oldest first."""
    query = (
        select(RoundRow.scheduled_for)
        .where(RoundRow.job == job, RoundRow.finished_at.is_(None))
        .order_by(RoundRow.scheduled_for)
    )
    return list(session.scalars(query))


def last_finished(session: Session, job: str) -> datetime | None:
    """Return the moment of the newest run that ended, or None."""
    return session.scalar(
        select(func.max(RoundRow.scheduled_for)).where(
            RoundRow.job == job, RoundRow.finished_at.is_not(None)
        )
    )


def _run(row: RoundRow) -> Run:
    return Run(
        number=row.id,
        job=row.job,
        scheduled_for=row.scheduled_for,
        started_at=row.started_at,
        finished=row.finished_at is not None,
        report=row.report or {},
    )
