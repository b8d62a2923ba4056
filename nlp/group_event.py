"""What grouping remembers of an event, and of where events happen."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from sys import intern

import numpy as np

from nlp.event import Arrival
from nlp.group_vector import Terms, Vector, Weights, heaviest

#: Terms kept of an event; a new item can displace only the lightest.
PROFILE = 320
#: Items of an event kept whole, to tell copies: the first and the latest.
MEMBERS = 6
#: A place in which more of the remembered events lie says little (a province).
COMMON_SHARE, COMMON_LEAST = 0.02, 8
#: Events of one place that are looked at: the latest.
LATEST = 16

_NO_TERMS = Vector(np.zeros(0, np.int32), np.zeros(0, np.float32), 0)


@dataclass(slots=True)
class Known:
    """An event: the sum of its items' vectors, where and what about, and some items whole."""

    last: datetime
    issue: bool
    profile: Vector = _NO_TERMS
    size: int = 0
    places: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    members: list[tuple[int, Vector]] = field(default_factory=list)
    posted: Terms = field(default_factory=lambda: _NO_TERMS.terms)

    @classmethod
    def begun(cls, arrival: Arrival) -> Known:
        """Return an event that has no item yet and will begin with this one."""
        return cls(arrival.at, arrival.is_issue)

    @property
    def words(self) -> float:
        """How many words its items have on average."""
        return self.profile.words / self.size

    def likeness(self, dense: Weights) -> float:
        """Return the mean likeness, 0..1, of its items to the item spread out in `dense`.

        A mean, so that an event that grows loose takes up less, and none swallows others.
        """
        return float(np.dot(dense.take(self.profile.terms), self.profile.weights)) / self.size

    def nearest(self, dense: Weights) -> float:
        """Return the largest likeness, 0..1, of an item kept whole to the one in `dense`."""
        return max(float(np.dot(dense.take(held.terms), held.weights)) for _, held in self.members)

    def take(self, arrival: Arrival, vector: Vector) -> None:
        """Count the item in."""
        self.profile = _sum(self.profile, vector) if self.size else vector
        self.size += 1
        self.last = max(self.last, arrival.at)
        self.issue = self.issue or arrival.is_issue
        self.places = _with(self.places, arrival.places)
        self.topics = _with(self.topics, arrival.topics)
        if len(self.members) == MEMBERS:
            del self.members[1]
        self.members.append((arrival.id, vector))

    def fresh(self, finders: Terms) -> Terms:
        """Return those of the terms by which the event could not be found before."""
        if not len(self.posted):
            self.posted = finders
            return finders
        new = np.setdiff1d(finders, self.posted, assume_unique=True)
        self.posted = np.union1d(self.posted, new)
        return new


class PlaceUse:
    """Which of the remembered events lie in a place, and so how much sharing it says."""

    def __init__(self) -> None:
        self._events: dict[str, list[int]] = {}
        self._known: set[int] = set()

    def note(self, event: int, places: Iterable[str]) -> None:
        """Note that the event lies in the places."""
        self._known.add(event)
        for place in places:
            events = self._events.setdefault(place, [])
            if event not in events[-LATEST:]:
                events.append(event)

    def telling(self, place: str) -> bool:
        """Tell whether few enough events lie in the place for it to tell them apart."""
        count = len(self._events.get(place, ()))
        return count <= max(COMMON_LEAST, COMMON_SHARE * len(self._known))

    def events(self, places: Iterable[str]) -> list[int]:
        """Return the latest events of those places that are telling, each once."""
        told = [place for place in places if self.telling(place)]
        return list(dict.fromkeys(key for p in told for key in self._events.get(p, ())[-LATEST:]))

    def keep(self, standing: Container[int]) -> None:
        """Forget every event that is not `standing`."""
        self._known = {event for event in self._known if event in standing}
        kept = {
            place: [event for event in events if event in standing]
            for place, events in self._events.items()
        }
        self._events = {place: events for place, events in kept.items() if events}


def _with(known: frozenset[str], more: Iterable[str]) -> frozenset[str]:
    """Return both; many thousands of events share the few names, kept once each."""
    added = [intern(name) for name in more if name not in known]
    return known.union(added) if added else known


def _sum(profile: Vector, vector: Vector) -> Vector:
    """Return the sum of an event's profile and one more item, its heaviest terms."""
    terms, where = np.unique(np.concatenate([profile.terms, vector.terms]), return_inverse=True)
    both = np.concatenate([profile.weights, vector.weights])
    weights = np.bincount(where, weights=both).astype(np.float32)
    return Vector(*heaviest(terms, weights, PROFILE), words=profile.words + vector.words)
