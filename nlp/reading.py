"""What was read out of one item by one version of the reader."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TopicScore:
    """A topic and the calibrated probability that the item is substantially about it."""

    topic: str
    score: float


@dataclass(frozen=True, slots=True)
class PlaceRef:
    """A place as the text supports it, in names of the item's date.

    `key` identifies the most specific unit. Names are in full ("huyện Ba Tri"),
    the province by its bare name ("Bến Tre"); a
    level above or below what the text supports is None. `start` and `end` are
    character offsets of the mention that carried it into `seen(title, text)`.
    `score` in 0..1 is the confidence that the place is meant.
    """

    key: str
    name: str
    level: str
    province: str | None
    district: str | None
    commune: str | None
    score: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that decided: a word or a rule, its weight, and where it stands.

    `kind` is what it decided (topic, issue, severity, place, flag, hold); `value` the
    decision it speaks for; `rule` the word or the rule's name. Offsets are into
    `seen(title, text)`; both 0 where a rule has no place in the text.
    """

    kind: str
    value: str
    rule: str
    weight: float
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a person must decide. `candidates` are place keys or names to choose from."""

    reason: str
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Where:
    """What the place finder says: where the problem lies, and what else was named.

    `unit_then` is the key of the most specific unit of the first place on the item's
    date, `unit_now` of the one that stands on the day of reading; None where there is
    none or it is not one.
    """

    places: tuple[PlaceRef, ...] = ()
    mentions: tuple[PlaceRef, ...] = ()
    unit_then: str | None = None
    unit_now: str | None = None
    hold: Hold | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading of one item. Deterministic for one `version`.

    `severity` is 1 to 3 for an issue, and for what is held because it may be one: as
    grave as it would be. 0 for everything else. `would_be` says it of whatever
    may be an issue after all, held or not; 0 where a rule says that it is none.
    `topics` holds only those above the threshold, main first. `flags` are rules that
    fired: "speech" (somebody's words are the news: never an issue), "protest",
    "gathering", "denunciation", "about_unit" (an authority is complained of),
    "vulnerable" (children, the sick, the poor suffer), "remedied".
    """

    version: str
    topics: tuple[TopicScore, ...]
    is_issue: bool
    issue_score: float
    severity: int
    where: Where
    hold: Hold | None
    flags: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    would_be: int = 0


@dataclass(frozen=True, slots=True)
class Masked:
    """Text safe to keep: personal data replaced. `counts` says how many of each kind."""

    title: str
    text: str
    counts: dict[str, int]


def seen(title: str, text: str) -> str:
    """Return the one string that offsets refer to."""
    return f"{title}\n{text}"
