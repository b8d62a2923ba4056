"""Masking: planted personal data vanishes, officials and places stay, and no text takes for ever."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from config.gazetteer import load_gazetteer
from nlp.mask import Masker

PLANTED = Path(__file__).parent / "data" / "pii.jsonl"
ROWS = [json.loads(line) for line in PLANTED.read_text("utf-8").splitlines()]
#: What the rules do not see yet: names in small letters without accents. May only shrink.
MISSED = 1


@pytest.fixture(scope="module")
def masker() -> Masker:
    return Masker(load_gazetteer(None))


def test_planted_data_vanishes_but_for_the_known_misses(masker: Masker) -> None:
    left = [
        (row["id"], secret)
        for row in ROWS
        for secret in row["hide"]
        if secret in masker.mask("", row["text"]).text
    ]

    assert len({row for row, _ in left}) == MISSED, left


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_officials_and_places_stay(masker: Masker, row: dict[str, Any]) -> None:
    masked = masker.mask("", row["text"]).text

    assert [name for name in row["keep"] if name not in masked] == []


def test_mask_is_idempotent(masker: Masker) -> None:
    once = [masker.mask("", row["text"]).text for row in ROWS]

    assert [masker.mask("", text).text for text in once] == once


@pytest.mark.parametrize(
    "text",
    ["a" * 100_000, "a." * 50_000, "a@" * 50_000, "x@" + "a." * 49_000, "aGVsbG8gd29ybGQ=" * 6_000],
    ids=["letters", "dots", "at", "domain", "base64"],
)
def test_a_hostile_run_of_letters_ends(masker: Masker, text: str) -> None:
    # A pattern that tries every start against every end needs hours for these.
    assert masker.mask("", text).text


@pytest.mark.parametrize(
    "secret",
    ["lan.nguyen@thu.example.vn", "tran_binh (a còng) congty.com", "0912 345 678", "lan@x.vn"],
)
def test_what_reaches_a_person_vanishes(masker: Masker, secret: str) -> None:
    masked = masker.mask("", f"Liên hệ {secret} để biết thêm.")

    assert secret not in masked.text
    assert sum(masked.counts.values()) == 1


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Xe BKS 63A 12345 do người lạ lái", "Xe BKS [biển số] do người lạ lái"),
        ("Biển số giả 71B1-123.45 vẫn chạy", "Biển số giả [biển số] vẫn chạy"),
        ("Biển số xe 71 B1 12345 đang đỗ", "Biển số xe [biển số] đang đỗ"),
        ("BKS: 60LD-00123 ban đêm", "BKS: [biển số] ban đêm"),
    ],
)
def test_a_plate_takes_no_word_beside_it_along(masker: Masker, text: str, masked: str) -> None:
    assert masker.mask("", text).text == masked


def test_a_broken_character_is_dropped(masker: Masker) -> None:
    assert masker.mask("a\ud800b", "Ba Tri \udfff hôm nay").title == "ab"


@pytest.mark.parametrize(
    "text",
    [
        "Người dân ấp Quí Điền A, xã Hòa Lợi, kêu cứu.",
        "Đoạn qua các ấp Quí Điền A, Quí Điền B và Quí Thuận C sạt lở.",
        "Tượng ông Nguyễn Văn Bảy ở công viên.",
    ],
)
def test_hamlets_with_a_letter_and_figures_of_history_stay(masker: Masker, text: str) -> None:
    assert masker.mask("", text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "Ông Nguyễn Văn Bảy, ngụ ấp 3, cho biết ruộng nhiễm mặn.",
        "bà Lê Thị Riêng (62 tuổi) kể nhà bị sạt lở.",
        "Ong Nguyen Van Bay noi nuoc den.",
    ],
)
def test_somebody_alive_with_a_name_of_history_is_masked(masker: Masker, text: str) -> None:
    masked = masker.mask("", text).text
    assert "[tên]" in masked
    assert not any(name in masked for name in ("Bảy", "Riêng", "Bay"))
