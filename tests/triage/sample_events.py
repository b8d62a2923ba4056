"""One ordinary event that a test changes where it matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from triage.facts import EventFacts

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOON = datetime(2023, 7, 20, 12, tzinfo=ZONE)

_EVENT = EventFacts(
    event_id=1,
    title="Bãi rác bốc mùi hôi",
    topics=("waste",),
    topic_score=0.95,
    issue_score=0.97,
    severity=2,
    place="29161@",
    place_score=0.9,
    places=("29161@",),
    first_at=NOON,
    last_at=NOON,
    items=2,
    outlets=("Báo A", "Báo B"),
    kinds=("press",),
)


def event(**changes: Any) -> EventFacts:
    """Return a waste event of severity 2 in two papers, with `changes`."""
    return replace(_EVENT, **changes)
