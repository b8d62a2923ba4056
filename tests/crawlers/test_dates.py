"""Dates as sites write them, and dates that lie."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.dates import MISSING, VIETNAM, read_date

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Tue, 24 Nov 2026 08:15:00 GMT+7", "2026-11-24T08:15:00+07:00"),
        ("Tue, 24 Nov 2026 08:15:00 GMT+07:00", "2026-11-24T08:15:00+07:00"),
        ("24/11/2026 08:15:00 GMT+7", "2026-11-24T08:15:00+07:00"),
        ("Tue, 24 Nov 2026 01:15:00 GMT", "2026-11-24T08:15:00+07:00"),
        ("Tue, 24 Nov 2026 08:15:00 +0700", "2026-11-24T08:15:00+07:00"),
        ("Mon, 23 Nov 2026 20:15:00 EST", "2026-11-24T08:15:00+07:00"),
        ("Tue, 24 Nov 2026 08:15:00", "2026-11-24T08:15:00+07:00"),
        ("24 Nov 2026 08:15 ICT", "2026-11-24T08:15:00+07:00"),
        ("10/8/2026 1:38:00 PM", "2026-10-08T13:38:00+07:00"),
        ("10/8/2026 12:05:00 AM", "2026-10-08T00:05:00+07:00"),
        ("25/8/2026 1:38:00 PM", "2026-08-25T13:38:00+07:00"),
        ("10/08/2026 1:38:00 CH", "2026-08-10T13:38:00+07:00"),
        ("10/08/2026 12:38:00 SA", "2026-08-10T00:38:00+07:00"),
        ("Thứ bảy, 7/3/2026, 09:40 (GMT+7)", "2026-03-07T09:40:00+07:00"),
        ("Thứ bảy, 07/03/2026 - 08:07", "2026-03-07T08:07:00+07:00"),
        ("07-03-2026 - 09:40 AM", "2026-03-07T09:40:00+07:00"),
        ("08:06 | 07/03/2026", "2026-03-07T08:06:00+07:00"),
        ("09:40, thứ Bảy, ngày 07/03/2026", "2026-03-07T09:40:00+07:00"),
        ("ngày 7 tháng 3 năm 2026", "2026-03-07T00:00:00+07:00"),
        ("7.3.2026", "2026-03-07T00:00:00+07:00"),
        ("7-3-2026", "2026-03-07T00:00:00+07:00"),
        ("2026-03-07T08:07:18+07:00", "2026-03-07T08:07:18+07:00"),
        ("2026-03-07T08:07:18.123Z", "2026-03-07T15:07:18+07:00"),
        ("2026-03-07T08:07:18+07", "2026-03-07T08:07:18+07:00"),
        ("2026-03-07T08:07:18+0000", "2026-03-07T15:07:18+07:00"),
        ("2026-03-07T09:40:00", "2026-03-07T09:40:00+07:00"),
        ("2026-03-07", "2026-03-07T00:00:00+07:00"),
        ("1772843936", "2026-03-07T07:38:56+07:00"),
        ("1772843936000", "2026-03-07T07:38:56+07:00"),
    ],
)
def test_date_is_read(raw: str, expected: str) -> None:
    dated = read_date(raw, NOW)

    assert dated.published is not None
    assert dated.published.isoformat() == expected
    assert dated.note == ""


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "missing"),
        ("   ", "missing"),
        ("hôm qua", "unreadable"),
        ("31/02/2026 08:00", "unreadable"),
        ("24 Nov 2026 25:00:00 +0700", "unreadable"),
        ("2026-03-07T08:00:00+99:00", "unreadable"),
        ("2026-12-24T08:00:00+07:00", "future"),
        ("Mon, 23 Nov 2099 08:00:00 +0700", "future"),
        ("0001-01-01T00:00:00", "absurd"),
        ("1970-01-01T00:00:00Z", "absurd"),
        ("0000000000", "absurd"),
    ],
)
def test_date_that_cannot_be_true_is_refused_with_a_note(raw: str, code: str) -> None:
    dated = read_date(raw, NOW)

    assert dated.published is None
    assert dated.note.partition(":")[0] == code


def test_a_day_of_grace_lies_before_the_future() -> None:
    assert read_date("2026-11-25T08:59:00+07:00", NOW).published is not None
    assert read_date("2026-11-25T09:01:00+07:00", NOW).published is None


def test_without_a_present_nothing_is_future() -> None:
    assert read_date("2099-01-01").published == datetime(2099, 1, 1, tzinfo=VIETNAM)
    assert read_date(None) == (None, MISSING)


@given(st.text(max_size=60) | st.from_regex(r"\d{1,4}[-/.]\d{1,4}[-/. ]\d{1,4}.{0,12}"))
def test_any_text_gives_a_date_or_a_note(raw: str) -> None:
    dated = read_date(raw, NOW)

    assert (dated.published is None) == bool(dated.note)


@given(st.datetimes(datetime(1997, 1, 2), datetime(2026, 11, 20), timezones=st.just(UTC)))  # noqa: DTZ001
def test_iso_times_are_read_back(moment: datetime) -> None:
    assert read_date(moment.isoformat(timespec="seconds"), NOW).published == moment.replace(
        microsecond=0
    )
