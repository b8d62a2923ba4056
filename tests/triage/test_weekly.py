"""Weekly figures: what is counted in which week, and what is too little to tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from triage.act import Kind
from triage.figures import CaseLine, MissLine, StepLine
from triage.weekly import LEGS, Share, Week, weekly

MONDAY = datetime(2026, 11, 15, 17, tzinfo=UTC)  # midnight in Asia/Ho_Chi_Minh
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_numbers = iter(range(1, 10_000))

Step = tuple[timedelta, str, dict[str, Any]]


def hours(start: datetime, end: datetime) -> float:
    return (end - start) / HOUR


def case(
    *steps: Step, unit: str = "Xã A", topics: tuple[str, ...] = ("waste",), reader: str = "r1"
) -> CaseLine:
    lines = tuple(
        StepLine(seq, MONDAY + after, kind, data)
        for seq, (after, kind, data) in enumerate(steps, 1)
    )
    return CaseLine(next(_numbers), unit, topics, lines[0].at, reader, lines)


def step(after: timedelta, kind: str, **data: Any) -> Step:
    return after, kind, data


def opened(after: timedelta = HOUR) -> Step:
    return step(after, "opened:approved")


def sent(after: timedelta = 2 * HOUR) -> Step:
    return step(after, "sent")


def closed(after: timedelta, veracity: str) -> Step:
    return step(after, Kind.CLOSE.value, veracity=veracity, outcome="fixed")


def figures(cases: Sequence[CaseLine], misses: Sequence[MissLine] = ()) -> Week:
    return weekly(cases, misses, MONDAY, hours)


def test_a_week_without_anything_has_no_shares() -> None:
    found = figures([])

    assert (found.sent, found.ended.precision, found.wrong_unit) == (0, Share(0, 0), Share(0, 0))
    assert found.recall.value is None
    assert [(leg.name, leg.count, leg.median, leg.p90) for leg in found.legs] == [
        (name, 0, None, None) for name in LEGS
    ]


def test_precision_is_of_what_was_decided_by_unit_and_topic() -> None:
    ways = ["true", "true", "partly", "false", "undecided", "true"]
    cases = [case(opened(), sent(), closed(DAY, way)) for way in ways]
    cases.append(
        case(opened(), sent(), step(DAY, Kind.DISMISS.value, code="not_an_issue"), unit="Xã B")
    )

    found = figures(cases)

    assert found.ended.precision == Share(4, 6)
    assert [(one.name, one.precision, one.undecided, one.dropped) for one in found.units] == [
        ("Xã A", Share(4, 5), 1, 0),
        ("Xã B", Share(0, 1), 0, 1),
    ]
    assert found.units[0].precision.value == pytest.approx(0.8)
    assert found.units[1].precision.value is None  # one case says nothing of a unit
    assert [one.name for one in found.topics] == ["waste"]


def test_what_happened_in_another_week_is_not_counted_in_this_one() -> None:
    before = case(opened(-9 * DAY), sent(-8 * DAY), closed(-DAY, "true"))
    later = case(opened(), sent(), closed(7 * DAY, "false"))
    old = case(opened(-9 * DAY), sent(-8 * DAY), closed(DAY, "true"))

    found = figures([before, later, old])

    assert found.sent == 1
    assert (found.ended.true, found.ended.false) == (1, 0)


def test_an_amendment_counts_and_a_reopened_case_has_not_ended() -> None:
    amended = case(
        opened(), sent(), closed(DAY, "false"), step(2 * DAY, Kind.AMEND.value, veracity="true")
    )
    reopened = case(opened(), sent(), closed(DAY, "false"), step(2 * DAY, Kind.REOPEN.value))

    found = figures([amended, reopened])

    assert (found.ended.true, found.ended.false) == (1, 0)


def test_undone_decisions_never_were() -> None:
    undone = case(opened(), sent(), closed(DAY, "false"), step(DAY, Kind.UNDO.value, undoes=3))

    found = figures([undone])

    assert found.ended.precision == Share(0, 0)


def test_wrong_units_are_of_the_cases_sent_this_week_whatever_came_later() -> None:
    given_back = case(opened(), sent(), step(9 * DAY, Kind.NOT_OURS.value, **{"from": "a"}))
    moved = case(opened(), sent(), step(DAY, Kind.ASSIGN.value, **{"from": "a", "to": "b"}))
    same = case(opened(), sent(), step(DAY, Kind.ASSIGN.value, **{"from": "a", "to": "a"}))
    chosen_before = case(opened(), step(HOUR, Kind.ASSIGN.value, **{"from": "", "to": "b"}), sent())
    quiet = case(opened(), sent())

    found = figures([given_back, moved, same, chosen_before, quiet])

    assert found.wrong_unit == Share(2, 5)
    assert found.wrong_unit.value == pytest.approx(0.4)


def test_a_case_that_is_sent_again_was_sent_once() -> None:
    twice = case(opened(), sent(), step(DAY, "sent"))
    last_week = case(opened(-3 * DAY), sent(-2 * DAY), step(DAY, "sent"))

    assert figures([twice, last_week]).sent == 1


def test_hours_of_each_step_by_median_and_ninetieth() -> None:
    cases = [
        case(
            opened(timedelta()),
            sent(n * HOUR),
            step(n * HOUR + 2 * HOUR, Kind.ACKNOWLEDGE.value),
            step(n * HOUR + 5 * HOUR, Kind.ANSWER.value, veracity="true"),
            closed(n * HOUR + 6 * HOUR, "true"),
        )
        for n in range(1, 12)
    ]

    legs = {leg.name: (leg.count, leg.median, leg.p90) for leg in figures(cases).legs}

    assert legs == {
        "sent": (11, 6.0, 10.0),
        "received": (11, 2.0, 2.0),
        "answered": (11, 3.0, 3.0),
        "closed": (11, 1.0, 1.0),
    }


def test_an_answer_without_receipt_is_receipt_and_answer_in_one() -> None:
    found = figures([case(opened(), sent(), step(DAY, Kind.ANSWER.value, veracity="true"))])

    legs = {leg.name: (leg.count, leg.median) for leg in found.legs}
    assert (legs["received"], legs["answered"]) == ((1, 22.0), (1, 0.0))


def test_misses_lower_recall_but_not_those_we_had_told() -> None:
    cases = [case(opened(), sent(), closed(DAY, "true")) for _ in range(6)]
    misses = [MissLine("waste", "no_issue"), MissLine("waste", "not_crawled")]

    found = figures(cases, [*misses, MissLine("waste", "known")])

    assert found.misses == {"known": 1, "no_issue": 1, "not_crawled": 1}
    assert found.recall == Share(6, 8)
    assert figures(cases).recall.value is None  # nobody noted a miss: nothing to measure with


def test_dismissed_proposals_by_code_and_readers_of_the_week() -> None:
    dropped = [
        case(opened(), step(DAY, Kind.DISMISS.value, code=code), reader=reader)
        for code, reader in (("duplicate", "r1"), ("duplicate", "r2"), ("not_an_issue", "r2"))
    ]

    found = figures(dropped)

    assert found.dismissed == {"duplicate": 2, "not_an_issue": 1}
    assert found.ended.dropped == 0  # no unit was written to
    assert found.readers == {"r1": 1, "r2": 2}
