"""A clock that leapt is not believed before the next day: what it would delete cannot come back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from mailroom import Clock
from sqlalchemy import Engine, text
from torture_texts import BEGIN, made_items

from config.catalog import SourceEntry
from langnghe.app import App
from langnghe.collect import keep_all
from langnghe.doubting import doubt
from langnghe.rounds import run_daily, understand
from langnghe.sealing import sealed
from storage.db import Sessions

ENTRY = SourceEntry(id="bao", name="Báo", type="upload")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("steps", "believed"),
    [
        ((DAY, DAY), (True, True, True)),
        ((3 * HOUR, 2 * HOUR), (True, True, True)),  # restarts
        ((3650 * DAY, HOUR, 3 * HOUR), (True, False, False, False)),  # restarted while it is wrong
        ((3650 * DAY, -3650 * DAY, DAY), (True, False, False, True)),
        ((7 * DAY, DAY, DAY), (True, False, True, True)),  # the machine was off for a week
        ((-2 * HOUR, DAY), (True, False, True)),
    ],
    ids=str,
)
def test_it_is_believed_when_it_went_on_for_most_of_a_day(
    database: Sessions, steps: tuple[timedelta, ...], believed: tuple[bool, ...]
) -> None:
    now, found = BEGIN, list[bool]()
    for step in (timedelta(0), *steps):
        now += step
        with database.begin() as session:
            found.append(doubt(session, now) is None)
    assert tuple(found) == believed


def test_ten_years_ahead_delete_nothing_and_seal_nothing(tmp_path: Path, engine: Engine) -> None:
    clock = Clock(BEGIN)
    url = engine.url.render_as_string(hide_password=False)
    app = App(None, clock=clock, data_dir=tmp_path, database_url=url, retention={"item_days": 30})
    app.__dict__["engine"] = engine
    keep_all(app, made_items(9), ENTRY, lambda _: None)
    understand(app)
    clock.turn(hours=30)
    run_daily(app)
    days = [one.day for one in sealed(app)]
    assert days

    clock.turn(days=3650)
    run_daily(app)
    run_daily(app)
    assert ([one.day for one in sealed(app)], _words(engine)) == (days, 9)
    clock.turn(days=-3650)
    run_daily(app)
    clock.turn(days=1)
    run_daily(app)
    assert _words(engine) == 9
    assert sealed(app)[-1].day < app.today()
    assert len(sealed(app)) > len(days)


def _words(engine: Engine) -> int:
    with engine.connect() as connection:
        asked = connection.execute(text("SELECT count(*) FROM item_version WHERE text != ''"))
        return int(asked.scalar_one())
