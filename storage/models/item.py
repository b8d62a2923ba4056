"""Tables of items: what was published, its versions, and what was read out of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class ItemRow(Base):
    """One article or post. Its id is its place in the order of arrival.

    `first_sha256` is the hash of its first text, where that is long enough to be an
    identity. `read_version` and `indexed_version` are the version of the text that
    was last read and indexed, 0 for none: where they differ from `current_version`
    there is work to do, and the partial indexes hold exactly that work. Of the texts up to
    `erased_version` the words were deleted. `look_at` is when
    the page of an item in an event is looked at again, `looked_at` when that last found it,
    `gone_at` since when it is taken down.
    """

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("url"),
        UniqueConstraint("source_id", "external_id"),
        UniqueConstraint("outlet", "first_sha256"),
        Index("ix_item_source_id_fetched_at", "source_id", "fetched_at"),
        Index("ix_item_fetched_at", "fetched_at", "id"),
        Index(
            "ix_item_unread",
            "id",
            sqlite_where=text("read_version != current_version"),
            postgresql_where=text("read_version != current_version"),
        ),
        Index(
            "ix_item_unread_fetched_at",
            "fetched_at",
            sqlite_where=text("read_version != current_version"),
            postgresql_where=text("read_version != current_version"),
        ),
        Index(
            "ix_item_unindexed",
            "id",
            sqlite_where=text("indexed_version != current_version"),
            postgresql_where=text("indexed_version != current_version"),
        ),
        Index(
            "ix_item_look",
            "source_id",
            "look_at",
            sqlite_where=text("look_at IS NOT NULL"),
            postgresql_where=text("look_at IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[str]
    outlet: Mapped[str]
    kind: Mapped[str]
    url: Mapped[str]
    external_id: Mapped[str]
    published: Mapped[datetime | None] = mapped_column(index=True)
    date_note: Mapped[str] = mapped_column(default="")
    fetched_at: Mapped[datetime]
    engagement: Mapped[dict[str, Any]]
    first_sha256: Mapped[str | None]
    current_version: Mapped[int] = mapped_column(default=1)
    read_version: Mapped[int] = mapped_column(default=0)
    indexed_version: Mapped[int] = mapped_column(default=0)
    erased_version: Mapped[int] = mapped_column(default=0, server_default="0")
    look_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]


class ItemUrlRow(Base):
    """An address under which a source showed an item."""

    __tablename__ = "item_url"
    __table_args__ = (Index("ix_item_url_source_id_item_id", "source_id", "item_id"),)

    url: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)


class ItemVersionRow(Base):
    """The masked text of an item as it stood when it was seen. Never changed."""

    __tablename__ = "item_version"
    __table_args__ = (UniqueConstraint("item_id", "text_sha256"),)

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seen_at: Mapped[datetime] = mapped_column(index=True)
    title: Mapped[str]
    text: Mapped[str]
    text_sha256: Mapped[str]
    body_sha256: Mapped[str]
    http_status: Mapped[int]
    summary_only: Mapped[bool] = mapped_column(default=False)


class ReadingRow(Base):
    """What one version of the reader read out of an item, or why it could not.

    `current` marks the one reading of an item that counts. `ungrouped` says that it
    belongs into an event and has none yet.
    """

    __tablename__ = "reading"
    __table_args__ = (
        UniqueConstraint("item_id", "reader_version"),
        Index("ix_reading_item_id_current", "item_id", "current"),
        Index(
            "ix_reading_ungrouped",
            "item_id",
            sqlite_where=text("ungrouped = 1"),
            postgresql_where=text("ungrouped"),
        ),
        Index(
            "ix_reading_failed",
            "item_id",
            sqlite_where=text("failure IS NOT NULL"),
            postgresql_where=text("failure IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    item_version: Mapped[int]
    reader_version: Mapped[str]
    current: Mapped[bool] = mapped_column(default=False)
    ungrouped: Mapped[bool] = mapped_column(default=False)
    is_issue: Mapped[bool] = mapped_column(default=False)
    issue_score: Mapped[float] = mapped_column(default=0.0)
    severity: Mapped[int] = mapped_column(default=0)
    topics: Mapped[list[Any]]
    places: Mapped[list[Any]]
    mentions: Mapped[list[Any]]
    place_hold: Mapped[dict[str, Any] | None]
    place_reasons: Mapped[list[Any]]
    hold: Mapped[dict[str, Any] | None]
    flags: Mapped[list[Any]]
    reasons: Mapped[list[Any]]
    unit_then: Mapped[str | None]
    unit_now: Mapped[str | None]
    failure: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0)
    gazetteer_version: Mapped[str] = mapped_column(default="")
    model_version: Mapped[str] = mapped_column(default="")
    config_hash: Mapped[str] = mapped_column(default="")


class LabelRow(Base):
    """What a person said of an item: wins over every reading, and teaches the model."""

    __tablename__ = "label"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    field: Mapped[str]
    value: Mapped[dict[str, Any]]
    who: Mapped[str]
    at: Mapped[datetime]
