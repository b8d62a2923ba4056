"""The whole line in processes that are killed at any moment, against a quiet run.

Plan T1. A life is a fork of one warm process; a timer of the kernel ends it without a word.
What is left is looked at afterwards: nothing lost, nothing twice, the same events, cases
and mails.
"""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import text
from torture_answers import answer
from torture_texts import BEGIN, made_items

from config.catalog import SourceEntry
from crawlers.item import Item
from langnghe.app import App
from langnghe.collect import keep_all
from langnghe.correspond import correspond
from langnghe.delivering import deliver
from langnghe.gathering import bury
from langnghe.logs import logger
from langnghe.pressfolder import BUNDLED
from langnghe.rounds import round_name, understand
from storage import rounds

CHUNK = 100
STEP = timedelta(minutes=7 * CHUNK)
#: A case is answered after so long: units were reminded, and what is open stays as much.
PATIENCE = 10 * STEP
#: So many of what differs are told.
_TOLD = 10
log = logger(__name__)
ENTRY = SourceEntry(id="torture", name="Thử sức", type="upload", kind="press", home="Bến Tre")


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of a run beside a quiet one."""

    items: int
    events: int
    cases: int
    mails: int
    kills: int
    lost: int
    twice: int
    events_differ: int
    cases_differ: int
    mails_differ: int
    broken: int

    def as_dict(self) -> dict[str, int]:
        return asdict(self)

    @property
    def bad(self) -> int:
        """How much is not as it must be."""
        told = ("items", "events", "cases", "mails", "kills")
        return sum(count for name, count in asdict(self).items() if name not in told)


class Line:
    """An installation whose clock stands at the round it works on."""

    def __init__(
        self,
        folder: Path,
        url: str,
        number: int,
        shared: dict[str, Any],
        config: Path = BUNDLED / "config",
        items: Sequence[Item] = (),
    ) -> None:
        self._now = BEGIN
        self._items = items or list(made_items(number))
        over = {"data_dir": folder, "database_url": url}
        self.app = App(config, clock=lambda: self._now, **over)
        self.app.__dict__ |= shared

    def warm(self) -> dict[str, Any]:
        """Load what all lives share, and return it."""
        parts = "catalog gazetteer finder chosen masker routes calendar standing"
        return {part: getattr(self.app, part) for part in parts.split()}

    def work(self) -> None:
        """Go on where the last life ended, until all rounds are done."""
        for number in range(self._done(), (len(self._items) + CHUNK - 1) // CHUNK):
            self.round(number)

    def round(self, number: int) -> None:
        """Do one round, or what is left of it."""
        app = self.app
        self._now = at = BEGIN + (number + 1) * STEP
        bury(app)
        with app.sessions.begin() as session:
            rounds.add(session, "torture", at, at)
        answer(app, at - PATIENCE)
        some = islice(self._items, number * CHUNK, (number + 1) * CHUNK)
        keep_all(app, (fetched(one, at) for one in some), ENTRY, lambda _: None)
        understand(app)
        correspond(app, round_name(at))
        deliver(app)
        with app.sessions.begin() as session:
            run = rounds.find(session, "torture", at)
            assert run is not None
            rounds.finish(session, run.number, at, {})

    def _done(self) -> int:
        with self.app.views() as session:
            ask = "SELECT count(*) FROM round WHERE job = 'torture' AND finished_at IS NOT NULL"
            return int(session.scalar(text(ask)) or 0)

    def state(self) -> dict[str, Any]:
        """Return what is left: items, events, cases, mails."""
        with self.app.views() as session:
            ask = session.execute
            events: dict[int, list[str]] = {}
            for event, url in ask(
                text("SELECT event_id, url FROM membership JOIN item ON item.id = item_id")
            ):
                events.setdefault(event, []).append(url)
            cases = ask(
                text(
                    "SELECT title, unit_id, state, severity, episode, returned, reminded "
                    'FROM "case" ORDER BY 1, 2, 3, 4, 5'
                )
            )
            mails = ask(text("SELECT key, recipient, subject, state FROM notice ORDER BY key"))
            return {
                "items": Counter(session.scalars(text("SELECT url FROM item"))),
                "events": Counter(tuple(sorted(urls)) for urls in events.values()),
                "cases": Counter(tuple(row) for row in cases),
                "mails": Counter(tuple(row) for row in mails),
            }

    def sound(self) -> bool:
        """Say whether the database itself finds no fault."""
        if self.app.engine.dialect.name != "sqlite":
            return True
        with self.app.views() as session:
            return session.scalar(text("PRAGMA quick_check")) == "ok"


def fetched(item: Item, at: datetime) -> Item:
    """Return an item as a round at that moment brings it."""
    return replace(item, source_id=ENTRY.id, fetched_at=at)


def life(line: Line, seconds: float | None) -> bool:
    """Let one life work, for so long or to its end; say whether it was killed."""
    return was_killed(begun(line, seconds))


def begun(line: Line, seconds: float | None = None) -> int:
    """Let one life begin, for so long or to its end; return its process."""
    child = os.fork()
    if child == 0:
        status = 3
        try:
            line.app.forked()
            if seconds is not None:
                signal.signal(signal.SIGALRM, signal.SIG_DFL)
                signal.setitimer(signal.ITIMER_REAL, seconds)
            line.work()
            status = 0
        finally:
            os._exit(status)
    return child


def was_killed(child: int) -> bool:
    """Wait for the end of a life, and say whether it was killed."""
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, -signal.SIGALRM), f"a life ended with {code}"
    return code != 0


def torture(folder: Path, *, number: int, kills: int, seed: int = 1, slow: float = 2000) -> Figures:
    """Run `number` items through lives of which `kills` are killed, and through a quiet one.

    A life gets longer with what it must load: `slow` items double it.
    """
    quiet_folder, hard_folder = folder / "quiet", folder / "hard"
    for one in (quiet_folder, hard_folder):
        one.mkdir(parents=True)
    quiet = Line(quiet_folder, f"sqlite:///{quiet_folder / 'a.db'}", number, {})
    shared = quiet.warm()
    assert not life(quiet, None)
    hard = Line(hard_folder, f"sqlite:///{hard_folder / 'a.db'}", number, shared)
    chance, died, broken = random.Random(seed), 0, 0  # noqa: S311
    while died < kills:
        grown = 1 + _kept(hard) / slow
        if not life(hard, chance.uniform(0.02, 0.5) * grown):
            break
        died += 1
        broken += not hard.sound()
        hard.app.forked()
    assert not life(hard, None)
    return compared(quiet.state(), hard.state(), died, broken)


def _kept(line: Line) -> int:
    with line.app.views() as session:
        found = session.scalar(text("SELECT coalesce(max(id), 0) FROM item"))
    line.app.engine.dispose()
    return int(found or 0)


def compared(quiet: dict[str, Any], hard: dict[str, Any], kills: int, broken: int) -> Figures:
    """Compare what is left of two runs."""

    def differ(name: str) -> int:
        gone, new = quiet[name] - hard[name], hard[name] - quiet[name]
        if gone or new:
            log.warning("differs", what=name, gone=sorted(gone)[:_TOLD], new=sorted(new)[:_TOLD])
        return gone.total() + new.total()

    return Figures(
        items=len(quiet["items"]),
        events=quiet["events"].total(),
        cases=quiet["cases"].total(),
        mails=quiet["mails"].total(),
        kills=kills,
        lost=len(set(quiet["items"]) - set(hard["items"])),
        twice=sum(count - 1 for count in hard["items"].values()),
        events_differ=differ("events"),
        cases_differ=differ("cases"),
        mails_differ=differ("mails"),
        broken=broken,
    )
