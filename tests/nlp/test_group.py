"""Grouping: what joins, what must not, and that the past is rebuilt as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nlp.event import Arrival, Joined
from nlp.group import Grouper
from nlp.group_match import FACTS, Match, is_round_up, load_match, match_of
from nlp.training import events

START = datetime(2024, 3, 1, 8, tzinfo=UTC)
AN_HIEP, TAM_HIEP = "29032@", "29053@"

LANDFILL = Arrival(
    1,
    "Bãi rác An Hiệp bốc cháy, khói phủ ba ấp",
    "Bãi rác ở xã An Hiệp, huyện Ba Tri cháy âm ỉ từ khuya. Khói đen phủ kín ba ấp, nhiều nhà phải "
    "đóng cửa, người già và trẻ nhỏ sang nhà bà con ở nhờ. Xã đã báo huyện đem xe ben lấp đất.",
    START,
    (AN_HIEP,),
    ("waste", "pollution"),
)
LANDFILL_AGAIN = Arrival(
    2,
    "Khói từ bãi rác An Hiệp, học sinh đeo khẩu trang vào lớp",
    "Sang ngày thứ hai, bãi rác An Hiệp ở Ba Tri vẫn còn khói. Trường tiểu học cách bãi rác chừng "
    "năm trăm mét cho học sinh đeo khẩu trang. Người dân ba ấp mong huyện lấp đất cho dứt điểm.",
    START + timedelta(days=1),
    (AN_HIEP,),
    ("waste", "pollution"),
)
THIRST = Arrival(
    3,
    "Xã cồn Tam Hiệp chờ sà lan chở nước ngọt",
    "Gần hai tháng qua, bà con xã Tam Hiệp, huyện Bình Đại phải xếp hàng lấy nước từ sà lan. Giếng "
    "nhiễm mặn, mỗi nhà được chia hai can một ngày, ai hết thì mua giá cao từ đất liền chở qua.",
    START + timedelta(hours=3),
    (TAM_HIEP,),
    ("water_climate", "infrastructure"),
)


@pytest.fixture
def grouper() -> Grouper:
    return Grouper()


def told(joined: Joined) -> tuple[int, bool]:
    return joined.event, joined.new


def test_add_joins_a_report_of_the_same_problem(grouper: Grouper) -> None:
    assert told(grouper.add(LANDFILL)) == (1, True)

    joined = grouper.add(LANDFILL_AGAIN)

    assert told(joined) == (1, False)
    assert joined.copy_of is None
    assert joined.why == "cùng nội dung, cùng địa bàn, cùng lĩnh vực"


def test_add_begins_an_event_for_another_problem(grouper: Grouper) -> None:
    grouper.add(LANDFILL)

    assert told(grouper.add(THIRST)) == (3, True)


def test_add_names_the_item_that_a_copy_repeats(grouper: Grouper) -> None:
    grouper.add(LANDFILL)
    copy = replace(LANDFILL, id=9, text=f"{LANDFILL.text} Theo báo bạn.")

    assert grouper.add(copy).copy_of == 1


def test_add_never_joins_a_very_short_item_but_suggests(grouper: Grouper) -> None:
    grouper.add(LANDFILL)

    joined = grouper.add(replace(LANDFILL, id=5, title="", text="bãi rác An Hiệp cháy nữa"))

    assert told(joined) == (5, True)
    assert joined.why == "quá ngắn để tự ghép"
    assert [event for event, _ in joined.suggest] == [1]


def test_add_lets_nothing_join_a_round_up(grouper: Grouper) -> None:
    round_up = replace(LANDFILL, id=4, title="Điểm tin 6h: bãi rác An Hiệp cháy, xã cồn khát nước")
    assert told(grouper.add(round_up)) == (4, True)

    assert told(grouper.add(LANDFILL_AGAIN)) == (2, True)


def test_add_does_not_join_a_round_up(grouper: Grouper) -> None:
    grouper.add(LANDFILL)
    round_up = replace(LANDFILL, id=4, title="Tin sáng: bãi rác An Hiệp bốc cháy, khói phủ ba ấp")

    joined = grouper.add(round_up)

    assert (told(joined), joined.why) == ((4, True), "bản tin điểm nhiều việc")
    assert joined.suggest[0][0] == 1


def test_add_of_the_same_sequence_gives_the_same_events() -> None:
    sequence = [LANDFILL, THIRST, LANDFILL_AGAIN, replace(THIRST, id=8)]

    one, other = (list(map(Grouper().add, sequence)) for _ in range(2))

    assert one == other


def test_restore_leaves_the_grouper_as_add_would_have() -> None:
    lived, rebuilt = Grouper(), Grouper()
    for arrival in (LANDFILL, THIRST):
        joined = lived.add(arrival)
        rebuilt.restore(arrival, joined.event, joined.copy_of)

    assert rebuilt.add(LANDFILL_AGAIN) == lived.add(LANDFILL_AGAIN)


def test_forget_before_drops_events_that_ended(grouper: Grouper) -> None:
    grouper.add(LANDFILL)
    grouper.add(THIRST)

    grouper.forget_before(START + timedelta(hours=1))

    assert len(grouper) == 1
    assert told(grouper.add(LANDFILL_AGAIN)) == (2, True)


def test_add_reads_an_unaccented_copy_as_the_same_event(grouper: Grouper) -> None:
    grouper.add(LANDFILL)
    bare = replace(
        LANDFILL_AGAIN,
        title="Khoi tu bai rac An Hiep, hoc sinh deo khau trang vao lop",
        text="Sang ngay thu hai, bai rac An Hiep o Ba Tri van con khoi. Truong tieu hoc cach bai rac "
        "chung nam tram met cho hoc sinh deo khau trang. Nguoi dan ba ap mong huyen lap dat.",
    )

    assert told(grouper.add(bare)) == (1, False)


@pytest.mark.parametrize("number", [0, 1])
def test_add_takes_empty_items(grouper: Grouper, number: int) -> None:
    for at in range(number + 1):
        assert told(grouper.add(Arrival(at, "", "", START))) == (at, True)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Điểm tin 17h: bão gần bờ", True),
        ("Xem nhanh 20h ngày 30.9", True),
        ("Tin tức sáng 12-11: nhiều việc", True),
        ("Tin trưa 3-4", True),
        ("Ban tin chieu", True),
        ("Toàn cảnh 17h: nhiều việc trong ngày", True),
        ("Ngày mới với tin tức sức khỏe: ăn gì cho thận", True),
        ("Toàn cảnh bãi rác nhìn từ trên cao", False),
        ("Tin dữ từ xã cồn", False),
        ("Điểm đen tai nạn ở quốc lộ 60", False),
        ("Bãi rác An Hiệp bốc cháy", False),
        ("", False),
    ],
)
def test_is_round_up(title: str, expected: bool) -> None:
    assert is_round_up(title) is expected


class TestMatch:
    def test_score_is_one_half_just_at_the_limit(self) -> None:
        match = Match((0.0,) * len(FACTS), 0.0, join_article=0.5, join_note=0.9)

        assert match.score((0.0,) * len(FACTS)) == pytest.approx(0.5)

    def test_score_asks_more_of_notes(self) -> None:
        match = Match((0.0,) * len(FACTS), 0.0, join_article=0.5, join_note=0.9)
        note = tuple(float(fact == "short") for fact in FACTS)

        assert match.score(note) == pytest.approx(0.1)

    def test_match_of_refuses_weights_that_lack_a_fact(self) -> None:
        with pytest.raises(KeyError, match="days"):
            match_of({fact: 0.0 for fact in FACTS if fact != "days"}, 0.0, events.LIMITS)

    def test_write_is_read_back(self, tmp_path: Path) -> None:
        shipped = load_match()

        events.write(shipped, tmp_path / "match.toml")

        assert load_match(tmp_path / "match.toml") == shipped


class TestLearn:
    def test_learn_weighs_likeness_positively(self) -> None:
        groups = [
            events.Grouped("rac", LANDFILL),
            events.Grouped("rac", LANDFILL_AGAIN),
            events.Grouped("nuoc", THIRST),
            events.Grouped("nuoc", replace(THIRST, id=7)),
        ]
        pairs = [
            events.Judged(LANDFILL, LANDFILL_AGAIN, same=True, weight=1.0),
            events.Judged(LANDFILL, replace(THIRST, places=(AN_HIEP,)), same=False, weight=1.0),
        ]

        match = events.learn([events.from_groups(groups), events.from_pairs(pairs)])

        assert match.weights[FACTS.index("nearest")] > 0
