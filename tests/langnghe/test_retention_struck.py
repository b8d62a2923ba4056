"""Deletion where something went wrong before: lines cut, back-ups put back, texts put in again."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from mailroom import Clock, a_case, a_notice, put
from sqlalchemy import Engine, text
from torture_texts import BEGIN, made_items

from config.catalog import SourceEntry
from config.errors import ConfigError
from crawlers.item import Item
from langnghe import retention
from langnghe.app import App
from langnghe.collect import Keeper
from langnghe.rounds import understand
from langnghe.sealing import seal, verify
from langnghe.undeliverable import retry
from storage import attachments

ENTRY = SourceEntry(id="bao", name="Báo", type="upload")


@pytest.fixture
def app(tmp_path: Path, engine: Engine) -> App:
    """An installation that kept ten texts a hundred days ago."""
    url = engine.url.render_as_string(hide_password=False)
    made = App(
        None,
        clock=Clock(BEGIN),
        database_url=url,
        data_dir=tmp_path / "data",
        retention={"item_days": 30},
    )
    made.__dict__["engine"] = engine
    made.settings.data_dir.mkdir()
    _keep(made, *islice(made_items(10), 10))
    understand(made)
    made.clock.now = BEGIN + timedelta(days=100)  # type: ignore[attr-defined]
    seal(made)
    return made


def _keep(app: App, *found: Item, crawled: bool = False) -> tuple[int, ...]:
    keeper = Keeper(app, ENTRY)
    for one in found:
        keeper.add(replace(one, fetched_at=app.clock()))
    if crawled:
        keeper._entry = None
        keeper._waiting = [replace(one, kind="press") for one in keeper._waiting]
    keeper.flush()
    return keeper.ids


def _ask(app: App, question: str, **values: Any) -> list[Any]:
    with app.engine.begin() as connection:
        result = connection.execute(text(question), values)
        return [tuple(row) for row in result] if result.returns_rows else []


def _a_deleted_one(app: App) -> Item:
    retention.run(app)
    ((url,),) = _ask(app, "SELECT url FROM item WHERE erased_version > 0 ORDER BY id LIMIT 1")
    return next(one for one in made_items(10) if one.url == url)


def test_a_text_put_where_words_were_deleted_is_seen(app: App) -> None:
    gone = _a_deleted_one(app)
    assert verify(app) == (10, None)
    forge = (
        "UPDATE item_version SET text = :words WHERE item_id = (SELECT id FROM item WHERE url = :u)"
    )
    _ask(app, forge, words="Lời đặt thêm.", u=gone.url)
    wrong = verify(app)[1]
    assert wrong is not None
    assert "text_sha256" in wrong.what
    _ask(app, forge, words="", u=gone.url)
    assert verify(app) == (10, None)
    _ask(app, forge.replace("text =", "body_sha256 ="), words="0", u=gone.url)
    wrong = verify(app)[1]
    assert wrong is not None
    assert "body_sha256" in wrong.what


def test_a_text_that_came_after_the_deletion_is_compared(app: App) -> None:
    gone = _a_deleted_one(app)
    assert _keep(app, replace(gone, text="Bài viết lại từ đầu sau khi lời cũ đã xóa."))
    app.clock.turn(days=2)  # type: ignore[attr-defined]
    seal(app)
    assert verify(app) == (11, None)
    _ask(app, "UPDATE item_version SET text = 'khác' WHERE number = 2")
    assert verify(app)[1] is not None


def test_words_of_a_page_that_was_set_back_go_too(app: App) -> None:
    gone = _a_deleted_one(app)
    assert _keep(
        app, replace(gone, text="Bài viết lại từ đầu sau khi lời cũ đã xóa."), crawled=True
    )
    assert _keep(app, gone, crawled=True)
    understand(app)
    assert _ask(app, "SELECT current_version FROM item WHERE url = :u", u=gone.url) == [(1,)]
    assert retention.run(app)["item"] == 1
    assert not _ask(app, "SELECT 1 FROM item_version WHERE number = 2 AND text != ''")
    assert retention.run(app)["item"] == 0
    seal(app)
    assert verify(app)[1] is None


def test_what_was_asked_for_is_known_by_its_address_after_a_restore(app: App) -> None:
    early, late = islice(made_items(12), 10, 12)
    assert _keep(app, early, late) == (11, 12)
    retention.forget(app, 12, "yêu cầu", "analyst:a")
    # A back-up from before is put back: neither text was there, nor a line of the ledger.
    for table in ("item_url", "item_version"):
        _ask(app, f"DELETE FROM {table} WHERE item_id > 10")  # noqa: S608
    _ask(app, "DELETE FROM item WHERE id > 10")
    _ask(app, "DELETE FROM deletion")
    (again,) = _keep(app, late)  # before the first run, under another number
    assert retention.run(app)["forgotten"] == 1
    assert _ask(app, "SELECT text FROM item_version WHERE item_id = :i", i=again) == [("",)]
    assert not _keep(app, late)
    assert retention.run(app)["forgotten"] == 0
    # And where it comes only after the first run.
    _ask(app, "DELETE FROM deletion")
    for table in ("item_url", "item_version"):
        _ask(app, f"DELETE FROM {table} WHERE item_id > 10")  # noqa: S608
    _ask(app, "DELETE FROM item WHERE id > 10")
    assert retention.run(app)["forgotten"] == 0
    assert not _keep(app, late)
    assert _keep(app, early)


def test_a_cut_line_takes_no_other_along(app: App) -> None:
    file = app.settings.data_dir / "forgotten.jsonl"
    cut = '{"item": 2, "why": "yêu cầ'.encode()[:-1]  # in the middle of a letter
    file.write_bytes(b'[]\nnull\n{"item": 1}\n' + cut)
    retention.run(app)
    retention.forget(app, 1, "yêu cầu\u2028khác", "analyst:a")
    assert json.loads(file.read_bytes().splitlines()[-1])["item"] == 1
    _ask(app, "DELETE FROM deletion")
    retention.run(app)
    assert _ask(app, "SELECT count(*) FROM deletion WHERE kind = 'address'")[0][0] > 0


def test_terms_that_no_calendar_holds_are_refused(tmp_path: Path) -> None:
    for name in ("item_days", "log_days"):
        with pytest.raises(ConfigError, match=name):
            App(None, data_dir=tmp_path, retention={name: 10**6})
    with pytest.raises(ConfigError, match="attachment_days"):
        App(None, data_dir=tmp_path, attachment_days=10**7)


def test_bytes_that_come_again_are_not_swept_away(app: App) -> None:
    folder = app.settings.data_dir / "attachments"
    path = attachments.path_of(folder, attachments.put(folder, b"%PDF-"))
    os.utime(path, (1, 1))
    attachments.put(folder, b"%PDF-")  # its row is not committed yet
    with app.sessions.begin() as session:
        assert attachments.expire(session, folder, app.clock(), grace=timedelta(hours=1)) == 0
    assert path.exists()


def test_a_mail_whose_words_were_deleted_is_not_sent_empty(app: App) -> None:
    case = a_case(app)
    ((item,),) = _ask(app, "SELECT max(item_id) FROM membership")
    put(app, a_notice("round:ubnd-huyen-ba-tri:1", app.clock(), case_ids=(case,)))
    _ask(app, "UPDATE notice SET state = 'failed'")
    assert case in retention.forget(app, item, "yêu cầu", "analyst:a")
    assert not retry(app, "round:ubnd-huyen-ba-tri:1", "analyst:a")
    assert _ask(app, "SELECT state FROM notice") == [("failed",)]
