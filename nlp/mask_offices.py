"""Tell from the words around a name whether its bearer speaks for a public office."""

from __future__ import annotations

import re
from functools import cache

from nlp.mask_tokens import Seen
from nlp.mask_words import ACCUSED, BODY, FIRMS, OFFICES
from nlp.normalise import fold

_REACH = 18
_OFFICE = "|".join(sorted((fold(office) for office in OFFICES), key=len, reverse=True))
_AFTER = re.compile(
    r"\s*(?:\([^)]{0,30}\)\s*)?(?:[,–—(-]\s*(?:\(?sinh nam \d+\)?,? ?)?"
    r"(?:(?:ong|ba|hien|dang|la|voi tu cach|giu chuc(?: vu)?|giu vai tro|quyen|tan|nay la) ){0,3}"
    r"|(?:,? (?:hien |dang |nay |von )?(?:la|lam|giu chuc(?: vu)?|dam nhiem|duoc bo nhiem(?: lam| giu chuc)?) ))"
    rf"(?:{_OFFICE})\b([^.;\n]{{0,45}})"
)
_FORMER = re.compile(r"\s*[,–—(-]\s*(?:nguyen|cuu|tung la)\b")
_FIRM = re.compile(rf"\b(?:{'|'.join(sorted(FIRMS, key=len, reverse=True))})\b")
_KINDS = frozenset("ap xa phuong huyen tinh thon khom tran quan pho thpt thcs hoc non".split())
_BETWEEN = re.compile(r"[\s,./–&\d()-]*")


@cache
def _offices() -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(fold(office).split()) for office in OFFICES)


def holds_office(seen: Seen, first: int, end: int) -> bool:
    """Tell whether the name of the characters up to `end`, from word `first` on, is an official's.

    `first` is the word before which an office may stand: the title, if there is one.
    Offices of firms do not count, nor do former ones.
    """
    return _office_after(seen, end) or _office_before(seen, first)


def _office_after(seen: Seen, end: int) -> bool:
    found = _AFTER.match(seen.bare, end)
    return bool(found) and not _FIRM.search(_own(found[1] if found else ""))


def _own(rest: str) -> str:
    """Return what of `rest` still speaks of the office: up to the comma, or where a sentence sets in."""
    return re.split(r"[,)]| cho biet| cho hay| noi| khang dinh| thong tin| da | dang | da\b", rest)[
        0
    ]


def _office_before(seen: Seen, first: int) -> bool:
    words = seen.words
    passed: list[str] = []
    for at in range(first - 1, max(-1, first - _REACH), -1):
        gap = seen.text[words[at].end : words[at + 1].start]
        inner = "," in gap and at + 1 != first
        if not _BETWEEN.fullmatch(gap) or inner or "\n" in gap or ". " in gap:
            return False
        for size in (4, 3, 2, 1):
            if at - size + 1 >= 0 and _named(seen, at - size + 1, at) in _offices():
                former = at - size >= 0 and words[at - size].low in ACCUSED
                return not former and not _FIRM.search(" ".join(reversed(passed)))
        if not (words[at].capital or words[at].bare in BODY or _in_place(seen, at)):
            return False
        passed.append(words[at].bare)
    return False


def _in_place(seen: Seen, at: int) -> bool:
    """Tell whether a word written small belongs to the name of a place that is told before it."""
    for back in range(at - 1, max(-1, at - 4), -1):
        if not seen.words[back + 1].near:
            return False
        if seen.words[back].bare in _KINDS:
            return True
    return False


def _named(seen: Seen, first: int, last: int) -> tuple[str, ...]:
    return tuple(word.bare for word in seen.words[first : last + 1])
