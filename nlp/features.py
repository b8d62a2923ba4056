"""Turn a title and a text into hashed features: numbers that hold no word and no name."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

#: Number of buckets of each block, a power of two.
BUCKETS = 1 << 17
#: The blocks: what the title says, what the first sentences say, what the whole says.
BLOCKS = ("title", "lead", "whole")
#: How many syllables of the text count as its first sentences.
LEAD = 70
#: Syllables read at most; what follows in a longer text is not looked at.
LONGEST = 6000

_SYLLABLE = re.compile(r"[^\W_]+")
_PAIR = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT = np.uint64(64 - 17)

Hashes = NDArray[np.uint64]
Indices = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The syllables of `seen(title, text)`: as words, as hashes, and where each stands.

    `title` is how many of them belong to the title.
    """

    words: list[str]
    starts: list[int]
    hashes: Hashes
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
    words = _SYLLABLE.findall(folded)[:LONGEST]
    starts = [found.start() for found in islice(_SYLLABLE.finditer(folded), LONGEST)]
    hashes = np.fromiter(map(_hash, words), np.uint64, len(words))
    title = bisect_left(starts, title_length)
    return Tokens(words, starts, hashes, title)


def grams(tokens: Tokens, block: int) -> Indices:
    """Return the bucket of every syllable of a block, then of every pair of neighbours."""
    first, last = tokens.span(block)
    hashes = tokens.hashes[first:last]
    both = np.concatenate([hashes, hashes[:-1] * _PAIR + hashes[1:]])
    both = (both ^ (both >> np.uint64(31))) * _MIX
    buckets: Indices = (both >> _SHIFT).astype(np.int64)
    return buckets


def counted(buckets: Indices) -> tuple[Indices, Floats]:
    """Return the distinct buckets, ascending, and 1 + log of how often each occurs."""
    distinct, times = np.unique(buckets, return_counts=True)
    return distinct, (1.0 + np.log(times)).astype(np.float32)


@lru_cache(maxsize=1 << 16)
def _hash(syllable: str) -> int:
    word = "0" * min(len(syllable), 6) if syllable.isdigit() else syllable
    low, high = crc32(word.encode()), crc32(word[::-1].encode(), 0x5BD1E995)
    return (high << 32) | low
