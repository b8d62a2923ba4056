"""The map over time: administrative units and landmarks with the days on which they stood.

Codes are not identities (20 of the 48 units of Bến Tre's last reform carry a code
that belonged to a unit of another name the day before), so a place is known by its
key, `code@valid_from`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Level(StrEnum):
    """How specific a place is, widest first. A landmark lies in one or more units."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"
    LANDMARK = "landmark"


#: The first day of the two-level map: the district level ended the day before.
REFORM = date(2025, 7, 1)
#: What an unknown beginning is written as; earlier than anything we read.
BEGINNING = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Place:
    """One administrative unit during one period of its life, or one landmark.

    `name` is the name in full with its type word, lower-case ("xã An Hiệp",
    "huyện Ba Tri", "tỉnh Bến Tre"); `bare` is the name alone ("An Hiệp").
    `parent` is the key of the unit that contains it in that period (None for a
    province). `valid_to` is the last day, included; None while it stands.
    `successors` are keys of the units that took its territory, directly after
    `valid_to`; a district has several. A landmark's `within` lists the keys of
    all units it lies in, in every period; its `parent` is None and it has no successors.
    """

    key: str
    code: str
    name: str
    bare: str
    level: Level
    parent: str | None
    valid_from: date
    valid_to: date | None = None
    successors: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    aliases: tuple[str, ...] = field(default=())

    def stands_on(self, day: date) -> bool:
        """Say whether the place existed under this name on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def place_key(code: str, valid_from: date) -> str:
    """Return the identity of a place: `28756@2025-07-01`; without a known start, `28756@`."""
    return f"{code}@{'' if valid_from == BEGINNING else valid_from.isoformat()}"
