"""Server time and queries of each page: `python -m benchmarks.console [--items N] [URL …]`.

Fills an empty database with a year of listening (100,000 items, 5,000 events, 500 open cases)
and asks the real application, in this process and one request after the other, for each page
of the console as an analyst, a lead, an administrator or a unit would. Without a URL a SQLite
file in a temporary folder; a PostgreSQL URL must name an empty database. `--keep FILE` keeps
the SQLite database and uses it again. Prints a Markdown table; ends with 1 where a page is over
`QUERIES` queries or its p95 over `P95_MS`.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, event, text

from benchmarks.console_fill import NOW, Size, fill
from langnghe import accounts
from langnghe.accounts import Role
from langnghe.app import App
from langnghe.web.app import create_app
from langnghe.web.console.guard import COOKIE
from storage.db import migrate, open_database, readers, sessions

QUERIES, P95_MS = 30, 200.0
PASSWORD = "mười hai con giáp"  # noqa: S105 (of an account that lives as long as the run)


@dataclass(frozen=True)
class Figure:
    """What one page took: milliseconds of each request, queries of the worst.

    `cpu` is the time of this process alone: what a busy machine does not add to. SQLite's
    work is in it, PostgreSQL's is not.
    """

    name: str
    path: str
    times: tuple[float, ...]
    cpu: tuple[float, ...]
    queries: int
    size: int
    status: int

    @property
    def p95(self) -> float:
        """Return the 95th percentile, milliseconds."""
        return sorted(self.times)[max(0, -(-95 * len(self.times) // 100) - 1)]

    @property
    def good(self) -> bool:
        """Say whether the page came, and keeps within both limits."""
        return self.status == 200 and self.queries <= QUERIES and self.p95 < P95_MS

    def row(self) -> str:
        """Return the page's line of the table."""
        median = statistics.median(self.times)
        mark = "" if self.good else " **over**" if self.status == 200 else f" **{self.status}**"
        return (
            f"| {self.name} | `{self.path}` | {median:.0f} | {self.p95:.0f} | "
            f"{statistics.median(self.cpu):.0f} | {self.queries} | {self.size // 1024} |{mark}"
        )


def pages(app: App, case: int, event_id: int, big: int) -> list[tuple[str, str, Role]]:
    """Return (name, address, who asks) of what is measured."""
    topic = min(app.catalog.topics)
    unit = next(one.id for one in app.catalog.units.values() if one.level == "xa")
    lead, admin = Role.LEAD, Role.ADMIN
    return [
        ("Hôm nay", "/hom-nay", lead),
        ("Hàng đợi", "/hang-doi", lead),
        ("Hàng đợi, lọc", f"/hang-doi?chu-de={topic}&tim=ngap+nuoc", lead),
        ("Hàng đợi, nghi ngờ", "/hang-doi?xem=nghi-ngo", lead),
        ("Vụ việc", "/vu-viec", lead),
        ("Một vụ việc", f"/vu-viec/{case}", lead),
        ("Một vụ việc, vì sao", f"/vu-viec/{case}/vi-sao", lead),
        ("Một sự việc", f"/su-viec/{event_id}", lead),
        ("Sự việc lớn nhất", f"/su-viec/{big}", lead),
        ("Vụ việc lớn nhất", f"/vu-viec/{_case_of(app, big)}", lead),
        ("Bản đồ", "/ban-do", lead),
        ("Xu hướng", "/xu-huong", lead),
        ("Tìm kiếm, nhiều", "/tim-kiem?q=ngap+nuoc", lead),
        ("Tìm kiếm, cụm từ", "/tim-kiem?q=%22sat+lo+bo+song%22", lead),
        ("Tìm kiếm, không có", "/tim-kiem?q=khongcotunay", lead),
        ("Nguồn tin", "/nguon-tin", lead),
        ("Đơn vị", "/don-vi", lead),
        ("Một đơn vị", f"/don-vi/{unit}", lead),
        ("Nhật ký", "/nhat-ky", lead),
        ("Người dùng", "/nguoi-dung", admin),
        ("Cài đặt", "/cai-dat", lead),
        ("Vụ việc của đơn vị", "/don-vi-cua-toi", Role.UNIT),
    ]


def _case_of(app: App, event_id: int) -> int:
    with app.views() as session:
        query = text('SELECT max(id) FROM "case" WHERE event_id = :event')
        return int(session.execute(query, {"event": event_id}).scalar_one())


def main() -> int:
    """Measure on each database named, or on a SQLite file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("urls", nargs="*")
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=20)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--only", default="", help="measure pages whose address begins so")
    asked = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory() as folder:
        file = asked.keep or Path(folder) / "bench.db"
        for url in asked.urls or [f"sqlite:///{file}"]:
            good &= report(url, Size(items=asked.items), asked.requests, Path(folder), asked.only)
    return 0 if good else 1


def report(url: str, size: Size, requests: int, folder: Path, only: str) -> bool:
    """Fill one database if it is empty, measure, print; say whether all pages are good."""
    engine = open_database(url)
    migrate(engine)
    app = bench_app(engine, folder)
    filled(engine, app, size)
    figures = asyncio.run(measure(app, engine, requests, only))
    print(f"\n{engine.dialect.name}, {size.items:,} items, {requests} requests a page\n")
    print("| page | address | median ms | p95 ms | CPU ms | queries | KiB |")
    print("|---|---|--:|--:|--:|--:|--:|")
    for one in figures:
        print(one.row())
    engine.dispose()
    return all(one.good for one in figures)


def bench_app(engine: Engine, folder: Path) -> App:
    """Return the application on a database, at the moment at which the made-up year ends."""
    app = App(None, clock=lambda: NOW, data_dir=folder, public_url="https://langnghe.example")
    app.__dict__ |= {"engine": engine, "sessions": sessions(engine), "views": readers(engine)}
    app.__dict__["has_database"] = lambda: True
    return app


def filled(engine: Engine, app: App, size: Size) -> None:
    """Fill a database that holds no item."""
    with engine.connect() as connection:
        if connection.execute(text("SELECT count(*) FROM item")).scalar_one():
            return
    began = time.perf_counter()
    counts = fill(engine, app, size)
    if engine.dialect.name == "postgresql":
        # What its own housekeeping does within a minute of such a change.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    print(f"filled in {time.perf_counter() - began:.0f} s: {counts}", file=sys.stderr)


async def measure(app: App, engine: Engine, requests: int, only: str) -> list[Figure]:
    """Ask for each page once to warm up, then `requests` times."""
    cookies = cookies_of(app)
    transport = httpx.ASGITransport(create_app(app))
    found = []
    async with httpx.AsyncClient(transport=transport, base_url="https://langnghe.example") as web:
        for name, path, role in pages_of(app):
            if path.startswith(only):
                found.append(await _page(web, engine, name, path, cookies[role], requests))
    return found


def pages_of(app: App) -> list[tuple[str, str, Role]]:
    """Return `pages` for the newest answered case, its event, and the largest event."""
    with app.views() as session:
        case, event_id = session.execute(
            text("SELECT max(id), max(event_id) FROM \"case\" WHERE state = 'answered'")
        ).one()
        big = session.execute(
            text("SELECT event_id FROM membership GROUP BY event_id ORDER BY count(*) DESC LIMIT 1")
        ).scalar_one()
    return pages(app, case, event_id, big)


def cookies_of(app: App) -> dict[Role, str]:
    """Sign somebody of each role in, and return their cookies."""
    return {role: _cookie(app, role) for role in (Role.LEAD, Role.ADMIN, Role.UNIT)}


async def fetch_page(web: httpx.AsyncClient, path: str, cookie: str) -> httpx.Response:
    """Ask for a page as whom the cookie names."""
    return await web.get(path, headers={"Cookie": f"{COOKIE}={cookie}"})


async def _page(
    web: httpx.AsyncClient,
    engine: Engine,
    name: str,
    path: str,
    cookie: str,
    requests: int,
) -> Figure:
    times, cpu, most, size = [], [], 0, 0
    for number in range(requests + 1):
        with counted(engine) as queries:
            began, worked = time.perf_counter(), time.process_time()
            answer = await fetch_page(web, path, cookie)
            took = 1000 * (time.perf_counter() - began)
            spent = 1000 * (time.process_time() - worked)
        most, size = max(most, len(queries)), len(answer.content)
        if number:
            times.append(took)
            cpu.append(spent)
    return Figure(name, path, tuple(times), tuple(cpu), most, size, answer.status_code)


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that the database is sent meanwhile."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _cookie(app: App, role: Role) -> str:
    unit = next(one.id for one in app.catalog.units.values() if one.level == "xa")
    login = f"do-{role.value}"
    with app.sessions.begin() as session:
        secret = accounts.make_invite(
            app, session, login, role, unit if role is Role.UNIT else None
        )
        assert accounts.accept_invite(app, session, secret, "Đo", PASSWORD)
        found = accounts.sign_in(app, session, login, PASSWORD)
    assert found is not None
    return found.cookie


if __name__ == "__main__":
    sys.exit(main())
