"""What becomes of a day that was promised."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from config.settings import ZONE
from triage.case import CaseOutcome, CaseState
from triage.promise import Promised, PromiseState, became

MADE = datetime(2026, 3, 2, 9, tzinfo=ZONE)
PROMISE = Promised("unit:xa", MADE, date(2026, 3, 10), CaseState.ACKNOWLEDGED, "xa")
KEPT, LATE, DROPPED, OPEN = (
    PromiseState.KEPT,
    PromiseState.LATE,
    PromiseState.DROPPED,
    PromiseState.OPEN,
)


def on(day: int, hour: int = 10) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("changed", "today", "expected"),
    [
        ({}, 10, OPEN),
        ({}, 11, LATE),
        ({"state": CaseState.ANSWERED, "answered_at": on(10, 23)}, 11, KEPT),
        ({"state": CaseState.ANSWERED, "answered_at": on(11)}, 12, LATE),
        ({"state": CaseState.ANSWERED, "answered_at": MADE}, 9, OPEN),
        ({"state": CaseState.ANSWERED, "answered_at": MADE}, 30, OPEN),
        ({"replaced_at": on(10)}, 10, DROPPED),
        ({"replaced_at": on(11)}, 11, LATE),
        ({"unit_id": "xa-khac", "state": CaseState.SENT}, 11, DROPPED),
        ({"by": "analyst:trực ban", "unit_id": "xa-khac"}, 11, LATE),
        ({"state": CaseState.DISMISSED}, 5, DROPPED),
        ({"state": CaseState.CLOSED, "outcome": CaseOutcome.FIXED}, 30, KEPT),
        ({"state": CaseState.CLOSED, "outcome": CaseOutcome.SCHEDULED}, 30, OPEN),
        ({"state": CaseState.PROPOSED}, 30, OPEN),
    ],
)
def test_a_promise_becomes(changed, today, expected):
    assert became(replace(PROMISE, **changed), date(2026, 3, today)) is expected
