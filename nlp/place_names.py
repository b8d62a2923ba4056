"""Find the names of the map in a text: one pass, longest name first, spelling checked."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from config.gazetteer import Gazetteer
from config.places import REFORM, Level, Place
from nlp.normalise import fold
from nlp.place_hit import Candidate, Hit, Page
from nlp.place_scan import NameScan
from nlp.place_spelling import canon, is_capitalised, is_plain
from nlp.place_typing import of_type, part_of_a_name, spread_type, type_agrees, type_before
from nlp.place_words import FOREIGN, SPELLED, TYPES, TYPES_SPELLED

_LAST_DAY = REFORM - timedelta(1)
_RANK = {Level.PROVINCE: 0, Level.DISTRICT: 1, Level.COMMUNE: 2, Level.LANDMARK: 3}
_DISTRICT_TYPES = frozenset({"huyen", "quan", "thi xa", "thanh pho"})


def _words(*alternatives: str) -> str:
    """Return a pattern of words with no letter or digit before them.

    What stands before is looked at behind the first letter, so that a search can skip
    from one such letter to the next; asked at every character it takes three times as long.
    """
    tails: dict[str, list[str]] = {}
    for word in alternatives:
        tails.setdefault(word[0], []).append(word[1:])
    led = (rf"{first}(?<![^\W_]{first})(?:{'|'.join(rest)})" for first, rest in tails.items())
    return "|".join(led)


_NUMBER = re.compile(
    rf"({_words('phuong', 'quan', 'p', 'q', 'f')})(\.? ?)(?:so )?0?([1-9]\d?)(?![^\W_]|[.,/]\d)"
)
_WARD = _words("phuong", r"p\.")
_SPELLED = re.compile(rf"({_WARD}) ?({'|'.join(SPELLED)})(?![^\W_])(?! ?\d)")
_TYPE = _words(*TYPES_SPELLED.split("|"), r"tp\.?", r"tx\.?", r"h\.", r"x\.", r"p\.")
_MORE_NUMBERS = re.compile(
    r"( ?(?:,|va|-|;) ?)0?([1-9]\d?)(?![^\W_]|[.,/]\d| ?(?:%|nguoi|ho|nam|ngay))"
)
_LONE_Y = re.compile(r"([bcdghklmnpqrstvx]|[cknptg]h|tr|qu)y")
_LONE_I = re.compile(r"([mlksh]|qu)i")
#: In so short a text without accents, names in small letters are looked at.
POST = 600
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "1": "i", "2": "ii", "3": "iii"}


class PlaceNames:
    """The names of all periods of the map, ready to be sought."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._former = _former(gazetteer)
        self._known: dict[str, Candidate] = {}
        self._provinces = {
            place.key for place in gazetteer.units().values() if place.level is Level.PROVINCE
        }
        entries: dict[str, dict[str, list[Candidate]]] = defaultdict(lambda: defaultdict(list))
        self._numbers: dict[str, list[Candidate]] = defaultdict(list)
        for place in (*gazetteer.units().values(), *gazetteer.landmarks()):
            candidate = self._candidate(place)
            if place.bare.isdigit():
                self._numbers[place.bare].append(candidate)
                continue
            landmark = place.level is Level.LANDMARK
            for name in (place.name if landmark else place.bare, *place.aliases):
                entries[name][canon(name)].append(candidate)
        for alias in gazetteer.aliases:
            for key in alias.keys if alias.home else ():
                local = self._candidate(gazetteer.get(key))
                local.home = fold(alias.home)
                entries[alias.name][canon(alias.name)].append(local)
        self._nicknames = {fold(name) for name in entries if name[0].islower()}
        patterns: dict[str, dict[str, list[Candidate]]] = defaultdict(lambda: defaultdict(list))
        for name, spelled in entries.items():
            for pattern in _spellings(fold(name)):
                for form, candidates in spelled.items():
                    patterns[pattern][form] += candidates
        single = sorted(name for name in patterns if name.isalpha())
        self._single = re.compile(rf"(?:{_TYPE}) ?({'|'.join(single)})(?![^\W_])")
        self._names = {name: dict(forms) for name, forms in patterns.items()}
        self._acronyms = {fold(name) for name in entries if name.isalpha() and name.isupper()}
        self._patterns = [
            name
            for name in patterns
            if not name.isalpha() or name == "hue" or name in self._acronyms
        ]
        self._patterns += [name for name in FOREIGN if name not in patterns]
        self._scan = NameScan(self._patterns)

    def _candidate(self, place: Place) -> Candidate:
        chain = self._gazetteer.chain(place.key)
        keys = {above.key for above in chain} | self._former.get(place.key, set())
        for unit in place.within:
            keys |= {above.key for above in self._gazetteer.chain(unit)}
        units = [above for above in chain if above.level is not Level.LANDMARK]
        province = fold(units[-1].bare) if units else ""
        district = next((fold(u.bare) for u in units if u.level is Level.DISTRICT), "")
        kind = fold(place.name[: -len(place.bare)].strip()) if place.level in _RANK else ""
        return Candidate(
            place,
            _RANK[place.level],
            kind if place.level is not Level.LANDMARK else "",
            province,
            frozenset(fold(self._gazetteer.get(k).bare) for k in keys if k in self._provinces),
            district,
            frozenset(keys),
            place.valid_from >= REFORM,
            (province, district, fold(place.bare)),
        )

    def candidate(self, key: str) -> Candidate:
        """Return the candidate of one place."""
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._candidate(self._gazetteer.get(key))
        return known

    def scan(self, page: Page) -> list[Hit]:
        """Return the names in the text, in order, none overlapping another."""
        found = [*self._long_names(page), *self._short_names(page), *self._numbered(page)]
        kept = _apart(found)
        spread_type(kept, page)
        for hit in kept:
            hit.candidates = of_type(hit)
            if hit.candidates and hit.candidates[0].rank == 3:
                hit.landmark = hit.candidates[0].place
        return [hit for hit in kept if hit.candidates or hit.foreign]

    def _long_names(self, page: Page) -> Iterator[Hit]:
        for end, start, name in self._scan.find(page.folded):
            if hit := self._checked(page, name, start, end):
                yield hit

    def _short_names(self, page: Page) -> Iterator[Hit]:
        for found in self._single.finditer(page.folded):
            hit = self._checked(page, found[1], found.start(1), found.end(1))
            if hit and hit.type and not (hit.lower and not page.uncased):
                yield hit

    def _checked(self, page: Page, name: str, start: int, end: int) -> Hit | None:
        """Return the hit if the text spells a name of the map there, else None."""
        text = page.text[start:end]
        if name in self._acronyms and not text.isupper():
            return None
        if name in FOREIGN:
            agree = page.unaccented or canon(text) == canon(FOREIGN[name])
            return Hit(start, start, end, "", [], foreign=True) if agree else None
        forms = self._names[name]
        plain = page.unaccented and is_plain(text)
        if plain:
            candidates = [c for group in forms.values() for c in group]
        else:
            candidates = forms.get(canon(text), [])
            if not candidates and text[-1:].isdigit():
                candidates = forms.get(canon(f"{text[:-1]}{'i' * int(text[-1])}"), [])
        kind, begin = type_before(page, start)
        if not plain and kind in _DISTRICT_TYPES and not _has(candidates, 1):
            candidates = _respelled(forms) or candidates
        if not candidates:
            return None
        hit = Hit(start if not kind else begin, start, end, kind, candidates)
        hit.lower = not (is_capitalised(text) or page.uncased or name in self._nicknames)
        landmark = any(c.rank == 3 for c in candidates)
        short = plain and len(page.text) <= POST
        if hit.lower and not kind and not landmark and not short:
            return None
        if not kind and not landmark and part_of_a_name(page, start, end, name):
            return None
        hit.blurred = plain
        return hit

    def _numbered(self, page: Page) -> Iterator[Hit]:
        for found in _NUMBER.finditer(page.folded):
            word, gap, number = found.groups()
            if len(word) == 1 and not gap.strip() and page.text[found.start()].islower() and gap:
                continue
            kind = TYPES[word]
            if not type_agrees(page, found.start(1), found.end(1), word):
                continue
            first = self._number_hit(found.start(), found.start(3), found.end(3), kind, number)
            yield first
            end = found.end(3)
            while more := _MORE_NUMBERS.match(page.folded, end):
                end = more.end(2)
                following = self._number_hit(more.start(2), more.start(2), end, kind, more[2])
                for listed in (first, following):
                    listed.flags.add("list")
                yield following
        for found in _SPELLED.finditer(page.folded):
            word = page.text[found.start(2) : found.end(2)]
            if (word[0].isupper() or page.uncased) and (
                page.unaccented or not is_plain(word) or word.lower() in {"hai", "ba"}
            ):
                number = SPELLED[found[2]]
                yield self._number_hit(
                    found.start(), found.start(2), found.end(2), "phuong", number
                )

    def _number_hit(self, start: int, name: int, end: int, kind: str, number: str) -> Hit:
        return Hit(start, name, end, kind, self._numbers.get(number, []), number=True)


def _apart(found: list[Hit]) -> list[Hit]:
    """Return hits that do not overlap, in order: the leftmost longest, capitalised ones first."""
    found.sort(key=lambda hit: (hit.lower, hit.start, hit.name - hit.end))
    kept: list[Hit] = []
    for hit in found:
        at = bisect_left(kept, hit.name, key=lambda other: other.end)
        while at < len(kept) and kept[at].end <= hit.name:
            at += 1
        if at < len(kept) and kept[at].name < hit.end:
            continue
        if at and hit.start < kept[at - 1].end:
            hit.start = hit.name
        kept.insert(at, hit)
    return kept


def _former(gazetteer: Gazetteer) -> dict[str, set[str]]:
    """Return, for each unit of the present map, the units of the old map it was made from."""
    found: dict[str, set[str]] = defaultdict(set)
    for place in gazetteer.units().values():
        if place.valid_to == _LAST_DAY:
            for heir in place.successors:
                found[heir] |= {above.key for above in gazetteer.chain(place.key)}
    return found


def _has(candidates: list[Candidate], rank: int) -> bool:
    return any(candidate.rank == rank for candidate in candidates)


def _respelled(forms: dict[str, list[Candidate]]) -> list[Candidate]:
    """Return the one district that differs in accents only ("Mù Cang Chải", officially Căng)."""
    found = [c for group in forms.values() for c in group if c.rank == 1]
    return found if len({c.ident for c in found}) == 1 else []


def _with_i_or_y(name: str) -> set[str]:
    """Return the name with every lone y as it is and as i, and i as y where both are usual."""
    found = {""}
    for word in name.split(" "):
        forms = {word}
        if match := _LONE_Y.fullmatch(word):
            forms.add(f"{match[1]}i")
        elif match := _LONE_I.fullmatch(word):
            forms.add(f"{match[1]}y")
        found = {f"{start} {form}" for start in found for form in forms}
    return {form[1:] for form in found}


def _spellings(name: str) -> set[str]:
    """Return the folded ways to write a name that has a dash or an apostrophe."""
    found = _with_i_or_y(name)
    if (last := name.rpartition(" "))[2] in _ROMAN:
        found.add(f"{last[0]} {_ROMAN[last[2]]}")
    if "-" in name:
        parts = [part.strip() for part in name.split("-")]
        found |= {dash.join(parts) for dash in ("-", " - ", "–", " – ", " ")}
    if "'" in name or "\u2019" in name:
        plain = name.replace("\u2019", "'")
        found |= {plain.replace("'", mark) for mark in ("'", "\u2019", "", " ")}
    return found
