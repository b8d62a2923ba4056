"""Words of address and roles that announce a name: "ông", "chị", "tài xế", "nạn nhân"."""

from __future__ import annotations

from nlp.mask_tokens import Seen
from nlp.mask_words import PERSONS, TITLES
from nlp.normalise import fold

#: Without accents these are mostly something else: cồn, cầu, đi, họ, bản.
_UNSURE = frozenset("con cau di be mo ke ho ban duong".split())
TITLES_BARE = frozenset(map(fold, TITLES)) - _UNSURE
PERSONS_BARE = frozenset(map(fold, PERSONS)) - _UNSURE
#: Titles that are safe without accents, before a small name or written with a capital.
SURE_TITLES = frozenset("ong ba anh chi em chau".split())
#: The last words of them all: most words of a text need not be looked at further.
_LAST = frozenset(title.rpartition(" ")[2] for title in (*TITLES, *PERSONS))
_LAST_BARE = frozenset(title.rpartition(" ")[2] for title in (*TITLES_BARE, *PERSONS_BARE))


def title_before(seen: Seen, at: int) -> str:
    """Return the title or role that ends just before word `at`, or nothing."""
    words = seen.words
    before = words[at - 1] if at else None
    if before is None or not (before.low in _LAST if seen.accented else before.bare in _LAST_BARE):
        return ""
    for size in (3, 2, 1):
        if at - size < 0 or not all(words[i].near for i in range(at - size + 1, at + 1)):
            continue
        low = " ".join(word.low for word in words[at - size : at])
        bare = " ".join(word.bare for word in words[at - size : at])
        if seen.accented and (low in PERSONS or low in TITLES):
            return low
        if not seen.accented and (bare in PERSONS_BARE or bare in TITLES_BARE):
            unsure = bare in TITLES_BARE and bare not in SURE_TITLES
            loud = words[at - size].capital and unsure
            return "" if loud else bare
    return ""
