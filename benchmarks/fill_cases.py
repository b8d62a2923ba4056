"""Rows of cases: as they stand, their history, the mails about them, the days that were given."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from benchmarks.fill_year import DAY, HOUR, NOW, Rows, Year

_SILENT = ("proposed", "approved", "dismissed")
#: Of so many cases one has a promise.
_PROMISED = 5


def cases(year: Year) -> Rows:
    """Yield the cases."""
    for number, event, state in year.cased():
        yield _case(year, number, event, state)


def _case(year: Year, number: int, event: int, state: str) -> dict[str, Any]:
    (unit, place), at = year.unit(event), year.at(event) + 2 * HOUR
    return {
        "id": number,
        "event_id": event,
        "episode": 1,
        "state": state,
        "outcome": "fixed" if state == "closed" else None,
        "veracity": "true" if state == "closed" else "unverified",
        "title": year.title(event),
        "gist": year.words.title(event + 1, None),
        "topics": [year.topic(event)],
        "severity": 1 + number % 3,
        "place_key": place.key,
        "place": place.name,
        "unit_id": unit.id,
        "unit_name": unit.name,
        "unit_then": unit.id,
        "unit_now": unit.id,
        "cooperating": [],
        "copies": [],
        "hold": "nơi chưa rõ" if state == "proposed" and number % 3 == 0 else None,
        "candidates": [],
        "reasons": ["mức độ 2", f"theo địa bàn: {unit.name}"],
        "opened_at": at,
        **_clocks(at, state),
        "recurs_of": None,
        "proposed_veracity": "true" if state == "answered" else None,
        "proposed_outcome": None,
        "statement": "Đã kiểm tra, có thật." if state in ("closed", "answered") else "",
        "returned": 0,
        "reminded": number % 2,
        "reminded_at": at + 3 * DAY if number % 2 else None,
        "escalated": 0,
        "link_epoch": 0,
        "config_hash": "c",
        "gazetteer_version": "g",
        "model_version": "m",
    }


def _clocks(at: datetime, state: str) -> dict[str, Any]:
    sent, done = state not in _SILENT, state in ("closed", "answered")
    return {
        "sent_at": at + HOUR if sent else None,
        "acknowledged_at": at + 8 * HOUR if done or state == "acknowledged" else None,
        "answered_at": at + 4 * DAY if done else None,
        "closed_at": at + 6 * DAY if state in ("closed", "dismissed") else None,
        "ack_due": at + DAY if sent else None,
        "verify_due": at + 5 * DAY if sent else None,
        "final_due": at + 20 * DAY if sent else None,
    }


def entries(year: Year) -> Rows:
    """Yield the history of the cases: four lines each and the closing one, two for what waits."""
    told = ("opened:approved", "sent", "acknowledged", "answered")
    for number, event, state in year.cased():
        kinds = told if state not in ("proposed", "approved") else ("opened:proposed", "note")
        if state in ("closed", "dismissed"):
            kinds = (*told, state, "closing_sent")
        for seq, kind in enumerate(kinds, 1):
            yield {
                "case_id": number,
                "seq": seq,
                "at": year.at(event) + seq * 3 * HOUR,
                "who": "machine",
                "kind": kind,
                "text": "Đã xem.",
                "data": {},
            }


def notices(year: Year) -> Rows:
    """Yield the mails of what was sent; with work waiting, the newest are queued."""
    told = [one for one in year.cased() if one[2] not in _SILENT]
    for left, (number, event, _) in enumerate(told, year.size.waiting - len(told) + 1):
        at, queued = year.at(event) + 3 * HOUR, left > 0
        yield {
            "key": f"case:{number}",
            "kind": "case",
            "recipient": f"{year.unit(event)[0].id}@example.vn",
            "subject": year.title(event),
            "text": year.title(event) * 10,
            "html": year.title(event) * 20,
            "message_id": f"<{number}@langnghe.example>",
            "created_at": at,
            "not_before": at,
            "state": "queued" if queued else "sent",
            "owner": None,
            "lease_until": None,
            "attempts": 0 if queued else 1,
            "next_at": at,
            "last_error": None,
            "sent_at": None if queued else at,
        }


def notice_cases(year: Year) -> Rows:
    """Yield which mail tells of which case."""
    for number, _, state in year.cased():
        if state not in _SILENT:
            yield {"notice_key": f"case:{number}", "case_id": number}


def commitments(year: Year) -> Rows:
    """Yield the days that units gave: those of cases that are over were kept."""
    for number, event, state in year.cased():
        if number % _PROMISED == 0 and state not in _SILENT:
            at, over = year.at(event), state == "closed"
            yield {
                "case_id": number,
                "kind": "promise",
                "text": "Sửa xong mặt đường",
                "by": f"unit:{year.unit(event)[0].id}",
                "members": [],
                "made_at": at + 8 * HOUR,
                "due": (at + 10 * DAY).date(),
                "state": "kept" if over else "open",
                "settled_at": min(at + 9 * DAY, NOW) if over else None,
                "settled_by": "machine" if over else None,
                "note": "",
            }
