"""Combining marks without end: cut before anybody puts them in order."""

from __future__ import annotations

import unicodedata

import pytest

from config.marks import cut_marks, drop_marks
from nlp import normalise
from nlp.place_spelling import composed
from triage.title import loudness
from triage.wording import one_line

#: A megabyte: to put them in order takes minutes, in one call that nothing interrupts.
PILE = "a" + "\u0301\u0316" * 250_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Đê bao sạt lở ở An Hòa",
        unicodedata.normalize("NFD", "Ấp Phước Thạnh, nghiêng ngả"),
        "\u0e01\u0e34\u0e48 ก็ \u0f40\u0f74\u0f0b",
        "𝐓𝐢𝐧 𝐧𝐨́𝐧𝐠 𝐭𝐫𝐨𝐧𝐠 𝐧𝐠𝐚̀𝐲 😀😀😀😀😀😀😀😀😀😀",
    ],
)
def test_what_people_write_is_left(text: str) -> None:
    assert cut_marks(text) == text


@pytest.mark.parametrize("mark", ["\u0301\u0316", "\u0f73", "\U0001d165\U0001d16d", "\u0344"])
def test_a_pile_is_cut(mark: str) -> None:
    assert cut_marks(f"a{mark * 9000}b{mark}") == "a" + (mark * 8)[:8] + f"b{mark}"


def test_marks_of_letters_stay_where_the_others_go() -> None:
    assert drop_marks(unicodedata.normalize("NFD", "Ấp Hòa") + "\u0316" * 9000) == "Ấp Hòa"


def test_nobody_puts_a_pile_in_order() -> None:
    assert len(normalise.clean(PILE)) < 10
    assert len(composed(PILE)[0]) < 10
    assert len(one_line(PILE)) < 10
    assert loudness(PILE) < 10
