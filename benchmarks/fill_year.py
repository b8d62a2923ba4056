"""A year of listening in outline: which item is of which event, where, when and about what."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.fill_words import Words
from config.catalog import UnitEntry
from config.places import Place
from langnghe.app import App

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
TODAY = NOW.date()
YEAR, DAY, HOUR = timedelta(days=365), timedelta(days=1), timedelta(hours=1)
OUTLETS = 40
#: Of a hundred items so many tell of a problem; of these, one in six begins an event.
ISSUES, EACH = 30, 6
_STATES = ("proposed",) * 5 + ("approved",) + ("sent",) * 2 + ("acknowledged", "answered")
Rows = Iterator[dict[str, Any]]


@dataclass(frozen=True)
class Size:
    """How much is made. Events follow from items: 5,000 of 100,000.

    `waiting` items came a moment ago: half of them are unread, half read and in no event.
    As many events are stale. `days` is how long fetches, rounds and digests go back.
    """

    items: int = 100_000
    open_cases: int = 500
    closed_cases: int = 1_500
    audit: int = 50_000
    days: int = 30
    waiting: int = 0

    @property
    def issues(self) -> int:
        """Items that belong to an event."""
        return self.items * ISSUES // 100


@dataclass
class Year:
    """The outline of one database, the same for the same size."""

    app: App
    size: Size
    rng: random.Random = field(default_factory=lambda: random.Random(1))

    def __post_init__(self) -> None:
        self.words = Words(self.app.gazetteer)
        self.topics = sorted(self.app.catalog.topics)
        self.units = [
            (unit, place)
            for unit in self.app.catalog.units.values()
            if unit.level == "xa" and (place := self.app.gazetteer.by_code(unit.place, TODAY))
        ]
        self.sources = list(self.app.catalog.sources) + [
            f"bao-{number}" for number in range(OUTLETS)
        ]
        self.members: list[tuple[int, int]] = []
        self.events: list[int] = []
        self._deal()
        self.event_of = dict(self.members)

    def _deal(self) -> None:
        """Deal the issues out to events that run at the same time; one late event is huge."""
        hot = 0
        for number in range(self.size.issues):
            item = number * 100 // ISSUES + 1
            if number % EACH == 0:
                self.events.append(item)
                hot = item if number * 100 // self.size.issues == 96 and not hot else hot
                event = item
            elif hot and self.rng.random() < 0.4:
                event = hot
            else:
                event = self.rng.choice(self.events[-15:])
            self.members.append((item, event))

    @property
    def all_items(self) -> range:
        """The ids of all items, those that came a moment ago last."""
        return range(1, self.size.items + self.size.waiting + 1)

    def is_unread(self, item: int) -> bool:
        """Say whether an item came a moment ago and was not read yet."""
        return item > self.size.items + self.size.waiting // 2

    def waits(self, item: int) -> bool:
        """Say whether an item was read and is in no event yet, though it tells of a problem."""
        return item > self.size.items and not self.is_unread(item)

    def at(self, item: int) -> datetime:
        """Return when an item was published."""
        return NOW - YEAR * max(self.size.items - item, 0) / self.size.items - HOUR

    def title(self, item: int) -> str:
        """Return the title of an item."""
        return self.words.title(item, self.event_of.get(item))

    def unit(self, event: int) -> tuple[UnitEntry, Place]:
        """Return the unit that an event belongs to, and its place."""
        return self.units[event * 7919 % len(self.units)]

    def topic(self, event: int) -> str:
        """Return the main topic of an event."""
        return self.topics[event * 31 % len(self.topics)]

    def source(self, item: int) -> str:
        """Return the source that brought an item."""
        return self.sources[item * 13 % len(self.sources)]

    def cased(self) -> Iterator[tuple[int, int, str]]:
        """Yield (case, event, state), the newest events' cases open."""
        most = min(len(self.events), self.size.open_cases + self.size.closed_cases)
        for number, event in enumerate(self.events[-most:], 1):
            if number > most - self.size.open_cases:
                yield number, event, _STATES[number % len(_STATES)]
            else:
                yield number, event, "closed" if number % 4 else "dismissed"
