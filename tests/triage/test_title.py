"""The plainest report names the event."""

from __future__ import annotations

import pytest

from triage.title import loudness, plainest


@pytest.mark.parametrize(
    ("loud", "plain"),
    [
        ("KINH HOÀNG rác ngập chợ!", "Rác tồn đọng ở chợ trung tâm"),
        ("Bất ngờ với cảnh tượng bên bãi rác…", "Bãi rác xã bị phản ánh gây mùi"),
        ("Dân kêu trời vì mùi hôi", "Mùi hôi từ trại heo ở ấp Bình"),
        ("Ngộp thở bên bờ kênh đen", "Nước kênh ấp Tây chuyển màu đen"),
        ("“Núi rác” chắn lối vào trường", "Rác chắn lối vào trường tiểu học"),
        ("Bao giờ mới hết ngập? Ai chịu trách nhiệm?", "Đường tỉnh ngập sau mưa lớn"),
        ("bà con ơi coi nha cầu sắp sập", "Cầu nông thôn xuống cấp nặng"),
    ],
)
def test_the_plainer_wins_whoever_came_first(loud, plain):
    assert plainest([loud, plain]) == plainest([plain, loud]) == plain


def test_of_equally_plain_titles_the_first_stays():
    assert plainest(["Đường huyện hư hỏng nặng", "Đường huyện xuống cấp nặng"]) == (
        "Đường huyện hư hỏng nặng"
    )


@pytest.mark.parametrize(
    "title",
    [
        "Nông dân Sóc Trăng chờ nước ngọt về",
        "UBND TP thông báo cúp nước ở hai phường",
        "Nắng nóng kéo dài, vườn cây thiếu nước",
        "Bến Tre: sạt lở 800 mét bờ sông",
    ],
)
def test_plain_words_are_not_taken_for_loud_ones(title):
    assert loudness(title) == 0


def test_no_title_is_no_title_and_the_only_one_is_taken():
    assert plainest(["", "  "]) == ""
    assert plainest(["", "SỐC!!! CỰC NÓNG"]) == "SỐC!!! CỰC NÓNG"
