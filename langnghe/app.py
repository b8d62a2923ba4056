"""One running installation: its settings, its rules and its workers, each made when first used."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from config.errors import ConfigError
from config.gazetteer import Gazetteer, load_gazetteer
from config.load import Catalog, load_catalog
from config.settings import ZONE, Settings, load_settings
from crawlers.job import Limits
from langnghe.alarm import Alarm
from langnghe.modelchoice import Chosen, choose, in_use
from langnghe.owners import owner_name
from nlp.group import Grouper
from nlp.mask import Masker
from nlp.places import PlaceFinder
from nlp.reader import Reader
from storage.db import Engine, Sessions, migrate, open_database, readers, sessions
from triage.calendar import WorkCalendar
from triage.notifiers import Notifier, build_notifier
from triage.route import RouteTable
from triage.standing import Standing


def system_clock() -> datetime:
    """Return the time of the machine; the one place that asks it."""
    return datetime.now(UTC)


class App:
    """What the stages, the jobs and the command share.

    `clock` is the only source of the present: the demo and the tests turn it by
    hand. Parts are built on first use, so that a command pays for what it needs.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        clock: Callable[[], datetime] = system_clock,
        **over: Any,
    ) -> None:
        self.folder = folder
        self.clock = clock
        #: The last change of events by people that the grouper knows; None: it knows nothing.
        self.grouped_upto: int | None = None
        self.delivering = threading.Lock()  # one thread sends mails; of processes, several may
        #: What this process sent, when, and could not mark as sent: key and moment.
        self.unmarked: dict[str, datetime] = {}
        self.settings: Settings = load_settings(folder, **over)
        self.alarm = Alarm()
        self._strict = "model" in over

    def today(self) -> date:
        """Return the present day in the zone of the product."""
        return self.clock().astimezone(ZONE).date()

    @cached_property
    def catalog(self) -> Catalog:
        """The entries of the files. Raises `ConfigError` with all problems."""
        return load_catalog(self.folder, self.settings.defaults)

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The map over time."""
        return load_gazetteer(self.folder)

    @cached_property
    def standing(self) -> Standing:
        """What a place of one map is on the map of another day."""
        return Standing(self.gazetteer)

    @cached_property
    def engine(self) -> Engine:
        """The database, brought to the newest tables."""
        if self.settings.url().startswith("sqlite"):
            data = self.settings.data_dir
            if self.folder is None and not data.exists():
                sys.stderr.write(
                    f"no --config folder, no langnghe.d: the defaults, data in {data.resolve()}\n"
                )
            make_folder(data)
        engine = open_database(self.settings.url())
        migrate(engine)
        return engine

    def has_database(self) -> bool:
        """Say whether there is one already: a question alone must not make an SQLite file."""
        url = self.settings.url()
        return not url.startswith("sqlite:///") or Path(url.removeprefix("sqlite:///")).exists()

    @cached_property
    def sessions(self) -> Sessions:
        """Transactions that write."""
        return sessions(self.engine)

    @cached_property
    def views(self) -> Sessions:
        """Transactions that only read, and wait for no writer."""
        return readers(self.engine)

    @cached_property
    def finder(self) -> PlaceFinder:
        """What finds the places of a text; all readers share it."""
        return PlaceFinder(self.gazetteer)

    @cached_property
    def chosen(self) -> Chosen:
        """The reader with its model, and what is wrong with the one that was wanted."""
        return choose(self.finder, self._wanted_model(), strict=self._strict)

    @property
    def reader(self) -> Reader:
        """The reader with the model that the settings name, or that is in use here."""
        return self.chosen.reader

    def renew_reader(self) -> None:
        """Take the model that is in use by now; a running process does so between batches."""
        if self.chosen.fault or self._wanted_model() != self.chosen.wanted:
            del self.chosen

    def _wanted_model(self) -> Path | None:
        if self.settings.model is not None or not self.has_database():
            return self.settings.model
        return in_use(self.__dict__.get("engine"), self.settings.url(), self.settings.data_dir)

    @cached_property
    def masker(self) -> Masker:
        """What makes text safe to keep."""
        return Masker(self.gazetteer)

    @cached_property
    def owner(self) -> str:
        """The name under which this process takes work."""
        return owner_name()

    def forked(self) -> None:
        """Begin anew in a child process: connections and the name belong to the parent."""
        engine: Engine | None = self.__dict__.pop("engine", None)
        if engine is not None:
            engine.dispose(close=False)
        for part in ("sessions", "views", "owner", "notifier"):
            self.__dict__.pop(part, None)
        self.forget_groups()

    def forget_groups(self) -> None:
        """Throw the grouper away; the next grouping fills it from the tables."""
        self.grouped_upto = None
        self.__dict__.pop("grouper", None)

    @cached_property
    def grouper(self) -> Grouper:
        """An empty grouper; `langnghe.stages.group` fills it from the tables."""
        return Grouper()

    @cached_property
    def calendar(self) -> WorkCalendar:
        """Working days and hours."""
        return WorkCalendar(self.catalog.holidays, self.catalog.policy.work_day)

    @cached_property
    def routes(self) -> RouteTable:
        """Who answers for what. Raises `ConfigError` where two have an equal claim."""
        catalog = self.catalog
        names = {topic.id: topic.name for topic in catalog.topics.values()}
        return RouteTable(catalog.units.values(), catalog.routing.values(), self.gazetteer, names)

    @cached_property
    def notifier(self) -> Notifier:
        """The way out for mails."""
        wanted = self.settings.mail.notifier
        entry = self.catalog.notifiers.get(wanted)
        if entry is None:
            known = ", ".join(self.catalog.notifiers) or "-"
            raise ConfigError([f"langnghe.toml: mail.notifier: {wanted!r} is none of {known}"])
        return build_notifier(entry, self.settings.data_dir)

    @cached_property
    def limits(self) -> Limits:
        """The politeness of a crawl round."""
        crawl = self.settings.crawl
        return Limits(
            user_agent=crawl.user_agent(),
            delay=crawl.delay,
            per_host=crawl.per_host,
            concurrent=crawl.concurrent,
            timeout=crawl.timeout,
            round_timeout=crawl.round_timeout,
            max_bytes=crawl.max_bytes,
            max_articles=crawl.max_articles,
            allow_private=crawl.allow_private,
            proxy=crawl.proxy,
        )


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, whatever happens meanwhile."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def make_folder(path: Path) -> None:
    """Create a folder that is to be written to. Raises `ConfigError` where that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / ".writable"
        probe.write_bytes(b"")
        probe.unlink(missing_ok=True)  # another process may be trying just now
    except OSError as error:
        raise ConfigError([f"{path}: -: cannot be written to: {error.strerror}"]) from error
