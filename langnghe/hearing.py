"""What a digest says of its own hearing: which sources answered, which places nobody spoke of."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from config.places import Level, Place
from config.settings import ZONE
from langnghe.app import App
from langnghe.undeliverable import in_words
from storage import deadletters, items, reporting, volumes
from storage.db import Session
from storage.health import SourceHealth
from storage.health import health as source_health
from triage.digest import Coverage, Failure
from triage.volume import WEEKS, off_norm
from triage.wording import moment_text

#: A place from which nothing was read for so many days is named.
QUIET_DAYS = 30
_LONGEST_RUN = 40
_ASKED = (Level.DISTRICT, Level.COMMUNE)


def coverage(app: App, session: Session, now: datetime) -> Coverage:
    """Return what was listened to on the day before `now`, and what was not."""
    listened = [entry for entry in app.catalog.sources.values() if entry.enabled]
    health = source_health(session, now, listened)
    names = {entry.id: entry.name for entry in app.catalog.sources.values()}
    asked = own_places(app, now.astimezone(ZONE).date())
    quiet = quiet_places(app, session, now, asked)
    return Coverage(
        expected=len(health),
        seen=sum(one.heard for one in health),
        silent=tuple(names[one.source_id] for one in health if one.silent),
        failed=tuple(
            Failure(names[one.source_id], why_unheard(one)) for one in health if not one.heard
        ),
        unusual=unusual(app, session, now.astimezone(ZONE).date() - timedelta(days=1)),
        places_without_source=tuple(place.name for place in quiet),
        items=items.count_since(session, now - timedelta(days=1)),
        places=len(asked),
        quiet_days=QUIET_DAYS,
        unsent=tuple(
            Failure(in_words(one.kind, one.recipient), one.error)
            for one in deadletters.undelivered(session)
        ),
    )


def unusual(app: App, session: Session, day: date) -> tuple[Failure, ...]:
    """Return the sources whose number of items on `day` was far off such a day's, with both.

    Fewer items than usual on a holiday are nothing unusual.
    """
    counts = [
        volumes.by_source(session, start, start + timedelta(days=1))
        for start in (
            datetime.combine(day - timedelta(weeks=week), time(), tzinfo=ZONE)
            for week in range(WEEKS + 1)
        )
    ]
    off_duty = _is_festive(app, day)
    found = list[Failure]()
    for entry in app.catalog.sources.values():
        today, *past = (one.get(entry.id, 0) for one in counts)
        seen = off_norm(today, past) if entry.enabled else None
        if seen and not (off_duty and seen.count < seen.usual):
            found.append(Failure(entry.name, f"{seen.count} tin, thường ngày {seen.usual}"))
    return tuple(found)


def _is_festive(app: App, day: date) -> bool:
    """Say whether a day lies in a run of days off that holds a holiday: Tết with its weekends."""
    run = [day]
    for step in (timedelta(days=-1), timedelta(days=1)):
        one = day
        while not app.calendar.is_working_day(one) and len(run) < _LONGEST_RUN:
            run.append(one)
            one += step
    off = [one for one in run if not app.calendar.is_working_day(one)]
    return any(one in app.calendar.year(one.year).holidays for one in off)


def why_unheard(source: SourceHealth) -> str:
    """Say why a source was not heard."""
    if source.failures:
        return source.reason
    if source.last_ok_at is None:
        return "chưa được hỏi lần nào"
    return f"không được hỏi từ {moment_text(source.last_ok_at)}"


def own_places(app: App, day: date) -> tuple[Place, ...]:
    """Return the districts and communes that a unit of the catalogue answers for on `day`."""
    found: dict[str, Place] = {}
    for unit in app.catalog.units.values():
        if unit.place and not unit.queue and unit.holds_on(day):
            place = app.gazetteer.by_code(unit.place, day)
            if place is not None and place.level in _ASKED:
                found[place.key] = place
    return tuple(sorted(found.values(), key=lambda place: (place.level, place.bare, place.key)))


def quiet_places(
    app: App, session: Session, now: datetime, asked: tuple[Place, ...]
) -> tuple[Place, ...]:
    """Return those of `asked` of which no item was read in the last `QUIET_DAYS`."""
    day = now.astimezone(ZONE).date()
    heard: set[str] = set()
    for key in reporting.places_heard(session, now - timedelta(days=QUIET_DAYS), now):
        standing = app.gazetteer.now(key, day) if key in app.gazetteer else ()
        # What is now several units says of none of them that it was heard.
        if len(standing) == 1:
            heard |= {place.key for place in app.gazetteer.chain(standing[0].key)}
    return tuple(place for place in asked if place.key not in heard)
