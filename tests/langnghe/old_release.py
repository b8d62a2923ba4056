"""The database of the first release in either kind of database, and what is in its tables."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from release_fixture import load
from sqlalchemy import Engine, create_engine, func, inspect, make_url, select, text

from storage.db import alembic_config, open_database
from storage.models import Base

FILE = Path(__file__).parent / "data" / "first_release.sql.gz"
FIRST = "0001"
SERVER = os.environ.get("LANGNGHE_TEST_POSTGRES", "")
KINDS = [
    "sqlite",
    pytest.param(
        "postgresql",
        marks=[
            pytest.mark.postgres,
            pytest.mark.skipif(not SERVER, reason="LANGNGHE_TEST_POSTGRES names no server"),
        ],
    ),
]
#: What an upgrade itself may write.
_NOT_KEPT = {"alembic_version"}

Rows = dict[str, list[tuple[Any, ...]]]
Columns = dict[str, list[str]]


@contextmanager
def postgres(template: str = "") -> Iterator[str]:
    """Give the URL of a database that is dropped afterwards, empty or a copy of another."""
    name = f"langnghe_first_{uuid.uuid4().hex[:12]}"
    server = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        of = f" TEMPLATE {make_url(template).database}" if template else ""
        connection.execute(text(f"CREATE DATABASE {name}{of}"))
    try:
        yield make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


@contextmanager
def first_release(kind: str, folder: Path) -> Iterator[str]:
    """Give the URL of a database that stands as the first release left it."""
    file = folder / "langnghe.db"
    load(FILE, file)
    here = f"sqlite:///{file}"
    if kind == "sqlite":
        yield here
        return
    with postgres() as url:
        _carry_over(here, url)
        yield url


def columns(engine: Engine) -> Columns:
    """Return the tables of a database and their columns, the search index left out."""
    found = inspect(engine)
    tables = [name for name in found.get_table_names() if not name.startswith("item_search")]
    return {
        name: sorted(column["name"] for column in found.get_columns(name))
        for name in sorted(tables)
        if name not in _NOT_KEPT and not name.startswith("sqlite_")
    }


def rows(engine: Engine, wanted: Columns) -> Rows:
    """Return what stands in the wanted columns of the wanted tables, as the database gives it."""
    made: Rows = {}
    with engine.connect() as connection:
        for table, names in wanted.items():
            listed = ", ".join(f'"{name}"' for name in names)
            found = connection.execute(text(f'SELECT {listed} FROM "{table}"'))  # noqa: S608
            made[table] = sorted((tuple(row) for row in found), key=repr)
    return made


def _carry_over(here: str, there: str) -> None:
    """Make the first tables in PostgreSQL, and copy what the file holds, the index included."""
    source, target = open_database(here), open_database(there)
    with target.begin() as connection:
        command.upgrade(alembic_config(connection), FIRST)
    held = columns(source)
    with source.connect() as taken, target.begin() as given:
        for table in Base.metadata.sorted_tables:
            if table.name not in held:
                continue
            wanted = [column for column in table.columns if column.name in held[table.name]]
            query = select(*wanted).order_by(*table.primary_key.columns)
            found = [dict(row) for row in taken.execute(query).mappings()]
            if found:
                old = sa.table(table.name, *(sa.column(one.name, one.type) for one in wanted))
                given.execute(old.insert(), found)  # without the defaults of later columns
            if table.autoincrement_column is not None and found:
                number = func.pg_get_serial_sequence(f'"{table.name}"', "id")
                given.execute(select(func.setval(number, max(row["id"] for row in found))))
        words = taken.execute(text("SELECT rowid, words FROM item_search")).all()
        given.execute(
            text("INSERT INTO item_search VALUES (:item, to_tsvector('simple', :words))"),
            [{"item": item, "words": said} for item, said in words],
        )
    source.dispose()
    target.dispose()
