"""Whether the clock is to be believed, before something is done that cannot be taken back."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage import rounds
from storage.db import Session

_DAILY = "daily"
#: Two runs of what runs once a day lie no further apart, unless the clock leapt or the machine
#: was off.
_NEXT = timedelta(hours=36)
#: A clock that is wrong is put right, or seen, within this time.
_SURE = timedelta(hours=20)


def doubt(session: Session, now: datetime) -> datetime | None:
    """Note a daily run; return since when the clock is in doubt, None where it is believed.

    It is in doubt after it leapt by more than a day and a half, or back, against the run
    before. It is believed again when it has gone on from there for most of a day: whoever
    restarts the service meanwhile makes nothing surer.
    """
    last = rounds.latest(session, _DAILY)
    if last is None:
        since = None
    elif not timedelta(0) <= now - last.scheduled_for <= _NEXT:
        since = now
    else:
        told = last.report.get("unsure_since")
        since = datetime.fromisoformat(told) if told else None
        if since and now - since >= _SURE:
            since = None
    _note(session, now, since)
    return since


def _note(session: Session, now: datetime, since: datetime | None) -> None:
    at = now
    while rounds.find(session, _DAILY, at):  # the clock was here before
        at += timedelta(microseconds=1)
    number = rounds.begin(session, _DAILY, at, now)
    if number is not None:
        rounds.finish(session, number, now, {"unsure_since": since.isoformat()} if since else {})
