"""Divide examples for cross-validation so that near-duplicates never stand on both sides."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from zlib import crc32

from nlp.normalise import fold
from nlp.training.data import Example

#: Two texts are near-duplicates when they share this part of the shorter one's 5-syllable runs.
ALIKE = 0.3
_RUN = 5


def folds(examples: Sequence[Example], tested: str, parts: int, seed: int) -> list[int]:
    """Return the part of each example, 0 to `parts` - 1, or -1 for those always learnt from.

    Only groups of near-duplicates with an example of origin `tested` are divided; what
    is like nothing that is tested may always be learnt from.
    """
    groups = near_duplicates([f"{example.title}\n{example.text}" for example in examples])
    tried = {g for g, example in zip(groups, examples, strict=True) if example.origin == tested}
    order = sorted(tried)
    random.Random(seed).shuffle(order)  # noqa: S311 - a split, not a secret
    part = {group: place % parts for place, group in enumerate(order)}
    return [part.get(group, -1) for group in groups]


def near_duplicates(texts: Sequence[str]) -> list[int]:
    """Return the group of each text; texts of one group are linked by near-duplicates."""
    runs = [_runs(text) for text in texts]
    holders: dict[int, list[int]] = defaultdict(list)
    leader = list(range(len(texts)))

    def find(index: int) -> int:
        while leader[index] != index:
            index = leader[index]
        return index

    for index, held in enumerate(runs):
        shared = Counter(other for run in held for other in holders[run])
        for other, times in shared.items():
            if times >= ALIKE * min(len(held), len(runs[other])):
                leader[find(index)] = find(other)
        for run in held:
            holders[run].append(index)
    return [find(index) for index in range(len(texts))]


def _runs(text: str) -> set[int]:
    words = fold(text).split()
    return {
        crc32(" ".join(words[start : start + _RUN]).encode())
        for start in range(max(1, len(words) - _RUN + 1))
    }
