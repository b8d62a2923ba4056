"""Names of places: one spelling, the type word apart from the name, folding for comparison."""

from __future__ import annotations

import re
import unicodedata

#: Type words of administrative units, longest first where one begins another.
TYPE_WORDS = (
    "thành phố",
    "thị trấn",
    "thị xã",
    "đặc khu",
    "huyện",
    "phường",
    "quận",
    "tỉnh",
    "xã",
)
_TONES = "\u0300\u0301\u0309\u0303\u0323"
_LATE_TONE = re.compile(rf"([Oo])([ae])([{_TONES}])(?!\w)|(?<![qQ])([Uu])(y)([{_TONES}])(?!\w)")
_DASHES = re.compile(r"\s*[-\u2010-\u2015]\s*")


def fold_name(name: str) -> str:
    """Return `name` lower-case, without accents, đ as d, blanks single: for comparison only.

    >>> fold_name("Thành phố  Hồ Chí Minh")
    'thanh pho ho chi minh'
    """
    bare = unicodedata.normalize("NFD", name.lower().replace("đ", "d").replace("ð", "d"))
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).split())


def tidy_name(name: str) -> str:
    """Return `name` in NFC with single blanks and its tones where most lists put them.

    Official lists write both "Hoà Bình" and "Hòa Bình"; the tone goes on the first vowel
    of an open oa, oe, uy. Dashes between names get a blank on both sides.

    >>> tidy_name("Hoà  Bình")
    'Hòa Bình'
    """
    parts = unicodedata.normalize("NFD", _DASHES.sub(" - ", name))
    moved = _LATE_TONE.sub(_early_tone, parts)
    return " ".join(unicodedata.normalize("NFC", moved).split())


def _early_tone(found: re.Match[str]) -> str:
    first, second, tone = (group for group in found.groups() if group)
    return f"{first}{tone}{second}"


def split_name(full: str) -> tuple[str, str]:
    """Return the type word, lower-case, and the name alone; ("", name) without a type word.

    >>> split_name("Phường 05")
    ('phường', '5')
    """
    name = tidy_name(full)
    lower = name.lower()
    for word in TYPE_WORDS:
        if lower.startswith(word + " "):
            bare = name[len(word) + 1 :]
            return word, str(int(bare)) if bare.isdigit() else bare
    return "", name


def full_name(full: str, default_type: str = "") -> str:
    """Return the name with its type word in lower case: "xã An Hiệp".

    >>> full_name("Cao Bằng", "tỉnh")
    'tỉnh Cao Bằng'
    """
    word, bare = split_name(full)
    return f"{word or default_type} {bare}".strip()


def bare_name(full: str) -> str:
    """Return the name without its type word.

    >>> bare_name("thị trấn Ba Tri")
    'Ba Tri'
    """
    return split_name(full)[1]
