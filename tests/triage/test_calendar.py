"""Working days and hours: the shipped tables, the library, and terms that end in office hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.catalog import HolidayYear
from config.errors import ConfigError
from config.load import load_catalog
from triage.calendar import ZONE, WorkCalendar, differences, library_year

TABLES = load_catalog(None).holidays
CALENDAR = WorkCalendar(TABLES)
FIRST = datetime(2023, 1, 1, tzinfo=ZONE)
MINUTES = int(timedelta(days=5 * 365 + 1) / timedelta(minutes=1))
instants = st.integers(0, MINUTES - 1).map(lambda n: FIRST + timedelta(minutes=n))
hours = st.one_of(st.integers(0, 400), st.floats(0, 400))


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZONE)  # type: ignore[misc,arg-type]


# Weekdays that offices rested and weekend days that they worked, as the Government decided.
WEEKDAYS_OFF = {
    2023: "02/01 20/01 23/01 24/01 25/01 26/01 01/05 02/05 03/05 01/09 04/09",
    2024: "01/01 08/02 09/02 12/02 13/02 14/02 18/04 29/04 30/04 01/05 02/09 03/09",
    2025: "01/01 27/01 28/01 29/01 30/01 31/01 07/04 30/04 01/05 02/05 01/09 02/09",
    2026: "01/01 02/01 16/02 17/02 18/02 19/02 20/02 27/04 30/04 01/05 31/08 01/09 02/09 24/11",
}
WEEKENDS_WORKED = {2023: "", 2024: "04/05", 2025: "26/04", 2026: "10/01 22/08"}


@pytest.mark.parametrize("year", sorted(WEEKDAYS_OFF))
def test_the_shipped_table_is_the_verified_one(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    days = [day for day in days if day.year == year]
    off = [day for day in days if day.weekday() < 5 and not CALENDAR.is_working_day(day)]
    on = [day for day in days if day.weekday() >= 5 and CALENDAR.is_working_day(day)]

    assert not TABLES[year].provisional
    assert " ".join(f"{day:%d/%m}" for day in off) == WEEKDAYS_OFF[year]
    assert " ".join(f"{day:%d/%m}" for day in on) == WEEKENDS_WORKED[year]


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2023, ()),
        (2024, ()),
        (2025, ()),
        (
            2026,
            (
                "02/01/2026: bảng ghi nghỉ, thư viện ghi làm việc",
                "10/01/2026: bảng ghi làm việc, thư viện ghi nghỉ",
            ),
        ),
    ],
)
def test_the_library_agrees_but_for_what_was_decided_late(
    year: int, expected: tuple[str, ...]
) -> None:
    # Newer editions of the library may learn the bridge day: then it agrees everywhere.
    assert differences(TABLES[year]) in {expected, ()}


def test_a_year_without_a_table_comes_from_the_library_and_says_so() -> None:
    assert CALENDAR.year(2027).provisional
    assert CALENDAR.year(2027) == library_year(2027)
    assert not CALENDAR.is_working_day(date(2027, 11, 24))
    assert not CALENDAR.is_working_day(date(2027, 9, 2))
    assert not CALENDAR.is_working_day(date(2027, 2, 8))
    assert len(CALENDAR.working_days(2027)) == 249


@pytest.mark.parametrize("year", [2022, 2025])
def test_the_day_of_culture_is_a_holiday_since_2026_only(year: int) -> None:
    assert date(year, 11, 24) not in library_year(year).holidays
    assert date(2026, 11, 24) in library_year(2026).holidays


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        (local(2023, 7, 18, 8), 2, local(2023, 7, 18, 10)),
        (local(2023, 7, 18, 10), 2, local(2023, 7, 18, 14)),
        (local(2023, 7, 18, 9), 2, local(2023, 7, 18, 11)),
        (local(2023, 7, 18, 11, 30), 1, local(2023, 7, 18, 14)),
        (local(2023, 7, 21, 16), 2, local(2023, 7, 24, 8)),
        (local(2023, 7, 22, 9), 8, local(2023, 7, 24, 17)),
        (local(2024, 5, 3, 16), 2, local(2024, 5, 4, 8)),
        (local(2025, 1, 24, 16), 8, local(2025, 2, 3, 16)),
        (local(2026, 11, 23, 16), 2, local(2026, 11, 25, 8)),
        (datetime(2023, 7, 18, 1, tzinfo=UTC), 2, local(2023, 7, 18, 10)),
        (local(2023, 7, 18, 17), 0, local(2023, 7, 19, 7)),
    ],
)
def test_terms_run_in_office_hours_only(start: datetime, length: float, end: datetime) -> None:
    assert CALENDAR.add_hours(start, length) == end


@settings(deadline=None)
@given(start=instants, length=hours)
def test_a_term_never_ends_outside_office_hours(start: datetime, length: float) -> None:
    end = CALENDAR.add_hours(start, length)

    assert end >= start
    assert CALENDAR.is_working_time(end)


@pytest.mark.parametrize("length", [1, 2, 8, 40, 160])
def test_on_every_day_of_five_years_the_term_ends_in_office_hours_and_never_earlier(
    length: int,
) -> None:
    starts = [FIRST + timedelta(days=day, hours=16) for day in range(5 * 365 + 1)]
    ends = [CALENDAR.add_hours(start, length) for start in starts]

    assert starts[-1].date() == date(2027, 12, 31)
    assert all(CALENDAR.is_working_time(end) for end in ends)
    assert ends == sorted(ends)


@settings(deadline=None)
@given(one=instants, other=instants, length=hours, more=hours)
def test_a_later_start_or_a_longer_term_never_ends_earlier(
    one: datetime, other: datetime, length: float, more: float
) -> None:
    first, second = sorted((one, other))

    assert CALENDAR.add_hours(first, length) <= CALENDAR.add_hours(second, length)
    assert CALENDAR.add_hours(first, length) <= CALENDAR.add_hours(first, length + more)


@settings(deadline=None)
@given(start=instants, length=st.integers(1, 400))
def test_the_hours_of_a_term_are_those_between_its_ends(start: datetime, length: int) -> None:
    assert CALENDAR.hours_between(start, CALENDAR.add_hours(start, length)) == length


def test_no_hours_pass_backwards() -> None:
    assert CALENDAR.hours_between(local(2023, 7, 19, 8), local(2023, 7, 18, 8)) == 0
    assert CALENDAR.hours_between(local(2023, 7, 18, 8), local(2023, 7, 18, 12)) == 3


def test_a_naive_or_negative_term_is_a_defect_of_the_caller() -> None:
    with pytest.raises(ValueError, match="zone"):
        CALENDAR.add_hours(datetime(2023, 7, 18, 8), 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.add_hours(local(2023, 7, 18, 8), -1)


@pytest.mark.parametrize(
    "work_day", [(), (time(7),), (time(7), time(7)), (time(7), time(11), time(10), time(12))]
)
def test_a_work_day_that_does_not_rise_is_refused(work_day: tuple[time, ...]) -> None:
    with pytest.raises(ConfigError, match="work_day"):
        WorkCalendar(TABLES, work_day)


def test_a_year_without_working_days_is_refused_and_not_searched_for_ever() -> None:
    every_day = {date(2023, 1, 1) + timedelta(days=n): "nghỉ" for n in range(365)}
    table = HolidayYear(id="2023", year=2023, decision="", holidays=every_day)

    with pytest.raises(ConfigError, match="60 days"):
        WorkCalendar({2023: table}).add_hours(local(2023, 2, 1, 8), 1)


def test_another_office_day_is_configuration() -> None:
    night = WorkCalendar(TABLES, (time(18), time(22)))

    assert night.add_hours(local(2023, 7, 18, 8), 5) == local(2023, 7, 19, 19)
