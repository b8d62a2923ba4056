"""The words that decided, marked in the text as it was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from nlp.reading import PlaceRef, Reason, seen
from storage.sightings import Sighting

#: What each kind of reason is called beside a marked word.
KINDS: Mapping[str, str] = {
    "topic": "chủ đề",
    "issue": "là vấn đề",
    "severity": "mức độ",
    "place": "địa bàn",
    "flag": "dấu hiệu",
    "hold": "cần người xem",
}
_MOST_CHARS = 6_000


def marked(one: Sighting) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the text as (piece, kinds of reasons that stand on it), in order.

    Long texts end in "…"; a reason whose place lies outside the text marks nothing.
    """
    return pieces(seen(one.title, one.text)[:_MOST_CHARS], spans(one.reasons, one.places))


def spans(reasons: Sequence[Reason], places: Sequence[PlaceRef]) -> list[tuple[int, int, str]]:
    """Return (start, end, kind) of every reason and place that stands in the text."""
    found = [(one.start, one.end, one.kind) for one in reasons if one.end > one.start]
    return found + [(one.start, one.end, "place") for one in places if one.end > one.start]


def pieces(
    text: str, spans: Sequence[tuple[int, int, str]]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Cut a text at the borders of the spans; together the pieces are the text.

    >>> pieces("rác ở Ba Tri", [(0, 3, "topic"), (6, 12, "place")])
    (('rác', ('topic',)), (' ở ', ()), ('Ba Tri', ('place',)))
    """
    inside = [(max(0, a), min(b, len(text)), kind) for a, b, kind in spans if a < len(text)]
    cuts = sorted({0, len(text), *(one[0] for one in inside), *(one[1] for one in inside)})
    found: list[tuple[str, tuple[str, ...]]] = []
    for start, end in pairwise(cuts):
        on = tuple(dict.fromkeys(k for a, b, k in inside if a <= start and end <= b))
        if found and found[-1][1] == on:
            found[-1] = (found[-1][0] + text[start:end], on)
        else:
            found.append((text[start:end], on))
    return tuple(found)
