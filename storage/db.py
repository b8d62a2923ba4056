"""Open the database, bring its tables up to date, and say whether it can be used."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from storage.errors import NO_PRIVILEGE, StorageError
from storage.types import to_json

__all__ = [
    "Engine",
    "Session",
    "Sessions",
    "healthy",
    "migrate",
    "open_database",
    "readers",
    "sessions",
    "version",
]

MIGRATIONS = Path(__file__).parent / "migrations"
Sessions = sessionmaker[Session]

#: How long a statement waits for what another one holds, in seconds.
BUSY_S = 30
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # with WAL, only FULL keeps the last commit through a power cut
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is deleted is overwritten, not only unlinked
    f"PRAGMA busy_timeout = {BUSY_S * 1000}",
)
_READ_ONLY = "langnghe_read_only"


def open_database(url: str) -> Engine:
    """Return an engine for `url`: `sqlite:///file` or `postgresql+psycopg://…`.

    Nothing is connected yet. Raises `StorageError` for any other kind of database.
    """
    try:
        kind = make_url(url).get_backend_name()
    except ArgumentError as error:
        raise StorageError("the database URL cannot be read") from error
    if kind not in {"sqlite", "postgresql"}:
        raise StorageError(f"the database must be SQLite or PostgreSQL, not {kind}")
    try:
        return _sqlite(url) if kind == "sqlite" else _postgresql(url)
    except (NoSuchModuleError, ImportError) as error:
        raise StorageError(f"the driver of the database is not installed: {error}") from error


def sessions(engine: Engine) -> Sessions:
    """Return the maker of sessions that write.

    On SQLite a transaction takes the write lock when it begins: one that read first
    and wrote later could otherwise not be retried, and would fail under load.
    """
    return sessionmaker(engine, expire_on_commit=False)


def readers(engine: Engine) -> Sessions:
    """Return the maker of sessions that only read, and on SQLite wait for no writer."""
    return sessionmaker(engine.execution_options(**{_READ_ONLY: True}), expire_on_commit=False)


def migrate(engine: Engine) -> None:
    """Bring the tables to the newest version. Harmless to repeat, and at the same time.

    Tables that are new enough are left alone, which a role without the right to change them can
    do as well. All of it happens in one transaction: whoever is killed in the middle leaves the
    tables as they were. Raises `StorageError` where the database cannot be reached, cannot be
    migrated, or is of a later version of the program; it is then left as it is.
    """
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                # Another process may take long over the tables; it is waited for.
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(text("SELECT pg_advisory_xact_lock(7211900)"))
            if problem := _of_later_version(_revision(connection)):
                raise StorageError(problem)
            command.upgrade(alembic_config(connection), "head")
    except SQLAlchemyError as error:
        told = f"the database cannot be used: {said(error)}"
        if getattr(error.__cause__, "sqlstate", None) == NO_PRIVILEGE:
            told += "; `langnghe migrate` as the owner of the tables brings them up to date"
        raise StorageError(told) from error


def healthy(engine: Engine) -> str | None:
    """Return what is wrong with the database, or None."""
    try:
        found = version(engine)
    except SQLAlchemyError as error:
        return f"the database cannot be reached: {said(error)}"
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if problem := _of_later_version(found):
        return problem
    if found != newest:
        return f"the tables are at version {found or 'none'}, the program needs {newest}"
    return None


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _of_later_version(found: str | None) -> str | None:
    """Return what to tell where the tables were made by a program that knew more than this one."""
    known = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
    if found is None or found in known:
        return None
    return (
        f"the tables are at version {found}, made by a later program; this one knows them up to "
        f"{known[0]}: install that program again, or restore a back-up made before it"
    )


def version(engine: Engine) -> str | None:
    """Return the version that the tables are at; None where there are none."""
    with engine.connect() as connection:
        return _revision(connection)


def said(error: SQLAlchemyError) -> str:
    """Return what the database itself said, without the library's statement and advice."""
    return str(getattr(error, "orig", None) or error).strip()


def alembic_config(connection: Connection) -> Config:
    """Return what Alembic's commands need to work on `connection`."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _postgresql(url: str) -> Engine:
    full = make_url(url)
    if full.drivername == "postgresql":
        full = full.set(drivername="postgresql+psycopg")
    engine = create_engine(full, pool_pre_ping=True, json_serializer=to_json)
    event.listen(engine, "connect", _wait_no_longer)
    return engine


def _wait_no_longer(connection: Any, record: Any) -> None:  # noqa: ARG001 (hook)
    """Let nobody who holds a table keep a job waiting for ever, without a word."""
    connection.autocommit = True
    connection.execute(f"SET lock_timeout = '{BUSY_S}s'")
    connection.autocommit = False


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, json_serializer=to_json, connect_args={"timeout": BUSY_S})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, record: Any) -> None:  # noqa: ARG001 (hook)
    # The driver must not begin transactions by itself: it begins them too late.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    read_only = connection.get_execution_options().get(_READ_ONLY)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
