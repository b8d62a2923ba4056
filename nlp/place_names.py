"""Find the names of the map in a text: one pass, longest name first, spelling checked."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from ahocorasick_rs import AhoCorasick, MatchKind

from datetime import timedelta

from config.gazetteer import Gazetteer
from config.places import REFORM, Level, Place
from nlp.normalise import fold
from nlp.place_spelling import canon, is_capitalised, is_plain
from nlp.place_words import FOREIGN, NEXT_NAME, SPELLED, SURNAMES, TYPES, TYPES_SPELLED

_LAST_DAY = REFORM - timedelta(1)
_RANK = {Level.PROVINCE: 0, Level.DISTRICT: 1, Level.COMMUNE: 2, Level.LANDMARK: 3}
_DISTRICT_TYPES = frozenset({"huyen", "quan", "thi xa", "thanh pho"})
_TYPE = re.compile(
    r"(?<![^\W_])(thanh pho|thi tran|thi xa|dac khu|huyen|phuong|quan|tinh|xa"
    r"|t\.?p|tx|tt|[hqxpft])( ?\.|)( ?[(:] ?|[ \n]?)$"
)
_NUMBER = re.compile(r"(?<![^\W_])(phuong|quan|p|q|f)(\.? ?)(?:so )?0?([1-9]\d?)(?![^\W_]|[.,/]\d)")
_SPELLED = re.compile(rf"(?<![^\W_])(phuong|p\.) ?({'|'.join(SPELLED)})(?![^\W_])(?! ?\d)")
_MORE_NUMBERS = re.compile(
    r"( ?(?:,|va|-|;) ?)0?([1-9]\d?)(?![^\W_]|[.,/]\d| ?(?:%|nguoi|ho|nam|ngay))"
)
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "1": "i", "2": "ii", "3": "iii"}
_NEXT_WORD = re.compile(r" ([^\W\d_]+)")
_LAST_WORD = re.compile(r"([^\W_]+) $")


@dataclass(slots=True, eq=False)
class Candidate:
    """A place that a name may mean, with what is asked often."""

    place: Place
    rank: int
    type: str
    province: str
    provinces: frozenset[str]
    district: str
    chain: frozenset[str]
    new: bool
    ident: tuple[str, str, str]
    home: str = ""


@dataclass(slots=True)
class Hit:
    """A name in the text. `start` takes in the type word, `name` is where the name begins."""

    start: int
    name: int
    end: int
    type: str
    candidates: list[Candidate]
    lower: bool = False
    number: bool = False
    blurred: bool = False
    foreign: bool = False
    landmark: Place | None = None
    flags: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Page:
    """The text as looked at: as it stands, folded, and how it was typed."""

    text: str
    folded: str
    unaccented: bool
    uncased: bool


class PlaceNames:
    """The names of all periods of the map, ready to be sought."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._former = _former(gazetteer)
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
        patterns: dict[str, dict[str, list[Candidate]]] = defaultdict(lambda: defaultdict(list))
        for name, spelled in entries.items():
            for pattern in _spellings(fold(name)):
                for form, candidates in spelled.items():
                    patterns[pattern][form] += candidates
        single = sorted(name for name in patterns if name.isalpha())
        self._single = re.compile(
            rf"(?<![^\W_])(?:{TYPES_SPELLED}|tp\.?|tx\.?|[hxp]\.) ?({'|'.join(single)})(?![^\W_])"
        )
        self._names = {name: dict(forms) for name, forms in patterns.items()}
        self._patterns = [name for name in patterns if not name.isalpha() or name in {"hue"}]
        self._patterns += [name for name in FOREIGN if name not in patterns]
        self._automaton = AhoCorasick(self._patterns, matchkind=MatchKind.Standard)

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
        return self._candidate(self._gazetteer.get(key))

    def scan(self, page: Page) -> list[Hit]:
        """Return the names in the text, in order, none overlapping another."""
        found = [*self._long_names(page), *self._short_names(page), *self._numbered(page)]
        found.sort(key=lambda hit: (hit.start, hit.name - hit.end))
        kept: list[Hit] = []
        for hit in found:
            if kept and hit.name < kept[-1].end:
                continue
            if kept and hit.start < kept[-1].end:
                hit.start = hit.name
            kept.append(hit)
        _spread_type(kept, page)
        for hit in kept:
            hit.candidates = _of_type(hit)
            if hit.candidates and hit.candidates[0].rank == 3:
                hit.landmark = hit.candidates[0].place
        return [hit for hit in kept if hit.candidates or hit.foreign]

    def _long_names(self, page: Page) -> Iterator[Hit]:
        folded = page.folded
        best: dict[int, int] = {}
        matches = self._automaton.find_matches_as_indexes(folded, overlapping=True)
        spans = {}
        for pattern, start, end in matches:
            if (start and folded[start - 1].isalnum()) or folded[end : end + 1].isalnum():
                continue
            spans[start, end] = self._patterns[pattern]
        for (start, end), name in spans.items():
            if best.get(start, 0) >= end:
                continue
            hit = self._checked(page, name, start, end)
            if hit:
                best[start] = end
                yield hit

    def _short_names(self, page: Page) -> Iterator[Hit]:
        for found in self._single.finditer(page.folded):
            hit = self._checked(page, found[1], found.start(1), found.end(1))
            if hit and hit.type and not (hit.lower and not page.uncased):
                yield hit

    def _checked(self, page: Page, name: str, start: int, end: int) -> Hit | None:
        """Return the hit if the text spells a name of the map there, else None."""
        text = page.text[start:end]
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
        kind, begin = _type_before(page, start)
        if not plain and kind in _DISTRICT_TYPES and not _has(candidates, 1):
            candidates = _respelled(forms) or candidates
        if not candidates:
            return None
        hit = Hit(start if not kind else begin, start, end, kind, candidates)
        hit.lower = not is_capitalised(text) and not page.uncased
        landmark = any(c.rank == 3 for c in candidates)
        if hit.lower and not kind and not landmark:
            return None
        if not kind and not landmark and _part_of_a_name(page, start, end, name):
            return None
        hit.blurred = plain
        return hit

    def _numbered(self, page: Page) -> Iterator[Hit]:
        for found in _NUMBER.finditer(page.folded):
            word, gap, number = found.groups()
            if len(word) == 1 and not gap.strip() and page.text[found.start()].islower() and gap:
                continue
            kind = TYPES[word]
            if not _type_agrees(page, found.start(1), found.end(1), word):
                continue
            yield self._number_hit(found.start(), found.start(3), found.end(3), kind, number)
            end = found.end(3)
            while more := _MORE_NUMBERS.match(page.folded, end):
                yield self._number_hit(more.start(2), more.start(2), more.end(2), kind, more[2])
                end = more.end(2)
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


def _spellings(name: str) -> set[str]:
    """Return the folded ways to write a name that has a dash or an apostrophe."""
    found = {name}
    if (last := name.rpartition(" "))[2] in _ROMAN:
        found.add(f"{last[0]} {_ROMAN[last[2]]}")
    if "-" in name:
        parts = [part.strip() for part in name.split("-")]
        found |= {dash.join(parts) for dash in ("-", " - ", "–", " – ", " ")}
    if "'" in name or "\u2019" in name:
        plain = name.replace("\u2019", "'")
        found |= {plain.replace("'", mark) for mark in ("'", "\u2019", "", " ")}
    return found


def _type_before(page: Page, start: int) -> tuple[str, int]:
    """Return the type word that stands before `start`, folded and in full, and its offset."""
    found = _TYPE.search(page.folded, max(0, start - 13), start)
    if not found:
        return "", start
    word, dot, gap = found.groups()
    if gap.strip() and len(word) < 3:
        return "", start
    single = len(word) == 1
    dot = dot.strip()
    if single and not dot and not (gap and page.text[found.start()].isupper()):
        return "", start
    if not gap and not dot and len(word) > 2:
        return "", start
    if not _type_agrees(page, found.start(1), found.end(1), word):
        return "", start
    return TYPES[word.replace(".", "")], found.start()


def _type_agrees(page: Page, start: int, end: int, word: str) -> bool:
    if page.unaccented or len(word) < 3:
        return True
    return canon(page.text[start:end]) in TYPE_FORMS


TYPE_FORMS = frozenset(
    map(
        canon,
        (
            "thành phố", "thị trấn", "thị xã", "đặc khu", "huyện", "phường", "quận", "tỉnh", "xã",
            "T.P",
        ),
    )
)  # fmt: skip


def _part_of_a_name(page: Page, start: int, end: int, name: str) -> bool:
    """Say whether a bare name is a piece of a longer one: a person, a company, a street."""
    text = page.text
    if page.uncased or text[start:end].isupper():
        return False
    before = _LAST_WORD.search(text, max(0, start - 14), start)
    if before and before[1][0].isupper() and not before[1].isupper():
        word = fold(before[1])
        if word in SURNAMES:
            return True
        first = before.start(1)
        opens = (
            first == 0
            or text[first - 1] in "\n\"“‘'("
            or text[max(0, first - 2) : first] in (". ", "? ", "! ", ": ", "- ")
        )
        if not opens and word not in NEXT_NAME:
            return True
    after = _NEXT_WORD.match(text, end)
    if after and after[1][0].isupper() and not after[1].isupper():
        return name in {"thai binh", "hoa binh", "binh duong"} and fold(after[1]) == "duong"
    return False


#: What stands between two names of a list; one name that the map lacks may stand between.
LIST_GAP = re.compile(r"[ \n]*(?:,|va|-|;|, va)[ \n]*(?:[^\W\d_]+(?: [^\W\d_]+){0,2}, )?")


def _spread_type(hits: list[Hit], page: Page) -> None:
    """Give the type word of a list's first name to the names that follow it."""
    for first, second in zip(hits, hits[1:], strict=False):
        if second.type or second.foreign or not first.type or first.foreign:
            continue
        gap = page.folded[first.end : second.name]
        if not LIST_GAP.fullmatch(gap):
            continue
        listed = [c for c in second.candidates if c.type == first.type]
        plural = "list" in first.flags or _PLURAL.search(
            page.folded, max(0, first.start - 8), first.start
        )
        unknown = len(gap) > 6
        shorter = not unknown and first.type in {"xa", "phuong", "thi tran"}
        if listed and (plural or (shorter and gap.strip() == "va")):
            second.type = first.type
            second.flags.add("list")
            first.flags.add("list")


_PLURAL = re.compile(r"(?:cac|\d|hai|ba|bon|nam|nhieu|may|nhung) $")


def _of_type(hit: Hit) -> list[Candidate]:
    """Return the candidates that the type word allows; units are retitled, levels are kept."""
    if not hit.type:
        return hit.candidates
    exact = [c for c in hit.candidates if c.type == hit.type]
    if exact:
        return exact
    level = {"tinh": {0}, "thanh pho": {0, 1}, "thi xa": {1}, "huyen": {1}, "quan": {1}}
    return [c for c in hit.candidates if c.rank in level.get(hit.type, {2})]
