import random
import re

import pytest

from nlp.features import Sieve, split
from nlp.mask_contact import contacts
from nlp.mask_hints import hinted, marked, numbered
from nlp.mask_spans import Span
from nlp.place_scan import NameScan
from nlp.runs import letters, syllables

_CHARS = "ab cđĐ’' _9٣²½ªßİıÀẠ\n\t–.,;(ởo\u0301\u2028ǅⅧ①"
_LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SYLLABLES = re.compile(r"[^\W_]+")


@pytest.mark.parametrize("more", ["", "\U0001f600", "水", "’"])
@pytest.mark.parametrize("size", [0, 1, 20, 95, 96, 300])
def test_words_cut_by_array_are_those_of_the_pattern(size: int, more: str) -> None:
    chance = random.Random(size)  # noqa: S311 (no secret)
    for _ in range(50):
        text = "".join(chance.choice(_CHARS) for _ in range(size)) + more
        for cut, pattern in ((letters, _LETTERS), (syllables, _SYLLABLES)):
            found = cut(text)
            assert found.words == pattern.findall(text)
            assert found.starts == [match.start() for match in pattern.finditer(text)]


def test_a_sieve_leaves_out_no_place_where_a_phrase_begins() -> None:
    sieve = Sieve([["rac"], ["o", "nhiem"], ["khu", "dan", "cu"]])
    tokens = split("rac thai: o nhiem tai khu dan cu 12, rac; o\nnhiem")
    alone, pairs = sieve.find(tokens)
    assert {0, 9} <= set(alone)
    assert {2, 5, 10} <= set(pairs)
    assert sieve.find(split("")) == ([], [])


def test_names_are_found_within_others_and_only_as_whole_words() -> None:
    scan = NameScan(["hue", "thua thien - hue", "thien", "m'drak", "ba tri", " 1"])
    found = scan.find("thua thien - hue, m'drak hay ba tri; ba trieu huec, 1")
    assert [name for _, _, name in found] == [
        *("thien", "thua thien - hue", "hue", "m'drak", "ba tri"),
        " 1",
    ]
    assert scan.find("m'draka 1a") == []


def _rule(folded: str) -> list[Span]:
    return [Span(0, len(folded), "phone")]


def test_a_rule_is_asked_only_where_its_hint_stands() -> None:
    ask = numbered(8, lambda folded: iter(_rule(folded)))
    assert list(ask("goi 0912 345 678"))
    assert list(ask("goi 09o2.345.6"))
    assert not list(ask("nam 2025, 1.200 ho"))
    assert not list(marked(("zalo",), lambda folded: iter(_rule(folded)))("facebook"))
    either = hinted(re.compile(r"\d/\d"), lambda folded: iter(_rule(folded)), "so nha")
    assert [bool(list(either(text))) for text in ("1/2", "so nha", "nha so")] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("bks 63a 12345", "plate"),
        ("bs 71c2 1234", "plate"),
        ("lan (at) gmail.com", "email"),
        ("tuan a cong gmail.com", "email"),
        ("gan 12/3b, duong nguyen hue", "house"),
        ("dia chi: 12 bis pho hue", "house"),
        ("ngu 45/6 ap ba", "house"),
        ("can ho b12-05", "house"),
        ("ho chieu b1234567", "passport"),
        ("momo 0912345678", "account"),
        ("so the 123456", "account"),
        ("khong chin mot hai ba bon nam sau bay tam", "phone"),
        ("o912345678", "phone"),
        ("zalo ten la 'be ti'", "profile"),
        ("m.me/lan", "profile"),
    ],
)
def test_no_hint_stands_in_the_way_of_its_rule(text: str, kind: str) -> None:
    assert kind in {span.kind for span in contacts(text)}
