"""How fast items are kept, twice, and found: `python benchmarks/storage.py [--items N] [URL …]`.

Without a URL it runs on a SQLite file in a temporary folder. A PostgreSQL URL must name
an empty database, which is left empty. The text of each item is made up, about 2,400
characters, and the same in every run. Prints one JSON object a database.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from alembic import command

from nlp.normalise import fold
from nlp.reading import seen
from storage import items, search
from storage.db import Sessions, alembic_config, migrate, open_database, readers, sessions
from storage.items import KeptItem
from storage.search import Folded

START = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = (
    "người dân phản ánh đường hư hỏng ngập nước rác thải bốc mùi hôi kênh mương xã huyện "
    "cầu cống trường học trạm y tế nước mặn sạt lở bờ sông ủy ban kiểm tra xử lý đề nghị"
).split()
QUERIES = ("duong hu hong", "nuoc man", '"sat lo"', "rac thai kenh", "tram y te", "khong co")
#: Items in one transaction: what a crawl round commits, and what an import commits.
BATCHES = (20, 1000)


def main() -> None:
    """Run on each database named, or on a SQLite file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("urls", nargs="*")
    parser.add_argument("--items", type=int, default=20_000)
    asked = parser.parse_args()
    made = [_item(number) for number in range(asked.items)]
    with tempfile.TemporaryDirectory() as folder:
        for url in asked.urls or [f"sqlite:///{Path(folder) / 'bench.db'}"]:
            for batch in BATCHES:
                print(json.dumps(measure(url, made, batch)))


def measure(url: str, made: Sequence[KeptItem], batch: int) -> dict[str, Any]:
    """Keep, keep again, index and search; return figures a second and in milliseconds."""
    engine = open_database(url)
    migrate(engine)
    write = sessions(engine)
    first = _timed(lambda: _keep(write, made, batch))
    again = _timed(lambda: _keep(write, made, batch))
    with write() as session:
        stored = items.count(session)
    indexing = _timed(lambda: _index(write))
    with readers(engine)() as session:
        times = [
            _timed(lambda query=query: search.search(session, query, 50))  # type: ignore[misc]
            for query in QUERIES * 5
        ]
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
    engine.dispose()
    return {
        "database": engine.dialect.name,
        "items": len(made),
        "batch": batch,
        "stored_after_both": stored,
        "first_per_s": round(len(made) / first),
        "again_per_s": round(len(made) / again),
        "indexed_per_s": round(len(made) / indexing),
        "search_median_ms": round(1000 * statistics.median(times), 2),
        "search_max_ms": round(1000 * max(times), 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _keep(write: Sessions, made: Sequence[KeptItem], batch: int) -> None:
    for start in range(0, len(made), batch):
        with write.begin() as session:
            items.keep(session, made[start : start + batch])


def _index(write: Sessions) -> None:
    while True:
        with write.begin() as session:
            waiting = search.unindexed(session, 500)
            search.index(
                session,
                [Folded(one.id, one.version, fold(seen(one.title, one.text))) for one in waiting],
            )
        if not waiting:
            return


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _item(number: int) -> KeptItem:
    rng = random.Random(number)
    at = START + timedelta(minutes=number)
    source = f"bao-{number % 40}"
    return KeptItem(
        source_id=source,
        outlet=source,
        kind="press",
        url=f"https://{source}.example.vn/tin/{number}",
        external_id=f"guid-{number}",
        title=" ".join(rng.choices(WORDS, k=12)),
        text=" ".join(rng.choices(WORDS, k=520)),
        published=at,
        fetched_at=at,
        body_sha256=f"{number:064x}",
    )


if __name__ == "__main__":
    main()
