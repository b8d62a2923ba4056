"""Count words by kind: disaster, crime, ceremony, foreign news … so that rare words tell too."""

from __future__ import annotations

import re
import tomllib
from functools import cache

import numpy as np

from nlp.features import LEAD, Floats, Tokens
from nlp.normalise import fold
from nlp.phrases import LEXICON

_WORD = re.compile(r"[^\W_]+")
_Index = dict[str, list[tuple[tuple[str, ...], int]]]


def signals(tokens: Tokens) -> Floats:
    """Return one number for each kind in the title, in the first sentences, and in the whole.

    Folded text is compared without accents, so that unaccented text gives the same
    numbers. Title and first sentences give log(1 + count), the whole log(1 + count in
    a hundred syllables). Two more say how long the text is and whether it has a title.
    """
    index, kinds = _index()
    counts = np.zeros((3, kinds), dtype=np.float32)
    words, title = tokens.words, tokens.title
    for first, word in enumerate(words):
        for phrase, kind in index.get(word, ()):
            if len(phrase) == 1 or tuple(words[first : first + len(phrase)]) == phrase:
                counts[2, kind] += 1
                if first < title:
                    counts[0, kind] += 1
                elif first < title + LEAD:
                    counts[1, kind] += 1
    size = len(words)
    counts[2] *= 100 / max(size, 40)
    length = np.log(max(size, 5)) / 7 - 0.8
    return np.append(np.log1p(counts).ravel(), [length, float(title == 0)]).astype(np.float32)


def width() -> int:
    """Return how many numbers `signals` gives."""
    return 3 * _index()[1] + 2


def listing() -> bytes:
    """Return the word lists as they stand in the file, for a fingerprint."""
    return (LEXICON / "signals.toml").read_bytes()


@cache
def _index() -> tuple[_Index, int]:
    groups = tomllib.loads(listing().decode())
    index: _Index = {}
    for kind, phrases in enumerate(groups.values()):
        for phrase in set(phrases):
            words = tuple(_WORD.findall(fold(phrase)))
            index.setdefault(words[0], []).append((words, kind))
    return index, len(groups)
