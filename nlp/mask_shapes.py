"""What is written like a name: a surname and given names, or what follows a title."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nlp.mask_stays import NamesThatStay
from nlp.mask_titles import PERSONS_BARE, SURE_TITLES, TITLES_BARE, may_follow_title, title_before
from nlp.mask_tokens import Seen, Word
from nlp.mask_words import (
    COMPOUNDS,
    LEGENDS,
    OFFICES,
    PLACES_BARE,
    PLAIN_SURNAMES,
    SCHOOLS,
    TITLES,
    name_words,
)
from nlp.normalise import fold

_LETTERS = frozenset("abcdeghiklmnpqrstuvxy")
_NAMED = frozenset("tên|tên là|họ tên|họ và tên|gặp|nạn nhân|bị cáo|bị can".split("|"))
_NAMED_BARE = frozenset({"ten", "ten la", "ho ten", "ho va ten"})
_MARKED = PLAIN_SURNAMES | frozenset("vo dang do ngo phung truong luong cao ta ha".split())
#: Before a surname that is also a common word (vo, dang, do), where the name ends plainly.
_CALLED_BARE = frozenset({"ong", "ba", "anh", "em", "bi cao", "bi can", "nghi pham", "nan nhan"})
_NOT_VAN = frozenset("de hanh tai hoa ban phong chuyen nghe hoc con bang".split())
_NOT_PHAM = frozenset("vi san tac quy thuc xuc tham".split())
_NOT_NGUYEN = frozenset("nhan tac lieu ven vong ly chat tu thuy dan gia be tieu".split())
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


class NameShapes:
    """Finds what is written like a name. What `stay` knows as a place is none."""

    def __init__(self, stay: NamesThatStay) -> None:
        self._stay = stay
        self._words = name_words()

    def full(self, seen: Seen) -> Iterator[Name]:
        """Yield surnames followed by given names, and what has Văn or Thị within."""
        words, past = seen.words, -1
        for at in self._surnames(seen):
            if at <= past:
                continue
            last = self._reach(seen, at) if words[at].capital else self._reach_low(seen, at)
            if last == at:
                continue
            if self._stay.is_place(seen, at, last):
                past = last
                continue
            yield Name(at, last, title_before(seen, at), words[last].bare, full=True)

    def _surnames(self, seen: Seen) -> Iterator[int]:
        """Yield the words that may be a surname."""
        words = seen.words
        if seen.accented:
            known = self._words.surnames
            yield from [at for at, word in enumerate(words) if word.low in known]
            return
        known = self._words.surnames_bare
        for at in [at for at, word in enumerate(words) if word.bare in known]:
            if words[at].bare in PLACES_BARE and title_before(seen, at) not in SURE_TITLES:
                if at + 1 < len(words) and words[at + 1].bare in ("van", "thi"):
                    yield at
            else:
                yield at

    def _given(self, seen: Seen, word: Word) -> bool:
        if seen.accented:
            return word.low in self._words.given
        return word.bare in self._words.given_bare

    def _reach(self, seen: Seen, at: int) -> int:
        """Return the last word of the capitalised name that begins at `at`; `at` if there is none."""
        words, last = seen.words, at
        while last + 1 < len(words) and last - at < 4:
            word = words[last + 1]
            if not (word.near and word.capital) or self.no_name(seen, last + 1, at):
                break
            if last - at == 3 and not self._given(seen, word):
                break
            last += 1
        unsure = not seen.accented and words[at].bare not in PLAIN_SURNAMES
        if last == at + 1 and unsure and not title_before(seen, at):
            return at
        if last == at + 1 and not (self._given(seen, words[last]) or len(words[last].low) == 1):
            return at
        return last

    def no_name(self, seen: Seen, at: int, first: int) -> bool:
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
        title = title_before(seen, at)
        plain = (words[at].low if seen.accented else words[at].bare) in PLAIN_SURNAMES
        if seen.accented:
            common = common or (plain and last >= at + 2)
            titled = bool(title) and (last >= at + 2 or (plain and title in TITLES))
        else:
            sure = title in SURE_TITLES if plain else title in ("ong", "ba")
            titled = last >= at + 2 and (sure or (plain and title in PERSONS_BARE))
            strong = bool(title) or (words[at].bare in _MARKED and words[last].bare not in _NOT_VAN)
            marked = marked and strong
            loose = title in _CALLED_BARE and words[at].bare in _MARKED and last == at + 2
            titled = titled or (loose and self._ends(seen, last))
        return last if marked or common or titled else at

    def _ends(self, seen: Seen, last: int) -> bool:
        """Tell whether what follows a small name is no part of it: a mark, the end, a verb."""
        words = seen.words
        if last + 1 == len(words) or not words[last + 1].near:
            return True
        return words[last + 1].bare in _AFTERS

    def _letter(self, seen: Seen, at: int, first: int) -> bool:
        """Tell whether the word is a given name hidden as one letter ("nguyen van a")."""
        return at == first + 2 and seen.words[at].low in _LETTERS

    def called(self, seen: Seen) -> Iterator[Name]:
        """Yield what follows a title or a person's role: "chị Lan", "tài xế Tùng", "bà T."."""
        words = seen.words
        for at in may_follow_title(seen):
            title = title_before(seen, at)
            if not title:
                continue
            last = self._after_title(seen, at, title)
            if last >= at and not self._stay.is_place(seen, at, last):
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
        if self.no_name(seen, at, at):
            return at - 1
        pronoun = title in TITLES or title in TITLES_BARE
        if not pronoun and not (self._given(seen, word) or len(word.low) == 1):
            return at - 1
        last = at
        while last - at < 3 and last + 1 < len(seen.words):
            after = seen.words[last + 1]
            if not (after.near and after.capital) or self.no_name(seen, last + 1, at):
                break
            last += 1
        unsure = not seen.accented and title in TITLES_BARE and title not in SURE_TITLES
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
        if not known or title not in (TITLES if seen.accented else TITLES_BARE):
            return False
        if title_before(seen, at - 1) in TITLES:
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


def _upper(seen: Seen, word: Word) -> bool:
    return seen.text[word.start : word.end].isupper()
