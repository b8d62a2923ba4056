"""Fill an empty database as a year of listening would: items, events, cases, mails, audit.

Everything is made up from a few words and the same in every run. Texts are shorter than in
life (about 900 characters), their number is not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from itertools import chain, islice
from typing import Any

from psycopg import sql
from sqlalchemy import Connection, Engine, insert, text

from benchmarks import fill_cases, fill_events, fill_items, fill_service
from benchmarks.fill_year import NOW, Rows, Size, Year
from langnghe.app import App
from storage.models import Base

__all__ = ["NOW", "Size", "fill"]
_BATCH = 2_000
MADE: Mapping[str, Callable[[Year], Rows]] = {
    "item": fill_items.items,
    "item_url": fill_items.urls,
    "item_version": fill_items.versions,
    "reading": fill_items.readings,
    "label": fill_items.labels,
    "event": fill_events.events,
    "membership": fill_events.memberships,
    "suggestion": fill_events.suggestions,
    "assessment": fill_events.assessments,
    "case": fill_cases.cases,
    "case_entry": fill_cases.entries,
    "notice": fill_cases.notices,
    "notice_case": fill_cases.notice_cases,
    "commitment": fill_cases.commitments,
    "round": fill_service.rounds,
    "fetch": fill_service.fetches,
    "source_state": fill_service.source_states,
    "digest": fill_service.digests,
    "digest_entry": fill_service.digest_entries,
    "audit": fill_service.audit,
}


def fill(engine: Engine, app: App, size: Size) -> dict[str, int]:
    """Fill an empty, migrated database, and return how many rows each table got.

    On PostgreSQL by COPY, and with the plain indexes made afterwards: ten times as fast.
    """
    year = Year(app, size)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            return _fill_sqlite(connection, year)
        indexes = _take_indexes(connection)
        counts = {name: _copy(connection, name, rows(year)) for name, rows in MADE.items()}
        counts["item_search"] = _copy(connection, "item_search", fill_items.search_vectors(year))
        for made_again in indexes:
            connection.execute(text(made_again))
        for name in ("item", "case"):
            _go_on(connection, name)
    return counts


def _fill_sqlite(connection: Connection, year: Year) -> dict[str, int]:
    counts = {
        name: _put(connection, insert(Base.metadata.tables[name]), rows(year))
        for name, rows in MADE.items()
    }
    words = text("INSERT INTO item_search (rowid, words) VALUES (:item, :words)")
    return counts | {"item_search": _put(connection, words, fill_items.search_words(year))}


def _put(connection: Connection, statement: Any, rows: Iterable[dict[str, Any]]) -> int:
    count, left = 0, iter(rows)
    while part := list(islice(left, _BATCH)):
        connection.execute(statement, part)
        count += len(part)
    return count


def _take_indexes(connection: Connection) -> list[str]:
    """Drop the indexes that keep nothing unique, and return how they are made again."""
    query = "SELECT indexname, indexdef FROM pg_indexes WHERE indexname LIKE 'ix\\_%'"
    found = connection.execute(text(query)).all()
    for name, _ in found:
        connection.execute(text(f'DROP INDEX "{name}"'))
    return [made for _, made in found]


def _copy(connection: Connection, table: str, rows: Rows) -> int:
    first = next(rows, None)
    if first is None:
        return 0
    names = list(first)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    count = 0
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as into:
        for row in chain([first], rows):
            into.write_row([_plain(value) for value in row.values()])
            count += 1
    return count


def _plain(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _go_on(connection: Connection, table: str) -> None:
    """Let the next number of a table come after those that were given."""
    query = f"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), (SELECT max(id) FROM \"{table}\"))"  # noqa: S608
    connection.execute(text(query))
