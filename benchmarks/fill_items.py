"""Rows of items: as published, their texts, what was read out of them, what people said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from benchmarks.fill_year import HOUR, NOW, Rows, Year
from storage.looks import next_look

_REASON = {"kind": "issue", "value": "1", "rule": "w", "weight": 1.0, "start": 0, "end": 9}
#: Of so many items one was corrected by a person.
_CORRECTED = 100


def items(year: Year) -> Rows:
    """Yield the items."""
    for item in year.all_items:
        source, fresh = year.source(item), year.is_unread(item)
        yield {
            "id": item,
            "source_id": source,
            "outlet": source,
            "kind": "facebook" if item % 7 == 0 else "press",
            "url": _url(source, item),
            "external_id": f"guid-{item}",
            "published": year.at(item),
            "date_note": "",
            "fetched_at": year.at(item) + HOUR / 2,
            "engagement": {},
            "first_sha256": f"{item:064x}",
            "current_version": 1,
            "read_version": 0 if fresh else 1,
            "indexed_version": 0 if fresh else 1,
            "look_at": _look_at(year, item),
        }


def _look_at(year: Year, item: int) -> datetime | None:
    return next_look(year.at(item) + HOUR / 2, NOW) if item in year.event_of else None


def _url(source: str, item: int) -> str:
    return f"https://{source}.example/tin/{item}"


def urls(year: Year) -> Rows:
    """Yield the address under which each item was shown."""
    for item in year.all_items:
        source = year.source(item)
        yield {"url": _url(source, item), "source_id": source, "item_id": item}


def versions(year: Year) -> Rows:
    """Yield the texts."""
    for item in year.all_items:
        event = year.event_of.get(item)
        yield {
            "item_id": item,
            "number": 1,
            "seen_at": year.at(item) + HOUR / 2,
            "title": year.words.title(item, event),
            "text": year.words.body(item, event),
            "text_sha256": f"{item:064x}",
            "body_sha256": f"{item:064x}",
            "http_status": 200,
            "summary_only": False,
        }


def search_words(year: Year) -> Rows:
    """Yield the folded words of the items that are indexed."""
    for item in year.all_items:
        if not year.is_unread(item):
            words = " ".join(year.words.folded(item, year.event_of.get(item)))
            yield {"item": item, "words": words}


def search_vectors(year: Year) -> Rows:
    """Yield the same as PostgreSQL keeps it."""
    for item in year.all_items:
        if not year.is_unread(item):
            yield {
                "item_id": item,
                "words": year.words.vector(item, year.event_of.get(item)),
            }


def readings(year: Year) -> Rows:
    """Yield one reading of each item that was read."""
    for item in year.all_items:
        if not year.is_unread(item):
            yield _reading(year, item)


def _reading(year: Year, item: int) -> dict[str, Any]:
    waits = year.waits(item)
    event = item if waits else year.event_of.get(item)
    unit = year.unit(event)[0].id if event else None
    return {
        "item_id": item,
        "item_version": 1,
        "reader_version": "r1",
        "current": True,
        "ungrouped": waits,
        "is_issue": event is not None,
        "issue_score": 0.9 if event else 0.1,
        "severity": 1 + item % 3 if event else 0,
        "topics": [{"topic": year.topic(event), "score": 0.9}] if event else [],
        "places": [_place(year, event)] if event else [],
        "mentions": [],
        "place_hold": None,
        "place_reasons": [],
        "hold": None,
        "flags": [],
        "reasons": [_REASON],
        "unit_then": unit,
        "unit_now": unit,
        "failure": None,
        "tries": 0,
        "gazetteer_version": "g",
        "model_version": "m",
        "config_hash": "c",
    }


def _place(year: Year, event: int) -> dict[str, Any]:
    _, place = year.unit(event)
    plain = {"province": None, "district": None, "commune": None}
    said = {"name": place.name, "level": "commune", "score": 0.9, "start": 0, "end": 4}
    return {"key": place.key, **said, **plain}


def labels(year: Year) -> Rows:
    """Yield what people said of items: of one in a hundred how grave it is."""
    for item, _ in year.members[::_CORRECTED]:
        yield {
            "item_id": item,
            "field": "severity",
            "value": {"value": 2},
            "who": "account:người-1",
            "at": year.at(item) + 3 * HOUR,
        }
