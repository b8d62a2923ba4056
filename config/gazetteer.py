"""The map over time, asked: which unit, in which chain, on which day, and what became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from config.errors import ConfigError
from config.gazetteer_files import (
    Alias,
    Landmark,
    fingerprint,
    landmark_place,
    read_aliases,
    read_landmarks,
    read_units,
    with_aliases,
)
from config.gazetteer_names import TYPE_WORDS, fold_name, tidy_name
from config.places import REFORM, Level, Place

Names = tuple[str | None, str | None, str | None]
_FOLDED_TYPES = tuple(map(fold_name, TYPE_WORDS))
_RANK = {Level.COMMUNE: 0, Level.DISTRICT: 1, Level.PROVINCE: 2, Level.LANDMARK: 3}


class Gazetteer:
    """All units and landmarks of all periods. Immutable; `version` names its content."""

    def __init__(
        self, units: dict[str, Place], aliases: list[Alias], landmarks: list[Landmark], version: str
    ) -> None:
        with_aliases(units, aliases)
        self.version = version
        self.aliases = tuple(aliases)
        self._units = units
        self._by_code = _grouped(units.values())
        self._kinds: dict[str, str] = {}
        self._roots: dict[str, tuple[str, ...]] = {}
        self._places = dict(units)
        self._landmarks = tuple(self._placed(landmarks))
        self._places |= {place.key: place for place in self._landmarks}

    def get(self, key: str) -> Place:
        """Return the place of a key; KeyError if there is none."""
        return self._places[key]

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def on(self, day: date) -> tuple[Place, ...]:
        """Return the units that stood on `day`, wider ones first."""
        return tuple(place for place in self._units.values() if place.stands_on(day))

    def units(self) -> Mapping[str, Place]:
        """Return every unit of every period by key."""
        return MappingProxyType(self._units)

    def landmarks(self) -> tuple[Place, ...]:
        """Return the landmarks of all periods."""
        return self._landmarks

    def kind(self, key: str) -> str:
        """Return what sort of landmark it is ("river", "landfill"); "" for a unit."""
        return self._kinds.get(key, "")

    def chain(self, key: str) -> tuple[Place, ...]:
        """Return the place, then what contains it, outward, as of its period.

        A landmark is followed by the smallest unit of its last map that holds all of it.
        """
        place: Place | None = self._places[key]
        found = []
        while place:
            found.append(place)
            if place.level is Level.LANDMARK:
                place = self._site(place)
            else:
                place = self._units[place.parent] if place.parent else None
        return tuple(found)

    def names(self, key: str) -> Names:
        """Return the full names of province, district and commune; None where it has none."""
        names = {place.level: place.name for place in self.chain(key)}
        return names.get(Level.PROVINCE), names.get(Level.DISTRICT), names.get(Level.COMMUNE)

    def site(self, key: str, day: date) -> Place | None:
        """Return the smallest unit that held all of a landmark on `day`; a unit is its own."""
        place = self._places[key]
        return self._site(place, day) if place.level is Level.LANDMARK else place

    def _site(self, landmark: Place, day: date | None = None) -> Place | None:
        when = day or landmark.valid_to or date.max
        units = [unit for key in self._roots[landmark.key] for unit in self._heirs(key, when)]
        chains = [self.chain(unit.key) for unit in units]
        if not chains:
            return None
        common = set.intersection(*({place.key for place in chain} for chain in chains))
        return next((place for place in chains[0] if place.key in common), None)

    def now(self, key: str, day: date) -> tuple[Place, ...]:
        """Return the units standing on `day` that took the place over; itself if it stands.

        Follows successors; where a list names none, what became of its parent. A
        district's answer has several units. Empty before the place began.
        """
        start = self._places[key]
        if start.level is Level.LANDMARK:
            site = self._site(start, day)
            return (site,) if site else ()
        if day < start.valid_from:
            return ()
        found: dict[str, Place] = {}
        waiting, seen = [start], {key}
        while waiting:
            place = waiting.pop(0)
            if place.stands_on(day):
                found[place.key] = place
                continue
            following = place.successors or ((place.parent,) if place.parent else ())
            waiting += [self._units[heir] for heir in following if heir not in seen]
            seen.update(following)
        return tuple(found.values())

    def by_code(self, code: str, on: date) -> Place | None:
        """Return the unit that carried `code` on `on`."""
        return next((place for place in self._by_code.get(code, ()) if place.stands_on(on)), None)

    def find(self, text: str, on: date) -> list[Place]:
        """Return the places that `text` may name on `on`, most specific first.

        `text` is a name, with or without type word, then what contains it, separated
        by commas: "xã An Hiệp, huyện Ba Tri". Accents may be missing; where some
        place has exactly the accents given, the others are left out.
        """
        parts = [part.strip(" .()") for part in text.replace("(", ",").split(",")]
        parts = [part for part in parts if part]
        if not parts:
            return []
        found = [place for place in self._named(parts[0]) if place.stands_on(on)]
        for outer in parts[1:]:
            found = [place for place in found if self._lies_in(place, outer, on)]
        exact = [place for place in found if _bare(parts[0]) in _names_of(place)]
        return sorted(exact or found, key=lambda place: (_RANK[place.level], place.key))

    def _named(self, text: str) -> list[Place]:
        word, bare = _split_folded(fold_name(text))
        folded = f"{word} {bare}".strip()
        if not word:
            return self._by_name.get(folded, [])
        whole = [p for p in self._by_name.get(folded, []) if p.level is Level.LANDMARK]
        same_type = [p for p in self._by_name.get(bare, []) if fold_name(p.name) == folded]
        return whole + same_type

    def _lies_in(self, place: Place, outer: str, on: date) -> bool:
        containers = set(place.within) if place.level is Level.LANDMARK else {place.key}
        chained = {above.key for key in containers for above in self.chain(key)}
        return any(found.key in chained for found in self._named(outer) if found.stands_on(on))

    @cached_property
    def _by_name(self) -> dict[str, list[Place]]:
        found: dict[str, list[Place]] = defaultdict(list)
        for place in self._places.values():
            for name in {fold_name(name) for name in _names_of(place)}:
                found[name].append(place)
        return dict(found)

    def _placed(self, landmarks: list[Landmark]) -> Iterable[Place]:
        """Give each landmark the units it lay in, in every period after the one named."""
        problems: list[str] = []
        for landmark in landmarks:
            roots = {name: self._unit_of(name) for name in landmark.within}
            problems += [
                f"landmarks/{landmark.id}: within: no unit {name}"
                for name, unit in roots.items()
                if unit is None
            ]
            units = [unit for unit in roots.values() if unit]
            within = dict.fromkeys(heir.key for unit in units for heir in self._heirs(unit.key))
            if within:
                place = landmark_place(landmark, tuple(within))
                self._kinds[place.key] = landmark.kind
                self._roots[place.key] = tuple(unit.key for unit in units)
                yield place
        if problems:
            raise ConfigError(problems)

    def _unit_of(self, name: str) -> Place | None:
        if "@" in name:
            return self._units.get(name)
        periods = self._by_code.get(name)
        return periods[-1] if periods else None

    def _heirs(self, key: str, day: date | None = None) -> list[Place]:
        """Return the unit and its successors, or of these what held its land on `day`.

        After the reform the province stands in for a district, since a landmark lies
        in some of the communes that took the district over, and no list says which.
        """
        place = self._units[key]
        found = [place] if day is None or place.stands_on(day) else []
        following = place.successors
        if place.level is Level.DISTRICT and place.valid_to and place.valid_to.year == REFORM.year:
            province = self.chain(key)[-1]
            following = province.successors or (province.key,)
        if day is None or (place.valid_to and place.valid_to < day):
            found += [unit for heir in following for unit in self._heirs(heir, day)]
        return found


def _grouped(places: Iterable[Place]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        found[place.code].append(place)
    for periods in found.values():
        periods.sort(key=lambda place: place.valid_from)
    return dict(found)


def _split_folded(folded: str) -> tuple[str, str]:
    """Return type word and name of a folded full name, numbers without leading zeros."""
    for word in _FOLDED_TYPES:
        if folded.startswith(word + " "):
            bare = folded[len(word) + 1 :]
            return word, str(int(bare)) if bare.isdigit() else bare
    return "", folded


def _bare(text: str) -> str:
    """Return the name alone, lower-case, with the accents it was given."""
    word, _ = _split_folded(fold_name(text))
    bare = tidy_name(text).lower()[len(word) :].strip()
    return str(int(bare)) if bare.isdigit() else bare


def _names_of(place: Place) -> set[str]:
    """Return every name it goes by, lower-case: bare, and for a landmark in full."""
    own = place.name if place.level is Level.LANDMARK else place.bare
    return {own.lower(), *(alias.lower() for alias in place.aliases)}


def load_gazetteer(folder: Path | None = None) -> Gazetteer:
    """Return the shipped map with the landmarks of the operator's folder.

    Raises ConfigError with every problem of the operator's files.
    """
    units = read_units()
    aliases = read_aliases(_grouped(units.values()))
    return Gazetteer(units, aliases, read_landmarks(folder), fingerprint(folder))
