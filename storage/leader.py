"""One active scheduler: an advisory lock of PostgreSQL, which falls with its connection.

The server ends a connection that is silent for `SILENT_S`: a leader that was stopped, or whose
machine lost power, does not keep the lock. PostgreSQL 14 or newer; an older one waits for TCP.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from zlib import crc32

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import SQLAlchemyError

from storage.errors import StorageError

_ROOM = 7211901  # beside the lock of the migrations
#: A leader that asked nothing for so long, or left a transaction alone, is taken for dead.
SILENT_S = 10
_LIMIT = text(
    "SELECT set_config(name, :value, false) FROM pg_settings WHERE name = 'idle_session_timeout'"
)


def drop_when_silent(engine: Engine) -> None:
    """Have the server end transactions in which this process is silent.

    Else one that was stopped in the middle would keep its successor from the rows it wrote.
    """

    def limit(connection: Any, _: Any) -> None:
        connection.execute(f"SET idle_in_transaction_session_timeout = '{SILENT_S}s'")
        connection.commit()

    event.listen(engine, "connect", limit)
    engine.dispose()  # connections from before know nothing of it


class Leader:
    """The lock, on a connection of its own. Not through a pooler that shares connections."""

    def __init__(self, engine: Engine, name: str) -> None:
        if engine.dialect.name != "postgresql":
            raise StorageError("work on several machines needs PostgreSQL, not SQLite")
        self._engine = engine
        self._key = crc32(name.encode()) - 2**31
        self._connection: Connection | None = None

    def take(self) -> bool:
        """Try to become the leader; say whether it worked. False too without a database."""
        try:
            if self._connection is None:
                plain = self._engine.execution_options(isolation_level="AUTOCOMMIT")
                self._connection = plain.connect()
                self._connection.execute(_LIMIT, {"value": f"{SILENT_S}s"})
            got = self._connection.scalar(
                text("SELECT pg_try_advisory_lock(:room, :key)"), {"room": _ROOM, "key": self._key}
            )
            return bool(got)
        except SQLAlchemyError:
            self.leave()
            return False

    def stands(self) -> bool:
        """Say whether the lock is still held: the connection lives, and so does the lock."""
        try:
            return self._connection is not None and self._connection.scalar(text("SELECT 1")) == 1
        except SQLAlchemyError:
            return False

    def leave(self) -> None:
        """Give the lock up, with the connection."""
        if self._connection is not None:
            with suppress(SQLAlchemyError):
                self._connection.invalidate()
            with suppress(SQLAlchemyError):
                self._connection.close()
        self._connection = None
