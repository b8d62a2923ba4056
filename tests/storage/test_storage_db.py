"""The database itself: opening, migrating, times, and what both kinds must agree on."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, StatementError

from storage import rounds
from storage.db import Sessions, healthy, migrate, open_database, readers, sessions
from storage.errors import StorageError
from storage.models import Base, FetchRow, HostStateRow
from storage.types import storable, to_json

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=7)))


def our_tables(name: str | None, kind: str, parents: object) -> bool:
    return not (kind == "table" and name and name.startswith("item_search"))


def test_migrations_make_the_tables_of_the_models(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": our_tables}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_migrate_again_changes_nothing(engine: Engine) -> None:
    migrate(engine)
    assert healthy(engine) is None


def test_migrations_can_be_taken_back_and_made_again(tmp_path: Path) -> None:
    from alembic import command

    from storage.db import alembic_config

    engine = open_database(f"sqlite:///{tmp_path / 'fresh.db'}")
    migrate(engine)
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
    assert healthy(engine) == "the tables are at version none, the program needs 0008"
    migrate(engine)
    assert healthy(engine) is None
    engine.dispose()


def test_two_processes_may_migrate_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    failed: list[BaseException] = []

    def start() -> None:
        engine = open_database(url)
        try:
            migrate(engine)
        except BaseException as error:  # noqa: BLE001 (the test reports it)
            failed.append(error)
        engine.dispose()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("nonsense", "the database URL cannot be read"),
        ("mysql://localhost/x", "the database must be SQLite or PostgreSQL, not mysql"),
    ],
)
def test_open_refuses_what_it_cannot_use(url: str, problem: str) -> None:
    with pytest.raises(StorageError, match=problem):
        open_database(url)


def test_database_that_cannot_be_reached_is_told_not_crashed(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}")
    assert (healthy(engine) or "").startswith("the database cannot be reached")
    with pytest.raises(StorageError, match="the database cannot be used"):
        migrate(engine)
    engine.dispose()


def test_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("This is not a database, it is a longer text about something else.\n" * 20)
    engine = open_database(f"sqlite:///{path}")
    assert (healthy(engine) or "").startswith("the database cannot be reached")
    engine.dispose()


def test_sqlite_keeps_the_last_commit_and_its_references(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.connect() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    engine.dispose()
    assert found == ["wal", 2, 1, 30_000]


def test_times_come_back_aware_and_in_utc(database: Sessions) -> None:
    with database.begin() as session:
        session.add(HostStateRow(host="bao.example.vn", next_allowed_at=NOON))
    with database() as session:
        found = session.get_one(HostStateRow, "bao.example.vn").next_allowed_at
    assert (found, found.tzinfo) == (datetime(2026, 3, 1, 5, tzinfo=UTC), UTC)


def test_naive_time_is_refused(database: Sessions) -> None:
    with database() as session:
        session.add(HostStateRow(host="x", next_allowed_at=datetime(2026, 3, 1)))  # noqa: DTZ001
        with pytest.raises(StatementError, match="naive time"):
            session.flush()


def test_references_are_enforced(database: Sessions) -> None:
    row = FetchRow(round_id=404, source_id="s", url="", outcome="new", reason="", items=0, at=NOON)
    with pytest.raises(IntegrityError), database.begin() as session:
        session.add(row)


def test_reader_waits_for_no_writer(engine: Engine) -> None:
    with sessions(engine)() as writer:
        rounds.begin(writer, "round", NOON, NOON)
        with readers(engine)() as reader:
            assert rounds.unfinished(reader, "round") == []
        writer.rollback()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Đường ngập", "Đường ngập"),
        ("a\x00b", "ab"),
        ("half \ud83d pair", "half ? pair"),
        ("", ""),
    ],
)
def test_text_that_no_database_takes_is_made_storable(
    database: Sessions, given: str, kept: str
) -> None:
    assert storable(given) == kept
    with database.begin() as session:
        number = rounds.begin(session, "round", NOON, NOON)
        assert number is not None
        rounds.finish(session, number, NOON, {"note": given, "list": [given]})
    with database() as session:
        found = session.scalars(text("SELECT report FROM round")).one()
    assert kept in str(found)


def test_json_is_left_readable() -> None:
    assert to_json({"xã": ["An Hiệp", 1.5]}) == '{"xã":["An Hiệp",1.5]}'
    assert to_json({"a\x00": ("b\x00", 1)}) == '{"a":["b",1]}'
    assert to_json("\\u0000") == '"\\\\u0000"'
