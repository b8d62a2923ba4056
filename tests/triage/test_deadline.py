"""The three clocks of a case by severity."""

from __future__ import annotations

from datetime import datetime

import pytest

from config.catalog import Clocks, PolicyEntry
from config.load import load_catalog
from triage.calendar import ZONE, WorkCalendar
from triage.case import Deadlines
from triage.deadline import PRESETS, clocks_of, deadlines

CATALOG = load_catalog(None)
CALENDAR = WorkCalendar(CATALOG.holidays, CATALOG.policy.work_day)
START = datetime(2023, 7, 18, 8, tzinfo=ZONE)


def local(month: int, day: int, hour: int) -> datetime:
    return datetime(2023, month, day, hour, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        (1, Deadlines(local(7, 20, 8), local(8, 1, 8), local(8, 15, 8))),
        (2, Deadlines(local(7, 19, 8), local(7, 25, 8), local(8, 15, 8))),
        (3, Deadlines(local(7, 18, 10), local(7, 19, 8), local(7, 25, 8))),
    ],
)
def test_five_days_to_verify_twenty_to_report_and_hours_where_it_is_grave(
    severity: int, expected: Deadlines
) -> None:
    # A whole number of days from 8 o'clock ends at 8 o'clock.
    assert deadlines(severity, START, CATALOG.policy, CALENDAR) == expected


def test_the_shipped_clocks_are_the_presets() -> None:
    shipped = {int(level): clocks for level, clocks in CATALOG.policy.clocks.items()}

    assert shipped == PRESETS


@pytest.mark.parametrize(("severity", "level"), [(0, 1), (1, 1), (3, 3), (9, 3)])
def test_a_policy_without_clocks_takes_the_nearest_preset(severity: int, level: int) -> None:
    assert clocks_of(severity, PolicyEntry()) == PRESETS[level]


def test_the_policy_file_wins() -> None:
    own = Clocks(acknowledge_hours=1, verify_hours=2, final_hours=3)

    assert clocks_of(2, PolicyEntry(clocks={"2": own})) == own
