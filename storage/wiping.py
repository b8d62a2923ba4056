"""What SQLite still holds of deleted words: the index of words, and the log of writes.

The pragma `secure_delete` overwrites deleted rows, but the index keeps the words of a deleted
text until its parts are merged. PostgreSQL's own vacuum does as much there.
"""

from __future__ import annotations

from contextlib import closing

from sqlalchemy import Engine

#: How many pages are merged at a time, so that others can write in between.
_PAGES = 500
_MERGE = "INSERT INTO item_search (item_search, rank) VALUES ('merge', ?)"
#: How long readers are waited for, who may keep the log from being cut. It is overwritten later.
_PATIENCE_MS = 1000


def wipe(engine: Engine) -> None:
    """Let no file of the database hold words of rows that are deleted. Nothing on PostgreSQL."""
    if engine.dialect.name != "sqlite":
        return
    with closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute(_MERGE, (-_PAGES,))  # below zero: begin to merge all into one
        changed = cursor.execute("SELECT total_changes()").fetchone()[0]
        while True:
            cursor.execute(_MERGE, (_PAGES,))
            before, changed = changed, cursor.execute("SELECT total_changes()").fetchone()[0]
            if changed - before < 2:  # as the documents of FTS5 tell the end
                break
        patience = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        cursor.execute(f"PRAGMA busy_timeout = {int(patience)}")
