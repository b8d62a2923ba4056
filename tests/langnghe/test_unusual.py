"""The digest's word on its own hearing: sources that bring far more or less than usual."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from config.settings import ZONE
from langnghe.app import App
from langnghe.hearing import unusual
from storage import items
from storage.items import KeptItem

MONDAY, VICTORY = date(2026, 11, 23), date(2026, 4, 30)  # a working day, and a holiday
TET_SUNDAY, SUNDAY = date(2026, 2, 15), date(2026, 11, 22)
SOURCE = "tuoi-tre-thoi-su"


def _keep(app: App, day: date, number: int) -> None:
    at = datetime.combine(day, time(9), tzinfo=ZONE)
    kept = [
        KeptItem(
            source_id=SOURCE,
            outlet="Báo",
            kind="press",
            url=f"https://bao.example/{day}/{n}",
            external_id=f"{day}-{n}",
            title=f"Tin {n} ngày {day}",
            text="",
            published=at,
            fetched_at=at,
            body_sha256="0" * 64,
        )
        for n in range(number)
    ]
    with app.sessions.begin() as session:
        items.keep(session, kept)


@pytest.mark.parametrize(
    ("day", "number", "told"),
    [
        (MONDAY, 3, ("3 tin, thường ngày 30",)),
        (MONDAY, 80, ("80 tin, thường ngày 30",)),
        (MONDAY, 28, ()),
        (VICTORY, 3, ()),
        (VICTORY, 80, ("80 tin, thường ngày 30",)),
        (TET_SUNDAY, 3, ()),
        (SUNDAY, 3, ("3 tin, thường ngày 30",)),
    ],
)
def test_volume_is_judged_by_such_days(
    tmp_path: Path, day: date, number: int, told: tuple[str, ...]
) -> None:
    app = App(tmp_path, data_dir=tmp_path / "data")
    for week in range(1, 9):
        _keep(app, day - timedelta(weeks=week), 30)
    _keep(app, day, number)

    with app.views() as session:
        found = unusual(app, session, day)

    assert tuple(one.reason for one in found) == told
