"""The stages that understand: what is kept is read, what is read is gathered into events.

Every stage has one shape: take work that is missing in the tables, hand each piece to
a pure function, keep the outcome. A stage may be stopped at any moment and run again:
what is done stays done, and nothing is done twice.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

from langnghe.app import App
from langnghe.lines import local_day
from langnghe.logs import logger
from langnghe.progress import progress
from langnghe.report import Report
from nlp.event import Arrival, Joined
from nlp.normalise import fold
from nlp.reader import Reader
from nlp.reading import Reading
from storage import events, readings, search
from storage.items import StoredItem
from storage.readings import Versions

log = logger(__name__)
#: Pieces taken at a time: large enough to batch the writes, small enough to lose little.
_BATCH = 200
#: How long an event stays open to new items without any.
WINDOW = timedelta(days=730)


def read(app: App) -> Report:
    """Read every item that this version of the reader has not read.

    An item that cannot be read is set aside with the reason and counted; the rest goes
    on, and a newer reader tries it again.
    """
    app.renew_reader()
    version = app.reader.version
    marks = Versions(
        reader=version,
        gazetteer=app.gazetteer.version,
        model=version,
        config=app.catalog.hash,
    )
    done = failed = 0
    with progress("Đang đọc tin") as advance:
        while True:
            with app.views() as session:
                waiting = readings.unread(session, version, _BATCH)
            if not waiting:
                return Report("read", done, failed)
            good: list[tuple[StoredItem, Reading]] = []
            bad: list[tuple[StoredItem, str]] = []
            for item in waiting:
                try:
                    good.append((item, read_item(app, app.reader, item, app.today())))
                except Exception as error:  # noqa: BLE001 (one item must not stop the others)
                    log.warning("not read", item=item.id, error=type(error).__name__)
                    bad.append((item, f"{type(error).__name__}: {error}"))
            with app.sessions.begin() as session:
                readings.save(session, good, marks)
                for item, reason in bad:
                    readings.save_failure(session, item, marks, reason)
            done, failed = done + len(good), failed + len(bad)
            advance(len(waiting))


def group(app: App) -> Report:
    """Gather what is read and not yet in an event, in the order of arrival, one at a time."""
    _restore(app)
    notes: Counter[str] = Counter(new=0, joined=0, copies=0)
    with progress("Đang gom sự việc") as advance:
        while True:
            with app.views() as session:
                waiting = events.ungrouped(session, _BATCH)
            if not waiting:
                return Report("group", notes["new"] + notes["joined"], 0, dict(notes))
            waiting = [over_maps(app, arrival) for arrival in waiting]
            joins = [app.grouper.add(arrival) for arrival in waiting]
            with app.sessions.begin() as session:
                events.save_joins(session, list(zip(waiting, joins, strict=True)), app.clock())
            for join in joins:
                notes[_kind(join)] += 1
            advance(len(waiting))


def index(app: App) -> Report:
    """Make what is kept searchable, by folded words."""
    done = 0
    while True:
        with app.views() as session:
            waiting = search.unindexed(session, _BATCH)
        if not waiting:
            return Report("index", done)
        words = [
            search.Folded(item.id, item.version, fold(f"{item.title}\n{item.text}"))
            for item in waiting
        ]
        with app.sessions.begin() as session:
            search.index(session, words)
        done += len(waiting)


def over_maps(app: App, arrival: Arrival) -> Arrival:
    """Return an item with the places that its places were made of.

    A problem that lasts through a merger of communes stays one event: what is told of the
    new commune is met by what was told of the old ones.
    """
    before = (old for key in arrival.places for old in app.standing.lineage(key))
    return replace(arrival, places=tuple(dict.fromkeys((*arrival.places, *before))))


def read_item(app: App, reader: Reader, item: StoredItem, as_of: date) -> Reading:
    """Return what a reader reads out of a kept item, seen from the day `as_of`."""
    source = app.catalog.sources.get(item.source_id)
    return reader.read(
        item.title,
        item.text,
        published=local_day(item.published),
        home=source.home if source else "",
        kind=item.kind,
        as_of=as_of,
    )


def _restore(app: App) -> None:
    """Fill the index of a fresh process from the tables, once."""
    if app.restored:
        return
    with app.views() as session:
        for arrival, event, copy_of in events.window(session, app.clock() - WINDOW):
            app.grouper.restore(over_maps(app, arrival), event, copy_of)
    app.restored = True


def _kind(join: Joined) -> str:
    if join.new:
        return "new"
    return "copies" if join.copy_of is not None else "joined"
