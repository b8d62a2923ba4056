"""Words of address and roles that announce a name: "ông", "chị", "tài xế", "nạn nhân"."""

from __future__ import annotations

from itertools import pairwise

from nlp.mask_tokens import Seen
from nlp.mask_words import PERSONS, TITLES
from nlp.normalise import fold

#: Without accents these are mostly something else: cồn, cầu, đi, họ, bản.
_UNSURE = frozenset("con cau di be mo ke ho ban duong".split())
TITLES_BARE = frozenset(map(fold, TITLES)) - _UNSURE
PERSONS_BARE = frozenset(map(fold, PERSONS)) - _UNSURE
#: Titles that are safe without accents, before a small name or written with a capital.
SURE_TITLES = frozenset("ong ba anh chi em chau".split())
#: How many words a title or role has at most that is looked for.
_LONGEST = 3
#: The last words of them all: most words of a text need not be looked at further.
_LAST = frozenset(title.rpartition(" ")[2] for title in (*TITLES, *PERSONS))
_LAST_BARE = frozenset(title.rpartition(" ")[2] for title in (*TITLES_BARE, *PERSONS_BARE))


def may_follow_title(seen: Seen) -> list[int]:
    """Return the words just behind the last word of a title or role: few of a text."""
    if seen.accented:
        return [
            at for at, (a, b) in enumerate(pairwise(seen.words), 1) if a.low in _LAST and b.near
        ]
    return [
        at for at, (a, b) in enumerate(pairwise(seen.words), 1) if a.bare in _LAST_BARE and b.near
    ]


def title_before(seen: Seen, at: int) -> str:
    """Return the title or role that ends just before word `at`, or nothing."""
    words = seen.words
    before = words[at - 1] if at else None
    if before is None or not (before.low in _LAST if seen.accented else before.bare in _LAST_BARE):
        return ""
    most = 0
    while most < _LONGEST and words[at - most].near:
        most += 1
    for first in range(at - most, at):
        if seen.accented:
            low = " ".join([word.low for word in words[first:at]])
            if low in PERSONS or low in TITLES:
                return low
            continue
        bare = " ".join([word.bare for word in words[first:at]])
        if bare in PERSONS_BARE or bare in TITLES_BARE:
            unsure = bare in TITLES_BARE and bare not in SURE_TITLES
            loud = words[first].capital and unsure
            return "" if loud else bare
    return ""
