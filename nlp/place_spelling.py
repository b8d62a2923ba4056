"""Decide whether a stretch of text spells a name: accents, case, and one form for variants."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from operator import ne

import numpy as np
from numpy.typing import NDArray

from config.marks import cut_marks

_TONES = "\u0300\u0301\u0309\u0303\u0323"
_RHYME_I = re.compile(r"^(b|c|d|đ|g|h|k|l|m|n|p|r|s|t|v|x|ch|kh|nh|ph|th|tr|qu)y$")
_WORD = re.compile(r"[^\W_]+")
_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
#: Share of characters beyond ASCII below which a text counts as typed without accents;
#: ordinary Vietnamese has a quarter.
UNACCENTED = 0.04
#: Share of capitals below which a text counts as typed without any; so much is looked at.
UNCASED, SAMPLE = 0.005, 3000


@lru_cache(maxsize=20_000)
def _syllable(word: str) -> str:
    """Return a lower-case syllable with its tone last and its lone y as i."""
    letters = unicodedata.normalize("NFD", word)
    tone = "".join(c for c in letters if c in _TONES)
    base = unicodedata.normalize("NFC", "".join(c for c in letters if c not in _TONES))
    found = _RHYME_I.match(base)
    return (f"{found[1]}i" if found else base) + tone


@lru_cache(maxsize=50_000)
def canon(name: str) -> str:
    """Return one form for all spellings of a name: case, tone place, i or y, dashes, Ð.

    >>> canon("Mỹ HOÀ") == canon("Mĩ Hòa")
    True
    >>> canon("Bình Thạnh") == canon("Bình Thành")
    False
    """
    lower = name.replace("Ð", "đ").lower().replace("ð", "đ")
    return " ".join(_syllable(word) for word in _WORD.findall(lower))


def is_plain(text: str) -> bool:
    """Say whether every character of `text` is ASCII, as when typed without accents."""
    return text.isascii()


def unaccented(text: str) -> bool:
    """Say whether the whole text was typed without accents; stray signs are allowed for."""
    return len(text) - len(text.encode("ascii", "ignore")) <= UNACCENTED * len(text)


def uncased(text: str) -> bool:
    """Say whether the text was typed without capitals, at sentences too, or in capitals alone."""
    sample = text[:SAMPLE]
    capitals = _capitals(sample)
    if capitals > 0.55 * len(sample):
        return True
    first = next(filter(str.isalpha, sample), "A")
    return capitals == 0 or (capitals < UNCASED * len(sample) and first.islower())


def _capitals(text: str) -> int:
    """Return how many characters of a text differ from their small form."""
    lower = text.lower()
    if len(lower) != len(text):  # a letter such as İ, whose small form is two characters
        return sum(map(ne, text, lower))
    return int(np.count_nonzero(_codes(text) != _codes(lower)))


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def is_capitalised(name: str) -> bool:
    """Say whether every word of the name begins with a capital or a digit."""
    return all(word[0].isupper() or word[0].isdigit() for word in _WORD.findall(name))


def composed(text: str) -> tuple[str, list[int] | None]:
    """Return `text` in NFC without invisible characters, and where each character stood.

    The second is None when nothing changed, else one offset per character and one
    for the end.
    """
    few = cut_marks(text) == text  # else even to ask may take hours
    if few and unicodedata.is_normalized("NFC", text) and not _UNSEEN.search(text):
        return text, None
    out: list[str] = []
    places: list[int] = []
    index = 0
    while index < len(text):
        end = index + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        cluster = _UNSEEN.sub("", unicodedata.normalize("NFC", cut_marks(text[index:end])))
        out.append(cluster)
        places += [index] * len(cluster)
        index = end
    return "".join(out), [*places, len(text)]
