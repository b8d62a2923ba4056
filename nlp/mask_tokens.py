"""See a text as words that know how they are written and what they touch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import groupby
from operator import add, ne
from typing import Any, NamedTuple

from nlp.normalise import fold, retone
from nlp.runs import letters

_ACCENTED_SHARE = 0.15
_LOUD = 4
_NO_WORD = 64


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
    words, starts = letters(retone(text))
    ends = list(map(add, starts, map(len, words)))
    # No word has so many letters; what is no word would only fill the memory.
    known = _spelling if max(map(len, words), default=0) < _NO_WORD else _spelling.__wrapped__
    lows, bares, capitals, uppers = zip(*map(known, words), strict=True) if words else [()] * 4
    quiet = list(capitals)
    for start, end in _loud(words, uppers) if sum(uppers) >= _LOUD else ():
        quiet[start:end] = [False] * (end - start)
    gaps = [text[end:start] for end, start in zip(ends, starts[1:], strict=False)]
    near, opens = zip((False, True), *map(_gap, gaps), strict=True)
    # Word by word through its class, this would take as long again as all the rest.
    rows = zip(starts, ends, lows, bares, quiet, near, opens, strict=False)
    accents = sum(map(ne, lows, bares))
    return Seen(
        text, fold(text), tuple(map(_new_word, rows)), accents > _ACCENTED_SHARE * len(words)
    )


_new_word: Callable[[tuple[Any, ...]], Word] = partial(tuple.__new__, Word)


@lru_cache(maxsize=1 << 15)
def _spelling(word: str) -> tuple[str, str, bool, bool]:
    """Return what a word tells wherever it stands; most are met again and again."""
    return word.lower(), fold(word), word[0].isupper(), word.isupper()


@lru_cache(maxsize=1 << 12)
def _gap(gap: str) -> tuple[bool, bool]:
    """Tell whether a word behind this gap is near the one before, and whether it opens."""
    stops = any(map(gap.__contains__, _STOPS)) or gap.strip() in _DASHES
    return gap in (" ", "  "), gap != " " and stops


def _loud(words: list[str], upper: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield the first word and the one behind the last of each run of four or more in capitals."""
    start = 0
    for capitals, run in groupby(upper):
        end = start + len(list(run))
        if capitals and end - start >= _LOUD and any(len(word) > 1 for word in words[start:end]):
            yield start, end
        start = end
