"""One item as labelled and as read, with places in names that can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nlp.normalise import clean, fold
from nlp.phrases import is_bare
from nlp.reading import PlaceRef, Reading

LEVELS = ("province", "district", "commune")
#: Places of a reading that are judged: as many as the command prints.
MOST = 4
#: From how many characters on an item is a note, and an article.
NOTE, ARTICLE = 300, 1500

Chain = tuple[str | None, str | None, str | None]

_TYPES = re.compile(
    r"^(tinh|thanh pho|tp\.?|thi xa|tx\.?|quan|q\.?|huyen|h\.?|xa|phuong|p\.?|thi tran|tt\.?)"
    r"\s*(?=\S)"
)
_SAME = {
    "tphcm": "ho chi minh",
    "hcm": "ho chi minh",
    "sai gon": "ho chi minh",
    "thua thien hue": "hue",
    "thua thien-hue": "hue",
    "ba ria - vung tau": "ba ria vung tau",
    "ba ria-vung tau": "ba ria vung tau",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """One item as labelled and as read. `score` is how surely it was read as an issue."""

    issue: bool
    said_issue: bool
    score: float
    topics: frozenset[str]
    said: tuple[str, ...]
    severity: int
    said_severity: int
    places: tuple[Chain, ...]
    said_places: tuple[Chain, ...]
    held: bool

    def found(self, level: int) -> tuple[bool, bool]:
        """Say whether a place of this level (0 province, 2 commune) is labelled, and read."""
        labelled = _named(self.places, level)
        return bool(labelled), bool(labelled & _named(self.said_places, level))

    def right(self, place: Chain) -> bool:
        """Say whether a place read agrees with a label as far as both tell."""
        return any(_agree(place, label) for label in self.places)


def pair_of(gold: Mapping[str, Any], reading: Reading) -> Pair:
    """Return the label of a row and its reading, ready to be compared."""
    return Pair(
        issue=bool(gold["is_issue"]),
        said_issue=reading.is_issue,
        score=reading.issue_score,
        topics=frozenset(gold["topics"]),
        said=tuple(topic.topic for topic in reading.topics),
        severity=int(gold["severity"]),
        said_severity=max(0, min(3, reading.would_be)),
        places=tuple(_chain(place) for place in gold.get("places") or ()),
        said_places=tuple(_read(place) for place in reading.where.places[:MOST]),
        held=reading.hold is not None,
    )


def strata_of(row: Mapping[str, Any]) -> Iterator[str]:
    """Yield the groups that a row belongs to: its own, kind of source, year, length, accents."""
    if row.get("stratum"):
        yield str(row["stratum"])
    yield f"kind: {row.get('kind') or 'press'}"
    if row.get("published"):
        yield f"year: {str(row['published'])[:4]}"
    text = clean(f"{row.get('title') or ''}\n{row.get('text') or ''}")
    size = len(text)
    yield f"length: {'note' if size < NOTE else 'short' if size < ARTICLE else 'article'}"
    yield f"accents: {'none' if is_bare(text) else 'yes'}"


def bare_name(name: str | None) -> str | None:
    """Return a unit's name folded and without its type word; None for none.

    A first letter that may stand for a type goes too ("Hà Nội" is "a noi"), in labels and
    in readings alike.

    >>> bare_name("Thành phố Bến Tre"), bare_name("Quận 07"), bare_name("TPHCM")
    ('ben tre', '7', 'ho chi minh')
    """
    if not name:
        return None
    folded = " ".join(fold(clean(name)).encode("ascii", "ignore").decode().split())
    short = _TYPES.sub("", folded, count=1)
    return _SAME.get(short, short).lstrip("0") or folded


def _chain(place: Mapping[str, Any]) -> Chain:
    return (
        bare_name(place.get("province")),
        bare_name(place.get("district")),
        bare_name(place.get("commune")),
    )


def _read(place: PlaceRef) -> Chain:
    return bare_name(place.province), bare_name(place.district), bare_name(place.commune)


def _named(places: Iterable[Chain], level: int) -> set[tuple[str | None, ...]]:
    """Return the places as told down to a level, where they tell that level."""
    return {place[: level + 1] for place in places if place[level]}


def _agree(one: Chain, other: Chain) -> bool:
    """Say whether two places share the province and contradict each other nowhere below."""
    if one[0] is None or one[0] != other[0]:
        return False
    below = zip(one[1:], other[1:], strict=True)
    return all(a is None or b is None or a == b for a, b in below)
