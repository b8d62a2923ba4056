"""The forms in which results leave the command, as the command contract fixes them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from config.gazetteer import Gazetteer
from langnghe.lines import Line
from nlp.reading import Masked, PlaceRef, Reading


def analysis_line(
    line: Line, reading: Reading, masked: Masked, gazetteer: Gazetteer
) -> dict[str, Any]:
    """Return the line that `langnghe analyse` prints for one item.

    Offsets of places and reasons refer to the title, a line break and the text as given.
    `severity` is told of items read as no issue too, if they may be one: what it would be.
    """
    where = reading.where
    return {
        "id": line.id,
        "topics": [asdict(topic) for topic in reading.topics],
        "is_issue": reading.is_issue,
        "issue_score": round(reading.issue_score, 4),
        "severity": reading.would_be,
        "places": [_place(place) for place in where.places[:4]],
        "mentions": [_place(place) for place in where.mentions],
        "unit_then": full_name(where.unit_then, gazetteer),
        "unit_now": full_name(where.unit_now, gazetteer),
        "hold": _hold(reading, gazetteer),
        "flags": list(reading.flags),
        "reasons": [asdict(reason) for reason in reading.reasons],
        "masked_title": masked.title,
        "masked_text": masked.text,
        "reader": reading.version,
    }


def full_name(key: str | None, gazetteer: Gazetteer) -> str | None:
    """Return "xã An Hiệp, huyện Ba Tri, tỉnh Bến Tre" for a place key; None for None."""
    if key is None:
        return None
    return ", ".join(name for name in reversed(gazetteer.names(key)) if name)


def _place(place: PlaceRef) -> dict[str, Any]:
    values = asdict(place)
    values["score"] = round(place.score, 3)
    return values


def _hold(reading: Reading, gazetteer: Gazetteer) -> dict[str, Any] | None:
    if reading.hold is None:
        return None
    candidates = [
        full_name(key, gazetteer) if key in gazetteer else key for key in reading.hold.candidates
    ]
    return {"reason": reading.hold.reason, "candidates": candidates}
