"""What scanning a text hands on: the page, the names found in it, what each may mean."""

from __future__ import annotations

from dataclasses import dataclass, field

from config.places import Place


@dataclass(slots=True, eq=False)
class Candidate:
    """A place that a name may mean, with what is asked often."""

    place: Place
    rank: int
    type: str
    province: str
    provinces: frozenset[str]
    district: str
    chain: frozenset[str]
    new: bool
    ident: tuple[str, str, str]
    home: str = ""


@dataclass(slots=True)
class Hit:
    """A name in the text. `start` takes in the type word, `name` is where the name begins."""

    start: int
    name: int
    end: int
    type: str
    candidates: list[Candidate]
    lower: bool = False
    number: bool = False
    blurred: bool = False
    foreign: bool = False
    landmark: Place | None = None
    flags: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Page:
    """The text as looked at: as it stands, folded, and how it was typed."""

    text: str
    folded: str
    unaccented: bool
    uncased: bool
