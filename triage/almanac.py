"""One year of the calendar as people read it: working days, days off, and how sure they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from triage.calendar import WorkCalendar, differences

_WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")


@dataclass(frozen=True, slots=True)
class Almanac:
    """What a year holds. `months` are the working days of each month, January first.

    `differences` compares with the holiday library; empty for a year that comes from it.
    """

    year: int
    provisional: bool
    decision: str
    note: str
    months: tuple[int, ...]
    holidays: Mapping[date, str]
    makeup_days: Mapping[date, str]
    differences: tuple[str, ...]

    @property
    def working_days(self) -> int:
        """How many days of the year are worked."""
        return sum(self.months)


def almanac(calendar: WorkCalendar, year: int) -> Almanac:
    """Return the year as the calendar has it."""
    table = calendar.year(year)
    worked = Counter(day.month for day in calendar.working_days(year))
    return Almanac(
        year=year,
        provisional=table.provisional,
        decision=table.decision,
        note=table.note,
        months=tuple(worked[month] for month in range(1, 13)),
        holidays=dict(sorted(table.holidays.items())),
        makeup_days=dict(sorted(table.makeup_days.items())),
        differences=differences(table),
    )


def almanac_text(one: Almanac) -> str:
    """Return the year for a reader, in Vietnamese."""
    return "\n".join(_lines(one)) + "\n"


def _lines(one: Almanac) -> Iterator[str]:
    sure = "TẠM TÍNH, chưa đối chiếu với thông báo của Nhà nước" if one.provisional else "đã kiểm"
    yield f"Lịch làm việc năm {one.year} ({sure})"
    yield f"Căn cứ: {one.decision}"
    if one.note:
        yield f"Lưu ý: {one.note}"
    yield ""
    yield f"Ngày làm việc: {one.working_days}"
    for first in (0, 6):
        months = enumerate(one.months[first : first + 6], first + 1)
        yield "  " + "   ".join(f"tháng {month}: {count:>2}" for month, count in months)
    yield from _days("Ngày nghỉ lễ, tết", one.holidays)
    yield from _days("Ngày đi làm bù", one.makeup_days)
    yield ""
    if one.provisional:
        yield "Khi có thông báo lịch nghỉ của năm, hãy thêm tệp holidays/NĂM.toml."
    elif one.differences:
        yield "Khác với thư viện holidays (cần xem lại, chưa chắc bên nào đúng):"
        yield from (f"  {line}" for line in one.differences)
    else:
        yield "Khớp với thư viện holidays."


def _days(title: str, days: Mapping[date, str]) -> Iterator[str]:
    yield ""
    yield f"{title}: {len(days) or 'không có'}"
    for day, name in days.items():
        yield f"  {day:%d/%m/%Y}  {_WEEKDAYS[day.weekday()]:<8}  {name}"
