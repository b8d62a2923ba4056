"""When a unit must have answered: the three clocks of a case, in working hours."""

from __future__ import annotations

from datetime import datetime

from config.catalog import Clocks, PolicyEntry
from triage.calendar import WorkCalendar
from triage.case import Deadlines

__all__ = ["PRESETS", "WorkCalendar", "clocks_of", "deadlines", "taken_over"]

#: Where the policy file has no clocks for a severity. Eight working hours are a day:
#: verified in 5 days and reported in 20 is provincial practice, a grave case goes by hours.
PRESETS: dict[int, Clocks] = {
    1: Clocks(acknowledge_hours=16, verify_hours=80, final_hours=160),
    2: Clocks(acknowledge_hours=8, verify_hours=40, final_hours=160),
    3: Clocks(acknowledge_hours=2, verify_hours=8, final_hours=40),
}


def clocks_of(severity: int, policy: PolicyEntry) -> Clocks:
    """Return the clocks of a severity: the policy's, else the preset; 0 counts as 1."""
    level = min(max(severity, 1), 3)
    return policy.clocks.get(str(level)) or PRESETS[level]


def deadlines(
    severity: int, start: datetime, policy: PolicyEntry, calendar: WorkCalendar
) -> Deadlines:
    """Return by when a case sent at `start` is acknowledged, verified and reported."""
    clocks = clocks_of(severity, policy)
    return Deadlines(
        acknowledge=calendar.add_hours(start, clocks.acknowledge_hours),
        verify=calendar.add_hours(start, clocks.verify_hours),
        final=calendar.add_hours(start, clocks.final_hours),
    )


def taken_over(kept: Deadlines, fresh: Deadlines) -> Deadlines:
    """Return the clocks of a unit that takes a case over: `kept` ran, `fresh` would begin now.

    The clocks of the case go on, but for the one by which the new unit says that it has
    the case. A term that would end before the new unit need even say so is given anew:
    nobody is asked to answer by a day that is past, whoever was late before.
    """
    verify = kept.verify if kept.verify > fresh.acknowledge else fresh.verify
    final = kept.final if kept.final >= verify else fresh.final
    return Deadlines(fresh.acknowledge, verify, max(final, verify))
