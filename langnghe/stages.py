"""The stages that understand: what is kept is read, what is read is gathered into events.

Every stage has one shape: take work that is missing in the tables, hand each piece to
a pure function, keep the outcome. A stage may be stopped at any moment and run again:
what is done stays done, and nothing is done twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from langnghe.app import App
from langnghe.gathering import Room, gathering
from langnghe.lines import local_day
from langnghe.logs import logger
from langnghe.probe import survives
from langnghe.progress import progress
from langnghe.report import Report
from nlp.event import Arrival, Joined
from nlp.normalise import fold
from nlp.reader import Reader
from nlp.reading import Reading
from storage import events, readings, search, unread
from storage.items import StoredItem
from storage.readings import Versions
from storage.unread import Share

log = logger(__name__)
#: Pieces taken at a time: large enough to batch the writes, small enough to lose little.
_BATCH = 200
#: Items of the past after which the room is said to be in use still.
_RESTORED = 2000
#: Items put into events in one transaction.
_GROUPED = 1000
_DEADLY = "tiến trình đọc chết mỗi lần đọc tin này"
#: How long an event stays open to new items without any.
WINDOW = timedelta(days=730)


def read(app: App, ids: Sequence[int] = ()) -> Report:
    """Read every item that this version of the reader has not read; with `ids`, of these only.

    An item that cannot be read is set aside with the reason and counted; the rest goes
    on, and a newer reader tries it again. So is one over which reader after reader died.
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
    with app.sessions.begin() as session:
        unread.put_back(session, app.owner)  # a process reads one share at a time
    with progress("Đang đọc tin") as advance:
        while True:
            with app.sessions.begin() as session:
                share = unread.claim(session, version, app.owner, app.clock(), _BATCH, ids)
            if not share:
                return Report("read", done, failed)
            good, bad = _read_share(app, share)
            with app.sessions.begin() as session:
                readings.save(session, good, marks)
                for item, reason in bad:
                    deadly = reason == _DEADLY
                    readings.save_failure(session, item, marks, reason, for_good=deadly)
                unread.done(session, share.all, app.owner)
            done, failed = done + len(good), failed + len(bad)
            advance(len(good) + len(bad))


def _read_share(
    app: App, share: Share
) -> tuple[list[tuple[StoredItem, Reading]], list[tuple[StoredItem, str]]]:
    good: list[tuple[StoredItem, Reading]] = []
    bad: list[tuple[StoredItem, str]] = []
    for item in share.suspects:
        if not survives(app, item):
            log.error("kills its readers", item=item.id)
            bad.append((item, _DEADLY))
    deadly = {item.id for item, _ in bad}
    for item in share.all:
        if item.id in deadly:
            continue
        try:
            good.append((item, read_item(app, app.reader, item, app.today())))
        except Exception as error:  # noqa: BLE001 (one item must not stop the others)
            log.warning("not read", item=item.id, error=type(error).__name__)
            bad.append((item, f"{type(error).__name__}: {error}"))
    return good, bad


def group(app: App) -> Report:
    """Gather what is read and not yet in an event, one at a time.

    Round by round, and of one round in the order of publication; a round of which an item
    is still being read waits, so that the same rounds make the same events, whoever read
    them. One process groups at a time.
    """
    notes: Counter[str] = Counter(new=0, joined=0, copies=0)
    with gathering(app) as room, progress("Đang gom sự việc") as advance:
        if room is None:
            return Report("group", 0, 0, {"elsewhere": 1})
        _restore(app, room)
        while True:
            with app.views() as session:
                waiting = events.ungrouped(session, _GROUPED, unread.first_fetched(session))
            if not waiting:
                return Report("group", notes["new"] + notes["joined"], 0, dict(notes))
            for join in _join(app, room, waiting):
                notes[_kind(join)] += 1
            advance(len(waiting))


def _join(app: App, room: Room, arrivals: Sequence[Arrival]) -> list[Joined]:
    """Let the grouper decide about a batch, and keep what it said; both or neither."""
    waiting = [over_maps(app, arrival) for arrival in arrivals]
    try:
        joins = [app.grouper.add(arrival) for arrival in waiting]
        with app.sessions.begin() as session:
            room.keep(session)
            events.save_joins(session, list(zip(waiting, joins, strict=True)), app.clock())
    except BaseException:
        app.forget_groups()  # what is in memory was not kept
        raise
    return joins


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


def _restore(app: App, room: Room) -> None:
    """Fill the index from the tables: of a fresh process, and where others changed events.

    One that goes on forgets what a fresh one would not be told.
    """
    since = app.clock() - WINDOW
    with app.views() as session:
        changes = events.last_change(session)
        if room.undisturbed and app.grouped_upto == changes:
            app.grouper.forget_before(since)
            return
        app.forget_groups()
        past = events.window(session, since)
        for number, (arrival, event, copy_of) in enumerate(past, 1):
            app.grouper.restore(over_maps(app, arrival), event, copy_of)
            if number % _RESTORED == 0:
                room.renew()
    app.grouped_upto = changes


def _kind(join: Joined) -> str:
    if join.new:
        return "new"
    return "copies" if join.copy_of is not None else "joined"
