"""Count words by kind: disaster, crime, ceremony, foreign news … so that rare words tell too."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache

import numpy as np

from nlp.features import LEAD, Floats, Sieve, Tokens
from nlp.normalise import fold
from nlp.phrases import LEXICON

_WORD = re.compile(r"[^\W_]+")


class _Index:
    """The word lists by first word, or by the first two: most phrases have two."""

    def __init__(self, groups: Mapping[str, list[str]]) -> None:
        self.kinds = len(groups)
        self._alone: dict[str, list[int]] = {}
        self._pairs: dict[tuple[str, str], list[tuple[list[str], int]]] = {}
        for kind, phrases in enumerate(groups.values()):
            for phrase in set(phrases):
                words = _WORD.findall(fold(phrase))
                if len(words) == 1:
                    self._alone.setdefault(words[0], []).append(kind)
                else:
                    self._pairs.setdefault((words[0], words[1]), []).append((words, kind))
        self._sieve = Sieve([*([word] for word in self._alone), *self._pairs])

    def find(self, tokens: Tokens) -> list[tuple[int, int]]:
        """Return where each phrase found begins, and its kind."""
        words = tokens.words
        alone, pairs = self._sieve.find(tokens)
        found = [(first, kind) for first in alone for kind in self._alone.get(words[first], ())]
        for first in pairs:
            for phrase, kind in self._pairs.get((words[first], words[first + 1]), ()):
                if len(phrase) == 2 or words[first : first + len(phrase)] == phrase:
                    found.append((first, kind))
        return found


def signals(tokens: Tokens) -> Floats:
    """Return one number for each kind in the title, in the first sentences, and in the whole.

    Folded text is compared without accents, so that unaccented text gives the same
    numbers. Title and first sentences give log(1 + count), the whole log(1 + count in
    a hundred syllables). Two more say how long the text is and whether it has a title.
    """
    index = _index()
    title_counts, lead_counts, all_counts = ([0.0] * index.kinds for _ in range(3))
    words, title = tokens.words, tokens.title
    for first, kind in index.find(tokens):
        all_counts[kind] += 1
        if first < title:
            title_counts[kind] += 1
        elif first < title + LEAD:
            lead_counts[kind] += 1
    counts = np.array([title_counts, lead_counts, all_counts], dtype=np.float32)
    size = len(words)
    counts[2] *= 100 / max(size, 40)
    length = np.log(max(size, 5)) / 7 - 0.8
    return np.append(np.log1p(counts).ravel(), [length, float(title == 0)]).astype(np.float32)


def width() -> int:
    """Return how many numbers `signals` gives."""
    return 3 * _index().kinds + 2


def listing() -> bytes:
    """Return the word lists as they stand in the file, for a fingerprint."""
    return (LEXICON / "signals.toml").read_bytes()


@cache
def _index() -> _Index:
    return _Index(tomllib.loads(listing().decode()))
