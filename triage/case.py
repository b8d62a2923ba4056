"""A case: an event that a unit must answer, with its states, outcomes and clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CaseState(StrEnum):
    """Where a case stands. `proposed` waits for an analyst; `approved` goes out next round."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    CLOSED = "closed"
    DISMISSED = "dismissed"


class Veracity(StrEnum):
    """What is known of the truth of a report; never mixed with importance."""

    UNVERIFIED = "unverified"
    CHECKING = "checking"
    TRUE = "true"
    PARTLY = "partly"
    FALSE = "false"
    UNDECIDED = "undecided"


class CaseOutcome(StrEnum):
    """How a case ended. "explained" is not "fixed"."""

    FIXED = "fixed"
    SCHEDULED = "scheduled"
    EXPLAINED = "explained"
    REFUSED = "refused"
    FORWARDED = "forwarded"
    BEYOND_AUTHORITY = "beyond_authority"


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The three clocks of a case, as instants."""

    acknowledge: datetime
    verify: datetime
    final: datetime


@dataclass(frozen=True, slots=True)
class CaseBrief:
    """What a mail or a digest tells of one case. Texts are masked.

    `links` are (outlet, title, url) of press items; of a fanpage post only (page,
    gist, "") is given. `why` are one-line reasons.
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
    opened_at: datetime
    deadlines: Deadlines | None
    links: tuple[tuple[str, str, str], ...] = ()
    why: tuple[str, ...] = ()
    recurs_of: int | None = None
