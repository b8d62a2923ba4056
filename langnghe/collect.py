"""The stage that listens: a crawl round, masked and kept as it streams in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from config.catalog import SourceEntry
from crawlers.again import is_gone
from crawlers.item import Fetch, Item
from crawlers.job import Addresses, DueSource, Job
from crawlers.round import run_round
from crawlers.turns import Turns
from langnghe.app import App
from langnghe.logs import logger
from langnghe.report import Report
from storage import items, sources
from storage.db import Session
from storage.items import KeptItem
from storage.looks import due_looks, looked
from storage.sources import DueInfo
from storage.tried import tried

log = logger(__name__)
#: Items kept in one transaction: what a crash can make the next round fetch again.
_BATCH = 20
#: How many addresses of a source's recent items a round is told: more than its page can
#: name, else it fetches for ever what it has. A feed names up to 2,000, each of them known by
#: two addresses at most; a sitemap five times as many.
_KNOWN, _USUALLY_KNOWN = {"sitemap": 20_000, "upload": 20_000}, 5_000
#: Types that read article pages, and how many of a source's articles a poll looks at again.
_PAGES, _LOOKS = frozenset({"feed", "listing", "sitemap"}), 10


def crawl(app: App, round_id: int | None = None) -> Report:
    """Poll every source that is due and keep what is new."""
    with app.views() as session:
        waiting = sources.due(session, app.clock(), app.catalog.sources.values())
    return listen(app, waiting, round_id)[0]


def listen(
    app: App,
    waiting: Sequence[DueInfo],
    round_id: int | None = None,
    check: Callable[[], None] = lambda: None,
    turns: Turns | None = None,
) -> tuple[Report, tuple[int, ...]]:
    """Poll sources; return what happened, and the items that are new or changed.

    Items are committed as they come; what is remembered of a source (validators,
    cursor) is committed after its items, so that a round that dies is repeated and
    loses nothing. `check` is called at every record; where it raises, the round ends.
    `turns` is who may ask which host, where other processes crawl as well.
    """
    now = app.clock()
    job = Job(now, tuple(_known(app, waiting)), app.limits)
    notes: Counter[str] = Counter(sources=len(job.sources))
    keeper = Keeper(app)
    # By source: they end in any order, and a failed page speaks of its own source alone.
    fetches: defaultdict[str, list[Fetch]] = defaultdict(list)
    looks = Looks(job)
    with closing(run_round(job, turns)) as records:
        for record in records:
            check()
            looks.note(record)
            if isinstance(record, Item):
                keeper.add(record)
                continue
            notes[record.outcome.value] += not record.url
            fetches[record.source_id].append(record)
            if not record.url:
                keeper.flush()
                _record(app, fetches.pop(record.source_id), now, round_id)
                looks.keep(app, record.source_id)
    keeper.flush()
    _record(app, [one for left in fetches.values() for one in left], now, round_id)
    failed = notes["error"] + notes["timeout"] + notes["blocked"] + notes["not_a_feed"]
    return Report("crawl", len(job.sources), failed, {**notes, **keeper.notes}), keeper.ids


def forgive(app: App, round_id: int) -> None:
    """Hold a failure of our own line against no source: nothing at all answered in the round."""
    with app.sessions.begin() as session:
        if sources.forgive_outage(session, round_id, app.clock(), app.catalog.sources.values()):
            log.error("nothing answered: our own line seems to be down", round=round_id)


def _record(app: App, fetches: list[Fetch], now: datetime, round_id: int | None) -> None:
    if fetches:
        with app.sessions.begin() as session:
            slowest = timedelta(minutes=app.settings.crawl.slowest_minutes)
            told = {fetch.source_id for fetch in fetches}
            entries = [app.catalog.sources[source_id] for source_id in told]
            sources.record(session, fetches, now, entries, round_id, slowest)


def _known(app: App, waiting: Sequence[DueInfo]) -> Iterator[DueSource]:
    with app.views() as session:
        for due in waiting:
            entry = app.catalog.sources[due.source_id]
            kept = sources.known_urls(session, entry.id, _KNOWN.get(entry.type, _USUALLY_KNOWN))
            resting, failed = tried(session, entry.id, app.clock())
            yield DueSource(
                id=entry.id,
                type=entry.type,
                options=entry.options,
                etag=due.etag,
                last_modified=due.last_modified,
                cursor=due.cursor,
                known=Addresses.of(kept | resting),
                tried=Addresses.of(failed),
                again=_again(session, entry, app.clock()),
            )


def _again(session: Session, entry: SourceEntry, now: datetime) -> tuple[str, ...]:
    """Return the articles of a source to look at again, where it reads pages at all."""
    reads = entry.type in _PAGES and entry.options.get("articles", True)
    return due_looks(session, entry.id, now, _LOOKS) if reads else ()


class Looks:
    """How second looks ended, by source, until the source's poll is over."""

    def __init__(self, job: Job) -> None:
        self._now = job.now
        self._asked = {due.id: set(due.again) for due in job.sources}
        self._there: set[str] = set()
        self._gone: set[str] = set()

    def note(self, record: Item | Fetch) -> None:
        """Take what a round told of a page."""
        if record.url in self._asked[record.source_id]:
            if isinstance(record, Item):
                self._there.add(record.url)
            elif is_gone(record):
                self._gone.add(record.url)

    def keep(self, app: App, source_id: str) -> None:
        """Write down how the looks of a source ended; what was told of none is looked at later."""
        if asked := self._asked[source_id]:
            there, gone = asked & self._there, asked & self._gone
            with app.sessions.begin() as session:
                unknown = asked - there - gone
                looked(session, self._now, there=there, gone=gone, unknown=unknown)


class Keeper:
    """Masks items and keeps them in batches."""

    def __init__(self, app: App, entry: SourceEntry | None = None) -> None:
        self._app = app
        self._entry = entry
        self._waiting: list[KeptItem] = []
        self.notes: Counter[str] = Counter(kept=0, changed=0, same=0)
        self.ids: tuple[int, ...] = ()

    def add(self, item: Item) -> None:
        """Take one item; it is safe on disk after the next `flush`."""
        self._waiting.append(_masked(self._app, item, self._entry))
        if len(self._waiting) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Commit what waits."""
        if not self._waiting:
            return
        with self._app.sessions.begin() as session:
            kept = items.keep(session, self._waiting, reverts=self._entry is None)
        met = len(self._waiting) - len(kept.new) - len(kept.changed)
        self.ids += (*kept.new, *kept.changed)
        self.notes.update(kept=len(kept.new), changed=len(kept.changed), same=met)
        self._waiting = []


def _masked(app: App, item: Item, entry: SourceEntry | None) -> KeptItem:
    source = entry or app.catalog.sources[item.source_id]
    masked = app.masker.mask(item.title, item.text)
    outlet = source.outlet or urlsplit(item.url).hostname or source.name
    return items.kept(item, masked, outlet, source.kind)


def keep_all(
    app: App, found: Iterable[Item | Fetch], entry: SourceEntry, advance: Callable[[int], None]
) -> tuple[Keeper, list[Fetch]]:
    """Keep all items of a hand-made source; return what happened and how it ended."""
    keeper, fetches = Keeper(app, entry), list[Fetch]()
    for record in found:
        if isinstance(record, Item):
            keeper.add(record)
            advance(1)
        else:
            fetches.append(record)
    keeper.flush()
    return keeper, fetches
