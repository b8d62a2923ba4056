"""How the service is doing, as a few numbers that are cheap to ask for every half minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from storage import outbox, unread
from storage.board import is_late
from storage.models import CaseRow, FetchRow, NoticeRow, RoundRow
from storage.readings import failures

_DAY = timedelta(days=1)
_MOST_FAILURES = 1000
_JOBS = ("round", "digest")


@dataclass(frozen=True, slots=True)
class Gauges:
    """The numbers at one moment; moments are None where there is nothing of the kind.

    `items` is how many ever arrived, `fetches` polls of the last day by outcome, `rounds`
    when each job last ended, `open_since` when the oldest round that goes on began,
    `oldest_mail` since when the oldest due mail waits.
    """

    items: int
    unread: int
    oldest_unread: datetime | None
    unreadable: int
    fetches: dict[str, int]
    cases: dict[str, int]
    overdue: int
    mails: dict[str, int]
    oldest_mail: datetime | None
    rounds: dict[str, datetime]
    open_since: datetime | None


def gauges(session: Session, now: datetime) -> Gauges:
    """Return all numbers as they stand at `now`."""
    due = (NoticeRow.state.in_(("queued", "sending")), NoticeRow.not_before <= now)
    polls = select(FetchRow.outcome, func.count()).where(
        FetchRow.url == literal("", literal_execute=True), FetchRow.at > now - _DAY
    )
    goes_on = select(func.min(RoundRow.started_at)).where(RoundRow.finished_at.is_(None))
    states = select(CaseRow.state, func.count()).group_by(CaseRow.state)
    return Gauges(
        items=unread.newest(session),
        unread=unread.count(session),
        oldest_unread=unread.first_fetched(session),
        unreadable=len(failures(session, _MOST_FAILURES)),
        fetches=dict(session.execute(polls.group_by(FetchRow.outcome)).tuples().all()),
        cases=dict(session.execute(states).tuples().all()),
        overdue=session.scalar(select(func.count()).where(is_late(now))) or 0,
        mails=outbox.counts(session),
        oldest_mail=session.scalar(select(func.min(NoticeRow.not_before)).where(*due)),
        rounds={job: at for job, at in session.execute(union_all(*map(_ended, _JOBS))) if at},
        open_since=session.scalar(goes_on),
    )


def _ended(job: str) -> Select[str, datetime | None]:
    """Ask when the newest of the runs of a job that ended did so: the last entry of an index."""
    newest = (
        select(RoundRow.job, RoundRow.finished_at)
        .where(RoundRow.job == job, RoundRow.finished_at.is_not(None))
        .order_by(RoundRow.scheduled_for.desc())
        .limit(1)
        .subquery()
    )
    return select(newest.c.job, newest.c.finished_at)
