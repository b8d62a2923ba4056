"""Why the database cannot be used."""

from __future__ import annotations

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    InterfaceError,
    OperationalError,
    StatementError,
)

from config.errors import LangNgheError

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
