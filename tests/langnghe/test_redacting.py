"""What a person asks to have removed is gone from everything that was made of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mailroom import Clock
from sqlalchemy import Engine, inspect, text
from torture_texts import BEGIN, made_items

from config.catalog import SourceEntry
from config.settings import ZONE
from langnghe import retention
from langnghe.app import App
from langnghe.collect import keep_all
from langnghe.correspond import correspond
from langnghe.delivering import deliver
from langnghe.readers import mail_readers
from langnghe.rounds import round_name, understand
from langnghe.telling import tell
from storage.erasing import ERASED

ENTRY = SourceEntry(id="bao", name="Báo", type="upload", kind="press")
TITLE = "Bãi rác An Hiệp bốc mùi hôi, chuyện riêng số bảy"
WORDS = "Người dân xã An Hiệp, huyện Ba Tri phản ánh bãi rác quá tải bốc mùi hôi thối."
URL = "https://bao-1.example/tin/rieng.html"
#: Another article about the same event.
LATER, LATER_URL = "Bãi rác An Hiệp vẫn bốc mùi hôi, số tám", "https://bao-2.example/tin/tam.html"
DAY = BEGIN.astimezone(ZONE).date()


@pytest.fixture
def app(tmp_path: Path, engine: Engine) -> App:
    """An installation that told units and readers of one article among others."""
    folder = tmp_path / "tinh"
    (folder / "notifiers").mkdir(parents=True)
    (folder / "notifiers" / "thu.toml").write_text('type = "outbox"\n', "utf-8")
    (folder / "langnghe.toml").write_text(
        'data_dir = "data"\n[mail]\nnotifier = "thu"\ndomain = "langnghe.example"\n'
        'digest_to = ["doc@langnghe.example"]\n',
        "utf-8",
    )
    (folder / "contacts.toml").write_text(
        '[contacts]\nubnd-huyen-ba-tri = "vp.batri@vidu.example"\n', "utf-8"
    )
    url = engine.url.render_as_string(hide_password=False)
    app = App(folder, clock=Clock(BEGIN), database_url=url)
    app.__dict__["engine"] = engine
    app.settings.data_dir.mkdir(exist_ok=True)
    _keep(app, replace(next(made_items(1)), title=TITLE, text=WORDS, url=URL, external_id=URL))
    for number, later in enumerate(made_items(9)):
        _keep(app, replace(later, title=f"{later.title}, lần {number}"))
    _tell(app)
    app.clock.turn(days=1)  # type: ignore[attr-defined]
    _keep(app, replace(next(made_items(1)), title=LATER, text=f"{WORDS} Vẫn hôi.", url=LATER_URL))
    _tell(app)
    return app


def _keep(app: App, item: Any) -> None:
    keep_all(app, [replace(item, fetched_at=app.clock())], ENTRY, lambda _: None)


def _tell(app: App) -> None:
    understand(app)
    correspond(app, round_name(app.clock()))
    tell(app, app.today())
    app.clock.turn(hours=3)  # type: ignore[attr-defined]
    mail_readers(app)
    deliver(app)


def _places(app: App, *words: str) -> set[str]:
    """Return the columns of tables, and the files, in which some of these words stand."""
    found = set[str]()
    with app.engine.connect() as connection:
        for table in inspect(app.engine).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')).mappings():  # noqa: S608
                for column, value in row.items():
                    if any(one in _plain(value) for one in words):
                        found.add(f"{table}.{column}")
    for path in (app.settings.data_dir / "digests").iterdir():
        if any(one in path.read_text("utf-8") for one in words):
            found.add(path.suffix)
    return found


def _plain(value: Any) -> str:
    """Return a value of any type as text, with JSON's escapes undone."""
    told = str(value)
    return told.encode().decode("unicode_escape", "replace") if "\\u" in told else told


def test_forgotten_words_stand_nowhere(app: App) -> None:
    before = _places(app, TITLE, URL)
    assert {"digest.data", "notice.text", "case.title", "item.url", ".html", ".txt"} <= before
    cases = retention.forget(app, 1, "yêu cầu của người trong bài", "analyst:a")
    assert cases
    assert _places(app, TITLE, URL) == set()
    told = (app.settings.data_dir / "digests" / f"{DAY}.txt").read_text("utf-8")
    assert ERASED in told
    assert "case_entry.text" in _places(app, LATER)
    retention.forget(app, _number(app, LATER_URL), "yêu cầu", "analyst:a")
    assert _places(app, LATER, LATER_URL) == set()


def _number(app: App, url: str) -> int:
    with app.engine.connect() as connection:
        found = connection.scalar(text("SELECT id FROM item WHERE url = :url"), {"url": url})
    assert isinstance(found, int)
    return found


def test_what_a_digest_tells_of_other_events_stays(app: App) -> None:
    others = [f"lần {number}" for number in range(9)]
    path = app.settings.data_dir / "digests" / f"{DAY}.txt"
    before = {one for one in others if one in path.read_text("utf-8")}
    retention.forget(app, 1, "yêu cầu", "analyst:a")
    assert before
    assert {one for one in others if one in path.read_text("utf-8")} == before


def test_files_that_somebody_took_away_do_not_come_back(app: App) -> None:
    for path in (app.settings.data_dir / "digests").iterdir():
        path.unlink()
    retention.forget(app, 1, "yêu cầu", "analyst:a")
    assert list((app.settings.data_dir / "digests").iterdir()) == []
