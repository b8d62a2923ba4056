"""Routing explains itself: the rows it says it took and passed are those that decide."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_route_rules import AFTER, BEFORE, CROSS, MORE_SPECIFIC_EACH, ROWS, SmallMap, ask, table

from triage.rows import Explanation, Tried

PLACES = [key for key, unit in SmallMap().places.items() if unit.level != "landmark"]


def explain(rows: Any, where: str, topic: str, day: date, **more: Any) -> Explanation:
    return table(rows).explain(where, [topic], day, has_contact=lambda _: True, **more)


@settings(deadline=None)
@given(
    steps=st.lists(st.sampled_from(range(len(MORE_SPECIFIC_EACH))), min_size=1, unique=True),
    where=st.sampled_from(["50", "500", "50001", "50002", "501"]),
    topic=st.sampled_from(["waste", "health"]),
)
def test_the_row_it_took_is_the_one_that_decides(steps: list[int], where: str, topic: str) -> None:
    rows = [MORE_SPECIFIC_EACH[step] for step in steps]

    ((spot, tried),) = explain(rows, f"{where}@", topic, BEFORE).tried
    routing = ask(table(rows), f"{where}@", topic)

    assert spot.key == f"{where}@"
    taken = [one.claim.name for one in tried if one.taken]
    assert taken == [name for name in [routing.rule] if name.startswith("routing/")]
    assert all(bool(one.why) != one.taken for one in tried)
    if not taken:
        assert "kém cụ thể hơn dòng được chọn" not in {one.why for one in tried}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"place": "50001", "valid_to": date(2023, 1, 1)}, "không có hiệu lực ngày 01/03/2024"),
        ({"place": "50001", "topics": ["health"]}, "cho chủ đề khác"),
        ({"place": "500", "scope": "itself"}, "chỉ khi không nêu nơi nào nhỏ hơn"),
        ({"place": "50", "scope": "cross"}, "chỉ khi liên quan nhiều đơn vị"),
        ({"place": "*", "level": "province", "scope": "itself"}, "cho cấp khác"),
        ({"place": "50"}, "kém cụ thể hơn dòng được chọn"),
    ],
)
def test_a_row_that_was_passed_says_why(row: dict[str, Any], why: str) -> None:
    rows = (
        {"place": "50001", "topics": ["waste"], "lead": "special"},
        {"lead": "department"} | row,
    )

    ((_, tried),) = explain(rows, "50001@", "waste", BEFORE).tried

    assert [(one.taken, one.why) for one in tried] == [(True, ""), (False, why)]


def test_rows_about_other_places_are_left_out() -> None:
    rows = (
        *ROWS,
        {"place": "501", "lead": "special"},
        {"place": "*", "within": "501", "lead": "special"},
    )

    ((_, tried),) = explain(rows, "50001@", "waste", BEFORE).tried

    assert [one.claim.number for one in tried] == [1, 2]


def test_a_problem_under_several_units_tries_the_rows_for_that_too() -> None:
    found = explain((*ROWS, CROSS), "50001@", "waste", BEFORE, places=("50001@", "50003@"))

    names = [spot.key for spot, _ in found.tried]
    crossing: tuple[Tried, ...] = found.tried[-1][1]
    assert names == ["50001@", "50003@", "50@"]
    assert [one.claim.row.scope for one in crossing if one.taken] == ["cross"]


def test_the_climb_is_told_up_to_the_last_unit() -> None:
    routes = table()

    found = routes.explain("50001@", ["waste"], BEFORE, has_contact=lambda unit: unit == "special")
    after = routes.explain("50001@2025-07-01", ["waste"], AFTER, has_contact=lambda _: True)

    assert found.asked == (("district-500", False),)
    assert after.asked == (("commune-50001", True),)


@settings(deadline=None)
@given(
    where=st.sampled_from(PLACES),
    others=st.lists(st.sampled_from(PLACES), max_size=3),
    day=st.dates(date(2023, 1, 1), date(2026, 12, 31)),
    contacts=st.sets(st.sampled_from(["district-500", "commune-50001", "department"])),
)
def test_whatever_is_asked_the_explanation_agrees_with_the_answer(
    where: str, others: list[str], day: date, contacts: set[str]
) -> None:
    routes = table((*ROWS, CROSS))
    known = contacts.__contains__

    routing = routes.route(where, ["waste"], day, day, has_contact=known, places=others)
    found = routes.explain(where, ["waste"], day, has_contact=known, places=others)

    taken = {one.claim.name for _, tried in found.tried for one in tried if one.taken}
    if routing.rule.startswith("routing/"):
        assert routing.rule in taken
    reached = [unit for unit, can in found.asked if can]
    if routing.hold is None and routing.lead in reached:
        assert routing.lead == reached[0]
