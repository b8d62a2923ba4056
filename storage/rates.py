"""How often something was done: counters that all processes share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from storage.models import RateRow
from storage.write import insert_into


def count(session: Session, key: str, now: datetime, window: timedelta) -> int:
    """Count one more occurrence of `key` and return how many there are in this window.

    Windows lie end to end from midnight of 1970 on. One statement: of any number of
    processes that count at once, none is lost.
    """
    span = int(window.total_seconds())
    end = datetime.fromtimestamp((int(now.timestamp()) // span + 1) * span, UTC)
    insert = insert_into(session, RateRow)
    statement = insert.on_conflict_do_update(
        index_elements=["key", "window_end"], set_={"count": RateRow.count + 1}
    ).returning(RateRow.count)
    row = {"key": key, "window_end": end, "count": 1}
    return session.execute(statement, [row]).scalar_one()


def forget(session: Session, now: datetime) -> None:
    """Forget the windows that have ended."""
    session.execute(delete(RateRow).where(RateRow.window_end <= now))
