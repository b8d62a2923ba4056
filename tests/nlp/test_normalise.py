"""Spelling: one form for equal words, offsets that hold after folding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.normalise import clean, fold, normalise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Uỷ ban xã HOÀ Bình", "Ủy ban xã HÒA Bình"),
        ("quý hoàn khoẻ thuỷ", "quý hoàn khỏe thủy"),
        ("Quỳ", "Quỳ"),
        ("hoa\u0300", "hòa"),
    ],
    ids=["upper-case", "closed-and-q", "q-upper", "decomposed"],
)
def test_normalise_puts_tones_in_one_place(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ðường\xa0số\u200b 5", "Đường số 5"),
        ("a \r\n\r\n\n b", "a\nb"),
        ("\x00x", "x"),
    ],
)
def test_clean_tidies(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(st.text())
def test_fold_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text())
def test_clean_and_normalise_are_idempotent(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert normalise(normalise(text)) == normalise(text)


def test_fold_strips_accents_and_d() -> None:
    assert fold("Bãi rác An Hiệp, Đồng Khởi") == "bai rac an hiep, dong khoi"
