"""See a text as words that know how they are written and what they touch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from nlp.normalise import fold, normalise

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_ACCENTED_SHARE = 0.15
_LOUD = 4


#: What ends a sentence or begins a line of a list.
_STOPS, _DASHES = '.!?:;\n“"•*', ("-", "–")


class Word(NamedTuple):
    """One word: where it stands, how it is spelt, whether it is capitalised, and what it follows.

    `near` says that only a blank parts it from the word before; `opens` that it
    begins a sentence. A word of a passage in capitals counts as not capitalised,
    since there capitals tell nothing.
    """

    start: int
    end: int
    low: str
    bare: str
    capital: bool
    near: bool
    opens: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """A text, its folded form of the same length, its words, and whether it has accents."""

    text: str
    bare: str
    words: tuple[Word, ...]
    accented: bool


def see(text: str) -> Seen:
    """Split a `clean`ed text into words."""
    spelt = " " * (len(text) - len(text.lstrip())) + normalise(text)
    bare = fold(text)
    found = list(_WORD.finditer(spelt))
    loud = _loud([match[0] for match in found])
    words: list[Word] = []
    before, accents = 0, 0
    for match, shouted in zip(found, loud, strict=True):
        start, end = match.span()
        gap = text[before:start]
        low = match[0].lower()
        accents += low != bare[start:end]
        words.append(
            Word(
                start,
                end,
                low,
                bare[start:end],
                match[0][0].isupper() and not shouted,
                bool(words) and gap in (" ", "  "),
                not words
                or (gap != " " and (any(map(gap.__contains__, _STOPS)) or gap.strip() in _DASHES)),
            )
        )
        before = end
    return Seen(text, bare, tuple(words), accents > _ACCENTED_SHARE * len(words))


def _loud(spelt: list[str]) -> list[bool]:
    """Tell of each word whether it stands in a run of at least four words in capitals."""
    upper = [word.isupper() for word in spelt]
    loud = [False] * len(spelt)
    start = 0
    for at in range(len(spelt) + 1):
        if at < len(spelt) and upper[at]:
            continue
        if at - start >= _LOUD and any(len(word) > 1 for word in spelt[start:at]):
            loud[start:at] = [True] * (at - start)
        start = at + 1
    return loud
