"""No statement of a hot path reads a big table from end to end, whatever planner it meets.

PostgreSQL rightly reads small tables whole, so sequential scans are priced out here: where one
is left, no index can serve the statement. A walk along a whole index is told by the rows that
it throws away. Both follow from the tables alone, not from how fast the machine is.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from benchmarks.console import bench_app
from benchmarks.console_fill import Size, fill
from benchmarks.million_paths import paths, undone
from benchmarks.plans import Plan, Watch
from storage.db import migrate, open_database

_SERVER = os.environ.get("LANGNGHE_TEST_POSTGRES", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgres,
    pytest.mark.skipif(not _SERVER, reason="LANGNGHE_TEST_POSTGRES names no server"),
]
#: A table of more rows is big here, and so many rows thrown away are a walk along a whole index.
BIG, MANY = 2_000, 5_000
SIZE = Size(items=20_000, audit=2_000, closed_cases=800, days=20, waiting=20)
#: Where all that is there is asked for: a month of six weeks, the past of two years.
WHOLE = {"papers of a month"}


@pytest.fixture(scope="module")
def filled() -> Iterator[Engine]:
    """A database with 20,000 items, whose planner shuns sequential scans."""
    name = f"langnghe_plans_{uuid.uuid4().hex[:12]}"
    server = create_engine(_SERVER, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
        connection.execute(text(f"ALTER DATABASE {name} SET enable_seqscan = off"))
    engine = open_database(make_url(_SERVER).set(database=name).render_as_string(False))
    try:
        migrate(engine)
        fill(engine, bench_app(engine, Path()), SIZE)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        yield engine
    finally:
        engine.dispose()
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


def plans(engine: Engine, folder: Path, parts: dict[str, Any], name: str) -> list[Plan]:
    """Do one piece of work, taken back, and return the plan of every statement."""
    app = bench_app(engine, folder)
    vars(app).update(parts)
    with undone(app, engine), Watch(engine, BIG, few=2.0).on() as found:
        paths(app)[name]()
    return found


@pytest.mark.parametrize("name", sorted(set(paths(None)) - WHOLE))  # type: ignore[arg-type]
def test_hot_path_reads_by_index(
    filled: Engine, tmp_path: Path, shipped_parts: dict[str, Any], name: str
) -> None:
    found = plans(filled, tmp_path, shipped_parts, name)

    assert found
    assert [(one.name, one.scans) for one in found if one.scans] == []
    assert [(one.name, one.wasted, one.sql) for one in found if one.wasted > MANY] == []


def test_missing_index_is_noticed(
    filled: Engine, tmp_path: Path, shipped_parts: dict[str, Any]
) -> None:
    name = "ix_item_version_seen_at"
    with filled.begin() as connection:
        connection.execute(text(f"DROP INDEX {name}"))
    try:
        found = plans(filled, tmp_path, shipped_parts, "seal the evidence of a day")
    finally:
        with filled.begin() as connection:
            connection.execute(text(f"CREATE INDEX {name} ON item_version (seen_at)"))

    assert {one.name for one in found if one.scans} >= {"versions.first_seen"}
