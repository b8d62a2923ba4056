"""Read one item that was given on a line, as `analyse`, `group` and `evaluate` do alike."""

from __future__ import annotations

from datetime import datetime

from langnghe.app import App
from langnghe.lines import Line, local_day
from nlp.event import Arrival
from nlp.reading import Reading


def read_line(app: App, line: Line) -> Reading:
    """Return the reading of the item, on the map of its day."""
    return app.reader.read(
        line.title,
        line.text,
        published=local_day(line.published),
        home=_home(app, line),
        kind=line.kind,
        as_of=app.today(),
    )


def arrival_of(number: int, line: Line, reading: Reading, now: datetime) -> Arrival:
    """Return the item as grouping takes it; one without a date counts as of `now`."""
    return Arrival(
        id=number,
        title=line.title,
        text=line.text,
        at=line.published or now,
        places=tuple(place.key for place in reading.where.places),
        topics=tuple(topic.topic for topic in reading.topics),
        is_issue=reading.is_issue,
    )


def _home(app: App, line: Line) -> str:
    """Say what the item's source is about, as weak evidence for places.

    What the line says; else the home of that outlet in the catalogue; else a source
    nobody knows is one that the operator chose for the own province.
    """
    if line.home or not line.source:
        return line.home
    known = [
        entry for entry in app.catalog.sources.values() if line.source in (entry.id, entry.outlet)
    ]
    return known[0].home if known else f"{app.settings.province} {line.source}"
