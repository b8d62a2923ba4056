"""Names that stay: of places, streets and firms, and of figures of history."""

from __future__ import annotations

import re
from collections.abc import Collection

from nlp.mask_titles import TITLES_BARE, title_before
from nlp.mask_tokens import Seen
from nlp.mask_words import PLACES, PLACES_BARE, TITLES, YEARS, name_words
from nlp.normalise import fold, normalise

#: What follows the name of somebody who lives today, though a figure of history bore it too.
_LIVING = re.compile(
    r"[\s,(]*(?:cho (?:biet|hay)|noi|ke|buc xuc|than|phan anh|chia se|ngu|tru|sinh nam|\d{1,3} tuoi)\b"
)
_WATERS = frozenset("cầu rạch kênh cống sông vàm núi cồn cau rach kenh cong song vam nui".split())


class NamesThatStay:
    """Tells names that are not of private persons. `places` are spelt with accents."""

    def __init__(self, places: Collection[str] = ()) -> None:
        self._places = frozenset(normalise(place).lower() for place in places)
        self._places_bare = frozenset(map(fold, self._places))
        self._words = name_words()

    def is_place(self, seen: Seen, first: int, last: int) -> bool:
        """Tell whether the words name a place, a street, a firm or a figure of history."""
        words = seen.words
        title = title_before(seen, first)
        figure = self._is_figure(seen, first, last)
        role = title not in TITLES and title not in TITLES_BARE
        if role and (self._known_place(seen, first, last) or figure):
            return True
        if self._part_of_figure(seen, first, last) or self._numbered(seen, first, last):
            return True
        if first and words[first - 1].low == "năm" and words[last].low in YEARS:
            return True
        if figure and title in ("ông", "bà", "cụ", "ong", "ba", "cu"):
            return not _LIVING.match(fold(seen.text[words[last].end : words[last].end + 40]))
        start = first - len(title.split())
        named = words[start].capital and not words[start].opens if title else False
        small = not words[first].capital and title in ("ông", "bà", "ong", "ba")
        if title and (words[start].capital or small) and self._known_place(seen, start, first):
            return True
        if small and start and words[start - 1].low in _WATERS:
            return True
        return (not title or named) and self.after_place(seen, start)

    def _numbered(self, seen: Seen, first: int, last: int) -> bool:
        """Tell whether the words end the name of a hamlet with its letter ("ấp Quí Điền A").

        A private person hidden as a letter ("Điền A") follows no other capital, but a title.
        """
        words = seen.words
        if last != first + 1 or len(words[last].low) != 1 or not first:
            return False
        before = words[first - 1]
        return words[first].near and before.capital and before.low not in TITLES

    def _part_of_figure(self, seen: Seen, first: int, last: int) -> bool:
        """Tell whether the words end a name of history that begins earlier ("Hai Bà Trưng")."""
        words = seen.words
        for start in range(max(0, first - 2), first):
            whole = words[start : last + 1]
            alike = all(word.near and word.capital == whole[0].capital for word in whole[1:])
            if alike and self._is_figure(seen, start, last):
                return True
        return False

    def _is_figure(self, seen: Seen, first: int, last: int) -> bool:
        words = seen.words[first : last + 1]
        if seen.accented:
            return " ".join(word.low for word in words) in self._words.figures
        return " ".join(word.bare for word in words) in self._words.figures_bare

    def _known_place(self, seen: Seen, first: int, last: int) -> bool:
        words = seen.words[first : last + 1]
        if seen.accented:
            return " ".join(word.low for word in words) in self._places
        return " ".join(word.bare for word in words) in self._places_bare

    def after_place(self, seen: Seen, first: int) -> bool:
        """Tell whether a word for a place or a street ("cầu", "đường") stands before word `first`."""
        words = seen.words
        for size in (3, 2, 1):
            if first - size < 0:
                continue
            if seen.text[words[first - 1].end : words[first].start].strip(" .") != "":
                return False
            low = " ".join(word.low for word in words[first - size : first])
            bare = " ".join(word.bare for word in words[first - size : first])
            if low in PLACES or (not seen.accented and bare in PLACES_BARE):
                return True
        return False
