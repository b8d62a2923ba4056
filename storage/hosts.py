"""Which host may be asked when: one turn at a time among all processes, and a pause after it.

Times are those of the database's clock where it has one, so that the clocks of the
machines need not agree to the fraction of a second that a pause may last. `now` is used
where it has none (SQLite).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from storage.models import HostStateRow
from storage.write import insert_into

#: A time further ahead was set by a clock that was wrong, and holds nobody up.
_FURTHEST = timedelta(hours=4)


def take(session: Session, host: str, now: datetime, hold: float) -> tuple[str, float]:
    """Take a turn at `host` for `hold` seconds at most; return (token, 0.0).

    ("", seconds left) where another has it, or the pause after the last turn is not over.
    """
    now = _clock(session, now)
    until = now + timedelta(seconds=hold)
    known = HostStateRow.next_allowed_at
    fresh = insert_into(session, HostStateRow).values(host=host, next_allowed_at=until)
    taken = fresh.on_conflict_do_update(
        index_elements=["host"],
        set_={"next_allowed_at": until},
        where=or_(known <= now, known > now + _FURTHEST),
    )
    got = session.execute(taken.returning(HostStateRow.host)).first()
    if got is not None:
        return until.isoformat(), 0.0
    at = session.scalar(select(known).where(HostStateRow.host == host))
    return "", max((at - now).total_seconds(), 0.0) if at is not None else 0.0


def give_back(session: Session, host: str, token: str, now: datetime, rest: float) -> bool:
    """End the turn `token`: nobody takes `host` for `rest` seconds.

    False, and nothing changed, where the turn had ended by itself and another has one.
    """
    until = _clock(session, now) + timedelta(seconds=rest)
    mine = HostStateRow.next_allowed_at == datetime.fromisoformat(token)
    ended = update(HostStateRow).where(HostStateRow.host == host, mine)
    told = session.execute(ended.values(next_allowed_at=until).returning(HostStateRow.host))
    return told.first() is not None


def _clock(session: Session, now: datetime) -> datetime:
    if session.get_bind().dialect.name != "postgresql":
        return now
    told: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return told
