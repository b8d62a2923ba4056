"""The pieces of work that are done over and over, each as the program itself does it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count, islice

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from benchmarks.fill_year import DAY, OUTLETS, TODAY
from crawlers.item import Fetch, Outcome
from langnghe import sealing, stages, telling
from langnghe.app import App, make_folder
from langnghe.cluster.sweep import sweep
from langnghe.correspond import correspond
from langnghe.judging import judge_events
from langnghe.metrics import exposition
from langnghe.quieting import wake
from langnghe.reporting import month_bytes
from langnghe.rounds import round_name
from langnghe.weekfigures import figures_of, monday_of
from nlp.event import Joined
from storage import events, items, outbox, readings, sources, unread
from storage.db import healthy
from storage.identity import KeptItem
from storage.looks import due_looks
from storage.readings import Versions

Work = Callable[[], object]
_BATCH = 50
_SOURCES = [f"bao-{number}" for number in range(40)]
_TWO_YEARS = timedelta(days=730)


@contextmanager
def undone(app: App, engine: Engine) -> Iterator[None]:
    """Let whatever the application commits meanwhile be taken back at the end."""
    kept = {name: app.__dict__[name] for name in ("sessions", "views")}
    with engine.connect() as connection:
        outer = connection.begin()
        inside = sessionmaker(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        )
        app.__dict__ |= {"sessions": inside, "views": inside}
        try:
            yield
        finally:
            app.__dict__ |= kept
            outer.rollback()


def paths(app: App) -> Mapping[str, Work]:
    """Return the pieces of work by name; run each inside `undone`."""
    return {
        "take unread items to read": lambda: _in(app, _claim),
        f"keep {_BATCH} new items": lambda: _in(app, _keep_new),
        f"keep {_BATCH} items that are there": lambda: _in(app, _keep_known),
        f"keep {_BATCH} items under other addresses": lambda: _in(app, _keep_moved),
        f"keep {_BATCH} readings": lambda: _in(app, _keep_readings),
        "index what is not indexed": lambda: stages.index(app),
        "find what is in no event": lambda: _in(app, _ungrouped),
        f"put {_BATCH} items into events": lambda: _in(app, _join),
        "three pages of the grouper's past": lambda: _in(app, _window),
        "judge 100 events": lambda: judge_events(app),
        "wake what was kept quiet": lambda: wake(app),
        "articles to look at again, all sources": lambda: _in(app, _looks),
        "addresses known of all sources": lambda: _in(app, _known),
        "sources that are due, and keeping how polls ended": lambda: _in(app, _polled),
        "sweep": lambda: sweep(app, {"crawl", "read", "gather"}),
        "take mails to send": lambda: _in(app, _mails),
        "write letters, overdue cases among them": lambda: correspond(app, round_name(app.clock())),
        "digest of a day": lambda: _in(app, lambda a, s: telling.build(a, s, TODAY)),
        "seal the evidence of a day": lambda: _seal(app),
        "figures of a week": lambda: figures_of(app, monday_of("", app.today())),
        "papers of a month": lambda: month_bytes(app, "2026-02", "json"),
        "metrics": lambda: exposition(app),
        "health": lambda: healthy(app.engine),
    }


def _in(app: App, work: Callable[[App, Session], object]) -> object:
    with app.sessions.begin() as session:
        return work(app, session)


def _claim(app: App, session: Session) -> object:
    found = unread.claim(session, app.reader.version, app.owner, app.clock(), 200)
    unread.done(session, found.all, app.owner)
    return unread.first_fetched(session), unread.left_behind(session, app.clock())


_numbers = count()


def _keep_new(app: App, session: Session) -> object:
    made = [_made(app, f"https://moi.example/{next(_numbers)}") for _ in range(_BATCH)]
    return items.keep(session, made)


def _made(app: App, url: str) -> KeptItem:
    source = sorted(app.catalog.sources)[len(url) % len(app.catalog.sources)]
    return KeptItem(
        source_id=source,
        outlet=source,
        kind="press",
        url=url,
        external_id=url,
        title=f"Tin ở {url}",
        text=f"Người dân phản ánh đường hư hỏng, chưa được khắc phục. {url}" * 5,
        published=app.clock(),
        fetched_at=app.clock(),
        body_sha256="0" * 64,
    )


def _stored(app: App, session: Session) -> list[items.StoredItem]:
    """Return items of one source, as a poll or an import brings them together."""
    newest, step = unread.newest(session) - 1000, len(app.catalog.sources) + OUTLETS
    found = items.by_ids(session, range(newest, newest - step * _BATCH, -step))
    return list(found.values())


def _as_kept(one: items.StoredItem) -> KeptItem:
    return KeptItem(**{name: getattr(one, name) for name in KeptItem.__slots__ if name != "asked"})


def _keep_known(app: App, session: Session) -> object:
    return items.keep(session, [_as_kept(one) for one in _stored(app, session)])


def _keep_moved(app: App, session: Session) -> object:
    known = [_as_kept(one) for one in _stored(app, session)]
    return items.keep(session, [replace(one, url=f"{one.url}/x") for one in known])


def _keep_readings(app: App, session: Session) -> object:
    known = _stored(app, session)
    read = readings.as_read(session, [one.id for one in known])
    marks = Versions(reader="r2", gazetteer="g", model="m", config="c")
    found = [(one, read[one.id]) for one in known if one.id in read]
    readings.save(session, found, marks)
    return readings.failures(session)


def _ungrouped(_: App, session: Session) -> object:
    return events.ungrouped(session, 1000, unread.first_fetched(session))


def _join(app: App, session: Session) -> object:
    waiting = events.ungrouped(session, _BATCH)
    past = [event for _, event, _ in islice(events.window(session, app.clock() - DAY), _BATCH)]
    joins = [
        (one, Joined(one.id, event, False, 0.8, "", None, ((past[0], 0.4),)))
        for one, event in zip(waiting, past, strict=False)
    ]
    events.save_joins(session, joins, app.clock())
    return events.last_change(session)


def _window(app: App, session: Session) -> object:
    return sum(1 for _ in islice(events.window(session, app.clock() - _TWO_YEARS), 3000))


def _looks(app: App, session: Session) -> object:
    return [due_looks(session, one, app.clock(), 10) for one in _SOURCES]


def _known(_: App, session: Session) -> object:
    return [sources.known_urls(session, one, 2000) for one in _SOURCES]


def _polled(app: App, session: Session) -> object:
    due = sources.due(session, app.clock(), app.catalog.sources.values())
    ended = [Fetch(source, Outcome.NEW, "", app.clock(), items=3) for source in app.catalog.sources]
    sources.record(session, ended, app.clock(), app.catalog.sources.values())
    return due


def _mails(app: App, session: Session) -> object:
    now = app.clock()
    outbox.mend(session, now, 300, DAY)
    outbox.waiting(session, now, now - DAY)
    return outbox.claim(session, now, app.owner, 300, 10)


def _seal(app: App) -> object:
    """Seal yesterday, as if everything before it were sealed."""
    folder = app.settings.data_dir / "evidence"
    make_folder(folder)
    for old in folder.glob("*.jsonl"):
        old.unlink()
    before = TODAY - 2 * DAY
    head = {"day": before.isoformat(), "texts": 0, "before": sealing.NOTHING}
    (folder / f"{before}.jsonl").write_text(json.dumps(head) + "\n")
    return sealing.seal(app)
