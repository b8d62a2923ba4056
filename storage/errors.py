"""Why the database cannot be used."""

from __future__ import annotations

from config.errors import LangNgheError


class StorageError(LangNgheError):
    """The database cannot be used as it stands; a person has to look."""

    reason = "storage"
