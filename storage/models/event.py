"""Tables of events: which items tell of one problem, and what triage said of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class EventRow(Base):
    """Items about one problem. `stale` says that triage has to look (again).

    The id is that of the item that began it. `merged_into` is the event it is now
    part of, always one that stands on its own.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index(
            "ix_event_stale",
            "id",
            sqlite_where=text("stale = 1"),
            postgresql_where=text("stale"),
        ),
        Index(
            "ix_event_merged",
            "id",
            sqlite_where=text("merged_into IS NOT NULL"),
            postgresql_where=text("merged_into IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True, autoincrement=False)
    title: Mapped[str]
    first_at: Mapped[datetime] = mapped_column(index=True)
    last_at: Mapped[datetime] = mapped_column(index=True)
    last_item_id: Mapped[int]
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("event.id"), index=True)
    stale: Mapped[bool] = mapped_column(default=True)


class MembershipRow(Base):
    """The one event of an item, and what decided."""

    __tablename__ = "membership"
    __table_args__ = (Index("ix_membership_event_id_item_id", "event_id", "item_id"),)

    item_id: Mapped[int] = mapped_column(
        ForeignKey("item.id"), primary_key=True, autoincrement=False
    )
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    at: Mapped[datetime] = mapped_column(index=True)
    score: Mapped[float]
    why: Mapped[str]
    copy_of: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    by: Mapped[str]
    joined_at: Mapped[datetime]


class SuggestionRow(Base):
    """An event that an item may belong to, for a person to say."""

    __tablename__ = "suggestion"
    __table_args__ = (
        Index(
            "ix_suggestion_open",
            "event_id",
            "item_id",
            sqlite_where=text("answer IS NULL"),
            postgresql_where=text("answer IS NULL"),
        ),
    )

    item_id: Mapped[int] = mapped_column(
        ForeignKey("item.id"), primary_key=True, autoincrement=False
    )
    event_id: Mapped[int] = mapped_column(
        ForeignKey("event.id"), primary_key=True, autoincrement=False
    )
    score: Mapped[float]
    at: Mapped[datetime]
    answer: Mapped[str | None]
    who: Mapped[str | None]


class EventChangeRow(Base):
    """What people did to events: merged, taken apart, moved. Only ever added to."""

    __tablename__ = "event_change"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    kind: Mapped[str]
    items: Mapped[list[Any]]
    events: Mapped[list[Any]]
    who: Mapped[str]
    at: Mapped[datetime]


class AssessmentRow(Base):
    """What triage last said of an event, and on what evidence."""

    __tablename__ = "assessment"
    __table_args__ = (
        Index(
            "ix_assessment_hold",
            "score",
            "event_id",
            sqlite_where=text("verdict = 'hold'"),
            postgresql_where=text("verdict = 'hold'"),
        ),
    )

    event_id: Mapped[int] = mapped_column(
        ForeignKey("event.id"), primary_key=True, autoincrement=False
    )
    last_item_id: Mapped[int]
    score: Mapped[float] = mapped_column(index=True)
    parts: Mapped[list[Any]]
    verdict: Mapped[str]
    reasons: Mapped[list[Any]]
    routing: Mapped[dict[str, Any] | None]
    at: Mapped[datetime] = mapped_column(index=True)
    config_hash: Mapped[str] = mapped_column(index=True)
