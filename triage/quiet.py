"""What keeps an event from raising an alarm: a silence somebody set, or a greater open case."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from triage.facts import EventFacts

_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
#: A case of this severity speaks for the smaller ones around it.
GREAT = 3


@dataclass(frozen=True, slots=True)
class Silence:
    """Somebody's word that something need not alarm, with a reason and an end.

    It is about one event, or about topics and places; an empty field means all of them,
    but a silence about everything silences nothing. `until` is the first instant at
    which it no longer holds.
    """

    author: str
    reason: str
    until: datetime
    event_id: int | None = None
    topics: tuple[str, ...] = ()
    places: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The reason that stands with what it silenced, in Vietnamese."""
        end = f"{self.until.astimezone(_ZONE):%H:%M %d/%m/%Y}"
        return f"{self.author} tạm ngưng cảnh báo đến {end}: {self.reason}"

    def covers(self, facts: EventFacts, now: datetime, around: Collection[str] = ()) -> bool:
        """Say whether the event is silenced at `now`.

        `around` are the keys of what contains its place: a silence about a district is
        one about its communes.
        """
        if now >= self.until:
            return False
        if self.event_id is not None:
            return facts.event_id == self.event_id
        return (
            bool(self.topics or self.places)
            and (not self.topics or bool(set(facts.topics) & set(self.topics)))
            and (not self.places or not {facts.place, *around}.isdisjoint(self.places))
        )


@dataclass(frozen=True, slots=True)
class GreatCase:
    """An open case that goes to a unit or is with it, as far as its neighbours are concerned."""

    case_id: int
    event_id: int
    severity: int
    topics: tuple[str, ...]
    places: tuple[str, ...]

    @property
    def words(self) -> str:
        """The reason that stands with what it speaks for, in Vietnamese."""
        return f"Đã có vụ việc lớn số {self.case_id} đang mở cùng nơi, cùng chủ đề"

    def covers(self, facts: EventFacts) -> bool:
        """Say whether the event is a lesser one of the same topic at one of its places."""
        return (
            self.severity >= GREAT
            and facts.severity < self.severity
            and facts.event_id != self.event_id
            and facts.place in self.places
            and bool(facts.topics)
            and facts.topics[0] in self.topics
        )


def hushed(
    facts: EventFacts,
    silences: Iterable[Silence],
    great: Iterable[GreatCase],
    now: datetime,
    around: Collection[str] = (),
) -> str | None:
    """Return in Vietnamese why the event raises no alarm by itself, None if nothing keeps it.

    `around` are the keys of the places that contain the event's.
    """
    for silence in silences:
        if silence.covers(facts, now, around):
            return silence.words
    return next((case.words for case in great if case.covers(facts)), None)
