"""What grouping takes and gives: one item in, one decision out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """An item as the grouper sees it, in the order of arrival.

    `places` are place keys where the problem lies, main first; `topics` main first;
    `at` the published time, or when it was fetched.
    """

    id: int
    title: str
    text: str
    at: datetime
    places: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    is_issue: bool = True


@dataclass(frozen=True, slots=True)
class Joined:
    """Which event an item belongs to.

    `event` is the event's number, given by the grouper: the id of the item that began
    it. `new` says this item began it. `copy_of` is the item it is a near-duplicate
    of (a syndicated copy, not an independent source). `suggest` lists events that it
    may belong to, for a person, best first, as (event, score). `why` says in words
    what decided.
    """

    item: int
    event: int
    new: bool
    score: float
    why: str
    copy_of: int | None = None
    suggest: tuple[tuple[int, float], ...] = ()
