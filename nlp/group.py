"""Say, item by item in the order of arrival, which event an item belongs to."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from nlp.event import Arrival, Joined
from nlp.group_event import Known, PlaceUse
from nlp.group_index import TermIndex
from nlp.group_match import Match, facts, is_round_up, load_match
from nlp.group_shelf import Shelf
from nlp.group_vector import BUCKETS, Rarity, Vector, heaviest

#: A score of one half is just enough to join; from this score on a person is asked.
JOIN, SUGGEST = 0.5, 0.3
#: From this likeness to one item on, an item is a copy of it and no independent source.
COPY = 0.72
#: An item of fewer words never joins by itself.
FEWEST_WORDS = 8
#: Events looked at for one item, and those of them, the most like it, that are compared closely.
CANDIDATES, CLOSE = 24, 8
#: Terms of an item under which its event is filed, and terms of a new item that are looked up.
FINDERS, SOUGHT = 24, 48


class Grouper:
    """Groups items into events. The same sequence of calls gives the same events.

    `restore` in the place of `add` for the items of the past leaves the grouper as
    `add` would have, so that it is rebuilt from tables at any point. An event that is not
    in use takes a few hundred bytes of memory (`Shelf`), until `forget_before` drops it.
    """

    def __init__(self, match: Match | None = None) -> None:
        self._match = match or load_match()
        self._rarity = Rarity()
        self._index = TermIndex()
        self._events = Shelf()
        self._places = PlaceUse()
        self._dense = np.zeros(BUCKETS, np.float32)

    def add(self, arrival: Arrival) -> Joined:
        """Decide which event the item belongs to, and remember it there."""
        vector = self.vector(arrival)
        ranked = self._ranked(arrival, vector)
        best, score = ranked[0] if ranked else (arrival.id, 0.0)
        alone = _alone(arrival, vector)
        if score < JOIN or alone:
            suggest = tuple((event, each) for event, each in ranked if each >= SUGGEST)[:3]
            why = alone or "không giống sự việc nào đã có"
            self._absorb(arrival, vector, arrival.id)
            return Joined(arrival.id, arrival.id, True, score, why, None, suggest)
        event = self._events[best]
        copy_of = self._copied(event, vector)
        why = _why(arrival, event, copy_of)
        others = tuple((key, each) for key, each in ranked[1:] if each >= JOIN)[:3]
        self._absorb(arrival, vector, best)
        return Joined(arrival.id, best, False, score, why, copy_of, others)

    def restore(self, arrival: Arrival, event: int, copy_of: int | None) -> None:  # noqa: ARG002
        """Remember an item of the past in the event that was decided then, by whomever."""
        self._absorb(arrival, self.vector(arrival), event)

    def forget_before(self, moment: datetime) -> None:
        """Forget every event whose last item is older than `moment`; cheap where there is none."""
        if self._events.forget_before(moment):
            self._index.keep(self._events)
            self._places.keep(self._events)

    def __len__(self) -> int:
        """The number of events remembered."""
        return len(self._events)

    def _ranked(self, arrival: Arrival, vector: Vector) -> list[tuple[int, float]]:
        """Return the events most like the item with their scores, best first, then the older."""
        scored = [
            (key, round(self._match.score(found), 4))
            for key, found in self.candidates(arrival, vector).items()
        ]
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))

    def candidates(self, arrival: Arrival, vector: Vector) -> dict[int, tuple[float, ...]]:
        """Return the events that an item is compared with, and the facts of each pair."""
        sought = heaviest(vector.terms, vector.weights, SOUGHT)
        near = self._index.nearest(*sought, CANDIDATES)
        near += [key for key in self._places.events(arrival.places) if key not in set(near)]
        self._dense[vector.terms] = vector.weights
        events = {key: self._events[key] for key in near}
        alike = {key: event.likeness(self._dense) for key, event in events.items()}
        found = {}
        for key in sorted(near, key=lambda key: (-alike[key], key))[:CLOSE]:
            event = events[key]
            nearest = event.nearest(self._dense)
            found[key] = facts(arrival, vector, event, alike[key], nearest)
        self._dense[vector.terms] = 0.0
        return found

    def vector(self, arrival: Arrival) -> Vector:
        """Return an item as grouping sees its words."""
        return self._rarity.vector(arrival.title, arrival.text)

    def _copied(self, event: Known, vector: Vector) -> int | None:
        self._dense[vector.terms] = vector.weights
        alike = [
            (round(float(np.dot(self._dense.take(member.terms), member.weights)), 6), -item)
            for item, member in event.members
        ]
        self._dense[vector.terms] = 0.0
        likeness, item = max(alike)
        return -item if likeness >= COPY else None

    def _absorb(self, arrival: Arrival, vector: Vector, key: int) -> None:
        event = self._events.get(key) or Known.begun(arrival)
        event.take(arrival, vector)
        if not is_round_up(arrival.title):  # which nothing may join, so it need not be found
            self._places.note(key, arrival.places)
            finders, _ = heaviest(vector.terms, vector.weights, FINDERS)
            self._index.post(key, event.fresh(finders))
        self._events.put(key, event)


def _alone(arrival: Arrival, vector: Vector) -> str:
    """Say why an item must not join by itself, whatever it is like; nothing where it may."""
    if vector.words < FEWEST_WORDS:
        return "quá ngắn để tự ghép"
    return "bản tin điểm nhiều việc" if is_round_up(arrival.title) else ""


def _why(arrival: Arrival, event: Known, copy_of: int | None) -> str:
    """Say in a few words why the item joins the event."""
    if copy_of is not None:
        return "gần như chép lại một tin đã có"
    together = ["cùng nội dung"]
    if event.places & set(arrival.places):
        together.append("cùng địa bàn")
    if event.topics & set(arrival.topics):
        together.append("cùng lĩnh vực")
    return ", ".join(together)
