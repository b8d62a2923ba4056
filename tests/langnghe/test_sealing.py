"""Daily lists of evidence: what was changed, taken away or put in afterwards is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest
from mailroom import Clock
from sqlalchemy import Engine, text
from torture_texts import BEGIN, made_items
from typer.testing import CliRunner

from config.catalog import SourceEntry
from config.settings import ZONE
from langnghe.app import App
from langnghe.cli import app as command
from langnghe.collect import keep_all
from langnghe.rounds import run_daily
from langnghe.sealing import NOTHING, seal, sealed, verify

DAY = BEGIN.astimezone(ZONE).date()
ENTRY = SourceEntry(id="bao", name="Báo", type="upload")


@pytest.fixture
def app(tmp_path: Path, engine: Engine) -> App:
    """An installation that kept ten texts on each of three days, and stands on the fourth."""
    (tmp_path / "langnghe.toml").write_text('data_dir = "data"\n', "utf-8")
    clock = Clock(BEGIN + timedelta(days=3))
    url = engine.url.render_as_string(hide_password=False)
    app = App(tmp_path, clock=clock, database_url=url)
    app.__dict__["engine"] = engine
    app.settings.data_dir.mkdir(exist_ok=True)
    found = made_items(30)
    for day in range(3):
        at = BEGIN + timedelta(days=day)
        keep_all(
            app, (replace(one, fetched_at=at) for one in islice(found, 10)), ENTRY, lambda _: None
        )
    return app


def listing(app: App, day: int) -> Path:
    return app.settings.data_dir / "evidence" / f"{DAY + timedelta(days=day)}.jsonl"


def test_each_day_that_is_over_is_sealed_once(app: App) -> None:
    run_daily(app)
    made = sealed(app)

    assert [one.day for one in made] == [DAY + timedelta(days=n) for n in range(3)]
    assert [one.texts for one in made] == [10, 10, 10]
    assert [one.before for one in made] == [NOTHING, made[0].seal, made[1].seal]
    assert len({one.seal for one in made}) == 3
    assert seal(app) == []
    assert sealed(app) == made
    assert verify(app) == (30, None)
    app.clock.turn(days=2)  # type: ignore[attr-defined]
    assert [one.texts for one in seal(app)] == [0, 0]
    assert verify(app) == (30, None)
    assert "Người dân" not in listing(app, 0).read_text("utf-8")


def test_nothing_kept_makes_no_list(app: App) -> None:
    with app.sessions.begin() as session:
        for table in ("item_url", "item_version", "item"):
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 (names from this line)
    assert seal(app) == []
    assert verify(app) == (0, None)


def change(app: App, statement: str) -> None:
    with app.sessions.begin() as session:
        session.execute(text(statement))


def edit(path: Path, old: str, new: str) -> None:
    body = path.read_text("utf-8")
    assert old in body
    path.write_text(body.replace(old, new, 1), "utf-8")


def drop_line(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), "utf-8")


HARMS: dict[str, tuple[Callable[[App], object], int, str]] = {
    "text changed": (
        lambda app: change(app, "UPDATE item_version SET text = text || '!' WHERE item_id = 12"),
        1,
        "tin 12, bản 1: khác với lúc nhận (text_sha256)",
    ),
    "bytes denied": (
        lambda app: change(app, "UPDATE item_version SET body_sha256 = 'x' WHERE item_id = 3"),
        0,
        "tin 3, bản 1: khác với lúc nhận (body_sha256)",
    ),
    "text gone": (
        lambda app: change(app, "DELETE FROM item_version WHERE item_id = 25"),
        2,
        "tin 25, bản 1: không còn được lưu",
    ),
    "line gone": (lambda app: drop_line(listing(app, 1)), 1, "phải có 10 văn bản, nay còn 9"),
    "line changed": (
        lambda app: edit(listing(app, 0), '"item": 4,', '"item": 5,'),
        0,
        "tin 5, bản 1: khác với lúc nhận",
    ),
    "hash changed with its text": (
        lambda app: edit(listing(app, 0), '"http_status": 200', '"http_status":  200'),
        1,
        "không nối được",
    ),
    "day gone": (lambda app: listing(app, 1).unlink(), 1, "thiếu danh mục"),
    "first day gone": (lambda app: listing(app, 0).unlink(), 1, "không nối được"),
    "broken": (lambda app: listing(app, 2).write_text("[]\n", "utf-8"), 2, "không đọc được"),
    "half": (lambda app: listing(app, 2).write_text('{"day', "utf-8"), 2, "không đọc được"),
}


@pytest.mark.parametrize("harm", HARMS)
def test_the_first_thing_that_does_not_fit_is_told(app: App, harm: str) -> None:
    seal(app)
    do, day, words = HARMS[harm]
    do(app)

    _, wrong = verify(app)

    assert wrong is not None
    assert wrong.day == DAY + timedelta(days=day)
    assert words in wrong.what


def test_commands_tell_and_fail(app: App) -> None:
    assert app.folder is not None
    url = app.settings.database_url

    def call(word: str) -> tuple[int, list[dict[str, object]]]:
        environment = {"LANGNGHE_DATABASE_URL": url}
        ran = CliRunner().invoke(
            command, ["-c", str(app.folder), "evidence", word], env=environment
        )
        return ran.exit_code, [json.loads(line) for line in ran.stdout.splitlines()]

    code, days = call("seal")
    assert code == 0
    assert [one["texts"] for one in days[:3]] == [10, 10, 10]
    assert call("list") == (0, days)
    assert call("verify") == (0, [{"texts": 30, "day": None, "wrong": None}])
    listing(app, 1).unlink()
    code, (told,) = call("verify")
    assert code == 1
    assert told["day"] == str(DAY + timedelta(days=1))
