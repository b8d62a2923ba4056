"""Find word lists in a text: phrases read from `lexicon/`, matched syllable by syllable."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from nlp.features import Sieve, Tokens
from nlp.normalise import fold, normalise

LEXICON = Path(__file__).parent / "lexicon"
_Entry = tuple[int, list[str], str, str]


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase of a list as found: first token, one behind the last, and the phrase."""

    group: str
    phrase: str
    first: int
    last: int


class Phrases:
    """Groups of phrases, sought in one pass.

    A phrase is found in folded text; where the text has any accent of its own, the
    accents must be those of the phrase, so that "kiện" is not found in "kiến".
    """

    def __init__(self, groups: Mapping[str, Iterable[str]]) -> None:
        #: By first word the phrases of one word, by the first two the longer ones; each with
        #: its number, so that phrases at one place keep the order of the lists.
        self._alone: dict[str, list[_Entry]] = {}
        self._pairs: dict[tuple[str, str], list[_Entry]] = {}
        number = 0
        for group, phrases in groups.items():
            for phrase in phrases:
                words = fold(phrase).split()
                entry = (number, words, group, phrase)
                if len(words) == 1:
                    self._alone.setdefault(words[0], []).append(entry)
                else:
                    self._pairs.setdefault((words[0], words[1]), []).append(entry)
                number += 1
        self._sieve = Sieve([*([word] for word in self._alone), *self._pairs])

    def find(self, tokens: Tokens, text: str) -> list[Hit]:
        """Return every hit, in the order of the text. `text` is what was tokenised."""
        found = []
        words = tokens.words
        bare = is_bare(text)
        for index, entry in self._possible(tokens):
            _, phrase, group, spelt = entry
            last = index + len(phrase)
            if words[index:last] == phrase and (
                bare or _agrees(text[tokens.starts[index] : tokens.end(last - 1)].lower(), spelt)
            ):
                found.append(Hit(group, spelt, index, last))
        return found

    def _possible(self, tokens: Tokens) -> list[tuple[int, _Entry]]:
        """Return the phrases that begin alike, and where, in the order of the text."""
        words, alone, pairs = tokens.words, self._alone, self._pairs
        at_words, at_pairs = self._sieve.find(tokens)
        held = [(at, entry) for at in at_words for entry in alone.get(words[at], ())]
        held += [
            (at, entry) for at in at_pairs for entry in pairs.get((words[at], words[at + 1]), ())
        ]
        held.sort(key=lambda pair: (pair[0], pair[1][0]))
        return held


def is_bare(text: str) -> bool:
    """Say whether a text is written without accents: fewer than one letter in fifty has one."""
    sample = text[:2000]
    return 50 * (len(sample) - len(sample.encode("ascii", "ignore"))) < len(sample)


@lru_cache(maxsize=8192)
def _agrees(piece: str, phrase: str) -> bool:
    """Say whether a small-lettered piece of text has the accents of the phrase."""
    return normalise(piece) == phrase or _loose(piece) == _loose(phrase)


def _loose(text: str) -> str:
    """Return the words of a text in one spelling, whatever stands between them."""
    return " ".join(normalise(text).replace(",", " ").replace("-", " ").split())


@cache
def lexicon(name: str) -> dict[str, tuple[str, ...]]:
    """Read one file of word lists: group to phrases, normalised and lower-case."""
    with (LEXICON / f"{name}.toml").open("rb") as file:
        held = tomllib.load(file)
    return {
        group: tuple(normalise(phrase.lower()) for phrase in phrases)
        for group, phrases in held.items()
    }
