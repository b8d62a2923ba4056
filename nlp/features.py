"""Turn a title and a text into hashed features: numbers that hold no word and no name."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from nlp.runs import syllables

#: Number of buckets of each block, a power of two.
BUCKETS = 1 << 17
#: The blocks: what the title says, what the first sentences say, what the whole says.
BLOCKS = ("title", "lead", "whole")
#: How many syllables of the text count as its first sentences.
LEAD = 70
#: Syllables read at most; what follows in a longer text is not looked at.
LONGEST = 6000

_PAIR = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT = np.uint64(64 - 17)

Hashes = NDArray[np.uint64]
Indices = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The syllables of `seen(title, text)`: as words, as hashes, and where each stands.

    `title` is how many of them belong to the title; `buckets` are those of the whole.
    """

    words: list[str]
    starts: list[int]
    hashes: Hashes
    buckets: Indices
    title: int

    def __len__(self) -> int:
        return len(self.words)

    def end(self, index: int) -> int:
        """Return the offset behind the token `index`."""
        return self.starts[index] + len(self.words[index])

    def span(self, block: int) -> tuple[int, int]:
        """Return the first token of a block and the one behind its last."""
        ends = (self.title, min(self.title + LEAD, len(self)), len(self))
        return (0, self.title, 0)[block], ends[block]


def tokenise(folded: str, title_length: int) -> Tokens:
    """Split a folded `seen(title, text)` into syllables; a number is known by its length only."""
    whole = split(folded)
    words, starts, hashes, buckets = whole.words, whole.starts, whole.hashes, whole.buckets
    if len(words) > LONGEST:
        words, starts, hashes = words[:LONGEST], starts[:LONGEST], hashes[:LONGEST]
        buckets = _buckets(hashes)
    return Tokens(words, starts, hashes, buckets, bisect_left(starts, title_length))


@lru_cache(maxsize=4)
def split(folded: str) -> Tokens:
    """Return all syllables of a folded text, none of them as its title.

    The last few are kept, since each step asks for the same.
    """
    words, starts = syllables(folded)
    hashes = np.fromiter(map(_hash, words), np.uint64, len(words))
    return Tokens(words, starts, hashes, _buckets(hashes), 0)


def grams(tokens: Tokens, block: int) -> Indices:
    """Return the bucket of every syllable of a block, then of every pair of neighbours."""
    first, last = tokens.span(block)
    size = len(tokens)
    if last - first == size:
        return tokens.buckets
    pairs = tokens.buckets[size + first : size + max(last - 1, first)]
    return np.concatenate([tokens.buckets[first:last], pairs])


class Sieve:
    """Finds in a moment where phrases of a list may begin, by the buckets of syllables.

    What it finds is to be compared: different words may share a bucket.
    """

    def __init__(self, phrases: Iterable[Sequence[str]]) -> None:
        self._alone, self._pairs = np.zeros((2, BUCKETS), np.bool_)
        for words in phrases:
            first = split(" ".join(words[:2])).buckets
            (self._pairs if len(words) > 1 else self._alone)[first[-1]] = True

    def find(self, tokens: Tokens) -> tuple[list[int], list[int]]:
        """Return the places of possible phrases of one syllable, and of longer ones."""
        size = len(tokens)
        alone = self._alone[tokens.buckets[:size]].nonzero()[0]
        return alone.tolist(), self._pairs[tokens.buckets[size:]].nonzero()[0].tolist()


def counted(buckets: Indices) -> tuple[Indices, Floats]:
    """Return the distinct buckets, ascending, and 1 + log of how often each occurs."""
    ordered = np.sort(buckets)
    first = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    at = first.nonzero()[0]
    times = np.append(at[1:], len(ordered)) - at
    return ordered[at], (1.0 + np.log(times)).astype(np.float32)


@lru_cache(maxsize=1 << 16)
def _hash(syllable: str) -> int:
    word = "0" * min(len(syllable), 6) if syllable.isdigit() else syllable
    low, high = crc32(word.encode()), crc32(word[::-1].encode(), 0x5BD1E995)
    return (high << 32) | low


def _buckets(hashes: Hashes) -> Indices:
    both = np.concatenate([hashes, hashes[:-1] * _PAIR + hashes[1:]])
    both = (both ^ (both >> np.uint64(31))) * _MIX
    buckets: Indices = (both >> _SHIFT).astype(np.int64)
    return buckets
