"""Reminders and the ladder: when, how often, how high, and when they end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.catalog import PolicyEntry
from config.load import load_catalog
from config.settings import ZONE
from triage.calendar import WorkCalendar
from triage.case import CaseState, Deadlines
from triage.remind import Awaited, may_remind, remind, waits_too_long

CALENDAR = WorkCalendar(load_catalog(None).holidays)
POLICY = PolicyEntry()
HOUR = timedelta(hours=1)


def at(day: int, hour: int = 9, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


def due(first: datetime, **over: object) -> Awaited:
    """A case that was sent, and whose clock runs out at `first`."""
    case = Awaited(CaseState.SENT, 2, Deadlines(first, first + 40 * HOUR, first + 160 * HOUR))
    return replace(case, **over)  # type: ignore[arg-type]


def test_nothing_is_said_before_the_clock_has_run_out():
    assert remind(due(at(3)), at(3), POLICY, CALENDAR, 2) is None

    found = remind(due(at(3)), at(3, 9, 1), POLICY, CALENDAR, 2)

    assert found is not None
    assert (found.due.what, found.step, found.rung) == ("báo đã tiếp nhận", 1, 0)


def test_the_next_one_comes_after_so_many_working_hours():
    once = due(at(3), reminded=1, reminded_at=at(3, 14))

    assert remind(once, at(4, 13, 59), POLICY, CALENDAR, 2) is None
    assert remind(once, at(4, 14), POLICY, CALENDAR, 2) is not None


def test_after_two_unanswered_reminders_it_climbs_and_stays_on_top():
    steps = [
        remind(
            due(at(3), reminded=n, escalated=rung, reminded_at=at(3)), at(9), POLICY, CALENDAR, 2
        )
        for n, rung in ((1, 0), (2, 0), (3, 1), (4, 2))
    ]

    assert [(one.step, one.rung) for one in steps if one] == [(2, 0), (3, 1), (4, 2), (5, 2)]


def test_without_anybody_above_the_unit_alone_is_reminded():
    found = remind(due(at(3), reminded=5, reminded_at=at(3)), at(9), POLICY, CALENDAR, 0)

    assert found is not None
    assert found.rung == 0


@pytest.mark.parametrize("state", [CaseState.PROPOSED, CaseState.APPROVED, CaseState.ANSWERED])
def test_who_owes_nothing_is_not_reminded(state: CaseState):
    assert remind(due(at(3), state=state), at(30), POLICY, CALENDAR, 2) is None


def test_what_was_received_and_forgotten_is_asked_for_again_by_its_own_clock():
    case = due(at(3), state=CaseState.ACKNOWLEDGED)

    assert remind(case, at(4), POLICY, CALENDAR, 2) is None
    found = remind(case, at(5, 8), POLICY, CALENDAR, 2)
    assert found is not None
    assert found.due.what == "trả lời kết quả xác minh"


def test_only_what_is_grave_is_reminded_of_outside_office_hours():
    assert not may_remind(2, None, at(3, 12), CALENDAR)
    assert not may_remind(2, None, at(3, 21), CALENDAR)
    assert may_remind(3, None, at(3, 21), CALENDAR)
    assert may_remind(2, None, at(3, 14), CALENDAR)


def test_nothing_is_reminded_of_on_days_off_however_grave():
    tet, sunday, made_up = at(17, month=2), at(1), at(22, month=8)

    assert [may_remind(3, None, day, CALENDAR) for day in (tet, sunday, made_up)] == [
        False,
        False,
        True,
    ]


def test_people_are_reminded_after_working_hours_and_not_after_a_weekend():
    friday = at(6, 15)

    assert not waits_too_long(friday, at(8, 23), POLICY, CALENDAR)
    assert not waits_too_long(friday, at(9, 15), POLICY, CALENDAR)
    assert waits_too_long(friday, at(9, 15, 1), POLICY, CALENDAR)


starts = st.integers(0, 1400 * 24 * 60).map(
    lambda minutes: datetime(2023, 1, 2, tzinfo=ZONE) + timedelta(minutes=minutes)
)
gaps = st.lists(st.integers(1, 60 * 30), min_size=1, max_size=120)


@given(
    starts,
    gaps,
    st.integers(1, 3),
    st.integers(0, 3),
    st.integers(1, 16),
    st.integers(1, 4),
    st.integers(0, 120),
)
def test_whatever_the_rounds_reminding_keeps_its_promises(
    start: datetime,
    minutes: list[int],
    severity: int,
    rungs: int,
    hours: int,
    escalate: int,
    acknowledged: int,
):
    policy = PolicyEntry(remind_after_hours=hours, escalate_after=escalate)
    clocks = Deadlines(start + 30 * HOUR, start + 90 * 24 * HOUR, start + 99 * 24 * HOUR)
    case = Awaited(CaseState.SENT, severity, clocks)
    now, said, rungs_seen = start, list[datetime](), [0]
    for number, gap in enumerate(minutes):
        now += timedelta(minutes=gap)
        if number == acknowledged:
            case = replace(case, state=CaseState.ACKNOWLEDGED, reminded=0, escalated=0)
        found = remind(case, now, policy, CALENDAR, rungs)
        if found is None:
            continue
        assert number < acknowledged or now > clocks.verify
        said.append(now)
        assert found.step == case.reminded + 1
        assert found.rung - case.escalated in (0, 1)
        assert found.rung <= rungs
        assert found.rung == 0 or found.step > escalate
        if number < acknowledged:
            rungs_seen.append(found.rung)
        case = replace(case, reminded=found.step, escalated=found.rung, reminded_at=now)

    days = [one.astimezone(ZONE).date() for one in said]
    assert len(days) == len(set(days))
    assert all(map(CALENDAR.is_working_day, days))
    assert all(one > clocks.acknowledge for one in said)
    assert severity == 3 or all(map(CALENDAR.is_working_time, said))
    assert rungs_seen == sorted(rungs_seen)
