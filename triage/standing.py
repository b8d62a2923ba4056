"""What a place of one map is on the map of another day, for questions of who answers there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Protocol

from config.places import BEGINNING, Level, Place


class MapOverTime(Protocol):
    """The part of the gazetteer that routing asks."""

    def get(self, key: str) -> Place:
        """Return the place of a key; KeyError if there is none."""

    def on(self, day: date) -> tuple[Place, ...]:
        """Return the units that stood on `day`."""

    def chain(self, key: str) -> tuple[Place, ...]:
        """Return the place, then what contains it, outward, as of its period."""

    def now(self, key: str, day: date) -> tuple[Place, ...]:
        """Return the units standing on `day` that took the place over."""


class Standing:
    """Carries places from map to map, forward by successors and back by predecessors."""

    def __init__(self, places: MapOverTime) -> None:
        self._map = places
        self._back: dict[date, dict[str, list[Place]]] = {}

    def get(self, key: str) -> Place:
        """Return the place of a key; KeyError if there is none."""
        return self._map.get(key)

    def chain(self, place: Place) -> tuple[Place, ...]:
        """Return the place, then what contains it, outward."""
        return self._map.chain(place.key)

    def at(self, key: str, day: date) -> tuple[Place, ...]:
        """Return the units that were this place on `day`: one, or several where it was divided.

        A landmark gives the narrowest units it lay in.
        """
        place = self._map.get(key)
        if place.level is Level.LANDMARK:
            units = [self._map.get(unit) for unit in place.within]
            lying = self.narrowest(unit for unit in units if unit.stands_on(day))
            return lying or self._map.now(key, day)
        if day < place.valid_from:
            return self._before(place, day)
        return (place,) if place.stands_on(day) else self._map.now(key, day)

    def lineage(self, key: str) -> tuple[str, ...]:
        """Return the keys of all units of the same level that this one was made of, ever.

        Nearest first; empty for a landmark, and for what stood from the beginning.
        """
        found: dict[str, None] = {}
        place = self._map.get(key)
        waiting = [] if place.level is Level.LANDMARK else [place]
        while waiting:
            parts = [p for p in self._predecessors(waiting.pop(0)) if p.key not in found]
            found.update((part.key, None) for part in parts)
            waiting += parts
        return tuple(found)

    def narrowest(self, places: Iterable[Place]) -> tuple[Place, ...]:
        """Return the places without those that contain another of them, each once."""
        unique = {place.key: place for place in places}
        wider = {outer.key for place in unique.values() for outer in self.chain(place)[1:]}
        return tuple(place for key, place in unique.items() if key not in wider)

    def former(self, key: str, day: date) -> tuple[Place, ...]:
        """Return what contained the place before, and stands no more on `day`, inner first.

        Of a place that was made from parts of several such units: nothing.
        """
        place = self._map.get(key)
        if place.level is Level.LANDMARK:
            return ()
        outer = self._gone(self.chain(place)[1:], day)
        if outer or not place.stands_on(day):
            return outer
        chains = {self._gone(self.chain(part)[1:], day) for part in self._predecessors(place)}
        return chains.pop() if len(chains) == 1 else ()

    def common(self, places: Sequence[Place]) -> tuple[Place, ...]:
        """Return what contains all the places, inner first."""
        inside = [{outer.key for outer in self.chain(place)} for place in places]
        return tuple(
            outer for outer in self.chain(places[0]) if all(outer.key in keys for keys in inside)
        )

    def _gone(self, places: Iterable[Place], day: date) -> tuple[Place, ...]:
        return tuple(
            place
            for place in places
            if place.level is not Level.PROVINCE and not place.stands_on(day)
        )

    def _before(self, place: Place, day: date) -> tuple[Place, ...]:
        found: dict[str, Place] = {}
        for part in self._predecessors(place):
            earlier = (part,) if part.stands_on(day) else self._before(part, day)
            found |= {unit.key: unit for unit in earlier}
        return tuple(found.values())

    def _predecessors(self, place: Place) -> tuple[Place, ...]:
        if place.valid_from == BEGINNING:
            return ()
        eve = place.valid_from - timedelta(days=1)
        if eve not in self._back:
            # Reading the whole map of one day costs milliseconds; there are few such days.
            parts: dict[str, list[Place]] = defaultdict(list)
            for unit in self._map.on(eve):
                for successor in unit.successors if unit.valid_to == eve else ():
                    parts[successor].append(unit)
            self._back[eve] = parts
        return tuple(
            part for part in self._back[eve].get(place.key, ()) if part.level is place.level
        )
