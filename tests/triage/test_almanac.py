"""A year as the command prints it, against the verified tables themselves."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest

import config
from config.load import load_catalog
from triage.almanac import almanac, almanac_text
from triage.calendar import WorkCalendar

TABLES = sorted((Path(config.__file__).parent / "defaults" / "holidays").glob("*.toml"))
CALENDAR = WorkCalendar(load_catalog(None).holidays)
# Working days of each month, counted by hand on the Government's announcements.
MONTHS = {
    2023: (16, 20, 23, 20, 20, 22, 21, 23, 19, 22, 22, 21),
    2024: (22, 16, 21, 19, 23, 20, 23, 22, 19, 23, 21, 22),
    2025: (17, 20, 21, 21, 20, 21, 23, 21, 20, 23, 20, 23),
    2026: (21, 15, 22, 20, 20, 22, 23, 21, 20, 22, 20, 23),
}


def test_every_year_since_2023_has_a_verified_table() -> None:
    assert [path.stem for path in TABLES] == ["2023", "2024", "2025", "2026"]


@pytest.mark.parametrize("path", TABLES, ids=lambda path: str(path.stem))
def test_a_year_is_just_its_verified_table(path: Path) -> None:
    table = tomllib.loads(path.read_text("utf-8"))
    year = int(path.stem)

    found = almanac(CALENDAR, year)

    assert not found.provisional
    assert {day.isoformat(): name for day, name in found.holidays.items()} == table["holidays"]
    made_up = {day.isoformat(): name for day, name in found.makeup_days.items()}
    assert made_up == table.get("makeup_days", {})
    assert found.months == MONTHS[year]
    assert found.decision == table["decision"]


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026, 2027])
def test_working_days_are_the_weekdays_without_days_off_and_with_make_up_days(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    days = [day for day in days if day.year == year]

    found = almanac(CALENDAR, year)

    off = sum(day.weekday() < 5 for day in found.holidays)
    weekdays = sum(day.weekday() < 5 for day in days)
    assert found.working_days == weekdays - off + len(found.makeup_days)
    assert (date(year, 11, 24) in found.holidays) == (year >= 2026)


def test_a_year_to_come_is_marked_as_provisional() -> None:
    found = almanac(CALENDAR, 2027)

    assert found.provisional
    assert found.differences == ()
    assert "TẠM TÍNH" in almanac_text(found).splitlines()[0]


def test_the_text_names_every_day() -> None:
    found = almanac(CALENDAR, 2026)
    text = almanac_text(found)

    assert text.startswith("Lịch làm việc năm 2026 (đã kiểm)\n")
    assert "Ngày làm việc: 249" in text
    assert "  22/08/2026  Thứ Bảy   Làm bù cho ngày 31/8" in text
    assert "  24/11/2026  Thứ Ba    Ngày Văn hóa Việt Nam" in text
    assert all(f"{day:%d/%m/%Y}" in text for day in (*found.holidays, *found.makeup_days))
    assert all(line in text for line in found.differences)
