"""When somebody is reminded of a case, and how far up the ladder the reminder climbs.

Pure: everything is decided from the case, the moment, the policy and the calendar. A day
off never brings a reminder, and a working day at most one about one case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from config.catalog import PolicyEntry
from config.settings import ZONE
from triage.calendar import WorkCalendar
from triage.case import CaseState, Deadlines
from triage.digest import Due, next_due

#: A case of this severity is reminded of outside office hours too, on working days.
URGENT = 3
#: The states in which the unit owes something; a given answer waits for the committee's people.
_OWING = (CaseState.SENT, CaseState.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class Awaited:
    """A case as far as reminding asks.

    `reminded` counts the reminders of the clock that runs, `escalated` the rungs that were
    climbed for it; both begin anew when the unit acknowledges. `reminded_at` is the last
    reminder of any kind.
    """

    state: CaseState
    severity: int
    deadlines: Deadlines | None
    reminded: int = 0
    escalated: int = 0
    reminded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder: of which clock, the how-manieth, and which rung of the ladder is told too.

    Rung 0 is the unit alone.
    """

    due: Due
    step: int
    rung: int


def remind(
    case: Awaited, now: datetime, policy: PolicyEntry, calendar: WorkCalendar, rungs: int
) -> Reminder | None:
    """Return the reminder that is due at `now`, or None.

    The first comes when the clock of the state has run out, the next ones every
    `remind_after_hours` working hours. After `escalate_after` of them each one climbs a
    rung, as long as there are any (`rungs`); on the highest it stays until somebody moves.
    """
    due = next_due(case.state, case.deadlines) if case.state in _OWING else None
    if due is None or now <= due.at:
        return None
    if not may_remind(case.severity, case.reminded_at, now, calendar):
        return None
    if case.reminded and case.reminded_at is not None:
        again = calendar.add_hours(case.reminded_at, policy.remind_after_hours)
        if now < again:
            return None
    climbs = case.reminded >= policy.escalate_after
    rung = min(case.escalated + 1, rungs) if climbs else case.escalated
    return Reminder(due, case.reminded + 1, rung)


def may_remind(severity: int, last: datetime | None, now: datetime, calendar: WorkCalendar) -> bool:
    """Say whether a case may be reminded of at `now`, of whatever.

    On working days only, once a day, in office hours unless it is urgent.
    """
    today = now.astimezone(ZONE).date()
    if not calendar.is_working_day(today):
        return False
    if last is not None and last.astimezone(ZONE).date() >= today:
        return False
    return severity >= URGENT or calendar.is_working_time(now)


def waits_too_long(
    since: datetime, now: datetime, policy: PolicyEntry, calendar: WorkCalendar
) -> bool:
    """Say whether what waits since then for a person has waited `remind_after_hours`."""
    return now > calendar.add_hours(since, policy.remind_after_hours)
