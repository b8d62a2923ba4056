"""What is kept for long enough is deleted with a line in the ledger, and nothing else is."""

# ruff: noqa: S608 (tables are looked at by name and number)

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from mailroom import Clock
from sqlalchemy import Engine, event, text
from structlog.testing import capture_logs
from torture_texts import BEGIN, made_items
from typer.testing import CliRunner

from config.catalog import SourceEntry
from crawlers.item import Fetch, Item, Outcome
from langnghe import retention
from langnghe.app import App
from langnghe.cli import app as command
from langnghe.collect import keep_all
from langnghe.rounds import run_daily, understand
from langnghe.sealing import seal, verify
from storage import holds, leases, ledger, rounds, sources
from storage.db import open_database
from storage.erasing import ERASED
from storage.holds import Held
from storage.wiping import wipe

ENTRY = SourceEntry(id="bao", name="Báo", type="upload")
DAYS = {"item_days": 30, "case_item_days": 60, "mail_days": 30, "log_days": 100, "audit_days": 30}
LATER = timedelta(days=120)
Make = Callable[..., App]


@pytest.fixture
def make(tmp_path: Path, engine: Engine) -> Make:
    """Make an installation that kept, read and judged thirty texts a hundred and twenty days ago."""

    def made(**days: int) -> App:
        folder = tmp_path / "operator"
        folder.mkdir()
        (folder / "langnghe.toml").write_text('data_dir = "data"\n', "utf-8")
        url = engine.url.render_as_string(hide_password=False)
        app = App(folder, clock=Clock(BEGIN), database_url=url, retention=DAYS | days)
        app.__dict__["engine"] = engine
        app.settings.data_dir.mkdir(exist_ok=True)
        _keep(app, *islice(made_items(30), 30))
        understand(app)
        app.clock.now = BEGIN + LATER  # type: ignore[attr-defined]
        seal(app)
        return app

    return made


def _keep(app: App, *found: Item) -> tuple[int, ...]:
    given = (replace(one, fetched_at=app.clock()) for one in found)
    keeper, _ = keep_all(app, given, ENTRY, lambda _: None)
    return keeper.ids


def _ask(app: App, question: str, **values: Any) -> list[Any]:
    with app.engine.begin() as connection:
        result = connection.execute(text(question), values)
        return [tuple(row) for row in result] if result.returns_rows else []


def _wordy(app: App) -> set[int]:
    return {item for (item,) in _ask(app, "SELECT item_id FROM item_version WHERE text != ''")}


def _of_cases(app: App) -> set[int]:
    query = 'SELECT item_id FROM membership WHERE event_id IN (SELECT event_id FROM "case")'
    return {item for (item,) in _ask(app, query)}


def _close(app: App, *cases: int) -> None:
    closing = "UPDATE \"case\" SET state = 'closed', closed_at = :at WHERE id = :id"
    at = BEGIN if app.engine.dialect.name != "sqlite" else f"{BEGIN:%Y-%m-%d %H:%M:%S.%f}"
    for case in cases:
        _ask(app, closing, at=at, id=case)


def test_items_that_nobody_needs_lose_their_words(make: Make) -> None:
    app = make()
    before, needed = _wordy(app), _of_cases(app)
    assert len(before) == 30
    assert 0 < len(needed) < 30
    due = {term.name: term.due for term in retention.terms(app)}
    assert due["item"] == 30 - len(needed)
    done = retention.run(app)
    assert done["item"] == due["item"]
    assert _wordy(app) == needed
    gone = before - needed
    with app.views() as session:
        lines = [one for one in ledger.newest(session, 100) if one.kind == "item"]
    assert {int(one.key) for one in lines} == gone
    assert {(one.rule, one.who) for one in lines} == {("item", "machine")}
    assert retention.run(app)["item"] == 0


def test_no_table_keeps_words_of_what_was_deleted(make: Make) -> None:
    app = make()
    retention.run(app)
    gone = sorted(set(range(1, 31)) - _wordy(app))
    assert gone
    listed = ", ".join(map(str, gone))
    assert _ask(app, f"SELECT title FROM item_version WHERE item_id IN ({listed})") == [
        (ERASED,)
    ] * len(gone)
    key = "rowid" if app.engine.dialect.name == "sqlite" else "item_id"
    assert not _ask(app, f"SELECT {key} FROM item_search WHERE {key} IN ({listed})")
    assert not _ask(app, f"SELECT title FROM event WHERE id IN ({listed}) AND title != '{ERASED}'")
    words = (
        f"SELECT mentions, reasons, flags, place_reasons FROM reading WHERE item_id IN ({listed})"
    )
    for row in _ask(app, words):
        assert {str(one) for one in row} == {"[]"}
    understand(app)  # nothing of it is read or indexed again
    assert not _ask(app, f"SELECT {key} FROM item_search WHERE {key} IN ({listed})")


def test_items_of_closed_cases_go_by_their_own_term(make: Make) -> None:
    app = make(item_days=0)
    cases = [case for (case,) in _ask(app, 'SELECT id FROM "case" ORDER BY id')]
    held, closed, open_ = cases[0], cases[1], cases[2]
    _close(app, held, closed)
    with app.sessions.begin() as session:
        number = holds.add(session, Held.CASE, held, "khiếu nại", "analyst:a", app.clock())
    items = {case: _items(app, case) for case in (held, closed, open_)}
    assert retention.run(app)["case_item"] == len(items[closed])
    assert not _wordy(app) & items[closed]
    assert _wordy(app) >= items[held] | items[open_]
    with app.sessions.begin() as session:
        assert holds.end(session, number, "analyst:a", app.clock())
        assert not holds.end(session, number, "analyst:a", app.clock())
    assert retention.run(app)["case_item"] == len(items[held])
    assert _wordy(app) >= items[open_]


def _items(app: App, case: int) -> set[int]:
    query = (
        'SELECT item_id FROM membership JOIN "case" c ON c.event_id = membership.event_id '
        "WHERE c.id = :case"
    )
    return {item for (item,) in _ask(app, query, case=case)}


def test_a_case_of_a_merged_event_keeps_the_items_of_both(make: Make) -> None:
    app = make(case_item_days=0)
    loose = min(set(range(1, 31)) - _of_cases(app))
    events = _ask(app, "SELECT event_id FROM membership WHERE item_id = :item", item=loose)
    with_case = min(event for (event,) in _ask(app, 'SELECT event_id FROM "case"'))
    if not events:
        _ask(
            app,
            "INSERT INTO event (id, title, first_at, last_at, last_item_id, stale) "
            "SELECT id, 'x', fetched_at, fetched_at, id, false FROM item WHERE id = :item",
            item=loose,
        )
        _ask(
            app,
            "INSERT INTO membership (item_id, event_id, at, score, why, by, joined_at) "
            "SELECT id, id, fetched_at, 1, '', 'x', fetched_at FROM item WHERE id = :item",
            item=loose,
        )
    root = events[0][0] if events else loose
    _ask(app, "UPDATE event SET merged_into = :e WHERE id = :case", e=root, case=with_case)
    retention.run(app)
    assert loose in _wordy(app)


def test_evidence_fits_after_deletion_and_breaks_without_the_ledger(make: Make) -> None:
    app = make()
    texts, wrong = verify(app)
    retention.run(app)
    assert verify(app) == (texts, wrong) == (30, None)
    _ask(
        app, "DELETE FROM deletion WHERE key = (SELECT min(key) FROM deletion WHERE kind = 'item')"
    )
    _, wrong = verify(app)
    assert wrong is not None
    assert "sổ xóa không ghi" in wrong.what


def test_what_a_person_said_of_is_kept(make: Make) -> None:
    app = make()
    loose = min(set(range(1, 31)) - _of_cases(app))
    with app.sessions.begin() as session:
        number = holds.add(session, Held.ITEM, loose, "đang xem", "analyst:a", app.clock())
    other = sorted(set(range(1, 31)) - _of_cases(app))[1]
    _ask(
        app,
        "INSERT INTO label (item_id, field, value, who, at) "
        "SELECT :item, 'severity', '{}', 'analyst:a', fetched_at FROM item WHERE id = :item",
        item=other,
    )
    retention.run(app)
    assert _wordy(app) >= {loose, other}
    with app.views() as session:
        (standing,) = holds.listed(session)
    assert standing.number == number


class Stop(Exception):
    """The process dies here."""


def test_a_process_that_dies_leaves_all_of_a_batch_or_nothing(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make()
    monkeypatch.setattr("storage.erasing.BATCH", 1)
    left, said = iter(()), []

    def strike(*_: Any) -> None:
        if next(left, None) == 0:
            raise Stop

    event.listen(app.engine, "before_cursor_execute", strike)
    for moment in range(1, 400):
        left = iter(range(moment, -1, -1))
        try:
            retention.run(app)
        except Stop:
            left = iter(())
            gone = {
                int(key) for (key,) in _ask(app, "SELECT key FROM deletion WHERE kind = 'item'")
            }
            assert gone == set(range(1, 31)) - _wordy(app)
            said.append(len(gone))
            _ask(app, "DELETE FROM lease")  # as its time ends
            continue
        break
    event.remove(app.engine, "before_cursor_execute", strike)
    assert len(set(said)) > 1, "it died in no batch but the first"
    assert said == sorted(said)
    assert _wordy(app) == _of_cases(app)


def test_rows_whose_term_is_over_go_and_the_ledger_counts_them(make: Make) -> None:
    app = make(item_days=0, case_item_days=0)
    run_daily(app)
    cases = [case for (case,) in _ask(app, 'SELECT id FROM "case" ORDER BY id')]
    _close(app, cases[0])
    old = "(SELECT min(fetched_at) FROM item)"
    for key, case in (("over", cases[0]), ("going-on", cases[1])):
        _ask(
            app,
            "INSERT INTO notice (key, kind, recipient, subject, text, html, message_id, created_at, "
            "not_before, state, attempts, next_at) VALUES (:key, 'case', 'a@b.example', 's', 't', '', "
            f"'m', {old}, {old}, 'sent', 1, {old})",
            key=key,
        )
        _ask(app, "INSERT INTO notice_case VALUES (:key, :case)", key=key, case=case)
    _ask(
        app,
        f"INSERT INTO audit (at, who, action, subject, detail) VALUES ({old}, 'a', 'b', 'c', '{{}}')",
    )
    with app.sessions.begin() as session:
        number = rounds.begin(session, "round", BEGIN, BEGIN)
        assert number is not None
        polls = [Fetch("bao", Outcome.NONE, "", BEGIN)] * 3
        sources.record(session, polls, BEGIN, [ENTRY], number)
        rounds.finish(session, number, BEGIN, {})
        later = rounds.begin(session, "round", app.clock(), app.clock())
        assert later is not None
        rounds.finish(session, later, app.clock(), {})
    done = retention.run(app)
    assert [done[kind] for kind in ("mail", "poll", "round", "audit")] == [1, 3, 1, 1]
    assert _ask(app, "SELECT key FROM notice") == [("going-on",)]
    with app.views() as session:
        assert ledger.totals(session) == {"mail": 1, "poll": 3, "round": 1, "audit": 1}


def test_what_a_person_asks_for_goes_at_once_and_is_not_read_again(make: Make) -> None:
    app = make()
    item = min(_of_cases(app))
    (url,) = _ask(app, "SELECT url FROM item WHERE id = :item", item=item)[0]
    cases = retention.forget(app, item, "yêu cầu của người trong bài", "analyst:a")
    assert cases
    assert item not in _wordy(app)
    listed = ", ".join(map(str, cases))
    assert set(_ask(app, f'SELECT title, gist FROM "case" WHERE id IN ({listed})')) == {
        (ERASED, "")
    }
    ((title,),) = _ask(
        app,
        "SELECT title FROM event WHERE id = (SELECT event_id FROM membership WHERE item_id = :item)",
        item=item,
    )
    assert title == ERASED
    for table in ("item", "item_url"):
        assert not _ask(app, f"SELECT url FROM {table} WHERE url = :url", url=url)
    again = next(one for one in made_items(30) if one.url == url)
    assert not _keep(app, again, replace(again, title="Tên khác", text="Lời khác hẳn bài cũ."))
    assert verify(app)[1] is None
    with pytest.raises(retention.UnknownItem):
        retention.forget(app, item, "lần nữa", "analyst:a")
    understand(app)


def test_no_file_of_sqlite_keeps_the_bytes_of_words_that_are_gone(make: Make) -> None:
    app = make()
    if app.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL clears away what is dead by itself")
    item = min(_of_cases(app))
    _ask(
        app, "UPDATE item_version SET text = text || ' hoàng lanquyhiem' WHERE item_id = :n", n=item
    )
    _ask(app, "UPDATE item SET indexed_version = 0 WHERE id = :n", n=item)
    understand(app)
    assert _bytes_with(app, b"lanquyhiem")
    with app.views() as session:  # a reader keeps the log of writes from being cut
        assert session.scalar(text("SELECT count(*) FROM item"))
        with capture_logs() as told:
            retention.forget(app, item, "yêu cầu", "analyst:a")
    assert [one["log_level"] for one in told if "their bytes" in one["event"]] == ["warning"]
    assert _bytes_with(app, b"lanquyhiem")
    assert wipe(app.engine)
    assert not _bytes_with(app, b"lanquyhiem")


def _bytes_with(app: App, word: bytes) -> list[str]:
    """Return the files of the database that hold a word."""
    files = Path(str(app.engine.url.database)).parent.glob("*.db*")
    return [path.name for path in files if word in path.read_bytes().lower()]


def test_a_back_up_from_before_does_not_bring_it_back(make: Make) -> None:
    app = make(item_days=0, case_item_days=0)
    (app.settings.data_dir / "forgotten.jsonl").write_text('{"item": 2, "addr', "utf-8")
    with (app.settings.data_dir / "forgotten.jsonl").open("a", encoding="utf-8") as file:
        file.write("\n")
    ((url, external),) = _ask(app, "SELECT url, external_id FROM item WHERE id = 1")
    ((title, words),) = _ask(app, "SELECT title, text FROM item_version WHERE item_id = 1")
    retention.forget(app, 1, "yêu cầu", "analyst:a")
    back = "UPDATE item SET url = :url, external_id = :external, erased_version = 0 WHERE id = 1"
    _ask(app, back, url=url, external=external)
    _ask(app, "UPDATE item_version SET title = :t, text = :w WHERE item_id = 1", t=title, w=words)
    _ask(app, "DELETE FROM deletion")
    assert retention.run(app)["forgotten"] == 1
    assert 1 not in _wordy(app)
    assert retention.run(app)["forgotten"] == 0


def test_a_person_is_told_where_another_process_deletes(make: Make) -> None:
    app = make()
    with app.sessions.begin() as session:
        assert leases.take(session, "retention", "another", app.clock(), 60.0) is not None
    before = _wordy(app)
    with pytest.raises(retention.Busy):
        retention.run_now(app, "operator:a")
    assert _wordy(app) == before


def test_commands_tell_hold_and_delete(make: Make, tmp_path: Path) -> None:
    app = make(item_days=0)
    app.engine.dispose()
    url = app.engine.url.render_as_string(hide_password=False)
    settings = f'data_dir = "data"\ndatabase_url = "{url}"\n[retention]\nitem_days = 1\n'
    folder = tmp_path / "operator"
    (folder / "langnghe.toml").write_text(settings, "utf-8")

    def run(*words: str, fails: bool = False) -> list[dict[str, Any]]:
        result = CliRunner().invoke(command, ["--config", str(folder), *words])
        assert bool(result.exit_code) is fails, result.output
        return [] if fails else [json.loads(line) for line in result.stdout.splitlines()]

    loose = min(set(range(1, 31)) - _of_cases(app))
    (held,) = run("retention", "hold", "item", str(loose), "--why", "đang xem")
    run("retention", "hold", "item", "999", "--why", "không có", fails=True)
    due = {one["name"]: one["due"] for one in run("retention", "show") if "due" in one}
    (done,) = run("retention", "run")
    assert done["deleted"]["item"] == due["item"] > 0
    assert [one["subject"] for one in run("retention", "holds")] == [loose]
    assert len(run("retention", "ledger", "--limit", "5")) == 5
    run("retention", "release", str(held["hold"]))
    run("retention", "release", str(held["hold"]), fails=True)
    assert run("retention", "run")[0]["deleted"]["item"] == 1
    case_item = min(_of_cases(app))
    run("forget", str(case_item), "--why", " ", fails=True)
    assert run("forget", str(case_item), "--why", "người trong bài yêu cầu")[0]["cases"]
    run("forget", str(case_item), "--why", "lần nữa", fails=True)
    assert open_database(url).dialect.name == app.engine.dialect.name
