"""Find names of private persons by rules: surnames, titles, initials; officials and places stay."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from nlp.mask_offices import holds_office
from nlp.mask_spans import Span
from nlp.mask_tokens import Seen, Word
from nlp.mask_words import (
    ABBREVIATIONS,
    ACCUSED,
    COMMON,
    COMPOUNDS,
    LEGENDS,
    OFFICES,
    PERSONS,
    PLACES,
    PLACES_BARE,
    PLAIN_SURNAMES,
    SCHOOLS,
    TITLES,
    YEARS,
    name_words,
)
from nlp.normalise import fold, normalise

_INITIALS = re.compile(r"(?<![\w.@/])(?:[A-ZĐ]\.\s?){1,4}[A-ZĐ]\b\.?(?![\w/])")
_MORE_LETTERS = re.compile(r"(?:\.\s?[A-ZĐ](?!\w))*\.?")
_LETTERS = frozenset("abcdeghiklmnpqrstuvxy")
#: Without accents these are mostly something else: cồn, cầu, đi, họ, bản.
_UNSURE = frozenset("con cau di be mo ke ho ban duong".split())
_TITLES_BARE = frozenset(map(fold, TITLES)) - _UNSURE
_PERSONS_BARE = frozenset(map(fold, PERSONS)) - _UNSURE
_NAMED = frozenset("tên|tên là|họ tên|họ và tên|gặp|nạn nhân|bị cáo|bị can".split("|"))
_NAMED_BARE = frozenset({"ten", "ten la", "ho ten", "ho va ten"})
#: Titles that are safe without accents, before a small name or written with a capital.
_SURE_TITLES = frozenset("ong ba anh chi em chau".split())
_MARKED = PLAIN_SURNAMES | frozenset("vo dang do ngo phung truong luong cao ta ha".split())
_NOT_VAN = frozenset("de hanh tai hoa ban phong chuyen nghe hoc con bang".split())
_NOT_PHAM = frozenset("vi san tac quy thuc xuc tham".split())
_NOT_NGUYEN = frozenset("nhan tac lieu ven vong ly chat tu thuy dan gia be tieu".split())
_WATERS = frozenset("cầu rạch kênh cống sông vàm núi cồn cau rach kenh cong song vam nui".split())
_OFFICES_BARE = frozenset(" ".join(fold(office).split()[:2]) for office in OFFICES)
_COMPOUNDS_BARE = frozenset(map(fold, COMPOUNDS))
_NO_NAME_NEXT = frozenset("theo ngụ trú hiện tại trong ảnh khi".split())
_BEFORE = frozenset(
    "cua voi cho nha gap con vo chong me theo va do ho bo anh nhu moi hoi nho nghe thay giup keu goi".split()
)
_AFTERS = frozenset(
    "bi o noi cho da dang ke cung va co la bao keu lam voi thi se moi cu hay van tu nay kia ngu tru nha"
    " di ra ve len xuong phai muon doi gui dua danh chui lua ban mua sdt xin mong than buc khong ko k"
    " hom ben duoc vua moi nam roi gap lai den toi chua nen khai thue".split()
)


@dataclass(frozen=True, slots=True)
class Name:
    """Words `first` to `last` name a person; `title` is the word of address before, if any."""

    first: int
    last: int
    title: str
    given: str
    full: bool


class NameFinder:
    """Finds the names in one text. `places` are names of places with accents, which stay."""

    def __init__(self, places: Collection[str] = ()) -> None:
        self._places = frozenset(normalise(place).lower() for place in places)
        self._places_bare = frozenset(map(fold, self._places))
        self._words = name_words()

    def find(
        self, seen: Seen, more: Callable[[Seen, list[Name]], list[Name]] | None = None
    ) -> list[Span]:
        """Return the stretches that name private persons, in no order.

        `more` may add names that the rules do not see, given those that they saw.
        """
        names = _longest([*self._full(seen), *self._called(seen)])
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

    # What is a name

    def _full(self, seen: Seen) -> Iterator[Name]:
        """Yield surnames followed by given names, and what has Văn or Thị within."""
        words, past = seen.words, -1
        for at, word in enumerate(words):
            if at <= past or not self._surname(seen, at):
                continue
            last = self._reach(seen, at) if word.capital else self._reach_low(seen, at)
            if last == at:
                continue
            if self._is_place(seen, at, last):
                past = last
                continue
            yield Name(at, last, self._title_before(seen, at), words[last].bare, full=True)

    def _surname(self, seen: Seen, at: int) -> bool:
        word = seen.words[at]
        if seen.accented:
            return word.low in self._words.surnames
        if word.bare in PLACES_BARE and self._title_before(seen, at) not in _SURE_TITLES:
            after = seen.words[at + 1].bare if at + 1 < len(seen.words) else ""
            return word.bare in self._words.surnames_bare and after in ("van", "thi")
        return word.bare in self._words.surnames_bare

    def _given(self, seen: Seen, word: Word) -> bool:
        if seen.accented:
            return word.low in self._words.given
        return word.bare in self._words.given_bare

    def _reach(self, seen: Seen, at: int) -> int:
        """Return the last word of the capitalised name that begins at `at`; `at` if there is none."""
        words, last = seen.words, at
        while last + 1 < len(words) and last - at < 4:
            word = words[last + 1]
            if not (word.near and word.capital) or self._no_name(seen, last + 1, at):
                break
            if last - at == 3 and not self._given(seen, word):
                break
            last += 1
        unsure = not seen.accented and words[at].bare not in PLAIN_SURNAMES
        if last == at + 1 and unsure and not self._title_before(seen, at):
            return at
        if last == at + 1 and not (self._given(seen, words[last]) or len(words[last].low) == 1):
            return at
        return last

    def _no_name(self, seen: Seen, at: int, first: int) -> bool:
        """Tell whether word `at` begins something else than a part of the name from `first` on."""
        words, word = seen.words, seen.words[at]
        if word.low in _NO_NAME_NEXT:
            return True
        if at > first and len(word.low) > 1 and len(words[first].low) > 1:  # noqa: SIM102 (two questions, asked in this order)
            if _upper(seen, word) != _upper(seen, words[first]):
                return True
        if at + 1 == len(words) or not words[at + 1].near:
            return False
        if word.low == "trường" and words[at + 1].bare in SCHOOLS:
            return True
        both = f"{word.bare} {words[at + 1].bare}"
        return both in _OFFICES_BARE or (not words[at + 1].capital and both in _COMPOUNDS_BARE)

    def _reach_low(self, seen: Seen, at: int) -> int:
        """Return the last word of a name written small, which needs văn, thị or a title."""
        words, last = seen.words, at
        while last + 1 < len(words) and last - at < 3:
            word = words[last + 1]
            marker = word.bare in ("van", "thi") and last == at
            if last >= at + 2 and (word.bare in _AFTERS or word.bare in ("van", "thi")):
                break
            if not word.near or not (
                marker or self._given(seen, word) or self._letter(seen, last + 1, at)
            ):
                break
            last += 1
        if last == at:
            return at
        marked = last >= at + 2 and words[at + 1].bare in ("van", "thi")
        before = words[at - 1].bare if at and words[at].near else ""
        common = words[at].bare in ("nguyen", "huynh", "pham") and last >= at + 2
        common = common and words[at + 1].bare not in _NOT_NGUYEN and before not in _NOT_PHAM
        title = self._title_before(seen, at)
        plain = (words[at].low if seen.accented else words[at].bare) in PLAIN_SURNAMES
        if seen.accented:
            common = common or (plain and last >= at + 2)
            titled = bool(title) and (last >= at + 2 or (plain and title in TITLES))
        else:
            sure = title in _SURE_TITLES if plain else title in ("ong", "ba")
            titled = last >= at + 2 and (sure or (plain and title in _PERSONS_BARE))
            strong = bool(title) or (words[at].bare in _MARKED and words[last].bare not in _NOT_VAN)
            marked = marked and strong
        return last if marked or common or titled else at

    def _letter(self, seen: Seen, at: int, first: int) -> bool:
        """Tell whether the word is a given name hidden as one letter ("nguyen van a")."""
        return at == first + 2 and seen.words[at].low in _LETTERS

    def _called(self, seen: Seen) -> Iterator[Name]:
        """Yield what follows a title or a person's role: "chị Lan", "tài xế Tùng", "bà T."."""
        words = seen.words
        for at in range(1, len(words)):
            if not words[at].near:
                continue
            title = self._title_before(seen, at)
            if not title:
                continue
            last = self._after_title(seen, at, title)
            if last >= at and not self._is_place(seen, at, last):
                yield Name(at, last, title, words[last].bare, full=False)

    def _after_title(self, seen: Seen, at: int, title: str) -> int:
        word = seen.words[at]
        if word.low == "hồ" and title in ("bác", "cụ"):
            return at - 1
        if word.low in LEGENDS and title in ("ông", "bà", "ong", "ba", "cô", "co", "cậu", "cau"):
            return at - 1
        if not word.capital:
            if title in _NAMED or (not seen.accented and title in _NAMED_BARE):
                return self._two_small(seen, at)
            return at if self._small(seen, at, title) else at - 1
        if self._no_name(seen, at, at):
            return at - 1
        pronoun = title in TITLES or title in _TITLES_BARE
        if not pronoun and not (self._given(seen, word) or len(word.low) == 1):
            return at - 1
        last = at
        while last - at < 3 and last + 1 < len(seen.words):
            after = seen.words[last + 1]
            if not (after.near and after.capital) or self._no_name(seen, last + 1, at):
                break
            last += 1
        unsure = not seen.accented and title in _TITLES_BARE and title not in _SURE_TITLES
        follows = seen.words[at + 1] if at + 1 < len(seen.words) else None
        if unsure and last == at and follows and follows.near and follows.bare not in _AFTERS:
            return at - 1
        return last

    def _two_small(self, seen: Seen, at: int) -> int:
        """Return the last of two or three small given names ("tên mỹ duyên"); `at - 1` if none."""
        words, last = seen.words, at - 1
        while last + 1 < len(words) and last - at < 2:
            word = words[last + 1]
            if not word.near or not self._given(seen, word) or word.bare in _AFTERS:
                break
            last += 1
        return last if last > at else at - 1

    def _small(self, seen: Seen, at: int, title: str) -> bool:
        """Tell whether a small word after a title is a name: "chị lan", "chi lan"."""
        words, word = seen.words, seen.words[at]
        if seen.accented:
            known, pair, table = word.low in self._words.given, word.low, self._words.not_names
        else:
            known, pair, table = (
                word.bare in self._words.given_bare,
                word.bare,
                self._words.not_names_bare,
            )
        if not known or title not in (TITLES if seen.accented else _TITLES_BARE):
            return False
        if self._title_before(seen, at - 1) in TITLES:
            return False
        after = words[at + 1] if at + 1 < len(words) else None
        asks = at >= 2 and (words[at - 2].bare in _BEFORE or words[at - 1].opens)
        if (title, pair) in table:
            return asks and (after is None or not after.near)
        if (f"{title}?", pair) not in table:
            return True
        ends = after is None or not after.near or after.bare in _AFTERS
        return ends and (
            asks or after is None or not after.near or after.bare in ("o", "ke", "noi", "bi")
        )

    def _title_before(self, seen: Seen, at: int) -> str:
        """Return the title or role that ends just before word `at`, or nothing."""
        words = seen.words
        for size in (3, 2, 1):
            if at - size < 0 or not all(words[i].near for i in range(at - size + 1, at + 1)):
                continue
            low = " ".join(word.low for word in words[at - size : at])
            bare = " ".join(word.bare for word in words[at - size : at])
            if seen.accented and (low in PERSONS or low in TITLES):
                return low
            if not seen.accented and (bare in _PERSONS_BARE or bare in _TITLES_BARE):
                unsure = bare in _TITLES_BARE and bare not in _SURE_TITLES
                loud = words[at - size].capital and unsure
                return "" if loud else bare
        return ""

    # What stays

    def _is_place(self, seen: Seen, first: int, last: int) -> bool:
        """Tell whether the words name a place, a street, a firm or a figure of history."""
        words = seen.words
        title = self._title_before(seen, first)
        figure = self._is_figure(seen, first, last)
        role = title not in TITLES and title not in _TITLES_BARE
        if role and (self._known_place(seen, first, last) or figure):
            return True
        if self._part_of_figure(seen, first, last):
            return True
        if first and words[first - 1].low == "năm" and words[last].low in YEARS:
            return True
        if figure and title in ("ông", "bà", "cụ", "ong", "ba", "cu"):
            return True
        start = first - len(title.split())
        named = words[start].capital and not words[start].opens if title else False
        small = not words[first].capital and title in ("ông", "bà", "ong", "ba")
        if title and (words[start].capital or small) and self._known_place(seen, start, first):
            return True
        if small and start and words[start - 1].low in _WATERS:
            return True
        return (not title or named) and self._after_place(seen, start)

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

    def _after_place(self, seen: Seen, first: int) -> bool:
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
        taken = {at for name in names for at in range(name.first, name.last + 1)}
        words = seen.words
        for at, word in enumerate(words):
            if not word.capital or word.low not in givens or at in taken:
                continue
            if self._no_name(seen, at, at) or (word.opens and not seen.accented):
                continue
            before = at > 0 and word.near and words[at - 1].capital
            after = at + 1 < len(words) and words[at + 1].near and words[at + 1].capital
            if not before and not after and not self._after_place(seen, at):
                yield Span(word.start, word.end, "name")


def _upper(seen: Seen, word: Word) -> bool:
    return seen.text[word.start : word.end].isupper()


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
