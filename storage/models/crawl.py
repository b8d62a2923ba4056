"""Tables of listening: rounds, fetches, and what is known of sources and hosts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class RoundRow(Base):
    """One run of one job at one time. The unique key lets only one process have it."""

    __tablename__ = "round"
    __table_args__ = (
        UniqueConstraint("job", "scheduled_for"),
        Index(
            "ix_round_open",
            "job",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str]
    scheduled_for: Mapped[datetime]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    report: Mapped[dict[str, Any] | None]


class SourceStateRow(Base):
    """What the last poll of a source left behind."""

    __tablename__ = "source_state"

    source_id: Mapped[str] = mapped_column(primary_key=True)
    etag: Mapped[str] = mapped_column(default="")
    last_modified: Mapped[str] = mapped_column(default="")
    cursor: Mapped[str] = mapped_column(default="")
    last_poll_at: Mapped[datetime | None]
    last_ok_at: Mapped[datetime | None]
    last_new_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    disabled: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(default="")


class HostStateRow(Base):
    """When a host may be asked again; kept through a crash, so that politeness is too."""

    __tablename__ = "host_state"

    host: Mapped[str] = mapped_column(primary_key=True)
    next_allowed_at: Mapped[datetime]


class FetchRow(Base):
    """How one fetch ended. `url` empty means the source's own address."""

    __tablename__ = "fetch"
    __table_args__ = (
        Index("ix_fetch_source_id_at", "source_id", "at"),
        Index(
            "ix_fetch_poll",
            "at",
            "outcome",
            sqlite_where=text("url = ''"),
            postgresql_where=text("url = ''"),
        ),
        Index(
            "ix_fetch_news",
            "source_id",
            "at",
            sqlite_where=text("url = '' AND items > 0"),
            postgresql_where=text("url = '' AND items > 0"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"), index=True)
    source_id: Mapped[str]
    url: Mapped[str]
    outcome: Mapped[str]
    reason: Mapped[str]
    http_status: Mapped[int | None]
    items: Mapped[int]
    at: Mapped[datetime]


class LeaseRow(Base):
    """Who works on what, until when. A lease that ended may be taken by anybody."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    lease_until: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=1)
