"""Full-text search on folded words: the one thing the two databases do each in its own way.

Texts and queries come folded (without accents, đ as d), because neither database folds
đ by itself. Only words reach the query language, so that no string is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select, text, update
from sqlalchemy.orm import Session

from storage.items import StoredItem, by_ids
from storage.models import ItemRow
from storage.types import storable
from storage.write import chunks

#: PostgreSQL takes no more than a megabyte of words for one text.
_MOST_CHARS = 100_000
_MOST_WORDS = 30
#: PostgreSQL indexes no longer word.
_LONGEST_WORD = 200
_NO_WORD = re.compile(r"[\W_]+")
_PARTS = re.compile(r'"([^"]*)"|([^"\s]+)')


@dataclass(frozen=True, slots=True)
class Folded:
    """The words of one item, folded, and the version of its text they are of."""

    item_id: int
    version: int
    words: str


def unindexed(session: Session, limit: int) -> list[StoredItem]:
    """Return up to `limit` items whose present text cannot be searched yet, oldest first."""
    # The ids first: asked in one, PostgreSQL takes nearly all items for unindexed and reads them.
    waiting = select(ItemRow.id).where(ItemRow.indexed_version != ItemRow.current_version)
    ids = session.scalars(waiting.order_by(ItemRow.id).limit(limit)).all()
    return list(by_ids(session, ids).values())


def index(session: Session, texts: Sequence[Folded]) -> None:
    """Make `texts` searchable, in place of what their items said before."""
    if not texts:
        return
    rows = [{"item": one.item_id, "words": _plain(one.words[:_MOST_CHARS])} for one in texts]
    forget(session, [one.item_id for one in texts])
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.execute(
            text("INSERT INTO item_search (rowid, words) VALUES (:item, :words)"), rows
        )
    else:
        connection.execute(
            text(
                "INSERT INTO item_search (item_id, words) "
                "VALUES (:item, to_tsvector('simple', :words))"
            ),
            rows,
        )
    connection.execute(
        update(ItemRow)
        .where(ItemRow.id == bindparam("of"))
        .values(indexed_version=bindparam("version")),
        [{"of": one.item_id, "version": one.version} for one in texts],
    )


def search(session: Session, folded: str, limit: int, before: int | None = None) -> list[int]:
    """Return the ids of items that hold every word of the query, newest first.

    Words between double quotes must stand together. `before` is the last id of the
    page before. A query without a word finds nothing.
    """
    phrases = _phrases(folded)
    if not phrases:
        return []
    bound: dict[str, object] = {f"p{n}": phrase for n, phrase in enumerate(phrases)}
    if session.get_bind().dialect.name == "sqlite":
        column = "rowid"
        matches = "words MATCH :query"
        bound = {"query": " AND ".join(f'"{phrase}"' for phrase in phrases)}
    else:
        column = "item_id"
        matches = " AND ".join(f"words @@ phraseto_tsquery('simple', :{name})" for name in bound)
    if before is not None:
        matches += f" AND {column} < :before"
        bound["before"] = before
    # Only the program's own words are put together here; the user's are bound.
    query = f"SELECT {column} FROM item_search WHERE {matches} ORDER BY {column} DESC LIMIT :most"  # noqa: S608
    return list(session.scalars(text(query), bound | {"most": limit}))


def forget(session: Session, item_ids: Iterable[int]) -> None:
    """Take items out of the index."""
    column = "rowid" if session.get_bind().dialect.name == "sqlite" else "item_id"
    statement = text(f"DELETE FROM item_search WHERE {column} = :item")  # noqa: S608 (two literals)
    for part in chunks(sorted(set(item_ids))):
        session.connection().execute(statement, [{"item": item} for item in part])


def _phrases(folded: str) -> list[str]:
    """Cut a query into words and phrases of plain words, the first `_MOST_WORDS` of them."""
    found = [_plain(quoted or word) for quoted, word in _PARTS.findall(storable(folded))]
    return [phrase for phrase in found if phrase][:_MOST_WORDS]


def _plain(folded: str) -> str:
    """Return the words of `folded` with single blanks between them."""
    words = _NO_WORD.sub(" ", storable(folded)).split()
    return " ".join(word[:_LONGEST_WORD] for word in words)
