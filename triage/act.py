"""What is done to a case, by whom it may be done, and what it changes: the types of moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from config.errors import LangNgheError
from triage.case import CaseOutcome, CaseState, Veracity

#: A day that is named lies within five years; any farther one is a slip of the pen.
FARTHEST = timedelta(days=5 * 366)
#: What a move may change; undo puts back just these.
COLUMNS = (
    "state",
    "outcome",
    "veracity",
    "severity",
    "topics",
    "place_key",
    "place",
    "unit_id",
    "unit_name",
    "cooperating",
    "copies",
    "hold",
    "candidates",
    "acknowledged_at",
    "answered_at",
    "closed_at",
    "ack_due",
    "verify_due",
    "final_due",
    "proposed_veracity",
    "proposed_outcome",
    "statement",
    "returned",
    "reminded",
    "escalated",
)


class Kind(StrEnum):
    """What is done to a case; also the kind of its line in the history."""

    APPROVE = "approved"
    DISMISS = "dismissed"
    ASSIGN = "assigned"
    CORRECT = "corrected"
    CLOSE = "closed"
    SEND_BACK = "sent_back"
    REOPEN = "reopened"
    AMEND = "amended"
    NOTE = "note"
    UNDO = "undone"
    ACKNOWLEDGE = "acknowledged"
    NOT_OURS = "not_ours"
    ANSWER = "answered"
    PROGRESS = "progress"


#: What a unit does under its link; everything else is done by the committee's people.
BY_UNIT = (Kind.ACKNOWLEDGE, Kind.NOT_OURS, Kind.ANSWER, Kind.PROGRESS)


#: Why a proposal is dismissed, as far as learning asks; the words stand beside it.
OTHER = "other"
DISMISSALS = ("not_an_issue", "duplicate", "handled", "elsewhere", OTHER)


class MoveRefused(LangNgheError):
    """A move that is not possible from where the case stands; says why in Vietnamese."""

    reason = "move_refused"


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does with a case, and with which words.

    `text` is the reason, the statement or the note, masked. `unit_id` is whose the case
    becomes (ASSIGN) or is said to be (NOT_OURS); `due` the promised day (PROGRESS).
    `severity`, `topics` and `place_key` are what a CORRECT sets; None leaves as it is.
    `code` is one of `DISMISSALS`.
    """

    kind: Kind
    text: str = ""
    code: str = ""
    unit_id: str = ""
    unit_name: str = ""
    veracity: Veracity | None = None
    outcome: CaseOutcome | None = None
    due: date | None = None
    severity: int | None = None
    topics: tuple[str, ...] | None = None
    place_key: str | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands, as far as its moves ask."""

    state: CaseState
    unit_id: str
    unit_name: str
    veracity: Veracity
    severity: int
    topics: tuple[str, ...]
    returned: int = 0
    was_sent: bool = False
    proposed_veracity: Veracity | None = None
    proposed_outcome: CaseOutcome | None = None
    statement: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """A day that was given."""

    text: str
    due: date


@dataclass(frozen=True, slots=True)
class Change:
    """What a move does: the columns to set, the line of history, and a promise if one was made."""

    kind: Kind
    values: Mapping[str, Any]
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)
    promise: Promise | None = None
