"""The three clocks of a case by severity."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from config.catalog import Clocks, PolicyEntry
from config.load import load_catalog
from triage.calendar import ZONE, WorkCalendar
from triage.case import Deadlines
from triage.deadline import PRESETS, clocks_of, deadlines, taken_over

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


def four_o_clock(day: date) -> datetime:
    return datetime.combine(day, time(16), ZONE)


DAYS = [date(2023, 1, 1) + timedelta(days=n) for n in range(5 * 365 + 1)]


@pytest.mark.parametrize("severity", [1, 2, 3])
@pytest.mark.parametrize("at", [time(6), time(9, 30), time(12), time(16, 59), time(22)])
def test_on_every_day_of_five_years_each_clock_runs_its_exact_working_hours(
    severity: int, at: time
) -> None:
    starts = [datetime.combine(day, at, ZONE) for day in DAYS]
    clocks = clocks_of(severity, CATALOG.policy)

    found = [deadlines(severity, start, CATALOG.policy, CALENDAR) for start in starts]

    assert (DAYS[0], DAYS[-1]) == (date(2023, 1, 1), date(2027, 12, 31))
    for name, hours in (
        ("acknowledge", clocks.acknowledge_hours),
        ("verify", clocks.verify_hours),
        ("final", clocks.final_hours),
    ):
        ends = [getattr(one, name) for one in found]
        assert ends == sorted(ends)
        assert all(CALENDAR.is_working_time(end) for end in ends)
        ran = zip(starts, ends, strict=True)
        assert {CALENDAR.hours_between(start, end) for start, end in ran} == {hours}
    assert all(one.acknowledge <= one.verify <= one.final for one in found)


@pytest.mark.parametrize(
    ("start", "acknowledge", "verify"),
    [
        # Over the end of a year: 31/12/2025 is a Wednesday, 1 and 2 January are off, and the
        # Saturday after next makes up for the second.
        (date(2025, 12, 31), date(2026, 1, 5), date(2026, 1, 9)),
        (date(2026, 1, 9), date(2026, 1, 10), date(2026, 1, 15)),
        # Over 29 February of a leap year, and over the same night without one.
        (date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 6)),
        (date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 7)),
        (date(2023, 2, 28), date(2023, 3, 1), date(2023, 3, 7)),
        # Over Tết.
        (date(2026, 2, 13), date(2026, 2, 23), date(2026, 2, 27)),
        # Into a year that is only in the library.
        (date(2026, 12, 31), date(2027, 1, 4), date(2027, 1, 8)),
    ],
)
def test_terms_over_the_ends_of_years_and_over_leap_days(
    start: date, acknowledge: date, verify: date
) -> None:
    found = deadlines(2, four_o_clock(start), CATALOG.policy, CALENDAR)

    assert found.acknowledge == four_o_clock(acknowledge)
    assert found.verify == four_o_clock(verify)


@pytest.mark.parametrize(
    ("verify", "final", "expected"),
    [
        # Both are still ahead: both go on.
        (date(2026, 3, 9), date(2026, 3, 30), (date(2026, 3, 9), date(2026, 3, 30))),
        # The first is past, or would end before the unit need say that it has the case.
        (date(2026, 2, 27), date(2026, 3, 30), (date(2026, 3, 9), date(2026, 3, 30))),
        (date(2026, 3, 3), date(2026, 3, 30), (date(2026, 3, 9), date(2026, 3, 30))),
        # The last would end before the verification.
        (date(2026, 2, 27), date(2026, 3, 4), (date(2026, 3, 9), date(2026, 3, 30))),
        (date(2026, 1, 9), date(2026, 1, 30), (date(2026, 3, 9), date(2026, 3, 30))),
    ],
)
def test_unit_that_takes_over_is_never_late_from_the_start(
    verify: date, final: date, expected: tuple[date, date]
) -> None:
    kept = Deadlines(*map(four_o_clock, (date(2026, 1, 5), verify, final)))
    fresh = deadlines(2, four_o_clock(date(2026, 3, 2)), CATALOG.policy, CALENDAR)
    assert fresh.verify == four_o_clock(date(2026, 3, 9))
    assert fresh.final == four_o_clock(date(2026, 3, 30))

    found = taken_over(kept, fresh)

    assert found.acknowledge == fresh.acknowledge
    assert (found.verify, found.final) == tuple(map(four_o_clock, expected))
