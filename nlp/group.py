"""Say, item by item in the order of arrival, which event an item belongs to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from nlp.event import Arrival, Joined
from nlp.group_index import TermIndex
from nlp.group_vector import BUCKETS, Rarity, Vector, heaviest

#: From this score on an item joins an event by itself.
JOIN = 0.09
#: From this score on the event is shown to a person as one it may belong to.
SUGGEST = 0.05
#: From this likeness to one item on, an item is a copy of it and no independent source.
COPY = 0.72
#: An item of fewer words never joins by itself.
FEWEST_WORDS = 8
#: Events compared closely for one item.
CANDIDATES = 24
#: Terms by which an event is found, terms kept of it, and members kept whole.
FINDERS, PROFILE, MEMBERS = 24, 320, 6


@dataclass(slots=True)
class _Event:
    """What is remembered of an event: its profile, where and what about, and some members."""

    profile: Vector
    last: datetime
    size: int = 0
    places: set[str] = field(default_factory=set)
    topics: set[str] = field(default_factory=set)
    members: list[tuple[int, Vector]] = field(default_factory=list)
    posted: set[int] = field(default_factory=set)


class Grouper:
    """Groups items into events. The same sequence of calls gives the same events.

    `restore` in the place of `add` for the items of the past leaves the grouper as
    `add` would have, so that it is rebuilt from tables at any point. Memory is
    bounded by the events that `forget_before` leaves standing.
    """

    def __init__(self) -> None:
        self._rarity = Rarity()
        self._index = TermIndex()
        self._events: dict[int, _Event] = {}
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
        copy_of = self._copied(self._events[best], vector)
        suggest = tuple((event, each) for event, each in ranked[1:] if each >= JOIN)[:3]
        why = "gần như chép lại" if copy_of is not None else "cùng nội dung"
        self._absorb(arrival, vector, best)
        return Joined(arrival.id, best, False, score, why, copy_of, suggest)

    def restore(self, arrival: Arrival, event: int, copy_of: int | None) -> None:  # noqa: ARG002
        """Remember an item of the past in the event that was decided then, by whomever."""
        self._absorb(arrival, self._rarity.vector(arrival.title, arrival.text), event)

    def forget_before(self, moment: datetime) -> None:
        """Forget every event whose last item is older than `moment`."""
        self._events = {key: event for key, event in self._events.items() if event.last >= moment}
        self._index.keep(self._events)

    def __len__(self) -> int:
        """The number of events remembered."""
        return len(self._events)

    def _ranked(self, arrival: Arrival, vector: Vector) -> list[tuple[int, float]]:
        near = self._index.nearest(vector.terms, vector.weights, CANDIDATES)
        self._dense[vector.terms] = vector.weights
        scored = [(key, self._score(arrival, self._events[key])) for key in near]
        self._dense[vector.terms] = 0.0
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))

    def _score(self, arrival: Arrival, event: _Event) -> float:
        likeness = float(np.dot(self._dense[event.profile.terms], event.profile.weights))
        return round(likeness / event.size, 6)

    def _copied(self, event: _Event, vector: Vector) -> int | None:
        self._dense[vector.terms] = vector.weights
        alike = [
            (float(np.dot(self._dense[member.terms], member.weights)), -item)
            for item, member in event.members
        ]
        self._dense[vector.terms] = 0.0
        likeness, item = max(alike)
        return -item if likeness >= COPY else None

    def _absorb(self, arrival: Arrival, vector: Vector, key: int) -> None:
        event = self._events.get(key)
        if event is None:
            event = self._events[key] = _Event(vector, arrival.at, 1)
        else:
            event.profile = _together(event.profile, vector)
            event.size += 1
            event.last = max(event.last, arrival.at)
        event.places.update(arrival.places)
        event.topics.update(arrival.topics)
        if len(event.members) == MEMBERS:
            del event.members[1]
        event.members.append((arrival.id, vector))
        finders, _ = heaviest(vector.terms, vector.weights, FINDERS)
        fresh = [term for term in finders.tolist() if term not in event.posted]
        event.posted.update(fresh)
        self._index.post(key, np.array(fresh, np.int32))


def _together(profile: Vector, vector: Vector) -> Vector:
    """Return the sum of an event's profile and one more item, its heaviest terms."""
    terms, where = np.unique(np.concatenate([profile.terms, vector.terms]), return_inverse=True)
    both = np.concatenate([profile.weights, vector.weights])
    weights = np.bincount(where, weights=both).astype(np.float32)
    return Vector(*heaviest(terms, weights, PROFILE), words=profile.words + vector.words)
