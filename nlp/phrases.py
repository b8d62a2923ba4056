"""Find word lists in a text: phrases read from `lexicon/`, matched syllable by syllable."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nlp.features import Tokens
from nlp.normalise import fold, normalise

LEXICON = Path(__file__).parent / "lexicon"


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
        self._by_first: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
        for group, phrases in groups.items():
            for phrase in phrases:
                words = tuple(fold(phrase).split())
                self._by_first.setdefault(words[0], []).append((words, group, phrase))

    def find(self, tokens: Tokens, text: str) -> list[Hit]:
        """Return every hit, in the order of the text. `text` is what was tokenised."""
        found = []
        words = tokens.words
        bare = is_bare(text)
        for index, word in enumerate(words):
            for phrase, group, spelt in self._by_first.get(word, ()):
                last = index + len(phrase)
                if tuple(words[index:last]) == phrase and _agrees(
                    text[tokens.starts[index] : tokens.end(last - 1)], spelt, bare
                ):
                    found.append(Hit(group, spelt, index, last))
        return found


def is_bare(text: str) -> bool:
    """Say whether a text is written without accents: fewer than one letter in fifty has one."""
    sample = text[:2000]
    return 50 * (len(sample) - len(sample.encode("ascii", "ignore"))) < len(sample)


def _agrees(piece: str, phrase: str, bare: bool) -> bool:
    """Say whether a piece of text has the accents of the phrase, or stands in a bare text."""
    lower = piece.lower()
    return bare or normalise(lower) == phrase or _loose(lower) == _loose(phrase)


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
