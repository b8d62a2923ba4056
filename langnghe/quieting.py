"""What keeps events quiet in a round: silences and great cases, and what wakes them again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from langnghe.app import App
from storage import silences, triage
from storage.db import Session
from storage.silences import StoredSilence
from triage.case import CaseState
from triage.facts import EventFacts
from triage.quiet import GREAT, GreatCase, Silence, hushed

#: A great case speaks for its neighbours once it goes to a unit; a proposal may be wrong.
_AT_WORK = (CaseState.APPROVED, CaseState.SENT, CaseState.ACKNOWLEDGED, CaseState.ANSWERED)
#: How long after a great case was dismissed what it kept quiet is looked for.
_LOOK_BACK = timedelta(days=30)
#: What kept events quiet and no longer does: its words, from when, until when.
_Gone = tuple[str, datetime, datetime]


class Hush:
    """The silences and great cases that hold now, read once and again where they changed.

    With `about` only what may hold back that one event is read.
    """

    def __init__(self, app: App, about: EventFacts | None = None) -> None:
        self._app = app
        self._about = about
        self._places: dict[int, tuple[str, ...]] = {}
        self.refresh()

    def refresh(self, judged: EventFacts | None = None) -> None:
        """Read them anew. Places of events are kept: only those of `judged` may be others.

        Nothing is asked where the great case of `judged` speaks for the same as before.
        """
        if judged is not None:
            before = self._places.get(judged.event_id)
            if before == judged.places and judged.event_id in self._greatest(judged.severity):
                return
            self._places[judged.event_id] = judged.places
        with self._app.views() as session:
            self._silences = holding(session, self._app.clock())
            self._great = great_cases(session, self._about, self._places)

    def _greatest(self, severity: int) -> set[int]:
        return {case.event_id for case in self._great if case.severity >= severity}

    def reason(self, facts: EventFacts) -> str | None:
        """Return in Vietnamese why the event raises no alarm by itself, else None."""
        around = [] if facts.place is None else self._app.gazetteer.chain(facts.place)[1:]
        keys = [place.key for place in around]
        return hushed(facts, self._silences, self._great, self._app.clock(), keys)


def holding(session: Session, now: datetime) -> list[Silence]:
    """Return the silences that hold, as triage takes them."""
    return [as_silence(one) for one in silences.holding(session, now)]


def as_silence(stored: StoredSilence) -> Silence:
    """Return a kept silence as triage takes it."""
    return Silence(
        stored.author, stored.reason, stored.until, stored.event_id, stored.topics, stored.places
    )


def great_cases(
    session: Session, about: EventFacts | None, known: dict[int, tuple[str, ...]]
) -> list[GreatCase]:
    """Return the open cases that speak for lesser ones around them, or for just one event.

    `known` are the places of events that were asked for before; what is asked is added.
    """
    found = (
        GreatCase(case, event, severity, topics, (place,) if place else ())
        for case, event, severity, topics, place in silences.great_cases(session, _AT_WORK, GREAT)
    )
    great = [case for case in found if _may(case, about)]
    unknown = [case.event_id for case in great if case.event_id not in known]
    known |= {one.event_id: one.places for one in triage.facts(session, unknown)}
    return [_everywhere(case, known.get(case.event_id, ())) for case in great]


def _may(case: GreatCase, about: EventFacts | None) -> bool:
    """Say whether a case may speak for an event, before its places are asked for."""
    return about is None or (
        case.severity > about.severity and set(about.topics[:1]) <= set(case.topics)
    )


def _everywhere(case: GreatCase, places: tuple[str, ...]) -> GreatCase:
    return replace(case, places=tuple(dict.fromkeys((*case.places, *places))))


def wake(app: App) -> int:
    """Make work again of what was kept quiet by what no longer holds; return how many events.

    A silence that ran out is ended here, together with waking its events, so that none is
    woken twice. A great case that was *closed* answers for its neighbours: only new
    evidence wakes them. One that was *dismissed* never was: they are looked at again.
    """
    now = app.clock()
    with app.sessions.begin() as session:
        gone = list[_Gone]()
        for stored in silences.over(session, now):
            silences.end(session, stored.silence_id, silences.TIME, stored.until)
            gone.append((as_silence(stored).words, stored.created_at, stored.until))
        for number, opened, closed in silences.dismissed_since(session, now - _LOOK_BACK, GREAT):
            gone.append((GreatCase(number, 0, GREAT, (), ()).words, opened, closed))
        return _wake(session, gone)


def wake_silenced(session: Session, stored: StoredSilence, until: datetime) -> int:
    """Make work of the events that a silence kept quiet up to `until`."""
    return _wake(session, [(as_silence(stored).words, stored.created_at, until)])


def _wake(session: Session, gone: Sequence[_Gone]) -> int:
    """Make work of what was kept quiet for one of these reasons, in the time of that reason.

    Asked of the tables once: hundreds of reasons would each read the same weeks.
    """
    if not gone:
        return 0
    times = defaultdict[str, list[tuple[datetime, datetime]]](list)
    for words, since, until in gone:
        times[words].append((since, until))
    first, last = min(since for _, since, _ in gone), max(until for *_, until in gone)
    events = [
        event
        for event, at, reasons in silences.kept_quiet(session, first, last)
        if any(since <= at <= until for one in reasons for since, until in times.get(one, ()))
    ]
    return silences.look_again(session, events)
