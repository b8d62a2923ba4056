"""Which case an event belongs to: outbreaks, reopening within thirty days, recurrence."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_events import NOON, ZONE, event

from config.catalog import PolicyEntry
from triage.facts import Verdict
from triage.open import Opening, Step, decide

POLICY = PolicyEntry()
MAIL, HOLD, DIGEST = Verdict("mail", ("",)), Verdict("hold", ("",)), Verdict("digest", ("",))


def opened(verdict: Verdict, now: datetime = NOON, **changes: Any) -> Opening:
    return decide(event(**changes), verdict, now, POLICY)


def test_a_first_outbreak_opens_a_case_or_proposes_one() -> None:
    assert opened(MAIL) == Opening(Step.OPEN, 1, "Lập vụ việc mới")
    assert opened(HOLD) == Opening(
        Step.PROPOSE, 1, "Đề xuất vụ việc mới, chờ người duyệt", held=True
    )


@pytest.mark.parametrize("verdict", [DIGEST, Verdict("nothing", ("",))])
def test_what_is_no_case_opens_none(verdict: Verdict) -> None:
    assert opened(verdict) == Opening(Step.NONE, 0, "Không lập vụ việc")


@pytest.mark.parametrize(("verdict", "held"), [(MAIL, False), (HOLD, True), (DIGEST, False)])
def test_an_open_case_takes_what_comes(verdict: Verdict, held: bool) -> None:
    assert opened(verdict, open_case=4, cases=2) == Opening(
        Step.ATTACH, 2, "Bổ sung vào vụ việc đang mở số 4", case_id=4, held=held
    )


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (29, Opening(Step.REOPEN, 1, "Tái diễn trong 30 ngày: mở lại vụ việc số 3", case_id=3)),
        (30, Opening(Step.REOPEN, 1, "Tái diễn trong 30 ngày: mở lại vụ việc số 3", case_id=3)),
        (31, Opening(Step.OPEN, 2, "Lập vụ việc mới; tái diễn của vụ việc số 3", recurs_of=3)),
    ],
)
def test_a_new_outbreak_reopens_within_thirty_days_and_recurs_later(
    days: int, expected: Opening
) -> None:
    closed = NOON - timedelta(days=days)

    assert opened(MAIL, last_closed_case=3, last_closed_at=closed) == expected


@pytest.mark.parametrize(
    ("days", "severity", "step"),
    [(5, 2, Step.NONE), (5, 3, Step.OPEN), (30, 2, Step.NONE), (31, 2, Step.OPEN)],
)
def test_what_a_person_dropped_is_not_proposed_again_soon(
    days: int, severity: int, step: Step
) -> None:
    dropped = NOON - timedelta(days=days)
    found = opened(
        MAIL,
        cases=1,
        severity=severity,
        dropped_case=3,
        dropped_at=dropped,
        dropped_severity=2,
        last_at=NOON - timedelta(hours=1),
    )
    assert found.step is step


def test_what_was_dropped_is_not_graver_by_its_own_past() -> None:
    facts = {"dropped_case": 3, "dropped_at": NOON, "dropped_severity": 1, "severity": 3}
    assert opened(MAIL, last_at=NOON - timedelta(hours=1), **facts).step is Step.NONE


def test_a_doubtful_outbreak_reopens_only_with_a_person() -> None:
    soon = opened(HOLD, last_closed_case=3, last_closed_at=NOON - timedelta(days=2))
    late = opened(HOLD, last_closed_case=3, last_closed_at=NOON - timedelta(days=200))

    assert (soon.step, soon.case_id, soon.held) == (Step.REOPEN, 3, True)
    assert (late.step, late.recurs_of, late.held) == (Step.PROPOSE, 3, True)


def test_what_was_published_before_the_closing_opens_nothing() -> None:
    closed = NOON + timedelta(hours=1)

    late_arrival = opened(
        MAIL, NOON + timedelta(days=40), last_closed_case=3, last_closed_at=closed
    )

    assert late_arrival == Opening(Step.NONE, 1, "Không có tin mới sau khi đóng vụ việc số 3")


def test_the_landfill_is_one_event_with_a_case_for_each_outbreak() -> None:
    """July 2023, closed after the lorries came back in October; July 2024; July 2025."""
    outbreaks = [
        (datetime(2023, 7, 15, tzinfo=ZONE), datetime(2023, 10, 9, tzinfo=ZONE)),
        (datetime(2024, 7, 11, tzinfo=ZONE), datetime(2024, 8, 30, tzinfo=ZONE)),
        (datetime(2025, 7, 21, tzinfo=ZONE), datetime(2025, 9, 21, tzinfo=ZONE)),
    ]
    last: int | None = None
    closed: datetime | None = None
    found = []

    for number, (began, ended) in enumerate(outbreaks, 1):
        facts = {"last_at": began, "last_closed_case": last, "last_closed_at": closed}
        found.append(opened(MAIL, began, cases=number - 1, **facts))
        last, closed = number, ended

    assert [(step.step, step.episode, step.recurs_of) for step in found] == [
        (Step.OPEN, 1, None),
        (Step.OPEN, 2, 1),
        (Step.OPEN, 3, 2),
    ]


@settings(deadline=None)
@given(
    action=st.sampled_from(["mail", "hold", "digest", "nothing"]),
    open_case=st.one_of(st.none(), st.just(9)),
    last=st.one_of(st.none(), st.just(3)),
    days=st.integers(0, 400),
    cases=st.integers(0, 9),
)
def test_one_event_never_has_two_open_cases(
    action: str, open_case: int | None, last: int | None, days: int, cases: int
) -> None:
    found = opened(
        Verdict(action, ("",)),
        open_case=open_case,
        last_closed_case=last,
        last_closed_at=NOON - timedelta(days=days) if last else None,
        cases=cases,
    )

    assert (found.step is Step.ATTACH) == (open_case is not None)
    if found.step in (Step.OPEN, Step.PROPOSE):
        assert found.case_id is None
        assert found.recurs_of == last
        assert action in ("mail", "hold")
    assert found.step is not Step.OPEN or action == "mail"
