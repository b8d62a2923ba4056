"""Find which of many names stand in a text, wherever they begin, those within others too."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from nlp.features import Sieve, split

_SYLLABLE = re.compile(r"[^\W_]+")


class NameScan:
    """Folded names, sought by their first two syllables, which tell nearly all apart."""

    def __init__(self, names: Iterable[str]) -> None:
        #: By these syllables the names, each with what stands in it before the first.
        self._begun: dict[tuple[str, ...], list[tuple[str, int]]] = defaultdict(list)
        for name in names:
            words = list(_SYLLABLE.finditer(name))
            begin = tuple(word[0] for word in words[:2])
            self._begun[begin].append((name, words[0].start()))
        self._sieve = Sieve(self._begun)

    def find(self, folded: str) -> list[tuple[int, int, str]]:
        """Return the end, the start and the name of each, in order of the ends.

        No letter or digit stands before a name or behind it.
        """
        tokens = split(folded)
        words = tokens.words
        alone, pairs = self._sieve.find(tokens)
        found = [each for at in alone for each in self._at(folded, tokens.starts[at], words[at])]
        for at in pairs:
            found += self._at(folded, tokens.starts[at], words[at], words[at + 1])
        return sorted(found)

    def _at(self, folded: str, first: int, *begin: str) -> Iterator[tuple[int, int, str]]:
        for name, lead in self._begun.get(begin, ()):
            start = first - lead
            end = start + len(name)
            if start < 0 or not folded.startswith(name, start) or folded[end : end + 1].isalnum():
                continue
            if not (start and folded[start - 1].isalnum()):
                yield end, start, name
