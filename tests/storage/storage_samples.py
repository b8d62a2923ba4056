"""Things to store, made in one line each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from nlp.event import Arrival, Joined
from nlp.reading import PlaceRef, Reading, Reason, TopicScore, Where
from storage import events, items, readings
from storage.items import KeptItem, StoredItem
from storage.readings import Versions
from triage.facts import Routing, Score, ScorePart, Verdict
from triage.notice import Notice

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
MARKS = Versions(reader="r1", gazetteer="g1", model="m1", config="c1")
LONG = "Người dân phản ánh bãi rác bốc mùi hôi, nước rỉ chảy ra kênh, trẻ em trong ấp bị ho. "


def item(number: int, **over: Any) -> KeptItem:
    values: dict[str, Any] = {
        "source_id": "bao-a",
        "outlet": "Báo A",
        "kind": "press",
        "url": f"https://a.example.vn/{number}",
        "external_id": f"a-{number}",
        "title": f"Tin số {number}",
        "text": f"{LONG} Tin {number}.",
        "published": NOON + number * HOUR,
        "fetched_at": NOON + number * HOUR,
        "body_sha256": f"{number:064x}",
    }
    return KeptItem(**(values | over))


def place(key: str = "28756@", name: str = "xã An Hiệp", score: float = 0.9) -> PlaceRef:
    return PlaceRef(key, name, "commune", "tỉnh Bến Tre", "huyện Ba Tri", name, score, 3, 9)


def reading(**over: Any) -> Reading:
    values: dict[str, Any] = {
        "version": "r1",
        "topics": (TopicScore("environment", 0.93),),
        "is_issue": True,
        "issue_score": 0.97,
        "severity": 2,
        "where": Where(places=(place(),), unit_then="28756@", unit_now="28756@2025-07-01"),
        "hold": None,
        "flags": (),
        "reasons": (Reason("topic", "environment", "bãi rác", 1.5, 4, 11),),
    }
    return Reading(**(values | over))


def keep_some(session: Session, numbers: Iterable[int]) -> list[StoredItem]:
    """Keep the items of these numbers and return them as stored."""
    kept = items.keep(session, [item(number) for number in numbers])
    found = items.by_ids(session, kept.new)
    return [found[number] for number in kept.new]


def read_some(session: Session, numbers: Iterable[int], **over: Any) -> list[StoredItem]:
    """Keep and read items as issues."""
    kept = keep_some(session, numbers)
    readings.save(session, [(one, reading(**over)) for one in kept], MARKS)
    return kept


def join(arrival: Arrival, event: int | None = None, **over: Any) -> tuple[Arrival, Joined]:
    """Decide that an arrival begins an event, or joins `event`."""
    values: dict[str, Any] = {
        "item": arrival.id,
        "event": event or arrival.id,
        "new": event is None,
        "score": 1.0,
        "why": "cùng nơi, cùng việc",
    }
    return arrival, Joined(**(values | over))


def one_event(session: Session, numbers: Sequence[int], **over: Any) -> int:
    """Keep, read and gather items into one event, and return its number."""
    read_some(session, numbers, **over)
    first, *rest = events.ungrouped(session, 1000)
    joins = [join(first), *(join(arrival, first.id) for arrival in rest)]
    events.save_joins(session, joins, NOON)
    return first.id


def notice(key: str, **over: Any) -> Notice:
    values: dict[str, Any] = {
        "key": key,
        "kind": "cases",
        "recipient": "ubnd-ba-tri@example.vn",
        "subject": "1 vụ việc cần xác minh",
        "text": "Kính gửi",
        "html": "<p>Kính gửi</p>",
        "message_id": f"<{key}@example.vn>",
        "created_at": NOON,
        "not_before": NOON,
    }
    return Notice(**(values | over))


SCORE = Score(3.5, (ScorePart("severity", 2, 1.0, 2.0, "mức 2"),))
ROUTING = Routing(lead="ubnd-huyen-ba-tri", unit_then=None, unit_now=None, why="theo địa bàn")
VERDICT = Verdict("mail", ("mức độ 2",))
