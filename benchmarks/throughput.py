"""From text to case, items a second, inline and on the engine: `python -m benchmarks.throughput FILE`.

FILE is JSON lines (packed with xz or not) of entries with `title`, `published`, and `summary`
or `text`. They are put into the feeds of 16 loopback hosts, and one round takes them from
there to mailed cases: in one process on SQLite and on PostgreSQL, with the seconds and the CPU
of every stage, and on workers of 1, 2 and 4 processes, a gatherer, a PostgreSQL and a RabbitMQ
of its own. Prints a JSON line for each; ends with 1 where two of them made different events
or cases. `--items N` takes the first N entries.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests" / one) for one in ("crawlers", "langnghe")]

from benchmarks import throughput_ways as ways  # noqa: E402
from benchmarks.throughput_feeds import SOURCES, make_folder, put_feeds  # noqa: E402

WORKERS = (1, 2, 4)


def main() -> int:
    """Run each way, print, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--items", type=int, default=4000)
    parser.add_argument("--workers", type=int, nargs="*", default=WORKERS)
    asked = parser.parse_args()
    from loopback import loopback_web

    made = set()
    with tempfile.TemporaryDirectory() as name, loopback_web() as web:
        folder = Path(name)
        at, number = put_feeds(web, asked.file, asked.items)
        with own_servers(folder) as servers:
            for told, way in _all(folder, at, servers, web.url, asked.workers):
                found = way()
                made.add((found["items"], found["events"], found["cases"], found["mails"]))
                print(
                    json.dumps(told | {"entries": number, "sources": SOURCES} | found), flush=True
                )
    return int(len(made) > 1)


def _all(
    folder: Path, at: datetime, servers: ways.Servers, proxy: str, workers: list[int]
) -> Iterator[tuple[dict[str, Any], Callable[[], dict[str, Any]]]]:
    for kind in ("sqlite", "postgresql"):
        place = make_folder(folder / f"inline-{kind}")
        url = f"sqlite:///{place / 'a.db'}" if kind == "sqlite" else servers.new_database()

        def inline(place: Path = place, url: str = url) -> dict[str, Any]:
            with get_context("spawn").Pool(1) as pool:
                return pool.apply(ways.inline, (place, url, at, proxy, servers.pids))

        yield {"way": "inline", "database": kind}, inline
    for number in workers:
        place = make_folder(folder / f"engine-{number}")

        def engine(place: Path = place, number: int = number) -> dict[str, Any]:
            return ways.engine(place, servers, at, proxy, number)

        yield {"way": "engine", "workers": number}, engine


@contextmanager
def own_servers(folder: Path) -> Iterator[ways.Servers]:
    """Run a PostgreSQL and a RabbitMQ for the block."""
    from own_servers import OwnPostgres, OwnRabbit

    database, broker = OwnPostgres(folder / "pg"), OwnRabbit(folder / "mq")
    try:
        database.start()
        broker.start()
        yield ways.Servers(database, broker)
    finally:
        database.kill()
        broker.kill()


if __name__ == "__main__":
    sys.exit(main())
