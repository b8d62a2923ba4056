"""The ledger of deletion, to read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import DeletionRow
from storage.write import chunks

#: The kind of a line that tells of an address which is not read again.
ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Deletion:
    """One line: what went, by which rule, by whose word."""

    number: int
    at: datetime
    kind: str
    key: str
    count: int
    sha256: str
    rule: str
    who: str
    why: str


def newest(session: Session, limit: int) -> list[Deletion]:
    """Return the newest lines, newest first."""
    query = select(DeletionRow).order_by(DeletionRow.id.desc()).limit(limit)
    return [
        Deletion(
            row.id, row.at, row.kind, row.key, row.number, row.sha256, row.rule, row.who, row.why
        )
        for row in session.scalars(query)
    ]


def totals(session: Session) -> dict[str, int]:
    """Return how many things of each kind were ever deleted."""
    query = select(DeletionRow.kind, func.sum(DeletionRow.number)).group_by(DeletionRow.kind)
    return {kind: int(count) for kind, count in session.execute(query)}


def refused(session: Session, urls: Iterable[str]) -> set[str]:
    """Return those of `urls` that a person had deleted."""
    marks = {address_mark(url): url for url in urls}
    return {marks[mark] for mark in refused_marks(session, marks)}


def refused_marks(session: Session, marks: Iterable[str]) -> set[str]:
    """Return those of these hashes of addresses that the ledger names."""
    found = set[str]()
    for some in chunks(sorted(marks)):
        query = select(DeletionRow.sha256).where(
            DeletionRow.kind == ADDRESS, DeletionRow.sha256.in_(some)
        )
        found |= set(session.scalars(query))
    return found


def address_mark(url: str) -> str:
    """Return the hash under which the ledger knows an address."""
    return hashlib.sha256(url.encode()).hexdigest()
