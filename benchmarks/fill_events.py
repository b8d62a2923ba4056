"""Rows of events: their items, what was suggested to people, what triage said of them."""

from __future__ import annotations

from itertools import pairwise

from benchmarks.fill_year import HOUR, Rows, Year

_PART = {"name": "severity", "value": 2.0, "weight": 1.0, "points": 2.0, "why": "mức 2"}
_VERDICTS = ("hold", "digest", "mail", "nothing")
#: Of so many items of events one was also like another event.
_SUGGESTED = 10


def events(year: Year) -> Rows:
    """Yield the events; the newest are stale, as many as items wait."""
    last = {event: item for item, event in year.members}
    stale = set(year.events[len(year.events) - year.size.waiting :]) if year.size.waiting else set()
    for event in year.events:
        yield {
            "id": event,
            "title": year.title(event),
            "first_at": year.at(event),
            "last_at": year.at(last[event]),
            "last_item_id": last[event],
            "merged_into": None,
            "stale": event in stale,
        }


def memberships(year: Year) -> Rows:
    """Yield which item is of which event; every third repeats the first."""
    for number, (item, event) in enumerate(year.members):
        copied = number % 3 == 1 and item != event
        yield {
            "item_id": item,
            "event_id": event,
            "at": year.at(item),
            "score": 0.8,
            "why": "giống tiêu đề",
            "copy_of": event if copied else None,
            "by": "machine",
            "joined_at": year.at(item) + HOUR,
        }


def suggestions(year: Year) -> Rows:
    """Yield events that an item may also belong to; half of them were answered."""
    before = dict(pairwise(reversed(year.events)))
    for number, (item, event) in enumerate(year.members[::_SUGGESTED]):
        if event in before:
            yield {
                "item_id": item,
                "event_id": before[event],
                "score": 0.4,
                "at": year.at(item) + HOUR,
                "answer": "no" if number % 2 else None,
                "who": "account:người-1" if number % 2 else None,
            }


def assessments(year: Year) -> Rows:
    """Yield what triage said of each event."""
    for number, event in enumerate(year.events):
        yield {
            "event_id": event,
            "last_item_id": event,
            "score": round(2 + number % 97 / 10, 2),
            "parts": [_PART],
            "verdict": _VERDICTS[number % len(_VERDICTS)],
            "reasons": ["mức độ 2", "ba nguồn độc lập"],
            "routing": None,
            "at": year.at(event) + HOUR,
            "config_hash": "c",
        }
