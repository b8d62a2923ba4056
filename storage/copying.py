"""All tables copied from one database into an empty other one, and a proof that they are equal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Connection, Engine, Table, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from storage.db import healthy, migrate, said
from storage.errors import StorageError
from storage.models import Base

_BATCH = 1_000
#: What has no meaning elsewhere: who works on what at this moment.
_LEFT_OUT = frozenset({"lease"})
#: What a database says of its own search index, which is made anew beside the items.
_OWN = frozenset({"item.indexed_version"})
_SUM = 1 << 256

Say = Callable[[str, int], None]


def tables() -> list[Table]:
    """Return the tables that are copied, each after those that it points to."""
    return [table for table in Base.metadata.sorted_tables if table.name not in _LEFT_OUT]


def copy(source: Engine, target: Engine, say: Say = lambda _name, _rows: None) -> None:
    """Copy every row in one transaction: the target has all of it afterwards, or nothing.

    The source may be written to meanwhile; what is copied is one moment of it. The search
    index is not copied: the next round makes it. `say` hears of each table and its rows.
    Raises `StorageError` where the source is of another version of the program, or
    the target is not empty.
    """
    if problem := healthy(source):
        raise StorageError(problem)
    migrate(target)
    try:
        with _snapshot(source) as taken, target.begin() as given:
            for table in tables():
                if given.scalar(select(func.count()).select_from(table)):
                    raise StorageError(f"the target is not empty: it has rows in {table.name}")
            for table in tables():
                say(table.name, _copy_table(taken, given, table))
    except SQLAlchemyError as error:
        raise StorageError(f"the copy failed, nothing was kept: {said(error)}") from error


def fingerprints(engine: Engine) -> dict[str, tuple[int, str]]:
    """Return the number of rows of each table, and a hash of them that knows no order."""
    with _snapshot(engine) as connection:
        return {table.name: _fingerprint(connection, table) for table in tables()}


def _snapshot(engine: Engine) -> Connection:
    """Return a connection whose transaction sees one moment of the database."""
    options: dict[str, Any] = {"langnghe_read_only": True}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    return engine.connect().execution_options(**options, yield_per=_BATCH)


def _copy_table(taken: Connection, given: Connection, table: Table) -> int:
    inward = _inward(table)
    later: list[dict[str, Any]] = []
    count = 0
    for rows in _batches(taken, table):
        for row in rows:
            for column in inward:
                if row[column.name] is not None:
                    later.append({"key": row["id"], "value": row[column.name]})
                    row[column.name] = None
            for name in _OWN:
                owner, _, column_name = name.partition(".")
                if owner == table.name:
                    row[column_name] = 0
        given.execute(table.insert(), rows)
        count += len(rows)
    for row in later:
        given.execute(
            update(table).where(table.c.id == row["key"]).values({inward[0].name: row["value"]})
        )
    if count:
        _count_on(given, table)
    return count


def _inward(table: Table) -> list[Column[Any]]:
    """Return the columns that point to the table itself: they are set once all rows are there."""
    return [
        column
        for column in table.columns
        if any(key.column.table is table for key in column.foreign_keys)
    ]


def _batches(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    query = select(table).order_by(*table.primary_key.columns)
    for part in connection.execute(query).mappings().partitions(_BATCH):
        yield [dict(row) for row in part]


def _count_on(given: Connection, table: Table) -> None:
    """Let PostgreSQL number new rows after those that came with their numbers."""
    column = table.autoincrement_column
    if given.dialect.name != "postgresql" or column is None:
        return
    highest = given.scalar(select(func.max(column)))
    found = func.pg_get_serial_sequence(f'"{table.name}"', column.name)
    given.execute(select(func.setval(found, highest)).where(found.is_not(None)))


def _fingerprint(connection: Connection, table: Table) -> tuple[int, str]:
    total = count = 0
    for rows in _batches(connection, table):
        for row in rows:
            shown = [
                _plain(row[c.name]) for c in table.columns if f"{table.name}.{c.name}" not in _OWN
            ]
            line = json.dumps(shown, ensure_ascii=True, sort_keys=True).encode()
            total = (total + int.from_bytes(hashlib.sha256(line).digest())) % _SUM
            count += 1
    return count, f"{total:064x}"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return value
