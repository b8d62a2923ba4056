"""Insert many rows in one statement, without tripping over those that are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from storage.models import Base

#: SQLite takes at most 32,766 parameters; lists of ids are cut well below.
CHUNK = 500
T = TypeVar("T")


def insert_into(session: Session, model: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT for the database of `session` that knows ON CONFLICT."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(model)
    return postgresql.insert(model)


def add(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows`, leaving out those that break a unique key."""
    if rows:
        statement = insert_into(session, model).on_conflict_do_nothing()
        # Through the connection: the ORM's own bulk insert costs half the speed.
        session.connection().execute(statement, list(rows))


def put(
    session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]], key: Sequence[str]
) -> None:
    """Insert `rows`; where the unique `key` is there, overwrite the other given columns."""
    if rows:
        statement = insert_into(session, model)
        fresh = {name: statement.excluded[name] for name in rows[0] if name not in key}
        statement = statement.on_conflict_do_update(index_elements=list(key), set_=fresh)
        session.connection().execute(statement, list(rows))


def chunks(values: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Cut `values` into runs of at most `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
