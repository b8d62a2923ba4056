"""Who is told when a unit keeps silent: the units above it, by the map."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Protocol

from config.catalog import UnitEntry
from config.places import Place


class CodedMap(Protocol):
    """The part of the gazetteer that the ladder asks."""

    def by_code(self, code: str, on: date) -> Place | None:
        """Return the unit that carried `code` on `on`."""

    def chain(self, key: str) -> tuple[Place, ...]:
        """Return the place, then what contains it, outward."""

    def now(self, key: str, day: date) -> tuple[Place, ...]:
        """Return the units standing on `day` that took the place over."""


def rungs(
    unit: UnitEntry,
    units: Iterable[UnitEntry],
    places: CodedMap,
    about: str | None,
    on: date,
    has_contact: Callable[[str], bool],
) -> tuple[str, ...]:
    """Return the units above `unit` that can be written to on `on`, nearest first.

    Above a commune stands the district, as long as there are districts, then the province,
    then the province's queue. A department, which has no place of its own, has only its
    province above it: that of the place `about`. Police is no rung.
    """
    standing = [one for one in units if one.holds_on(on) and not one.police]
    outward = tuple(_outward(unit, places, about, on))
    found: dict[str, None] = {}
    for queue in (False, True):
        for place in outward:
            for one in standing:
                if one.place == place.code and one.queue is queue and one.id != unit.id:
                    found[one.id] = None
    return tuple(one for one in found if has_contact(one))


def _outward(unit: UnitEntry, places: CodedMap, about: str | None, on: date) -> Iterator[Place]:
    own = places.by_code(unit.place, on) if unit.place else None
    if own is not None:
        # The province's own queue stands above the province itself.
        chain = places.chain(own.key)
        yield from chain[1:] or chain
        return
    today = places.now(about, on) if about else ()
    for place in today[:1]:
        yield places.chain(place.key)[-1]
