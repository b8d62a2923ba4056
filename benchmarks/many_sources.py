"""A day of the scheduler and its tables with many sources: `python -m benchmarks.many_sources URL`.

URL is an empty PostgreSQL database. 10,000 sources on 2,500 sites are listened to for 24 hours
of simulated time: every round is opened, its shards are taken under their leases, what came
back is written down, and the round is settled, all by the program's own code. Only the network
is made up: a source brings something at its own rhythm, some fail now and then, some always.
(What the network costs: `python benchmarks/crawl.py --unchanged 10000`.) Prints a JSON line for
every third hour and one at the end.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from config.settings import ZONE
from crawlers.item import Fetch, Item, Outcome
from crawlers.job import Job
from crawlers.turns import Turns
from langnghe import collect, logs
from langnghe.app import App
from langnghe.cluster import flow
from langnghe.hearing import coverage
from langnghe.report import Report
from storage import rounds

SITES, EACH = 2_500, 4
BEGIN = datetime(2026, 3, 2, 5, tzinfo=ZONE).astimezone(UTC)
_KINDS = '["topics", "units", "routing", "holidays", "notifiers"]'
#: Of a thousand polls so many fail by chance; of a thousand sources so many always.
_FAILS, _DEAD = 10, 5


def main() -> int:
    """Simulate the day and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--sites", type=int, default=SITES)
    parser.add_argument("--hours", type=int, default=24)
    asked = parser.parse_args()
    logs.setup(json_lines=True)
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as name:
        made = make_folder(Path(name) / "operator", asked.sites)
        day = Day(App(made, data_dir=Path(name), database_url=asked.url))
        print(json.dumps({"sources": asked.sites * EACH, "load": day.load()}), flush=True)
        for hour in range(asked.hours):
            day.hour(hour)
        print(json.dumps(day.end()), flush=True)
    return 0


def make_folder(folder: Path, sites: int) -> Path:
    """Write an operator's folder with `EACH` feeds of so many sites."""
    (folder / "sources").mkdir(parents=True)
    (folder / "langnghe.toml").write_text(f"defaults = {_KINDS}\n", "utf-8")
    for site in range(sites):
        for part in range(EACH):
            told = f'name = "Báo {site} mục {part}"\ntype = "feed"\noutlet = "Báo {site}"\n'
            told += f'[options]\nurl = "https://bao{site}.example/{part}.rss"\n'
            (folder / "sources" / f"b{site}-{part}.toml").write_text(told, "utf-8")
    return folder


class Day:
    """The program with a clock that is turned, and what it did."""

    def __init__(self, app: App) -> None:
        self.app, self._now = app, BEGIN
        app.clock = lambda: self._now  # type: ignore[method-assign]
        collect.run_round = self._answers
        self._chance = random.Random(1)
        self._last: dict[str, datetime] = {}
        self._spent: Counter[str] = Counter()
        self._count: Counter[str] = Counter()
        self._slowest = 0.0

    def load(self) -> dict[str, float]:
        """Load the catalogue and open the tables; return seconds."""
        found = {}
        steps: dict[str, Callable[[], object]] = {
            "catalogue_s": lambda: self.app.catalog,
            "tables_s": lambda: self.app.engine,
        }
        for name, step in steps.items():
            found[name] = round(_timed(step), 2)
        return found

    def hour(self, hour: int) -> None:
        """Run the rounds of an hour."""
        every = timedelta(minutes=self.app.settings.crawl_every_minutes)
        self._now = BEGIN + timedelta(hours=hour)
        while self._now < BEGIN + timedelta(hours=hour + 1):
            self._slowest = max(self._slowest, _timed(self._round))
            self._now += every
        if hour % 3 == 2:
            told = {"hour": hour + 1, **self._count, **_rounded(self._spent)}
            print(json.dumps(told | {"slowest_round_s": round(self._slowest, 1)}), flush=True)
            self._spent.clear()
            self._count.clear()
            self._slowest = 0.0

    def end(self) -> dict[str, object]:
        """Return what the day left, and what asking the whole catalogue costs."""

        def ask() -> Report | None:
            with self.app.views() as session:
                coverage(self.app, session, self._now)
            return None

        took = _timed(ask)
        with self.app.views() as session:
            size = session.scalar(text("SELECT pg_database_size(current_database())")) or 0
            fetches = session.scalar(text('SELECT count(*) FROM "fetch"')) or 0
            late = session.scalar(
                text("SELECT count(*) FROM source_state WHERE next_at < :at"),
                {"at": self._now - timedelta(hours=1)},
            )
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        told = {"fetches": fetches, "database_mib": size >> 20, "overdue_an_hour": late}
        return told | {"coverage_s": round(took, 2), "memory_mib": memory}

    def _round(self) -> None:
        at = self._now
        began = time.perf_counter()
        hints = flow.open_round(self.app, at)
        self._spent["open_s"] += time.perf_counter() - began
        for hint in hints:
            if hint.stage == "crawl":
                self._spent["shards_s"] += _timed(
                    lambda hint=hint: list(flow.crawl_shard(self.app, hint.args["shard"], at))
                )
        self._spent["settle_s"] += _timed(lambda: list(flow.settle(self.app)))
        with self.app.views() as session:
            run = rounds.find(session, "round", at)
        assert run is not None
        assert run.finished, "the round did not end"
        self._count["rounds"] += 1

    def _answers(self, job: Job, _: Turns | None = None) -> Iterator[Item | Fetch]:
        """Stand in for the network."""
        for source in job.sources:
            self._count["polls"] += 1
            number = hash_of(source.id)
            outcome, items = self._outcome(source.id, number)
            self._count[outcome.value] += 1
            etag = f'"{number}"' if outcome is not Outcome.ERROR else ""
            yield Fetch(source.id, outcome, "", self._now, items=items, etag=etag)

    def _outcome(self, source: str, number: int) -> tuple[Outcome, int]:
        if number % 1000 < _DEAD or self._chance.random() * 1000 < _FAILS:
            return Outcome.ERROR, 0
        pause = timedelta(minutes=10 + number % 1400)
        if self._now - self._last.setdefault(source, BEGIN) < pause:
            return Outcome.NOT_MODIFIED, 0
        self._last[source] = self._now
        return Outcome.NEW, 1 + number % 5


def hash_of(name: str) -> int:
    """Return a number for a name, the same in every run."""
    return random.Random(name).randrange(10**6)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _rounded(spent: Counter[str]) -> dict[str, float]:
    return {name: round(seconds, 1) for name, seconds in spent.items()}


if __name__ == "__main__":
    sys.exit(main())
