"""Months of a real feed stream, hour by hour, in simulated time: `python -m benchmarks.replay FILE [--until DAY]`.

FILE is JSON lines (packed with xz or not) of entries with `link`, `source`, `title`,
`summary`, `published` and `fetched`, in the order of fetching. Every three hours the
entries of the time are kept as if their sources had been polled, then read, grouped and
judged; at seven the digest of the day is made. Prints a JSON line for each month (entries,
events, cases, memory, what the digest said of silent and unusual sources) and one at the
end: of how many source days the volume was called unusual, and of how many it would have
been had the source brought nothing, a fifth, half, or three times as much.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import lzma
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from config.settings import ZONE
from crawlers.dates import read_date
from crawlers.item import Fetch, Item, Outcome
from crawlers.plain import plain_text, plain_title
from crawlers.urls import canonical
from langnghe import logs
from langnghe.app import App
from langnghe.collect import Keeper
from langnghe.hearing import coverage
from langnghe.rounds import run_digest, understand
from storage import sources
from triage.volume import WEEKS, off_norm

STEP = timedelta(hours=3)
TIMES = (0.0, 0.2, 0.5, 3.0)


def entries(file: Path) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """Yield the entries with the time they were fetched."""
    opened = lzma.open if file.suffix == ".xz" else open
    with opened(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            yield datetime.fromisoformat(entry["fetched"]), entry


def slug(name: str) -> str:
    """Return the id of a source of this name."""
    return "s-" + hashlib.sha256(name.encode()).hexdigest()[:8]


def make_folder(folder: Path, names: list[str]) -> None:
    """Write the configuration of the replay: the stream's sources alone."""
    (folder / "sources").mkdir()
    kinds = '["topics", "units", "routing", "holidays", "notifiers"]'
    (folder / "langnghe.toml").write_text(f"defaults = {kinds}\n", "utf-8")
    for name in names:
        outlet = re.split(r" - ", name)[0]
        text = f'name = "{name}"\ntype = "feed"\noutlet = "{outlet}"\n[options]\n'
        text += f'url = "https://{slug(name)}.example/rss"\narticles = false\n'
        (folder / "sources" / f"{slug(name)}.toml").write_text(text, "utf-8")


class Replay:
    """The program, its clock, and what its digests said."""

    def __init__(self, folder: Path, names: list[str], begin: datetime) -> None:
        self.now = begin
        self.app = App(folder, clock=lambda: self.now)
        self.names = names
        self.month: Counter[str] = Counter()
        self.said: dict[str, set[str]] = defaultdict(set)
        self.daily: dict[str, Counter[date]] = defaultdict(Counter)
        self.began = time.monotonic()

    def round(self, found: list[dict[str, Any]]) -> None:
        """Keep what came in these hours, read, group, judge."""
        keeper, new = Keeper(self.app), Counter[str]()
        for entry in found:
            url = canonical(entry["link"])
            if not url:
                continue
            dated = read_date(entry["published"], self.now)
            title, text = plain_title(entry["title"]), plain_text(entry["summary"])
            digest = hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()
            keeper.add(
                Item(
                    slug(entry["source"]), url, url, title, text, dated.published, self.now, digest
                )
            )
            new[slug(entry["source"])] += 1
            self.daily[entry["source"]][self.now.astimezone(ZONE).date()] += 1
        keeper.flush()
        told = [
            Fetch(slug(name), Outcome.NEW if new[slug(name)] else Outcome.NONE, "", self.now,
                  items=new[slug(name)])
            for name in self.names
        ]  # fmt: skip
        with self.app.sessions.begin() as session:
            sources.record(session, told, self.now, self.app.catalog.sources.values())
        understand(self.app)
        self.month.update(entries=len(found), kept=keeper.notes["kept"])

    def morning(self) -> None:
        """Make the digest; note what it says of its own hearing."""
        day = self.now.astimezone(ZONE).date()
        run_digest(self.app, day)
        with self.app.views() as session:
            heard = coverage(self.app, session, self.now)
        before = day - timedelta(days=1)
        self.said["silent"] |= {f"{before} {name}" for name in heard.silent}
        self.said["unusual"] |= {f"{before} {one.source}: {one.reason}" for one in heard.unusual}

    def tell(self, month: str) -> None:
        """Print the month that is over."""
        gc.collect()
        status = Path("/proc/self/status").read_text("ascii")
        memory = int(re.search(r"VmRSS:\s+(\d+)", status)[1]) // 1024  # type: ignore[index]
        with self.app.views() as session:
            counts = {
                name: session.connection().exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()  # noqa: S608
                for name, table in (("events", "event"), ("cases", '"case"'), ("mails", "notice"))
            }
        seconds = time.monotonic() - self.began
        line = {"month": month, **self.month, **counts, "rss_mib": memory}
        line |= {"entries_per_s": round(self.month["entries"] / seconds, 1)}
        print(
            json.dumps(
                line | {name: sorted(all_) for name, all_ in self.said.items()}, ensure_ascii=False
            ),
            flush=True,
        )
        self.month, self.began = Counter(), time.monotonic()
        self.said.clear()


def judged(daily: dict[str, Counter[date]], last: date) -> dict[str, Any]:
    """Say how many source days are called unusual, as they were and as they might have been."""
    tested, told, would = 0, 0, Counter[float]()
    for counts in daily.values():
        day = min(counts) + timedelta(weeks=5)
        while day < last:
            past = [counts[day - timedelta(weeks=week)] for week in range(1, WEEKS + 1)]
            if off_norm(0, past) or off_norm(10 * max(past) + 99, past):
                tested += 1
                told += off_norm(counts[day], past) is not None
                would.update(t for t in TIMES if off_norm(round(t * counts[day]), past))
            day += timedelta(days=1)
    shares = {f"told_at_times_{t}": round(would[t] / max(1, tested), 3) for t in TIMES}
    return {"source_days": tested, "unusual": told, **shares}


def main() -> None:
    """Replay the stream."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--until", type=date.fromisoformat, default=date.max)
    asked = parser.parse_args()
    logs.setup(json_lines=True)
    stream = sorted(entries(asked.file), key=lambda one: one[0])
    names = sorted({entry["source"] for _, entry in stream})
    with tempfile.TemporaryDirectory() as name:
        make_folder(Path(name), names)
        first = stream[0][0].astimezone(ZONE)
        replay = Replay(Path(name), names, first.replace(hour=0, minute=0, second=0, microsecond=0))
        at, month = 0, f"{first:%Y-%m}"
        while at < len(stream) and replay.now.date() <= asked.until:
            replay.now += STEP
            until = at
            while until < len(stream) and stream[until][0] < replay.now:
                until += 1
            replay.round([entry for _, entry in stream[at:until]])
            at = until
            if replay.now.astimezone(ZONE).hour == 6:
                replay.now += timedelta(hours=1)
                replay.morning()
                replay.now -= timedelta(hours=1)
            if f"{replay.now:%Y-%m}" != month:
                replay.tell(month)
                month = f"{replay.now:%Y-%m}"
        replay.tell(month)
        print(json.dumps(judged(replay.daily, replay.now.date())))


if __name__ == "__main__":
    sys.exit(main())
