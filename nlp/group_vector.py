"""Turn an item into a sparse vector of hashed words and word pairs, weighted by rarity."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from nlp.normalise import clean, fold

#: Buckets that words and word pairs are hashed into; the rarity table has as many rows.
BUCKETS = 1 << 20
#: Terms kept of one item, the heaviest.
KEPT = 192
#: Characters of the text that are read: an event is told at the start.
READ = 2400
#: How much more a term of the title counts than one of the text.
TITLE = 2.0
#: Above 1: rare terms (names of places, firms, figures) tell events apart, common ones topics.
RARITY_POWER = 1.5

_WORD = re.compile(r"\w+")
_TABLE = Path(__file__).parent / "model_events" / "rarity.npz"

Terms = NDArray[np.int32]
Weights = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vector:
    """Distinct buckets in rising order, and a weight of each; of length one, or empty."""

    terms: Terms
    weights: Weights
    words: int


class Rarity:
    """How rare each bucket is in Vietnamese news: the log of the inverse share of texts."""

    def __init__(self, path: Path = _TABLE) -> None:
        with np.load(path, allow_pickle=False) as table:
            steps = table["rarity"].astype(np.float32) * float(table["step"])
        self._weight = steps**RARITY_POWER

    def vector(self, title: str, text: str) -> Vector:
        """Return the vector of an item. Accents and case do not matter."""
        head, body = _hashes(title), _hashes(text[:READ])
        terms = np.concatenate([head, _pairs(head), body, _pairs(body)])
        times = np.ones(len(terms), np.float32)
        times[: max(0, 2 * len(head) - 1)] = TITLE
        distinct, where = np.unique(
            (terms & np.uint32(BUCKETS - 1)).astype(np.int32), return_inverse=True
        )
        often = np.bincount(where, weights=times, minlength=len(distinct))
        weights = ((1.0 + np.log(np.maximum(often, 1.0))) * self._weight[distinct]).astype(
            np.float32
        )
        return Vector(*unit(*heaviest(distinct, weights, KEPT)), words=len(head) + len(body))


def heaviest(terms: Terms, weights: Weights, keep: int) -> tuple[Terms, Weights]:
    """Return the `keep` heaviest terms, in rising order of term; equal weights by term."""
    if len(terms) <= keep:
        return terms, weights
    best = np.sort(np.argsort(-weights, kind="stable")[:keep])
    return terms[best], weights[best]


def unit(terms: Terms, weights: Weights) -> tuple[Terms, Weights]:
    """Return the vector scaled to length one; an empty one as it is."""
    length = float(np.sqrt(np.dot(weights, weights)))
    return terms, weights / np.float32(length) if length else weights


def _hashes(text: str) -> NDArray[np.uint32]:
    return np.array([_hash(word) for word in _WORD.findall(fold(clean(text)))], np.uint32)


def _pairs(words: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return (words[:-1] * np.uint32(0x9E3779B1)) ^ (words[1:] * np.uint32(0x85EBCA6B))


@lru_cache(maxsize=1 << 16)
def _hash(word: str) -> int:
    return crc32(word.encode())
