"""Made-up Vietnamese for benchmarks: few words in many texts, many words in few, as in life.

Nothing here is anybody's sentence: words of our own and names of the shipped map, put in a
row by chance, the same in every run. A text is some sentences of a pool, so that a million
of them are made in minutes; the number of its item, which stands in its title, is the word
that nothing else holds.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from itertools import chain

from config.gazetteer import Gazetteer
from nlp.normalise import fold

TERMS = (
    "người dân|phản ánh|đường hư hỏng|ngập nước|rác thải|bốc mùi hôi|kênh mương|xã|huyện|cầu|"
    "cống|trường học|trạm y tế|nước mặn|sạt lở bờ sông|ủy ban|kiểm tra|xử lý|đề nghị|bà con|"
    "tuyến lộ|ấp|chợ|bến phà|khu dân cư|nhiều tháng nay|chưa được|khắc phục"
).split("|")
#: Names of the map that are words of the texts, and sentences that texts are made of.
_NAMES, _POOL = 3_000, 20_000
_TERMS_EACH = 6
#: Sentences of a text, and those of them that all texts of an event share.
SENTENCES, SHARED = 12, 6


class Words:
    """The pool: sentences as written, and folded as they are searched for."""

    def __init__(self, gazetteer: Gazetteer, seed: int = 1) -> None:
        names = sorted({place.name for place in gazetteer.units().values()})
        rng = random.Random(seed)
        rng.shuffle(names)
        terms = TERMS + names[:_NAMES]
        weights = [1 / rank for rank in range(1, len(terms) + 1)]
        self._made = [
            " ".join(rng.choices(terms, weights, k=_TERMS_EACH)).capitalize() for _ in range(_POOL)
        ]

    @cached_property
    def _folded(self) -> list[list[str]]:
        return [fold(sentence).split() for sentence in self._made]

    def title(self, item: int, event: int | None) -> str:
        """Return the title of an item; those of one event begin alike."""
        return f"{self._made[_spread(event or item, 0)]}, số {item}"

    def body(self, item: int, event: int | None) -> str:
        """Return the text of an item, about 900 characters."""
        return ". ".join(self._made[number] for number in _numbers(item, event))

    def folded(self, item: int, event: int | None) -> Iterable[str]:
        """Return the words of title and text, in order, folded."""
        title = [*self._folded[_spread(event or item, 0)], "so", str(item)]
        return chain(title, *(self._folded[number] for number in _numbers(item, event)))

    def vector(self, item: int, event: int | None) -> str:
        """Return the same words as PostgreSQL writes a `tsvector`."""
        places = defaultdict(list)
        for place, word in enumerate(self.folded(item, event), 1):
            places[word].append(str(place))
        return " ".join(f"'{word}':{','.join(at)}" for word, at in places.items() if word.isalnum())


def _numbers(item: int, event: int | None) -> list[int]:
    shared = SHARED if event else 0
    told = [_spread(event or 0, 1 + number) for number in range(shared)]
    return told + [_spread(item, 101 + number) for number in range(SENTENCES - shared)]


def _spread(number: int, salt: int) -> int:
    """Return a place in the pool that looks like chance."""
    mixed = (number * 2_654_435_761 + salt * 40_503_000_017) & 0xFFFFFFFF
    mixed ^= mixed >> 15
    return (mixed * 2_246_822_519 & 0xFFFFFFFF) % _POOL
