"""A database of the first release, opened by this one: nothing lost, everything works on."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from console_desk import Person, signed_in
from mailroom import Clock
from old_release import FIRST, KINDS, columns, first_release, rows
from release_fixture import dump
from sqlalchemy import text
from typer.testing import CliRunner

from config.settings import ZONE
from langnghe.accounts import Role
from langnghe.app import App
from langnghe.backup import back_up, move, restore
from langnghe.cli import app as command
from langnghe.pressserver import PressServer, serve_press
from langnghe.rounds import run_daily, run_digest, run_round_at
from langnghe.sealing import verify
from langnghe.stages import index
from storage import cases, outbox
from storage.db import healthy, open_database
from storage.errors import StorageError

#: The morning after the last one that the first release saw.
LAST = date(2024, 9, 14)
NEXT = datetime(2024, 9, 15, 6, 30, tzinfo=ZONE)
#: What the release kept, so that a fixture that lost it is seen.
KEPT = {"item": 35, "event": 18, "case": 13, "notice": 19, "digest": 8, "reading": 35}
PAGES = (
    "/hom-nay",
    "/hang-doi",
    "/hang-doi?xem=nghi-ngo",
    "/vu-viec",
    "/ban-do",
    "/xu-huong",
    "/nguon-tin",
    "/don-vi",
    "/nhat-ky",
    "/cai-dat",
)


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with first_release(request.param, tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def press() -> Iterator[PressServer]:
    with serve_press() as server:
        yield server


@pytest.fixture
def opened(
    url: str, tmp_path: Path, press: PressServer, shipped_parts: dict[str, Any]
) -> Iterator[App]:
    """Today's program on that database, as it would be started the next morning."""
    app = over(tmp_path, url, press)
    app.__dict__ |= {name: shipped_parts[name] for name in ("gazetteer", "finder", "masker")}
    yield app
    app.engine.dispose()


def over(folder: Path, url: str, press: PressServer) -> App:
    press.set_now(NEXT)
    return App(
        press.press.config,
        clock=Clock(NEXT),
        data_dir=folder,
        database_url=url,
        public_url="https://langnghe.example",
        crawl={"proxy": press.url, "allow_private": True},
    )


def addresses(app: App) -> list[str]:
    """Return the pages of the console, and the page of every single thing that is kept."""
    with app.views() as session:
        ids = {
            table: session.scalars(text(f'SELECT id FROM "{table}"')).all()  # noqa: S608
            for table in ("case", "event", "item")
        }
    return [
        *PAGES,
        *(f"/vu-viec/{one}" for one in ids["case"]),
        *(f"/vu-viec/{one}/vi-sao" for one in ids["case"]),
        *(f"/su-viec/{one}" for one in ids["event"]),
        *(f"/tin/{one}" for one in ids["item"]),
    ]


def articles_found(person: Person) -> int:
    """Search as an analyst does, and return how many articles the page counts."""
    counted = re.search(r"Tin bài \((\d+)\)", person.get("/tim-kiem?q=bãi+rác").text)
    assert counted is not None
    return int(counted[1])


def test_the_fixture_holds_what_the_release_kept(tmp_path: Path) -> None:
    with first_release("sqlite", tmp_path) as url:
        engine = open_database(url)
        held = rows(engine, columns(engine))
        problem = healthy(engine)
        engine.dispose()
    assert {name: len(held[name]) for name in KEPT} == KEPT
    assert (problem or "").startswith(f"the tables are at version {FIRST}, the program needs")


def test_a_dump_loads_to_the_same_dump(tmp_path: Path) -> None:
    with first_release("sqlite", tmp_path):
        first = list(dump(tmp_path / "langnghe.db"))
    again = tmp_path / "again.db"
    connection = sqlite3.connect(again)
    connection.executescript("\n".join(first))
    connection.close()
    assert list(dump(again)) == first


def test_all_rows_are_kept(url: str, tmp_path: Path, press: PressServer) -> None:
    engine = open_database(url)
    held = columns(engine)
    before = rows(engine, held)
    engine.dispose()

    app = over(tmp_path, url, press)
    after = rows(app.engine, held)

    assert after == before
    assert healthy(app.engine) is None
    app.engine.dispose()


def test_every_page_opens_and_what_was_kept_is_found(opened: App) -> None:
    person = signed_in(opened, "an", Role.ADMIN)
    refused = {
        path: answer.status_code
        for path in addresses(opened)
        if (answer := person.get(path)).status_code != 200
    }
    assert refused == {}
    found = articles_found(person)
    with opened.sessions.begin() as session:
        session.execute(text("UPDATE item SET indexed_version = 0"))
    assert index(opened).done == KEPT["item"]
    assert found == articles_found(person) > 0


def test_the_next_day_goes_on(opened: App) -> None:
    clock = opened.clock
    assert isinstance(clock, Clock)
    with opened.views() as session:
        before = {one.brief.case_id for one in cases.find(session)}
        sent = outbox.counts(session)["sent"]

    report = run_round_at(opened, NEXT).as_dict()
    clock.turn(minutes=30)
    told = run_digest(opened, NEXT.date()).with_suffix(".txt").read_text("utf-8")
    clock.turn(days=1)
    run_daily(opened)

    assert {name: part["failed"] for name, part in report.items() if part["failed"]} == {}
    assert report["crawl"]["kept"] > 0
    assert report["group"]["joined"] > 0
    with opened.views() as session:
        after = {one.brief.case_id for one in cases.find(session)}
        urls = session.scalars(text("SELECT url FROM item")).all()
        looked = session.scalars(text("SELECT id FROM item WHERE looked_at IS NOT NULL")).all()
        assert outbox.counts(session) == {"sent": outbox.counts(session)["sent"]}
        assert outbox.counts(session)["sent"] > sent
    assert before < after
    assert len(urls) == len(set(urls)) > KEPT["item"]
    # What the release fetched in its last month is looked at again, as if it were ours.
    assert set(looked) & set(range(1, KEPT["item"] + 1)) != set()
    assert "NGÀY 15/09/2024" in told
    assert "QUÁ HẠN" in told
    texts, wrong = verify(opened)
    assert (texts, wrong) == (len(urls), None)


def test_what_the_release_was_doing_when_it_stopped_is_finished(
    url: str, tmp_path: Path, press: PressServer
) -> None:
    engine = open_database(url)
    with engine.begin() as connection:
        key, message_id = connection.execute(
            text(
                "SELECT key, message_id FROM notice WHERE kind = 'cases' ORDER BY key DESC LIMIT 1"
            )
        ).one()
        connection.execute(
            text(
                "UPDATE notice SET state = 'sending', owner = 'x', lease_until = next_at, "
                "sent_at = NULL WHERE key = :key"
            ),
            {"key": key},
        )
        connection.execute(text("UPDATE round SET finished_at = NULL, report = NULL WHERE id = 8"))
    engine.dispose()

    app = over(tmp_path, url, press)
    report = run_round_at(app, NEXT)

    with app.views() as session:
        left = outbox.counts(session)
    assert report.count("deliver", "failed") == 0
    assert set(left) == {"sent"}
    mails = [path.read_bytes() for path in (tmp_path / "outbox").glob("*.eml")]
    assert sum(message_id.strip("<>").encode() in mail for mail in mails) == 1
    app.engine.dispose()


def test_it_is_backed_up_restored_and_moved(opened: App, tmp_path: Path) -> None:
    held = back_up(opened, tmp_path / "b.tar.gz")
    moved = move(opened, f"sqlite:///{tmp_path / 'khac.db'}")
    again = restore(tmp_path / "b.tar.gz", tmp_path / "moi")
    assert held == again
    assert {name: moved[name] for name in KEPT} == KEPT


def test_a_database_of_a_later_version_is_refused_and_left_alone(
    url: str, tmp_path: Path, press: PressServer
) -> None:
    engine = open_database(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9001'"))
    held = columns(engine)
    before = rows(engine, held)

    said = (
        "the tables are at version 9001, made by a later program; this one knows them up to "
        r"\d{4}: install that program again, or restore a back-up made before it"
    )
    with pytest.raises(StorageError, match=said):
        _ = over(tmp_path, url, press).engine

    assert (healthy(engine) or "").startswith("the tables are at version 9001, made by a later")
    assert columns(engine) == held
    assert rows(engine, held) == before
    engine.dispose()


def test_the_command_tells_of_a_later_version_in_one_line(tmp_path: Path) -> None:
    with first_release("sqlite", tmp_path) as url:
        connection = sqlite3.connect(tmp_path / "langnghe.db")
        connection.execute("UPDATE alembic_version SET version_num = '9001'")
        connection.commit()
        connection.close()
        (tmp_path / "langnghe.toml").write_text(f'database_url = "{url}"\n', "utf-8")
        for words in (["cases", "list"], ["digest", "--on", f"{LAST}"], ["run", "--once"]):
            result = CliRunner().invoke(command, ["-c", str(tmp_path), *words])
            assert result.exit_code == 1, result.output
            assert result.stderr.startswith("storage: the tables are at version 9001, made by")
            assert len(result.stderr.splitlines()) == 1
