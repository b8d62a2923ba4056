"""What the decisions of triage take: plain facts of one event, gathered by the caller."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class EventFacts:
    """One event as triage sees it at one moment.

    Scores are calibrated probabilities. `place` is the key of the main place on the
    day of the last item, None if the text names none; `province` its province's bare
    name. `outlets` are the independent voices (copies counted once), `kinds` the
    kinds of source among them. `daily` counts items a day for the days before
    `last_at`, newest first, index 0 the day of `last_at`. `hold` is the reader's own
    reason why a person must decide, with candidates. `cases` is how many cases the event has
    had so far, `last_episode` the number of the last outbreak. `confirmed` is False where no
    recent report is read as an issue and some are held because they may be one. `dropped_*`
    tell of the newest case where a person dismissed it. `elsewhere`: a person said that it
    happened outside the province.
    """

    event_id: int
    title: str
    topics: tuple[str, ...]
    topic_score: float
    issue_score: float
    severity: int
    place: str | None
    place_score: float
    places: tuple[str, ...]
    first_at: datetime
    last_at: datetime
    items: int
    outlets: tuple[str, ...]
    kinds: tuple[str, ...]
    flags: tuple[str, ...] = ()
    daily: tuple[int, ...] = ()
    hold: str | None = None
    candidates: tuple[str, ...] = ()
    open_case: int | None = None
    last_closed_case: int | None = None
    last_closed_at: datetime | None = None
    dropped_case: int | None = None
    dropped_at: datetime | None = None
    dropped_severity: int = 0
    unanswered_since: datetime | None = None
    cases: int = 0
    last_episode: int = 0
    confirmed: bool = True
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One named part of a score: what was counted, its weight, and the points it gave."""

    name: str
    value: float
    weight: float
    points: float
    why: str


@dataclass(frozen=True, slots=True)
class Score:
    """The score of an event: the sum of its parts' points."""

    total: float
    parts: tuple[ScorePart, ...]


@dataclass(frozen=True, slots=True)
class Routing:
    """Who answers. `lead` None means a person decides among `candidates`, for `hold`'s reason.

    `unit_then` is the unit that was responsible on the item's date, `lead` today's.
    `rule` names the row that decided, `why` says it in words.
    """

    lead: str | None
    unit_then: str | None
    unit_now: str | None
    cooperating: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    hold: str | None = None
    candidates: tuple[str, ...] = ()
    rule: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policy says of an event: "mail", "hold", "digest" or "nothing", and why."""

    action: str
    reasons: tuple[str, ...]
