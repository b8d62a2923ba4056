"""Tables of cases, of what was told about them, and to whom."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class CaseRow(Base):
    """One outbreak of an event that a unit must answer.

    `unit_id` is today's unit, `unit_then` the one responsible on the item's date.
    Names stand as they were when the case was opened. `proposed_*` and `statement` are the
    unit's answer until a person confirms it. `returned` counts how often units said "not
    ours", `reminded` and `escalated` the steps since it was sent; answer links of an older
    `link_epoch` are revoked.
    """

    __tablename__ = "case"
    __table_args__ = (
        UniqueConstraint("event_id", "episode"),
        Index("ix_case_state_unit_id", "state", "unit_id"),
        Index(
            "ix_case_recurs_of",
            "recurs_of",
            sqlite_where=text("recurs_of IS NOT NULL"),
            postgresql_where=text("recurs_of IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    episode: Mapped[int]
    state: Mapped[str]
    outcome: Mapped[str | None]
    veracity: Mapped[str]
    title: Mapped[str]
    gist: Mapped[str]
    topics: Mapped[list[Any]]
    severity: Mapped[int]
    place_key: Mapped[str | None] = mapped_column(index=True)
    place: Mapped[str]
    unit_id: Mapped[str] = mapped_column(index=True)
    unit_name: Mapped[str]
    unit_then: Mapped[str | None]
    unit_now: Mapped[str | None]
    cooperating: Mapped[list[Any]]
    copies: Mapped[list[Any]]
    hold: Mapped[str | None]
    candidates: Mapped[list[Any]]
    reasons: Mapped[list[Any]]
    opened_at: Mapped[datetime] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    ack_due: Mapped[datetime | None]
    verify_due: Mapped[datetime | None]
    final_due: Mapped[datetime | None] = mapped_column(index=True)
    recurs_of: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    proposed_veracity: Mapped[str | None]
    proposed_outcome: Mapped[str | None]
    statement: Mapped[str] = mapped_column(server_default="")
    returned: Mapped[int] = mapped_column(server_default="0")
    reminded: Mapped[int] = mapped_column(server_default="0")
    reminded_at: Mapped[datetime | None]
    escalated: Mapped[int] = mapped_column(server_default="0")
    link_epoch: Mapped[int] = mapped_column(server_default="0")
    config_hash: Mapped[str]
    gazetteer_version: Mapped[str]
    model_version: Mapped[str]


class CaseEntryRow(Base):
    """One line of a case's history. Only ever added to."""

    __tablename__ = "case_entry"
    __table_args__ = (
        Index("ix_case_entry_at", "at", "case_id"),
        Index(
            "ix_case_entry_told",
            "case_id",
            "kind",
            "seq",
            sqlite_where=text("kind IN ('sent', 'closing_sent', 'amended')"),
            postgresql_where=text("kind IN ('sent', 'closing_sent', 'amended')"),
        ),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    who: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str]
    data: Mapped[dict[str, Any]]


class NoticeRow(Base):
    """A message that must reach its recipient: the outbox.

    `state` is queued, sending, sent, failed or dropped. A row in `sending` whose lease
    ended belongs to a sender that died, and is sent again under the same Message-ID. Of a
    failed row `next_at` says when it failed. `refusals` counts how often it was put off while
    the way was open, `refused_at` is when that was first: only that brings it nearer to failed.
    """

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_state_next_at", "state", "next_at"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    recipient: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    message_id: Mapped[str]
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    state: Mapped[str]
    owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int]
    refusals: Mapped[int] = mapped_column(server_default="0")
    refused_at: Mapped[datetime | None]
    next_at: Mapped[datetime]
    last_error: Mapped[str | None]
    sent_at: Mapped[datetime | None]


class NoticeCaseRow(Base):
    """The cases that a notice tells of."""

    __tablename__ = "notice_case"

    notice_key: Mapped[str] = mapped_column(ForeignKey("notice.key"), primary_key=True)
    case_id: Mapped[int] = mapped_column(
        ForeignKey("case.id"), primary_key=True, autoincrement=False, index=True
    )


class ContactRow(Base):
    """Where a unit is written to. `source` says who gave the address.

    `failed_at` and `failure` tell that the address refused a mail since it was confirmed.
    """

    __tablename__ = "contact"

    unit_id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    source: Mapped[str]
    failed_at: Mapped[datetime | None]
    failure: Mapped[str] = mapped_column(server_default="")


class DigestRow(Base):
    """The digest of one day, as it was told."""

    __tablename__ = "digest"

    day: Mapped[date] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    data: Mapped[dict[str, Any]]


class DigestEntryRow(Base):
    """That a day's digest told of an event, in which section, and as what (`fingerprint`)."""

    __tablename__ = "digest_entry"

    day: Mapped[date] = mapped_column(ForeignKey("digest.day"), primary_key=True)
    event_id: Mapped[int] = mapped_column(
        ForeignKey("event.id"), primary_key=True, autoincrement=False, index=True
    )
    section: Mapped[str]
    fingerprint: Mapped[str]
