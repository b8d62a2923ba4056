"""What became of a day that was promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from config.settings import ZONE
from triage.case import CaseOutcome, CaseState

_OWING = (CaseState.SENT, CaseState.ACKNOWLEDGED)


class PromiseState(StrEnum):
    """A promise is open until it is seen to be kept, late, or dropped for no fault."""

    OPEN = "open"
    KEPT = "kept"
    LATE = "late"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Promised:
    """One open promise, with where its case stands now.

    `by` is who gave it ("unit:…" or a person of the committee); `replaced_at` is when the
    case got the next promise, None where this is the newest.
    """

    by: str
    made_at: datetime
    due: date
    state: CaseState
    unit_id: str
    outcome: CaseOutcome | None = None
    answered_at: datetime | None = None
    replaced_at: datetime | None = None


def became(promise: Promised, today: date) -> PromiseState:
    """Say what became of a promise by `today`; open while its day has not passed.

    A later answer up to the day keeps it, the day included. It is dropped where the case is
    another unit's by now, was withdrawn, or got a newer day before this one passed: putting
    off in time is no broken word. Whether a case that was closed on the strength of a promise
    was put right is for a person to say: it stays open unless the case was closed as fixed.
    """
    strange = promise.by.startswith("unit:") and promise.by != f"unit:{promise.unit_id}"
    if strange or promise.state is CaseState.DISMISSED:
        return PromiseState.DROPPED
    if promise.state is CaseState.CLOSED:
        fixed = promise.outcome is CaseOutcome.FIXED
        return PromiseState.KEPT if fixed else PromiseState.OPEN
    answered = promise.answered_at
    if answered is not None and answered > promise.made_at:
        return PromiseState.KEPT if _day(answered) <= promise.due else PromiseState.LATE
    if promise.replaced_at is not None and _day(promise.replaced_at) <= promise.due:
        return PromiseState.DROPPED
    late = promise.due < today and promise.state in _OWING
    return PromiseState.LATE if late else PromiseState.OPEN


def _day(at: datetime) -> date:
    return at.astimezone(ZONE).date()
