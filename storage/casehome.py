"""Which event a case stands on: it goes along where people merge events, and home again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.cases import LIVE, change, entry
from storage.models import CaseEntryRow, CaseRow, EventRow
from storage.write import chunks

#: Lines of a case's history: its event was put into another one, and taken out again.
JOINED, PARTED = "event_joined", "event_parted"


def inner(session: Session, roots: Sequence[int]) -> dict[int, int]:
    """Return the events that were merged into one of `roots`, each with its root."""
    found: dict[int, int] = {}
    for part in chunks(list(roots)):
        query = select(EventRow.id, EventRow.merged_into).where(EventRow.merged_into.in_(part))
        found |= {event: root for event, root in session.execute(query) if root is not None}
    return found


def on(session: Session, events: Sequence[int]) -> list[CaseRow]:
    """Return the cases that stand on these events, locked, oldest first.

    Where cases and events are both locked, cases come first: so nobody waits in a ring.
    """
    found: list[CaseRow] = []
    for part in chunks(list(events)):
        query = select(CaseRow).where(CaseRow.event_id.in_(part)).order_by(CaseRow.id)
        found += session.scalars(query.with_for_update().execution_options(populate_existing=True))
    return found


def bring(session: Session, root: int, other: int, who: str, at: datetime) -> None:
    """Let the cases of `other`, which was merged into `root`, stand on it.

    There they find the reports of their event, and its new reports find them. Their history
    tells it, where `send_home` finds which event a case began with; that of an open case of
    `root` tells that reports came to it.
    """
    words = f"Sự việc số {other} được gộp vào sự việc số {root}"
    for row in on(session, [root]):
        if row.state in [state.value for state in LIVE]:
            entry(session, row.id, at, who, JOINED, words, {"with": other})
    for row in on(session, list(inner(session, [root]))):
        data = {"event": row.event_id, "into": root, "episode": row.episode}
        change(session, row.id, event_id=root, episode=_free(session, root, row.episode))
        entry(session, row.id, at, who, JOINED, words, data)


def send_home(session: Session, root: int, other: int, who: str, at: datetime) -> None:
    """Let the cases that came to `root` with `other`, which was taken out, stand on it again."""
    homes = {other, *inner(session, [other])}
    for row in on(session, [root]):
        first = _first_moved(session, row.id)
        if first is None or first["event"] not in homes:
            continue
        words = f"Sự việc số {other} được tách khỏi sự việc số {root}"
        episode = _free(session, other, first["episode"])
        change(session, row.id, event_id=other, episode=episode)
        entry(session, row.id, at, who, PARTED, words, {"event": other, "from": root})


def _first_moved(session: Session, case_id: int) -> Mapping[str, Any] | None:
    """Return what is written of the first time that a case changed its event, if it did."""
    query = (
        select(CaseEntryRow.data)
        .where(CaseEntryRow.case_id == case_id, CaseEntryRow.kind == JOINED)
        .order_by(CaseEntryRow.seq)
    )
    return next((data for data in session.scalars(query) if "event" in data), None)


def _free(session: Session, event: int, wanted: int) -> int:
    """Return the outbreak's number on an event: as `wanted`, or the next one if that is taken."""
    taken = select(func.count()).where(CaseRow.event_id == event, CaseRow.episode == wanted)
    if not session.scalar(taken):
        return wanted
    last = select(func.max(CaseRow.episode)).where(CaseRow.event_id == event)
    return (session.scalar(last) or 0) + 1
