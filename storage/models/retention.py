"""Tables of forgetting: what was deleted, and what must not be."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class DeletionRow(Base):
    """One thing, or one batch of the same kind, that was deleted. Only ever added to.

    `kind` says what: an item (its words; the row stays), an address that is not read
    again, mails, polls, rounds, lines of the audit. `key` is its number, of a batch the first
    and the last; `sha256` is the hash of the text or address that is gone. `rule` is the
    term that was over, or "request".
    """

    __tablename__ = "deletion"
    __table_args__ = (
        Index("ix_deletion_kind_key", "kind", "key"),
        Index("ix_deletion_kind_sha256", "kind", "sha256"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    key: Mapped[str]
    number: Mapped[int]
    sha256: Mapped[str]
    rule: Mapped[str]
    who: Mapped[str]
    why: Mapped[str]


class HoldRow(Base):
    """Somebody's word that a case or an item must be kept, whatever its term says."""

    __tablename__ = "hold"
    __table_args__ = (
        Index("ix_hold_kind_subject", "kind", "subject"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[int]
    reason: Mapped[str]
    who: Mapped[str]
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
