"""Write into the book of misses, find where the item was lost, and learn from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from config.settings import ZONE
from crawlers.urls import canonical
from langnghe.app import App
from langnghe.teaching import names_of
from storage import labels, missed, readings
from storage.db import Session
from storage.labels import IS_ISSUE, PLACE, TOPICS
from storage.missed import Miss
from triage.act import MoveRefused
from triage.case import CaseState
from triage.station import Station, Trace, lost_at
from triage.wording import http_only

#: How far an item with the same title may lie from the day of the problem.
_NEAR = timedelta(days=7)
#: Stations from which a label helps: our reading, or a person's, was at fault, not our reach.
_MISREAD = (
    Station.NO_ISSUE,
    Station.WRONG_PLACE,
    Station.BELOW_FLOOR,
    Station.DISMISSED,
)


@dataclass(frozen=True, slots=True)
class Noted:
    """What a person knows of a problem that we did not tell first."""

    title: str
    url: str
    on: date
    place_key: str | None
    topic: str
    road: str
    note: str = ""


def note_miss(app: App, session: Session, noted: Noted, who: str) -> Miss:
    """Write a miss into the book, linked to what we kept of it, and return the line.

    An item that we kept and misread gets labels: it is an issue, of this topic, in this
    place; one that was read as none is grouped in the next round. Words are masked.
    """
    now = app.clock()
    title = app.masker.mask(noted.title, "").title
    url = canonical(noted.url) if noted.url else ""
    if url and not http_only(url):
        raise MoveRefused("Địa chỉ phải bắt đầu bằng http:// hoặc https://.")
    address, _, query = url.partition("?")
    if _masked(app, query) != query:  # the number of somebody in it
        url = address
    item = _item(session, noted, url, title)
    event = missed.event_of(session, item) if item is not None else None
    station = lost_at(_trace(app, session, noted, item, event), now)
    if item is not None and station in _MISREAD:
        labels.say(session, [item], _words(app, noted), who, now)
    miss = Miss(
        noted_at=now,
        who=who,
        title=title,
        url=url,
        happened_on=noted.on,
        place_key=noted.place_key,
        topic=noted.topic,
        road=_masked(app, noted.road),
        station=station.value,
        event_id=event,
        note=_masked(app, noted.note),
    )
    return replace(miss, id=missed.add(session, miss))


def _masked(app: App, words: str) -> str:
    return app.masker.mask("", words).text if words.strip() else ""


def _item(session: Session, noted: Noted, url: str, title: str) -> int | None:
    found = missed.item_of(session, (url, noted.url))
    if found is None and title:
        noon = datetime.combine(noted.on, time(12), ZONE)
        found = missed.titled(session, title, noon, _NEAR)
    return found


def _trace(app: App, session: Session, noted: Noted, item: int | None, event: int | None) -> Trace:
    if item is None:
        return Trace()
    reading = readings.get(session, item)
    if reading is None:
        return Trace(kept=True)
    case = missed.last_case(session, event) if event is not None else None
    places = [place.key for place in reading.where.places]
    right = None
    if noted.place_key is not None and places:
        right = any(_overlap(app, noted.place_key, key) for key in places)
    return Trace(
        kept=True,
        read=True,
        # What a person dismissed was read rightly: it was lost at the desk, not in the reading.
        is_issue=readings.as_read(session, [item])[item].is_issue or reading.is_issue,
        right_place=right,
        case=CaseState(case[0]) if case else None,
        sent_at=case[1] if case else None,
    )


def _overlap(app: App, one: str, other: str) -> bool:
    """Say whether two places of any time are one, contain one another, or share an heir."""
    chains = [{place.key for place in app.gazetteer.chain(key)} for key in (one, other)]
    if one in chains[1] or other in chains[0]:
        return True
    heirs = [{place.key for place in app.gazetteer.now(key, app.today())} for key in (one, other)]
    return bool(heirs[0] & heirs[1])


def _words(app: App, noted: Noted) -> dict[str, Any]:
    words: dict[str, Any] = {IS_ISSUE: True, TOPICS: [noted.topic]}
    if noted.place_key is not None:
        words[PLACE] = names_of(app.gazetteer, noted.place_key)
    return words
