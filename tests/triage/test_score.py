"""The score is a sum of named parts, and each part says what was counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_events import NOON, event

from config.errors import ConfigError
from config.load import load_catalog
from triage.facts import Score, ScorePart
from triage.score import WEIGHTS, Surge, check_weights, score, surge

PART_NAMES = ["severity", "outlets", "reach", "recurrence", "vulnerable", "surge", "age"]


def test_the_score_of_the_landfill_by_hand() -> None:
    facts = event(
        severity=3,
        items=12,
        outlets=tuple("abcd"),
        flags=("vulnerable",),
        daily=(9, 1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1),
        last_closed_case=7,
        last_closed_at=NOON - timedelta(days=90),
        unanswered_since=NOON - timedelta(days=4, hours=3),
    )

    assert score(facts, WEIGHTS, now=NOON) == Score(
        total=14.86,
        parts=(
            ScorePart("severity", 3.0, 2.0, 6.0, "Mức độ 3/3: nghiêm trọng"),
            ScorePart("outlets", 4.0, 0.5, 2.0, "4 nguồn độc lập (bản sao không tính)"),
            ScorePart("reach", 12.0, 0.1, 1.2, "12 tin, kể cả bản đăng lại"),
            ScorePart("recurrence", 1.0, 1.5, 1.5,
                      "Tái diễn: vụ việc số 7 đã đóng ngày 21/04/2023"),
            ScorePart("vulnerable", 1.0, 1.0, 1.0,
                      "Trẻ em, người bệnh hoặc hộ khó khăn chịu ảnh hưởng"),
            # Expected 1, limit 1 + 1.96 × √(1 × 4/3) = 3.26; 9 / 3.26 = 2.76.
            ScorePart("surge", 2.76, 1.0, 2.76,
                      "9 tin trong ngày, tăng bất thường "
                      "(cùng thứ các tuần trước khoảng 1, ngưỡng 3.26)"),
            ScorePart("age", 4.0, 0.1, 0.4, "4 ngày chưa có trả lời"),
        ),
    )  # fmt: skip


def test_a_quiet_event_has_every_part_and_says_why_it_gives_nothing() -> None:
    found = score(event(severity=1, items=1, outlets=("a",)), WEIGHTS)

    assert found.total == 2.6
    assert [(part.name, part.value, part.why) for part in found.parts] == [
        ("severity", 1.0, "Mức độ 1/3: phiền hà nhỏ"),
        ("outlets", 1.0, "1 nguồn độc lập (bản sao không tính)"),
        ("reach", 1.0, "1 tin, kể cả bản đăng lại"),
        ("recurrence", 0.0, "Chưa từng có vụ việc đã đóng"),
        ("vulnerable", 0.0, "Không nêu người yếu thế"),
        ("surge", 0.0, "Chưa đủ số ngày để so với thường lệ"),
        ("age", 0.0, "Không chờ trả lời"),
    ]


def test_great_counts_are_capped_and_say_so() -> None:
    facts = event(
        items=400,
        outlets=tuple(str(n) for n in range(40)),
        unanswered_since=NOON - timedelta(days=400),
    )

    found = {part.name: (part.value, part.why) for part in score(facts, WEIGHTS, now=NOON).parts}

    assert found["outlets"] == (6.0, "40 nguồn độc lập (bản sao không tính), tính tối đa 6")
    assert found["reach"] == (20.0, "400 tin, kể cả bản đăng lại, tính tối đa 20")
    assert found["age"] == (30.0, "400 ngày chưa có trả lời, tính tối đa 30")


def test_the_shipped_weights_are_those_of_the_code() -> None:
    assert load_catalog(None).policy.weights == dict(WEIGHTS)


def test_a_weight_of_no_part_is_refused_by_name() -> None:
    check_weights({"severity": 0.0, "age": 1.0})

    with pytest.raises(ConfigError) as caught:
        check_weights({"severty": 2.0, "age": 1.0, "mood": 1.0})

    known = "severity, outlets, reach, surge, recurrence, age, vulnerable"
    assert caught.value.problems == (
        f"policy.toml: weights.severty: none of {known}",
        f"policy.toml: weights.mood: none of {known}",
    )


def test_a_weight_of_the_operator_wins_and_zero_keeps_the_part_in_sight() -> None:
    found = score(event(), {"severity": 0.0, "outlets": 2.0})

    assert [(part.name, part.points) for part in found.parts[:3]] == [
        ("severity", 0.0),
        ("outlets", 4.0),
        ("reach", 0.2),
    ]
    assert found.total == 4.2


@settings(deadline=None)
@given(
    severity=st.integers(0, 3),
    items=st.integers(1, 500),
    outlets=st.integers(1, 40),
    daily=st.lists(st.integers(0, 60), max_size=80),
    flags=st.sets(st.sampled_from(["vulnerable", "gathering"])),
    days=st.one_of(st.none(), st.integers(0, 100)),
    weights=st.dictionaries(st.sampled_from(PART_NAMES), st.floats(0, 10)),
    tests=st.integers(1, 1000),
)
def test_the_total_is_the_sum_and_each_part_is_value_times_weight(
    severity: int,
    items: int,
    outlets: int,
    daily: list[int],
    flags: set[str],
    days: int | None,
    weights: dict[str, float],
    tests: int,
) -> None:
    facts = event(
        severity=severity,
        items=items,
        outlets=tuple(str(n) for n in range(outlets)),
        daily=tuple(daily),
        flags=tuple(flags),
        unanswered_since=None if days is None else NOON - timedelta(days=days),
    )

    found = score(facts, weights, now=NOON, tests=tests)

    assert [part.name for part in found.parts] == PART_NAMES
    assert found.total == round(sum(part.points for part in found.parts), 2)
    for part in found.parts:
        assert part.weight == weights.get(part.name, WEIGHTS[part.name])
        assert part.points == round(part.value * part.weight, 2)
        assert part.value >= 0
        assert part.why


@pytest.mark.parametrize("weeks", [0, 1, 2])
def test_a_young_event_has_no_baseline(weeks: int) -> None:
    assert surge([9] + [0] * (7 * weeks)) is None


def test_a_busy_weekday_is_compared_with_itself() -> None:
    mondays_only = [10, 0, 0, 0, 0, 0, 0] * 6

    assert surge(mondays_only) == Surge(today=10, expected=10.0, limit=16.79)
    assert surge([10, *mondays_only[1:7], *([0] * 7 * 4)]) == Surge(10, 0.0, 2.19)


def test_past_bursts_count_less_than_they_weigh() -> None:
    steady, burst = [0] * 7 * 5, [0] * 7 * 5
    for week in range(5):
        steady[7 * week] = burst[7 * week] = 2
    burst[14] = 40

    plain, after_burst = surge(steady), surge(burst)

    assert plain is not None
    assert after_burst is not None
    assert plain.expected == 2.0
    # Weight of the burst (4/40)² = 0.01: (3 × 2 + 0.01 × 40) / 3.01; the mean would be 11.5.
    assert after_burst.expected == 2.13


def test_many_tests_raise_the_limit() -> None:
    daily = [6] + [0] * 6 + ([1] + [0] * 6) * 8

    limits = [found.limit for n in (1, 10, 100, 1000) if (found := surge(daily, n))]

    assert limits == [3.08, 3.98, 4.69, 5.3]


@settings(deadline=None)
@given(daily=st.lists(st.integers(0, 30), min_size=22, max_size=70), more=st.integers(1, 30))
def test_more_items_today_never_make_it_less_unusual(daily: list[int], more: int) -> None:
    found, busier = surge(daily), surge([daily[0] + more, *daily[1:]])

    assert found is not None
    assert busier is not None
    assert (busier.limit, busier.expected) == (found.limit, found.expected)
    assert busier.unusual >= found.unusual


def test_a_surge_says_what_is_usual() -> None:
    daily = (6, *[0] * 6, *([1, 0, 0, 0, 0, 0, 0] * 3))

    alone = {part.name: part for part in score(event(daily=daily), WEIGHTS).parts}["surge"]
    quiet = {part.name: part for part in score(event(daily=(2, *daily[1:])), WEIGHTS).parts}[
        "surge"
    ]

    assert (alone.value, alone.why) == (
        1.84,
        "6 tin trong ngày, tăng bất thường (cùng thứ các tuần trước khoảng 1, ngưỡng 3.26)",
    )
    assert (quiet.value, quiet.why) == (
        0.0,
        "2 tin trong ngày, bình thường (cùng thứ các tuần trước khoảng 1, ngưỡng 3.26)",
    )
