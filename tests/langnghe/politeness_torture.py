"""Two newspapers asked by a cluster whose processes are killed: the gaps as the servers see them.

Plan T12. Workers, their children and crawl processes are killed, hints are published more
than once, and each paper's feeds lead to pages of the other, which is in another shard.
With `locked` false the workers take every lease and every turn for theirs (see
`cluster_process.py`): the figures then show what the locks are for.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from queue import Empty
from threading import Lock
from typing import Any

from cluster_lab import Lab
from sqlalchemy import select

from crawlers.urls import canonical
from langnghe.cluster.broker import Broker
from langnghe.cluster.flow import open_round
from langnghe.cluster.scheduler import Scheduler, calm
from storage import rounds
from storage.models import ItemRow

sys.path.insert(0, str(Path(__file__).parent.parent / "crawlers"))

from loopback import NOW, LoopbackWeb, Reply, article, loopback_web, rss

HOSTS = ("mot.example", "hai.example")
FEEDS = 3
#: New pages of each feed at each round; every third is a page of the other paper.
PAGES = 6
DELAY, TOLERANCE = 0.05, 0.005
#: Longer than any back-off of a source whose crawl was killed.
STEP = timedelta(hours=25)
#: So many rounds without a kill must bring all that is missing.
_QUIET_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Figures:
    """What the papers saw, and what was kept of it."""

    kills: int
    requests: int
    violations: int
    least_ms: float
    pages: int
    missing: int
    twice: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def bad(self) -> int:
        """How much is not as it must be."""
        return self.violations + self.missing + self.twice


class Papers:
    """The two papers, and when each was asked for what."""

    def __init__(self, web: LoopbackWeb, one: Lab) -> None:
        self._web, self._lab, self._lock = web, one, Lock()
        self.arrivals: dict[str, list[float]] = {host: [] for host in HOSTS}
        self.pages: set[str] = set()
        self._links: dict[str, list[tuple[str, str]]] = {}
        for host in HOSTS:
            self._put(f"{host}/robots.txt", Reply("User-agent: *\nAllow: /\n", "text/plain"))

    def publish(self, number: int) -> None:
        """Bring out what is new at round `number`."""
        for place, host in enumerate(HOSTS):
            for feed in range(FEEDS):
                links = self._links.setdefault(f"{host}/{feed}.rss", [])
                for page in range(PAGES):
                    there = HOSTS[1 - place] if page % 3 == 2 else host
                    name = f"bai-{number}-{place}-{feed}-{page}"
                    title = f"Sạt lở đê bao đoạn số {number} {place} {feed} {page}"
                    url = f"http://{there}/{name}.htm"
                    links.append((url, title))
                    self.pages.add(url)
                    self._put(url.removeprefix("http://"), Reply(_page(title, name)))
                self._put(f"{host}/{feed}.rss", rss(*links))

    def gaps(self) -> list[float]:
        """Return the seconds between two requests of one host, all hosts together."""
        return [late - early for times in self.arrivals.values() for early, late in pairwise(times)]

    def violations(self) -> int:
        """Return how many requests came too early."""
        return sum(gap < DELAY - TOLERANCE for gap in self.gaps())

    def _put(self, address: str, reply: Reply) -> None:
        host = address.partition("/")[0]

        def answer(_: object) -> Reply:
            with self._lock:
                self.arrivals[host].append(time.monotonic())
            self._lab.lines.put("asked")
            return reply

        self._web.put(address, answer)


def _page(title: str, name: str) -> str:
    """Return a page whose text is like no other's: the same text is the same article."""
    return article(title).replace("</p>", f" Mã bài {name}.</p>", 1)


def torture_politeness(
    folder: Path,
    url: str,
    *,
    kills: int,
    rounds_: int,
    copies: int = 3,
    locked: bool = True,
    enough: int | None = None,
    seed: int = 1,
) -> Figures:
    """Let 4 crawl processes ask 2 hosts through so many rounds and kills.

    Ends before where `enough` violations were seen: how many a round has is chance.
    """
    with loopback_web() as web, _lab(folder, url, web.url, locked=locked) as one:
        papers = Papers(web, one)
        app = one.app()
        scheduler = Scheduler(app, Broker(app.settings.cluster))
        chance = random.Random(seed)  # noqa: S311 (a repeatable test, no secret)
        killer = _Killer(chance, kills, rounds_)
        for number in range(rounds_ + _QUIET_ROUNDS):
            if number < rounds_:
                papers.publish(number)
            elif not _missing(app, papers) or not locked:
                break
            if enough is not None and papers.violations() >= enough:
                break
            at = NOW + number * STEP
            one.set_now(at)
            hints = open_round(app, at) * copies
            chance.shuffle(hints)
            scheduler.broker.send(hints)
            _work(one, scheduler, killer, at)
        kept = _kept(app)
        app.engine.dispose()
    gaps = papers.gaps()
    return Figures(
        kills=killer.died,
        requests=sum(len(times) for times in papers.arrivals.values()),
        violations=papers.violations(),
        least_ms=round(min(gaps) * 1000, 1),
        pages=len(papers.pages),
        missing=len([page for page in papers.pages if not kept[page]]),
        twice=sum(count - 1 for count in kept.values() if count > 1),
    )


@contextmanager
def _lab(folder: Path, url: str, proxy: str, *, locked: bool) -> Iterator[Lab]:
    operator = folder / "operator"
    (operator / "sources").mkdir(parents=True)
    for place, host in enumerate(HOSTS):
        for feed in range(FEEDS):
            told = f'type = "feed"\nkind = "press"\nname = "Báo {place} {feed}"\nhome = "Bến Tre"\n'
            told += f'every_minutes = 15\n[options]\nurl = "http://{host}/{feed}.rss"\n'
            (operator / "sources" / f"bao-{place}-{feed}.toml").write_text(told, "utf-8")
    crawl = {"proxy": proxy, "allow_private": True, "delay": DELAY, "timeout": 1.0}
    options = {
        "data_dir": str(folder / "data"),
        "database_url": url,
        "crawl": crawl,
        "cluster": {"batch": 50},
    }
    one = Lab(operator, folder, options, open_locks=not locked)
    one.set_now(NOW)
    Broker(one.app().settings.cluster).declare()
    try:
        for _ in range(2):
            one.start("work")
        yield one
    finally:
        one.stop()


def _work(one: Lab, scheduler: Scheduler, killer: _Killer, at: Any) -> None:
    """Let the workers end a round, with kills while the papers are asked."""
    sweep = calm(scheduler._app, "sweep", scheduler.sweep)
    while not _is_over(scheduler, at):
        try:
            line = one.lines.get(timeout=1.0)
        except Empty:
            sweep()
            continue
        if killer.strike(one, line):
            sweep()
        elif line == "asked":
            continue  # no need to ask the tables at every page


def _is_over(scheduler: Scheduler, at: Any) -> bool:
    with scheduler._app.views() as session:
        return not rounds.open_runs(session, "crawl.")


def _missing(app: Any, papers: Papers) -> bool:
    return not papers.pages <= set(_kept(app))


def _kept(app: Any) -> Counter[str]:
    with app.views() as session:
        return Counter(canonical(url) for url in session.scalars(select(ItemRow.url)))


class _Killer:
    """Kills a process now and then while the papers are asked; all kinds in turn."""

    def __init__(self, chance: random.Random, kills: int, of_rounds: int) -> None:
        self._chance, self._left = chance, kills
        requests = of_rounds * len(HOSTS) * FEEDS * (PAGES + 1)
        self._every = max(requests // (kills + 1), 1) if kills else 0
        self._wait = self._every
        self.died = 0

    def strike(self, one: Lab, line: str) -> bool:
        """Perhaps kill something; say whether it did."""
        if not self._left or line != "asked":
            return False
        self._wait -= 1
        if self._wait > 0:
            return False
        self._wait = self._chance.randrange(1, 2 * self._every)
        kind = self.died % 5
        if kind == 4:
            one.replace(self._chance.randrange(len(one.processes)))
        elif not self._kill_below(one, 1 if kind % 2 else 2):
            return False
        self._left -= 1
        self.died += 1
        return True

    def _kill_below(self, one: Lab, depth: int) -> bool:
        """Kill a process of a pool (depth 1) or a crawl process (2), where there is one."""
        found = [worker.pid for worker in one.processes]
        for _ in range(depth):
            found = [child for pid in found for child in _children(pid)]
        if not found:
            return False
        with suppress(ProcessLookupError):
            os.kill(self._chance.choice(found), signal.SIGKILL)
        return True


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
        return [int(one) for one in told.split()]
    return []
