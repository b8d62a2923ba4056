"""Runs of jobs: one for each job and moment, whoever starts it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage.models import RoundRow
from storage.write import insert_into

#: A run that has not ended after this long is taken to have died; rounds take minutes.
TAKEOVER = timedelta(hours=1)


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
