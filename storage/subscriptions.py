"""Who reads the digest: about what, and at which hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.models import NoticeRow, SubscriptionRow
from storage.write import chunks


@dataclass(frozen=True, slots=True)
class Subscription:
    """One reader. Empty `topics` or `units` mean all; both given mean both must fit."""

    email: str
    topics: tuple[str, ...]
    units: tuple[str, ...]
    at: time
    created_at: datetime


def subscribe(session: Session, wanted: Subscription) -> bool:
    """Keep a subscription; False where it took the place of an earlier one of that address."""
    ended = end(session, wanted.email, wanted.created_at)
    session.add(
        SubscriptionRow(
            email=wanted.email,
            topics=list(wanted.topics),
            units=list(wanted.units),
            at=wanted.at,
            created_at=wanted.created_at,
        )
    )
    session.flush()
    return not ended


def end(session: Session, email: str, at: datetime) -> bool:
    """End the subscription of an address; False where there is none."""
    ended = session.scalars(
        update(SubscriptionRow)
        .where(SubscriptionRow.email == email, SubscriptionRow.ended_at.is_(None))
        .values(ended_at=at)
        .returning(SubscriptionRow.id)
    )
    return bool(ended.all())


def living(session: Session) -> list[Subscription]:
    """Return the subscriptions that have not ended, by address, the newest of each."""
    query = (
        select(SubscriptionRow)
        .where(SubscriptionRow.ended_at.is_(None))
        .order_by(SubscriptionRow.email, SubscriptionRow.id)
    )
    newest = {row.email: row for row in session.scalars(query)}
    return [
        Subscription(row.email, tuple(row.topics), tuple(row.units), row.at, row.created_at)
        for row in newest.values()
    ]


def mailed(session: Session, keys: Sequence[str]) -> set[str]:
    """Return which of these notices are in the outbox already, sent or not."""
    return {
        key
        for part in chunks(list(keys))
        for key in session.scalars(select(NoticeRow.key).where(NoticeRow.key.in_(part)))
    }
