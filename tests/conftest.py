"""What tests share: an empty database of either kind, tables made by the migrations."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from storage.db import Sessions, migrate, open_database, sessions
from storage.models import Base

_SERVER = os.environ.get("LANGNGHE_TEST_POSTGRES", "")
_KINDS = [
    "sqlite",
    pytest.param(
        "postgresql",
        marks=[
            pytest.mark.postgres,
            pytest.mark.skipif(not _SERVER, reason="LANGNGHE_TEST_POSTGRES names no server"),
        ],
    ),
]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database, migrated once and copied for each test."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    engine = open_database(f"sqlite:///{path}")
    migrate(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a database of this test run alone, dropped at its end."""
    if not _SERVER:
        pytest.skip("LANGNGHE_TEST_POSTGRES names no server")
    name = f"langnghe_test_{uuid.uuid4().hex[:12]}"
    server = create_engine(_SERVER, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    yield make_url(_SERVER).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture(scope="session")
def postgres_engine(postgres_url: str) -> Iterator[Engine]:
    """The database of this test run, migrated."""
    engine = open_database(postgres_url)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=_KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty, migrated database: on a file of SQLite, and on PostgreSQL where there is one."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = tmp_path / "langnghe.db"
        path.write_bytes(template.read_bytes())
        made = open_database(f"sqlite:///{path}")
        yield made
        made.dispose()
        return
    shared: Engine = request.getfixturevalue("postgres_engine")
    yield shared
    _empty(shared)


@pytest.fixture
def database(engine: Engine) -> Sessions:
    """The maker of writing sessions on an empty database."""
    return sessions(engine)


def _empty(engine: Engine) -> None:
    """Take everything out of PostgreSQL; for small tables far quicker than TRUNCATE."""
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM item_search"))
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
        numbered = connection.execute(text("SELECT sequencename FROM pg_sequences"))
        for (name,) in numbered.all():
            connection.execute(text(f"ALTER SEQUENCE {name} RESTART"))
