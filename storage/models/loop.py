"""Tables of the loop that closes: answers' files, commitments, silences, readers, misses."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ForeignKey, Index, Time
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class CommitmentRow(Base):
    """A dated word on a case: a promise, a dialogue, a press conference, a task, a check.

    `state` is open, kept, late or dropped; `members` are units or offices, never persons.
    """

    __tablename__ = "commitment"
    __table_args__ = (
        Index("ix_commitment_state_due", "state", "due"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    kind: Mapped[str]
    text: Mapped[str]
    by: Mapped[str]
    members: Mapped[list[Any]]
    made_at: Mapped[datetime]
    due: Mapped[date]
    state: Mapped[str]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None]
    note: Mapped[str]


class AttachmentRow(Base):
    """A file that a unit sent with an answer. The bytes lie in the data folder, by hash."""

    __tablename__ = "attachment"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    entry_seq: Mapped[int]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(index=True)
    received_at: Mapped[datetime]
    keep_until: Mapped[datetime]


class UsedNonceRow(Base):
    """A form that was sent once, and is not taken again. Forgotten after `until`."""

    __tablename__ = "used_nonce"

    nonce: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)


class RateRow(Base):
    """How often something was done in one window of time: a counter all processes share."""

    __tablename__ = "rate"

    key: Mapped[str] = mapped_column(primary_key=True)
    window_end: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int]


class SilenceRow(Base):
    """Somebody's word that something need not alarm until `until`; see `triage.quiet`."""

    __tablename__ = "silence"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    author: Mapped[str]
    reason: Mapped[str]
    created_at: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    topics: Mapped[list[Any]]
    places: Mapped[list[Any]]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class SubscriptionRow(Base):
    """Who gets the digest, about which topics and units (empty: all), at which hour."""

    __tablename__ = "subscription"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    topics: Mapped[list[Any]]
    units: Mapped[list[Any]]
    at: Mapped[time] = mapped_column(Time)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class MissedRow(Base):
    """A problem that reached the committee by another road first: the book of misses."""

    __tablename__ = "missed"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    noted_at: Mapped[datetime]
    who: Mapped[str]
    title: Mapped[str]
    url: Mapped[str]
    happened_on: Mapped[date]
    place_key: Mapped[str | None]
    topic: Mapped[str]
    road: Mapped[str]
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    note: Mapped[str]


class ModelRow(Base):
    """A model that was trained here: its figures, and whether it is in use, was, or never was."""

    __tablename__ = "model"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str]
    path: Mapped[str]
    trained_at: Mapped[datetime]
    figures: Mapped[dict[str, Any]]
    state: Mapped[str]
    why: Mapped[str]
