"""Say, item by item in the order of arrival, which event an item belongs to."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from nlp.event import Arrival, Joined
from nlp.group_event import Known, PlaceUse
from nlp.group_index import TermIndex
from nlp.group_need import needed
from nlp.group_vector import BUCKETS, Rarity, Vector, heaviest

#: A score of one half is just enough to join; from this score on a person is asked.
JOIN, SUGGEST = 0.5, 0.3
#: From this likeness to one item on, an item is a copy of it and no independent source.
COPY = 0.72
#: An item of fewer words never joins by itself.
FEWEST_WORDS = 8
#: Events compared closely for one item.
CANDIDATES = 24
#: Terms by which an event is found.
FINDERS = 24


class Grouper:
    """Groups items into events. The same sequence of calls gives the same events.

    `restore` in the place of `add` for the items of the past leaves the grouper as
    `add` would have, so that it is rebuilt from tables at any point. Memory is
    bounded by the events that `forget_before` leaves standing.
    """

    def __init__(self) -> None:
        self._rarity = Rarity()
        self._index = TermIndex()
        self._events: dict[int, Known] = {}
        self._places = PlaceUse()
        self._dense = np.zeros(BUCKETS, np.float32)

    def add(self, arrival: Arrival) -> Joined:
        """Decide which event the item belongs to, and remember it there."""
        vector = self._rarity.vector(arrival.title, arrival.text)
        ranked = self._ranked(arrival, vector)
        best, score = ranked[0] if ranked else (arrival.id, 0.0)
        short = vector.words < FEWEST_WORDS
        if score < JOIN or short:
            suggest = tuple((event, each) for event, each in ranked if each >= SUGGEST)[:3]
            why = "quá ngắn để tự ghép" if short else "không giống sự việc nào đã có"
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
        self._absorb(arrival, self._rarity.vector(arrival.title, arrival.text), event)

    def forget_before(self, moment: datetime) -> None:
        """Forget every event whose last item is older than `moment`."""
        self._events = {key: event for key, event in self._events.items() if event.last >= moment}
        self._index.keep(self._events)
        self._places.keep(self._events)

    def __len__(self) -> int:
        """The number of events remembered."""
        return len(self._events)

    def _ranked(self, arrival: Arrival, vector: Vector) -> list[tuple[int, float]]:
        """Return the events most like the item with their scores, best first, then the older."""
        near = self._index.nearest(vector.terms, vector.weights, CANDIDATES)
        near += [key for key in self._places.events(arrival.places) if key not in set(near)]
        self._dense[vector.terms] = vector.weights
        likeness = {key: self._events[key].likeness(self._dense) for key in near}
        self._dense[vector.terms] = 0.0
        scored = []
        for key, alike in likeness.items():
            need = needed(arrival, vector, self._events[key], self._places)
            scored.append((key, round(min(1.0, alike / need / 2), 4)))
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))

    def _copied(self, event: Known, vector: Vector) -> int | None:
        self._dense[vector.terms] = vector.weights
        alike = [
            (round(float(np.dot(self._dense[member.terms], member.weights)), 6), -item)
            for item, member in event.members
        ]
        self._dense[vector.terms] = 0.0
        likeness, item = max(alike)
        return -item if likeness >= COPY else None

    def _absorb(self, arrival: Arrival, vector: Vector, key: int) -> None:
        event = self._events.get(key)
        if event is None:
            event = self._events[key] = Known.begun(arrival)
        event.take(arrival, vector)
        self._places.note(key, arrival.places)
        finders, _ = heaviest(vector.terms, vector.weights, FINDERS)
        self._index.post(key, event.fresh(finders))


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
