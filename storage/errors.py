"""Why the database cannot be used."""

from __future__ import annotations

import errno
import sqlite3
from enum import StrEnum

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    InterfaceError,
    OperationalError,
    StatementError,
)

from config.errors import LangNgheError

_SQLITE_ERRORS = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_CANTOPEN: "read-only",
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_IOERR: "broken",
}
_POSTGRES_ERRORS = {"53100": "full", "25006": "read-only", "55P03": "locked", "58030": "broken"}
_SYSTEM_ERRORS = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EROFS: "read-only",
    errno.EACCES: "read-only",
    errno.EPERM: "read-only",
    errno.EIO: "broken",
}
#: PostgreSQL's mark of a right that is not there.
NO_PRIVILEGE = "42501"


class StorageError(LangNgheError):
    """The database cannot be used as it stands; a person has to look."""

    reason = "storage"


def out_of_range(error: Exception) -> bool:
    """Say whether an error tells of a number or a day that no column or calendar can hold."""
    if isinstance(error, StatementError) and not isinstance(error, DataError):
        return isinstance(error.orig, OverflowError)
    return isinstance(error, OverflowError | DataError)


def database_lost(error: Exception) -> bool:
    """Say whether an error tells that the database is away, or too busy, and may come back."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True  # ended by the server, whatever class the driver gives it
    return isinstance(error, OperationalError | InterfaceError)


def forbidden(error: Exception) -> bool:
    """Say whether PostgreSQL refused something because the role may not do it."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", "") == NO_PRIVILEGE


class Trouble(StrEnum):
    """Why nothing can be written for now; none of it is the program's own fault."""

    FULL = "full"
    READ_ONLY = "read-only"
    LOCKED = "locked"
    BROKEN = "broken"


def trouble(error: BaseException | None) -> Trouble | None:
    """Return what an error, or what it came from, says of disk and database; None where nothing."""
    seen = set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        said = ""
        if isinstance(error, DBAPIError):
            said = _of_driver(error.orig)
        elif isinstance(error, OSError):
            said = _SYSTEM_ERRORS.get(error.errno or 0, "")
        if said:
            return Trouble(said)
        error = error.__cause__ or error.__context__
    return None


def _of_driver(error: BaseException | None) -> str:
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0) or 0
        return _SQLITE_ERRORS.get(code & 0xFF, "")
    return _POSTGRES_ERRORS.get(getattr(error, "sqlstate", None) or "", "")
