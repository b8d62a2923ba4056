"""Find names of private persons by rules: surnames, titles, initials; officials and places stay."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator

from nlp.mask_offices import holds_office
from nlp.mask_shapes import Name, NameShapes
from nlp.mask_spans import Span
from nlp.mask_stays import NamesThatStay
from nlp.mask_tokens import Seen
from nlp.mask_words import ABBREVIATIONS, ACCUSED, COMMON

_INITIALS = re.compile(
    # What stands before is looked at behind the first letter, so that a search can skip to it.
    r"[A-ZĐ](?<![\w.@/][A-ZĐ])\.\s?(?:[A-ZĐ]\.\s?){0,3}[A-ZĐ]\b\.?(?![\w/])"
)
_MORE_LETTERS = re.compile(r"(?:\.\s?[A-ZĐ](?!\w))*\.?")


class NameFinder:
    """Finds the names in one text. `places` are names of places with accents, which stay."""

    def __init__(self, places: Collection[str] = ()) -> None:
        self._stay = NamesThatStay(places)
        self._shapes = NameShapes(self._stay)

    def find(
        self, seen: Seen, more: Callable[[Seen, list[Name]], list[Name]] | None = None
    ) -> list[Span]:
        """Return the stretches that name private persons, in no order.

        `more` may add names that the rules do not see, given those that they saw.
        """
        names = _longest([*self._shapes.full(seen), *self._shapes.called(seen)])
        if more is not None:
            names = _longest([*names, *more(seen, names)])
        private = self._private(seen, names)
        spans = [self._span(seen, name) for name in private]
        spans += self._alone(seen, private, names)
        return [*_initials(seen), *spans]

    def _span(self, seen: Seen, name: Name) -> Span:
        """Return where the name stands, with the letters and dots that hide the rest of it."""
        last = seen.words[name.last]
        end = last.end
        if len(last.low) == 1 and (found := _MORE_LETTERS.match(seen.text, end)):
            end = found.end()
        return Span(seen.words[name.first].start, end, "name")

    def _private(self, seen: Seen, names: list[Name]) -> list[Name]:
        """Return the names of those who hold no office, in the text as a whole."""
        official: set[str] = set()
        private: set[str] = set()
        judged: dict[Name, bool] = {}
        for name in names:
            start = name.first - len(name.title.split())
            accused = name.title in ACCUSED
            held = not accused and holds_office(seen, start, seen.words[name.last].end)
            judged[name] = held
            if held:
                official.update(self._forms(seen, name))
        for name in names:
            if name.full and not judged[name] and self._whole(seen, name) not in official:
                private.add(name.given)
        stay = official - {form for form in private if " " not in form}
        return [
            name
            for name in names
            if not judged[name] and self._whole(seen, name) not in (official if name.full else stay)
        ]

    def _whole(self, seen: Seen, name: Name) -> str:
        return " ".join(word.bare for word in seen.words[name.first : name.last + 1])

    def _forms(self, seen: Seen, name: Name) -> set[str]:
        """Return how else the bearer is called later: the last word, the last two, the whole."""
        bare = [word.bare for word in seen.words[name.first : name.last + 1]]
        return {bare[-1], " ".join(bare[-2:]), " ".join(bare)}

    def _alone(self, seen: Seen, private: list[Name], names: list[Name]) -> Iterator[Span]:
        """Yield further mentions of a masked person by the given name alone."""
        givens = {
            seen.words[name.last].low
            for name in private
            if name.full or len(seen.words[name.last].low) == 1
        } - COMMON
        if not givens:
            return
        taken = {at for name in names for at in range(name.first, name.last + 1)}
        words = seen.words
        for at in [at for at, word in enumerate(words) if word.low in givens and word.capital]:
            word = words[at]
            if at in taken:
                continue
            if self._shapes.no_name(seen, at, at) or (word.opens and not seen.accented):
                continue
            before = at > 0 and word.near and words[at - 1].capital
            after = at + 1 < len(words) and words[at + 1].near and words[at + 1].capital
            if not before and not after and not self._stay.after_place(seen, at):
                yield Span(word.start, word.end, "name")


def _longest(names: list[Name]) -> list[Name]:
    """Return the names without those that lie in or reach into a longer or earlier one."""
    kept: list[Name] = []
    for name in sorted(names, key=lambda name: (name.first - name.last, name.first)):
        if all(name.last < other.first or other.last < name.first for other in kept):
            kept.append(name)
    return sorted(kept, key=lambda name: name.first)


def _initials(seen: Seen) -> Iterator[Span]:
    """Yield names hidden as capitals with dots: "N.V.T.", but not "TP.HCM" or "T.Ư"."""
    for found in _INITIALS.finditer(seen.text):
        letters = found[0].replace(" ", "").rstrip(".").lower()
        if letters not in ABBREVIATIONS and len(letters) >= 3 and not set(letters) & set("iewfjz"):
            yield Span(found.start(), found.end(), "name")
