"""What reports count: a case with all its time stamps, and a day that was given for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from triage.case import CaseOutcome, CaseState, Deadlines, Veracity


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """One case as its row stands. Texts are masked; stations not reached are None.

    `proposed` and `statement` are the unit's answer, `returned` how often units said "not
    ours", `reminded` and `escalated` the steps since it was sent.
    """

    case_id: int
    event_id: int
    title: str
    gist: str
    topics: tuple[str, ...]
    severity: int
    place: str
    unit_id: str
    unit_name: str
    state: CaseState
    veracity: Veracity
    outcome: CaseOutcome | None
    opened_at: datetime
    sent_at: datetime | None = None
    acknowledged_at: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    deadlines: Deadlines | None = None
    recurs_of: int | None = None
    proposed: Veracity | None = None
    statement: str = ""
    returned: int = 0
    reminded: int = 0
    escalated: int = 0


@dataclass(frozen=True, slots=True)
class Commitment:
    """A dated word on a case. `kind` and `state` are those of the ledger."""

    case_id: int
    kind: str
    text: str
    by: str
    made_at: datetime
    due: date
    state: str
    settled_at: datetime | None = None

    @property
    def pending(self) -> bool:
        """Say whether nobody has called it kept or dropped yet."""
        return self.state in ("open", "late")

    def late_on(self, day: date) -> bool:
        """Say whether its day had gone by on `day` without being kept."""
        return self.pending and self.due < day
