"""A stretch of text that holds personal data, and how stretches are replaced by marks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

#: What people read instead of the data, by kind.
MARKS = {
    "name": "[tên]",
    "phone": "[số điện thoại]",
    "id": "[CCCD]",
    "passport": "[hộ chiếu]",
    "card": "[số thẻ]",
    "plate": "[biển số]",
    "account": "[tài khoản]",
    "email": "[email]",
    "profile": "[trang cá nhân]",
    "house": "[số nhà]",
}


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of a text are personal data of one `kind` of `MARKS`."""

    start: int
    end: int
    kind: str


def disjoint(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, of overlapping ones the first given, without what is empty."""
    kept: list[Span] = []
    for span in spans:
        if span.start < span.end and all(
            span.end <= other.start or other.end <= span.start for other in kept
        ):
            kept.append(span)
    return sorted(kept, key=lambda span: span.start)


def replaced(text: str, spans: Iterable[Span]) -> str:
    """Return `text` with each of the disjoint, ordered spans replaced by the mark of its kind."""
    pieces, at = [], 0
    for span in spans:
        pieces += [text[at : span.start], MARKS[span.kind]]
        at = span.end
    return "".join([*pieces, text[at:]])
