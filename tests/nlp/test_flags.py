"""Rule flags: what fires, where, and what does not."""

from __future__ import annotations

import pytest

from nlp.flags import beside_words, find_flags
from nlp.phrases import Phrases, is_bare
from nlp.reader import read_tokens
from nlp.reading import seen


def flags(title: str, text: str) -> tuple[str, ...]:
    return find_flags(read_tokens(title, text), seen(title, text)).names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Xử phạt người tung tin đồn vỡ đê", ("speech",)),
        ("Xu phat nguoi tung tin don vo de", ("speech",)),
        ("Bị bắt vì lợi dụng các quyền tự do dân chủ", ("speech",)),
        ("Nhóm người biểu tình trước trụ sở", ("gathering", "protest")),
        ("Gửi đơn tố cáo trưởng ấp ăn chặn", ("about_unit", "denunciation")),
        ("UBND xã chậm trả lời khiến dân bức xúc", ("about_unit",)),
        ("Trẻ em và người khuyết tật kẹt trong lũ", ("vulnerable",)),
        ("Đường đã thông xe trở lại", ("remedied",)),
        ("Xử phạt công ty xả thải", ()),
        ("Giá dừa tăng", ()),
    ],
)
def test_flags_of_a_sentence(text: str, expected: tuple[str, ...]) -> None:
    assert flags("", text) == expected


def test_accents_tell_words_apart() -> None:
    assert flags("", "Quay clip rồi vậy là xong chuyện, cô giáo kể lại cho học trò nghe") == ()


def test_what_stands_far_below_decides_nothing() -> None:
    assert flags("Giá dừa tăng", "chữ " * 80 + "xử phạt người tung tin đồn") == ()


def test_reason_of_a_flag_points_at_the_phrase() -> None:
    title, text = "Tin sáng", "Hàng chục người biểu tình."
    found = find_flags(read_tokens(title, text), seen(title, text))

    pointed = {seen(title, text)[r.start : r.end] for r in found.reasons}

    assert pointed == {"biểu tình"}


def test_beside_words_keeps_the_other_clauses() -> None:
    title, text = "Phạt người tung tin đồn", "Bị phạt vì bài viết, nhưng bãi rác vẫn hôi. Dân khổ."
    found = find_flags(read_tokens(title, text), seen(title, text))

    assert beside_words(title, text, found) == ("", " nhưng bãi rác vẫn hôi. Dân khổ.")


@pytest.mark.parametrize(("text", "bare"), [("khong co dau", True), ("không có dấu", False)])
def test_is_bare(text: str, bare: bool) -> None:
    assert is_bare(text) == bare


def test_phrases_are_found_in_the_order_of_the_text() -> None:
    phrases = Phrases({"a": ["bãi rác"], "b": ["rác"]})
    text = "Rác ở bãi rác"

    hits = [(h.group, h.first, h.last) for h in phrases.find(read_tokens("", text), f"\n{text}")]

    assert hits == [("b", 0, 1), ("a", 2, 4), ("b", 3, 4)]
