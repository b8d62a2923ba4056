"""An upgrade killed at any moment: the tables are as before, or as after; the next start ends it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from old_release import KINDS, Rows, columns, first_release, postgres, rows

from storage.db import healthy, migrate, open_database

ROOT = Path(__file__).parents[2]
Upgrade = Callable[[str, int], tuple[int, int]]


@pytest.fixture(scope="module")
def upgrade() -> Iterator[Upgrade]:
    """Upgrade a database in a process that dies at its n-th step; how it ended, its steps."""
    paths = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("kill_upgrade.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": paths},
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None

        def run(url: str, number: int) -> tuple[int, int]:
            print(json.dumps([url, number]), file=server.stdin, flush=True)
            ended, steps = json.loads(server.stdout.readline())
            return ended, steps

        yield run
        server.stdin.close()


def contents(url: str) -> tuple[str | None, Rows]:
    """Return what `healthy` says of a database, and all its rows."""
    engine = open_database(url)
    try:
        return healthy(engine), rows(engine, columns(engine))
    finally:
        engine.dispose()


def finish(url: str) -> None:
    """Open the database as the next start does."""
    engine = open_database(url)
    migrate(engine)
    engine.dispose()


def copies(kind: str, first: str, folder: Path) -> Callable[[], AbstractContextManager[str]]:
    """Return what gives a fresh copy of the first release's database."""
    if kind == "postgresql":
        return lambda: postgres(first)
    whole = Path(first.removeprefix("sqlite:///")).read_bytes()

    def copy() -> Iterator[str]:
        for name in ("x.db", "x.db-wal", "x.db-shm"):
            (folder / name).unlink(missing_ok=True)
        (folder / "x.db").write_bytes(whole)
        yield f"sqlite:///{folder / 'x.db'}"

    return contextmanager(copy)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_any_moment_it_is_as_before_or_as_after(
    kind: str, tmp_path: Path, upgrade: Upgrade
) -> None:
    with first_release(kind, tmp_path) as first:
        before = contents(first)
        copy = copies(kind, first, tmp_path)
        with copy() as url:
            ended, steps = upgrade(url, 0)
            after = contents(url)
        assert (ended, after[0]) == (0, None)
        assert steps > 50

        seen = set()
        for number in moments(steps):
            with copy() as url:
                ended, _ = upgrade(url, number)
                assert ended == -signal.SIGKILL, number
                left = contents(url)
                assert left in (before, after), number
                seen.add(left == after)
                finish(url)
                assert contents(url) == after, number
    assert seen == {True, False}


def moments(steps: int) -> list[int]:
    """Return the first moment, eight between, and the last four: around the commit."""
    return sorted({1, *range(steps // 9, steps, steps // 9), *range(steps - 3, steps + 1)})
