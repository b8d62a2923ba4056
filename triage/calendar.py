"""Working time in Viet Nam: verified tables of days off, and a library for years without one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays

from config.catalog import HolidayYear
from config.errors import ConfigError

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
#: 24 November is a day off since then; older editions of the library do not know it.
CULTURE_DAY_SINCE = 2026
#: The office day of a province: 7–11 and 13–17 o'clock.
WORK_DAY = (time(7), time(11), time(13), time(17))
#: Without a working day for so long, the table is wrong and not the Tết long.
_LONGEST_REST = timedelta(days=60)


class WorkCalendar:
    """Which days and hours are worked. Days and hours are those of Asia/Ho_Chi_Minh.

    `years` are the verified tables; a year without one is taken from the holiday library
    and is provisional, as the library knows the law but not each year's decisions.
    `work_day` are starts and ends in turn, rising. Raises `ConfigError` otherwise.
    """

    def __init__(
        self, years: Mapping[int, HolidayYear], work_day: Sequence[time] = WORK_DAY
    ) -> None:
        rising = all(one < other for one, other in pairwise(work_day))
        if not work_day or len(work_day) % 2 or not rising:
            raise ConfigError(["policy.toml: work_day: must be starts and ends in turn, rising"])
        self._years = dict(years)
        self._shifts = tuple(zip(work_day[::2], work_day[1::2], strict=True))

    def year(self, year: int) -> HolidayYear:
        """Return the table of a year; `provisional` where it is not a verified one."""
        return self._years.get(year) or library_year(year)

    def is_working_day(self, day: date) -> bool:
        """Say whether offices work: a make-up day, or a weekday that is no day off."""
        table = self.year(day.year)
        if day in table.makeup_days:
            return True
        return day.weekday() < 5 and day not in table.holidays

    def working_days(self, year: int) -> tuple[date, ...]:
        """Return the days of a year on which offices work."""
        first = date(year, 1, 1)
        days = (first + timedelta(days=n) for n in range(366))
        return tuple(day for day in days if day.year == year and self.is_working_day(day))

    def is_working_time(self, at: datetime) -> bool:
        """Say whether an instant is in office hours, both ends of a shift included."""
        local = _local(at)
        return self.is_working_day(local.date()) and any(
            start <= local.time() <= end for start, end in self._shifts
        )

    def add_hours(self, start: datetime, hours: float) -> datetime:
        """Return the instant at which so many working hours have passed since `start`.

        An aware time in Asia/Ho_Chi_Minh, always in office hours; a term that runs out with a
        shift ends with it. Never earlier for a later start. Raises ValueError for a naive
        `start` or negative hours.
        """
        if hours < 0:
            raise ValueError("working hours cannot be negative")
        left = timedelta(hours=hours)
        for begin, end in self._ahead(_local(start)):
            if left <= end - begin:
                return begin + left
            left -= end - begin
        raise ConfigError(["holidays: no working day within 60 days"])

    def hours_between(self, start: datetime, end: datetime) -> float:
        """Return the working hours from `start` to `end`; 0 if it is not later."""
        passed, last = timedelta(), _local(end)
        for begin, close in self._ahead(_local(start)):
            if begin >= last:
                break
            passed += min(close, last) - begin
        return passed / timedelta(hours=1)

    def _ahead(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield what is left of the shifts from `start` on."""
        day, worked = start.date(), start.date()
        while day - worked < _LONGEST_REST:
            if self.is_working_day(day):
                worked = day
                for opens, closes in self._shifts:
                    begin = max(start, datetime.combine(day, opens, ZONE))
                    end = datetime.combine(day, closes, ZONE)
                    if begin < end:
                        yield begin, end
            day += timedelta(days=1)


@cache
def library_year(year: int) -> HolidayYear:
    """Return what the holiday library says of a year, marked provisional."""
    known = holidays.country_holidays("VN", years=year, language="vi")
    days = {date(year, 11, 24): "Ngày Văn hóa Việt Nam"} if year >= CULTURE_DAY_SINCE else {}
    days |= {day: str(name) for day, name in known.items()}
    made_up = {day for day in getattr(known, "weekend_workdays", ()) if day.year == year}
    return HolidayYear(
        id=str(year),
        year=year,
        decision="thư viện holidays, chưa đối chiếu",
        provisional=True,
        holidays=dict(sorted(days.items())),
        makeup_days=dict.fromkeys(sorted(made_up), "Làm bù"),
    )


def differences(table: HolidayYear) -> tuple[str, ...]:
    """Compare a table with the library, as far as work is concerned, in Vietnamese.

    The library misses what the Government decides year by year: a difference asks for a
    look, it does not say who is right.
    """
    library = library_year(table.year)
    ours, theirs = WorkCalendar({table.year: table}), WorkCalendar({table.year: library})
    worked, worked_there = (set(calendar.working_days(table.year)) for calendar in (ours, theirs))
    only_ours = "bảng ghi làm việc, thư viện ghi nghỉ"
    only_theirs = "bảng ghi nghỉ, thư viện ghi làm việc"
    return tuple(
        f"{day:%d/%m/%Y}: {only_ours if day in worked else only_theirs}"
        for day in sorted(worked ^ worked_there)
    )


def _local(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time without a zone is not an instant")
    return at.astimezone(ZONE)
