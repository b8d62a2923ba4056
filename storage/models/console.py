"""Tables of the console: who may sign in, who is signed in, what was looked at and done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class AccountRow(Base):
    """Somebody of the committee or of a unit who signs in. `unit_id` binds a unit's account."""

    __tablename__ = "account"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[str]
    unit_id: Mapped[str | None]
    language: Mapped[str] = mapped_column(server_default="vi")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]


class WebSessionRow(Base):
    """A signed-in browser. `id` is the hash of what its cookie carries."""

    __tablename__ = "web_session"

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    data: Mapped[dict[str, Any]]


class InviteRow(Base):
    """A link that is good once: to make the first account, or to set a new password."""

    __tablename__ = "invite"

    id: Mapped[str] = mapped_column(primary_key=True)
    login: Mapped[str]
    role: Mapped[str]
    unit_id: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AuditRow(Base):
    """Who looked at what, exported what, changed what. Only ever added to."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_subject_at", "subject", "at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]]


class SavedFilterRow(Base):
    """A view of the queue that somebody named and kept."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("account_id", "name"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str]
    query: Mapped[dict[str, Any]]


class QueueClaimRow(Base):
    """That somebody works on a case until `until`, so that two do not."""

    __tablename__ = "queue_claim"

    case_id: Mapped[int] = mapped_column(
        ForeignKey("case.id"), primary_key=True, autoincrement=False
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    until: Mapped[datetime]
