"""A million items in PostgreSQL: `python -m benchmarks.million URL`, URL an empty database.

Fills it with a year (1,000,000 items, 50,000 events, 10,500 cases, 640,000 fetches), then does
what the service does over and over: the pages of the console, searches, queues, the hot steps
of every stage, a digest, a sealing, reports, a scrape. Prints for each the median and the 95th
percentile of 20 runs, and for each statement the plan that PostgreSQL made, with what is wrong
with it: a big table read from end to end for few rows, much read and thrown away, a sort on disk.
What is written is taken back, so that the database can be used again: `--items` of another
number fills less. Ends with 1 where a big table is read from end to end, or a sort went to disk.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
from sqlalchemy import Engine, text

from benchmarks.console import bench_app, cookies_of, fetch_page, filled, pages_of
from benchmarks.fill_year import Size
from benchmarks.million_paths import paths, undone
from benchmarks.plans import SLOW_MS, Plan, Watch
from langnghe.accounts import Role
from langnghe.app import App
from langnghe.web.app import create_app
from storage.db import migrate, open_database

RUNS = 20
SEARCHES = {
    "search, a word of nearly all": "/tim-kiem?q=nguoi+dan",
    "search, words of a tenth": "/tim-kiem?q=nhieu+thang+nay+cau+cong",
    "search, a word of one": "/tim-kiem?q=777777",
    "search, a phrase": "/tim-kiem?q=%22sat+lo+bo+song%22",
    "search, a phrase that none has, of common words": "/tim-kiem?q=%22song+dan+nuoc%22",
    "search, a common word and a rare one": "/tim-kiem?q=nguoi+dan+777777",
    "search, nothing": "/tim-kiem?q=khongcotunay",
    "search, topic and days": "/tim-kiem?q=nguoi+dan&chu-de=agriculture&tu=2026-02-01&den=2026-02-20",
    "search, a year ago": "/tim-kiem?q=nguoi+dan&tu=2025-03-01&den=2025-04-01",
    "queue, topic": "/hang-doi?chu-de=agriculture",
    "queue, gravest": "/hang-doi?muc=3",
    "queue, overdue": "/hang-doi?xem=qua-han",
    "queue, words": "/hang-doi?tim=ngap+nuoc",
}


def main() -> int:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--only", default="", help="measure what has this in its name")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--no-grouper", action="store_true")
    asked = parser.parse_args()
    engine = open_database(asked.url)
    migrate(engine)
    size = Size(asked.items, closed_cases=10_000, audit=500_000, days=365, waiting=100)
    with tempfile.TemporaryDirectory() as folder:
        app = bench_app(engine, Path(folder))
        filled(engine, app, size)
        watch = Watch(engine)
        found = measure(app, engine, watch, asked)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))  # what was taken back left dead rows
        found += asyncio.run(measure_pages(app, watch, asked))
    show(found)
    show_size(engine, size)
    if not asked.no_grouper:
        command = [sys.executable, "-m", "benchmarks.million_opening", asked.url]
        print(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    engine.dispose()
    return int(any(plan.scans or plan.spilled for one in found for plan in one.plans))


class Measured:
    """One piece of work: seconds of each run, and its plans."""

    def __init__(self, name: str, times: Sequence[float], plans: list[Plan]) -> None:
        self.name, self.plans = name, plans
        ordered = sorted(1000 * took for took in times)
        self.median = statistics.median(ordered)
        self.p95 = ordered[max(0, -(-95 * len(ordered) // 100) - 1)]
        print(f"{name}: {self.median:.0f} ms", file=sys.stderr)


def measure(app: App, engine: Engine, watch: Watch, asked: argparse.Namespace) -> list[Measured]:
    """Do each piece of work once to warm up, `RUNS` times, and once looked at."""
    found = []
    for name, work in paths(app).items():
        if asked.only in name:
            times = [_timed(app, engine, work) for _ in range(asked.runs + 1)][1:]
            with watch.on() as plans:
                _timed(app, engine, work)
            found.append(Measured(name, times, plans))
    return found


def _timed(app: App, engine: Engine, work: Callable[[], object]) -> float:
    with undone(app, engine):
        began = time.perf_counter()
        work()
        return time.perf_counter() - began


async def measure_pages(app: App, watch: Watch, asked: argparse.Namespace) -> list[Measured]:
    """Ask for each page of the console, and for searches and queues, in the same way."""
    cookies = cookies_of(app)
    wanted = [(f"page {path}", path, role) for _, path, role in pages_of(app)]
    wanted += [(name, path, Role.LEAD) for name, path in SEARCHES.items()]
    found = []
    transport = httpx.ASGITransport(create_app(app))
    async with httpx.AsyncClient(transport=transport, base_url="https://langnghe.example") as web:
        for name, path, role in wanted:
            if asked.only not in name:
                continue
            times = []
            for _ in range(asked.runs + 1):
                began = time.perf_counter()
                await fetch_page(web, path, cookies[role])
                times.append(time.perf_counter() - began)
            with watch.on() as plans:
                await fetch_page(web, path, cookies[role])
            found.append(Measured(name, times[1:], plans))
    return found


def show(found: Sequence[Measured]) -> None:
    """Print the times, and the plans that matter."""
    print("| work | median ms | p95 ms | statements | slowest statement, ms |")
    print("|---|--:|--:|--:|---|")
    for one in found:
        slowest = one.plans[0] if one.plans else None
        told = f"`{slowest.name}` {slowest.ms:.0f}" if slowest else ""
        print(f"| {one.name} | {one.median:.0f} | {one.p95:.0f} | {len(one.plans)} | {told} |")
    shown = set()
    print("\n| statement | ms | pages | read by | fault |\n|---|--:|--:|---|---|")
    for one in found:
        for plan in one.plans:
            bad = [*plan.faults, *(["slow"] if plan.ms > SLOW_MS else [])]
            if plan.name not in shown or bad:
                shown.add(plan.name)
                steps = ", ".join(plan.steps)
                print(
                    f"| `{plan.name}` | {plan.ms:.1f} | {plan.blocks} | {steps} | {'; '.join(bad)} |"
                )
                if bad:
                    print(f"{one.name}: {plan.sql[:1500]}", file=sys.stderr)


def show_size(engine: Engine, size: Size) -> None:
    """Print what the tables take on disk."""
    query = (
        "SELECT relname, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class WHERE relkind = 'r' "
        "AND relnamespace = 'public'::regnamespace ORDER BY pg_total_relation_size(oid) DESC"
    )
    with engine.connect() as connection:
        rows = connection.execute(text(query)).all()
    told = {name: [table // size.items, index // size.items] for name, table, index in rows[:8]}
    whole = sum(table + index for _, table, index in rows)
    print(json.dumps({"mib": whole >> 20, "bytes_an_item": whole // size.items, "of": told}))


if __name__ == "__main__":
    sys.exit(main())
