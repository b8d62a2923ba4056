"""What SQLite still holds of deleted words: the index of words, and the log of writes.

The pragma `secure_delete` overwrites deleted rows, but the index keeps the words of a deleted
text until its parts are merged. PostgreSQL's own vacuum does as much there.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from sqlalchemy import Engine

#: How many pages are merged at a time, so that others can write in between.
_PAGES = 500
_MERGE = "INSERT INTO item_search (item_search, rank) VALUES ('merge', ?)"
#: How long readers are waited for, who may keep the log from being cut. It is overwritten later.
_PATIENCE_MS = 1000


def wipe(engine: Engine) -> bool:
    """Let no file of the database hold words of rows that are deleted.

    Returns False where another program held the file. Does nothing on PostgreSQL.
    """
    if engine.dialect.name != "sqlite":
        return True
    with closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        try:
            _merge(cursor)
            return _cut(cursor)
        except sqlite3.OperationalError:
            return False


def _merge(cursor: Any) -> None:
    cursor.execute(_MERGE, (-_PAGES,))  # below zero: begin to merge all into one
    changed = _changes(cursor)
    while True:
        cursor.execute(_MERGE, (_PAGES,))
        before, changed = changed, _changes(cursor)
        if changed - before < 2:  # as the documents of FTS5 tell the end
            return


def _changes(cursor: Any) -> int:
    return int(cursor.execute("SELECT total_changes()").fetchone()[0])


def _cut(cursor: Any) -> bool:
    """Put the log of writes into the file and cut it; say whether nobody kept it."""
    usual = int(cursor.execute("PRAGMA busy_timeout").fetchone()[0])
    cursor.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
    try:
        busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    finally:
        cursor.execute(f"PRAGMA busy_timeout = {usual}")
