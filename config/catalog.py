"""Catalogue entries: one TOML file each, named by its id.

`units/ubnd-huyen-ba-tri.toml` is the unit `ubnd-huyen-ba-tri`. The package ships
defaults for Bến Tre; an operator's folder of the same shape wins file by file.
Entries are closed with `valid_to`, never deleted, so that last year's case still
shows last year's responsible unit.
"""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$")]
Email = Annotated[str, Field(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+$")]
SourceKind = Literal["press", "fanpage", "petition", "hotline", "other"]


class Strict(BaseModel):
    """No unknown keys, no later change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Period(Strict):
    """A run of calendar days in Asia/Ho_Chi_Minh, both ends included; open where None."""

    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError(f"valid_to {self.valid_to} is before valid_from {self.valid_from}")
        return self

    def holds_on(self, day: date) -> bool:
        """Say whether `day` falls inside the period."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


class SourceEntry(Strict):
    """A place to listen to. `options` are checked by the source type that reads them.

    `outlet` names the publisher: items of one outlet are one independent voice,
    however many feeds it has. `home` is the province the source is about, by bare
    name ("Bến Tre"), used as weak evidence for places; empty for national outlets.
    `confidence` says how sure we are that the address works: seen bringing items over
    months, named by several lists, by one list, or only guessed.
    """

    id: Slug
    name: str = Field(min_length=1)
    type: Slug
    kind: SourceKind = "press"
    outlet: str = ""
    home: str = ""
    every_minutes: int = Field(default=30, ge=1, le=1440)
    enabled: bool = True
    confidence: Literal["", "observed", "high", "medium", "unverified"] = ""
    options: dict[str, Any] = Field(default_factory=dict)


class TopicEntry(Strict):
    """A topic that items are read for, and what the shipped policy does with it.

    `make_cases` False means: counted in the digest, never a case. `hold` True means:
    waits for an analyst. `min_severity` is the least severity that is mailed by itself.
    `checklist` is what a unit should look at, `reply` a form of words for its answer.
    """

    id: Slug
    name: str = Field(min_length=1)
    description: str = ""
    order: int = 100
    make_cases: bool = True
    hold: bool = False
    min_severity: int = Field(default=2, ge=1, le=3)
    checklist: tuple[str, ...] = ()
    reply: str = ""


class UnitEntry(Period):
    """A government unit that cases can be routed to.

    `place` is a place code of the map ("831" a district, "28756" a commune, "83" a
    province); with `valid_from` it names one period of it. `email` seeds the contact
    table; contacts changed later in the database win. None shipped. A `queue` is not an
    authority but where a person of that province decides. `police` units never get a
    case about people gathering.
    """

    id: Slug
    name: str = Field(min_length=1)
    short: str = ""
    place: str = ""
    level: Slug = "xa"
    email: Email | None = None
    queue: bool = False
    police: bool = False


class RouteRow(Period):
    """Who answers for a topic in a place during a period, by which decision.

    `place` is a place code, or "*" for every place at `level`; `topics` empty means
    every topic. `lead`, `cooperating` and `copies` are unit ids; in a row for a whole
    level, `{place}` in a unit id stands for the unit of the place itself. `within` is the
    code of a place that every place meant by "*" lies in. `scope` says when the row
    speaks: for the place and all that lies in it ("within"), only when nothing nearer is
    named ("itself"), or when a problem lies under several units of the place ("cross").
    """

    place: str
    level: Literal["province", "district", "commune", "any"] = "any"
    within: str = ""
    scope: Literal["within", "itself", "cross"] = "within"
    topics: tuple[Slug, ...] = ()
    lead: str
    cooperating: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    decision: str = ""
    note: str = ""


class RoutingFile(Strict):
    """One file of routing rows."""

    id: Slug
    rows: tuple[RouteRow, ...]


class HolidayYear(Strict):
    """The public holidays of one year: days off and working days that make up for them.

    `decision` names the papers; `note` says what of it could not be checked.
    """

    id: Slug
    year: int
    decision: str
    provisional: bool = False
    note: str = ""
    holidays: dict[date, str]
    makeup_days: dict[date, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_of_one_year(self) -> Self:
        for day in (*self.holidays, *self.makeup_days):
            if day.year != self.year:
                raise ValueError(f"{day} is not a day of {self.year}")
        both = sorted(self.holidays.keys() & self.makeup_days.keys())
        if both:
            raise ValueError(f"{both[0]} cannot be a day off and a make-up day")
        return self


class NotifierEntry(Strict):
    """A way out. `options` are checked by the notifier type that reads them."""

    id: Slug
    type: Slug
    options: dict[str, Any] = Field(default_factory=dict)


class Clocks(Strict):
    """The three clocks of a case, in working hours from the moment it is sent."""

    acknowledge_hours: int = Field(ge=1)
    verify_hours: int = Field(ge=1)
    final_hours: int = Field(ge=1)

    @model_validator(mode="after")
    def _runs_out_in_turn(self) -> Self:
        if not self.acknowledge_hours <= self.verify_hours <= self.final_hours:
            raise ValueError("acknowledge, verify and final must run out in this order")
        return self


class PolicyEntry(Strict):
    """What goes out by itself, what waits for a person, and how the day is shaped.

    Confidences are calibrated probabilities in 0..1. Hours are of Asia/Ho_Chi_Minh.
    `remind_after_hours` are working hours between two reminders of one case; so many as
    `escalate_after` stay with the unit, then the one above it is told too.
    """

    id: Slug = "policy"
    min_issue_confidence: float = Field(default=0.85, ge=0, le=1)
    min_topic_confidence: float = Field(default=0.6, ge=0, le=1)
    min_place_confidence: float = Field(default=0.6, ge=0, le=1)
    hold_single_fanpage: bool = True
    hold_flags: tuple[str, ...] = ("denunciation", "gathering", "about_unit")
    digest_floor: float = 2.0
    quiet_from: time = time(20, 0)
    quiet_to: time = time(7, 0)
    reopen_days: int = 30
    remind_after_hours: int = Field(default=8, ge=1)
    escalate_after: int = Field(default=2, ge=1)
    work_day: tuple[time, ...] = (time(7, 0), time(11, 0), time(13, 0), time(17, 0))
    clocks: dict[str, Clocks] = Field(default_factory=dict)
    weights: dict[str, float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_clocks_for_severities(self) -> Self:
        strange = sorted(self.clocks.keys() - {"1", "2", "3"})
        if strange:
            raise ValueError(f"clocks are for severity 1, 2 and 3, not {strange[0]!r}")
        return self
