"""The routing rows and units as one checked table: which row speaks for a place and a topic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from config.catalog import Period, RouteRow, RoutingFile, UnitEntry
from config.errors import ConfigError
from config.places import Place

EVERYWHERE = "*"
OWN = "{place}"


@dataclass(frozen=True, slots=True)
class Claim:
    """One row, and where it is written; rows are counted from 1."""

    file: str
    number: int
    row: RouteRow

    @property
    def name(self) -> str:
        """Name the file and the row, for the case log."""
        return f"routing/{self.file}.toml#{self.number}"


@dataclass(frozen=True, slots=True)
class Tried:
    """One row that was looked at for a place, whether it speaks, and if not, why not.

    `why` is in Vietnamese, empty for the row that speaks.
    """

    claim: Claim
    taken: bool
    why: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """How an answer was found: for each place the rows looked at, then the units upward.

    `tried` ends with the rows for several units where the places are several. `asked` are the
    units one climbs, nearest first, with whether each can be reached; the first that can leads.
    """

    tried: tuple[tuple[Place, tuple[Tried, ...]], ...]
    asked: tuple[tuple[str, bool], ...]


class Rows:
    """All units and rows. Built once, checked once, never changed.

    Precedence is by how specific a row is, never by the order of files: the nearest
    place first, a place by name before "every place", a named level before any level,
    the narrower `within` first, and then a named topic before every topic. Rows of
    equal claim on one day are refused when the table is built, as are two units for
    one place and rows that name a unit that is not there.
    """

    def __init__(self, units: Iterable[UnitEntry], files: Iterable[RoutingFile]) -> None:
        self.units = {unit.id: unit for unit in units}
        self.claims = tuple(
            Claim(file.id, number, row)
            for file in sorted(files, key=lambda file: file.id)
            for number, row in enumerate(file.rows, 1)
        )
        self._by_place: dict[str, list[Claim]] = defaultdict(list)
        for claim in self.claims:
            self._by_place[claim.row.place].append(claim)
        self._by_code: dict[str, list[UnitEntry]] = defaultdict(list)
        for unit in self.units.values():
            if unit.place:
                self._by_code[unit.place].append(unit)
        problems = [*self._unknown(), *self._rival_rows(), *self._rival_units()]
        if problems:
            raise ConfigError(problems)

    def own(self, place: Place, day: date) -> UnitEntry | None:
        """Return the unit that is the authority of the place itself on `day`."""
        return self._unit(place.code, day, queue=False)

    def queue(self, place: Place, day: date) -> UnitEntry | None:
        """Return the queue of the place on `day`."""
        return self._unit(place.code, day, queue=True)

    def reaches(self, chain: Sequence[Place], day: date) -> bool:
        """Say whether any unit or row of that day is about the place or what contains it."""
        codes = {place.code for place in chain}
        return any(
            unit.holds_on(day) for code in codes for unit in self._by_code.get(code, ())
        ) or any(
            claim.row.holds_on(day)
            for claim in self.claims
            if (claim.row.within or claim.row.place) in {*codes, EVERYWHERE}
        )

    def find(
        self, chain: Sequence[Place], topic: str | None, day: date, *, cross: bool = False
    ) -> tuple[Claim, Place] | None:
        """Return the row that speaks for the first place of `chain`, and the place it matched.

        `chain` is the place, then what contains it, outward. `cross` asks for the rows of
        problems under several units instead.
        """
        for distance, place in enumerate(chain):
            outward = chain[distance:]
            nearest = (*self._by_place.get(place.code, ()), *self._by_place.get(EVERYWHERE, ()))
            fitting = [
                claim
                for claim in nearest
                if _speaks(claim.row, topic, day)
                and _covers(claim.row, outward)
                and _in_scope(claim.row, distance, cross=cross)
            ]
            if fitting:
                return min(fitting, key=lambda claim: _specificity(claim.row, outward)), place
        return None

    def tried(
        self, chain: Sequence[Place], topic: str | None, day: date, *, cross: bool = False
    ) -> tuple[Tried, ...]:
        """Return every row that is about the first place of `chain`, and why it does not speak.

        Rows about other places are left out. In the order of the files.
        """
        found = self.find(chain, topic, day, cross=cross)
        taken = found[0] if found else None
        return tuple(
            Tried(
                claim,
                claim is taken,
                "" if claim is taken else _passed(claim.row, chain, topic, day, cross=cross),
            )
            for claim in self.claims
            if _about(claim.row, chain)
        )

    def _unit(self, code: str, day: date, *, queue: bool) -> UnitEntry | None:
        for unit in self._by_code.get(code, ()):
            if unit.queue is queue and unit.holds_on(day):
                return unit
        return None

    def _unknown(self) -> Iterator[str]:
        for claim in self.claims:
            row = claim.row
            for unit in (row.lead, *row.cooperating, *row.copies):
                if unit != OWN and unit not in self.units:
                    yield f"{claim.name}: no unit {unit!r}"
            if row.scope == "cross" and OWN in (row.lead, *row.cooperating, *row.copies):
                yield f"{claim.name}: {OWN} has no meaning in a row of scope 'cross'"

    def _rival_rows(self) -> Iterator[str]:
        alike: dict[tuple[str, ...], list[Claim]] = defaultdict(list)
        for claim in self.claims:
            row = claim.row
            level = row.level if row.place == EVERYWHERE else "any"
            within = row.within if row.place == EVERYWHERE else ""
            alike[row.place, level, within, row.scope].append(claim)
        for claims in alike.values():
            for one, other in combinations(claims, 2):
                shared = _shared_topics(one.row, other.row)
                if shared and _overlap(one.row, other.row):
                    yield f"{one.name} and {other.name} both claim {shared} in {one.row.place}"

    def _rival_units(self) -> Iterator[str]:
        for code, units in self._by_code.items():
            for one, other in combinations(units, 2):
                if one.queue is other.queue and _overlap(one, other):
                    both = f"both the {'queue' if one.queue else 'unit'} of {code}"
                    yield f"units/{one.id}.toml and units/{other.id}.toml: {both}"


def _about(row: RouteRow, chain: Sequence[Place]) -> bool:
    """Say whether a row is about the place or what contains it, whenever and whatever for."""
    codes = {place.code for place in chain}
    if row.place != EVERYWHERE:
        return row.place in codes
    return not row.within or row.within in codes


def _passed(
    row: RouteRow, chain: Sequence[Place], topic: str | None, day: date, *, cross: bool
) -> str:
    """Say in Vietnamese why a row about the place does not speak; the first reason that holds."""
    if not row.holds_on(day):
        return f"không có hiệu lực ngày {day:%d/%m/%Y}"
    if not _speaks(row, topic, day):
        return "cho chủ đề khác"
    if row.scope == "cross" and not cross:
        return "chỉ khi liên quan nhiều đơn vị"
    if row.scope != "cross" and cross:
        return "không phải dòng cho nhiều đơn vị"
    places = [
        place
        for distance, place in enumerate(chain)
        if row.place in (place.code, EVERYWHERE)
        and _covers(row, chain[distance:])
        and _in_scope(row, distance, cross=cross)
    ]
    if not places:
        return "cho cấp khác" if row.place == EVERYWHERE else "chỉ khi không nêu nơi nào nhỏ hơn"
    return "kém cụ thể hơn dòng được chọn"


def _speaks(row: RouteRow, topic: str | None, day: date) -> bool:
    return row.holds_on(day) and (not row.topics or topic in row.topics)


def _covers(row: RouteRow, outward: Sequence[Place]) -> bool:
    if row.place != EVERYWHERE:
        return True
    return row.level in ("any", outward[0].level.value) and (
        not row.within or row.within in (place.code for place in outward)
    )


def _in_scope(row: RouteRow, distance: int, *, cross: bool) -> bool:
    if cross or row.scope == "cross":
        return cross and row.scope == "cross"
    return row.scope == "within" or distance == 0


def _specificity(row: RouteRow, outward: Sequence[Place]) -> tuple[int, ...]:
    """Return what sorts the most specific row first, among rows matching one place."""
    everywhere = row.place == EVERYWHERE
    codes = [place.code for place in outward]
    return (
        int(everywhere),
        int(row.scope != "itself"),
        int(everywhere and row.level == "any"),
        codes.index(row.within) if everywhere and row.within else len(codes),
        int(not row.topics),
    )


def _shared_topics(one: RouteRow, other: RouteRow) -> str:
    if not one.topics and not other.topics:
        return "every topic"
    return ", ".join(topic for topic in one.topics if topic in other.topics)


def _overlap(one: Period, other: Period) -> bool:
    starts, ends = (
        [day for day in (one.valid_from, other.valid_from) if day],
        [day for day in (one.valid_to, other.valid_to) if day],
    )
    return not starts or not ends or max(starts) <= min(ends)
