"""Opening the grouper in a fresh process: `python -m benchmarks.million_opening URL`.

Fills its memory from the tables with two years of events, puts the items that wait into
events, and takes that back. Prints seconds, MiB, and milliseconds an item, as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.console import bench_app
from benchmarks.million_paths import undone
from langnghe import stages
from langnghe.app import App
from storage import events, unread
from storage.db import open_database


def main() -> None:
    """Open, group, print."""
    engine = open_database(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        app = bench_app(engine, Path(folder))
        before, began = _memory(), time.perf_counter()
        with undone(app, engine):
            grouped = stages.group(app)
            opened = time.perf_counter() - began
            memory = _memory() - before
            each = _one_more(app)
    print(
        json.dumps(
            {
                "seconds": round(opened, 1),
                "memory_mib": memory,
                "events": len(app.grouper),
                "grouped": grouped.done,
                "ms_an_item": each,
            }
        )
    )


def _one_more(app: App) -> float:
    """Return how long the grouper thinks about an item, milliseconds."""
    with app.views() as session:
        newest = unread.newest(session)
        past = events.window(session, app.clock() - stages.WINDOW / 365)
        some = [arrival for arrival, _, _ in past][-200:]
    began = time.perf_counter()
    for number, arrival in enumerate(some, newest + 1):
        app.grouper.add(stages.over_maps(app, type(arrival)(number, *_rest(arrival))))
    return round(1000 * (time.perf_counter() - began) / len(some), 2)


def _rest(arrival: events.Arrival) -> tuple[object, ...]:
    return tuple(getattr(arrival, name) for name in arrival.__slots__[1:])


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
