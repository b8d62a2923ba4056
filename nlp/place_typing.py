"""Read the type words of a list or a name, and tell a place's name from a piece of another."""

from __future__ import annotations

import re
from itertools import pairwise

from nlp.normalise import fold
from nlp.place_hit import Candidate, Hit, Page
from nlp.place_spelling import canon
from nlp.place_words import NEXT_NAME, SURNAMES, TYPES

_TYPE = re.compile(
    r"(?<![^\W_])(thanh pho|thi tran|thi xa|dac khu|huyen|phuong|quan|tinh|xa"
    r"|t\.?p|tx|tt|[hqxpft])( ?\.|)( ?[(:] ?|[ \n]?)$"
)
#: What stands before a name that is a person's, a treaty's or a time zone's.
_OF_A_PERSON = re.compile(
    r"(?:chu tich|tu tuong|tuong|lang|bao tang|cong san|duong mon|guong|phong cach|bac|duong) $"
)
_OF_A_PAPER = re.compile(r"(?:cong uoc|hiep dinh|\bgio) $")
_NEXT_WORD = re.compile(r" ([^\W\d_]+)")
_LAST_WORD = re.compile(r"([^\W_]+) $")
_TYPE_FORMS = frozenset(
    map(
        canon,
        (
            "thành phố", "thị trấn", "thị xã", "đặc khu", "huyện", "phường", "quận", "tỉnh", "xã",
            "T.P",
        ),
    )
)  # fmt: skip
#: What stands between two names of a list; one name that the map lacks may stand between.
LIST_GAP = re.compile(r"[ \n]*(?:,|va|-|;|, va)[ \n]*(?:[^\W\d_]+(?: [^\W\d_]+){0,2}, )?")
_PLURAL = re.compile(r"(?:cac|\d|hai|ba|bon|nam|nhieu|may|nhung) $")


def type_before(page: Page, start: int) -> tuple[str, int]:
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
    if word == "xa" and page.folded.endswith("hop tac ", 0, found.start(1)):
        return "", start
    if not type_agrees(page, found.start(1), found.end(1), word):
        return "", start
    return TYPES[word.replace(".", "")], found.start()


def type_agrees(page: Page, start: int, end: int, word: str) -> bool:
    """Say whether a type word has its accents ("xã", not "xa"), where the text has any."""
    if page.unaccented or (len(word) < 3 and word != "xa"):
        return True
    return canon(page.text[start:end]) in _TYPE_FORMS


def part_of_a_name(page: Page, start: int, end: int, name: str) -> bool:
    """Say whether a bare name is a piece of a longer one: a person, a company, a street."""
    text = page.text
    if _OF_A_PERSON.search(page.folded, max(0, start - 14), start) and name == "ho chi minh":
        return True
    if _OF_A_PAPER.search(page.folded, max(0, start - 10), start):
        return True
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


def spread_type(hits: list[Hit], page: Page) -> None:
    """Give the type word of a list's first name to the names that follow it."""
    for first, second in pairwise(hits):
        if second.type or second.foreign or first.foreign:
            continue
        gap = page.folded[first.end : second.name]
        if not LIST_GAP.fullmatch(gap):
            continue
        if not first.type:
            if len(gap) < 5:
                first.flags.add("list")
                second.flags.add("list")
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


def of_type(hit: Hit) -> list[Candidate]:
    """Return the candidates that the type word allows; units are retitled, levels are kept."""
    if not hit.type:
        return hit.candidates
    exact = [c for c in hit.candidates if c.type == hit.type]
    if exact:
        return exact
    level = {"tinh": {0}, "thanh pho": {0, 1}, "thi xa": {1}, "huyen": {1}, "quan": {1}}
    return [c for c in hit.candidates if c.rank in level.get(hit.type, {2})]
