"""A mail that went out and could not be marked so, because the disk was full or the database held."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from disk_torture import can_mount, fill, impatient, small_disk
from mailroom import Clock, a_notice, counts, installation, put

from langnghe.alarm import watched
from langnghe.delivering import LEASE_S, deliver
from storage.errors import Trouble

sys.path.insert(0, str(Path(__file__).parent.parent / "triage"))
from smtp_servers import working


@contextmanager
def nowhere(folder: Path) -> Iterator[Path]:
    yield folder


def fills_up(folder: Path) -> Callable[[], None]:
    fill(folder / "ballast", 0)
    return (folder / "ballast").unlink


def is_held(folder: Path) -> Callable[[], None]:
    other = sqlite3.connect(
        folder / "data" / "langnghe.db", isolation_level=None, check_same_thread=False
    )
    other.execute("BEGIN EXCLUSIVE")
    return other.close


needs_mount = pytest.mark.skipif(not can_mount(), reason="a small disk cannot be mounted here")


@pytest.mark.parametrize(
    ("disk", "strike", "trouble"),
    [
        pytest.param(small_disk, fills_up, Trouble.FULL, marks=needs_mount),
        (nowhere, is_held, Trouble.LOCKED),
    ],
)
def test_it_is_not_sent_again(
    tmp_path: Path, sqlite_template: Path, disk, strike, trouble: Trouble
) -> None:
    clock, ends = Clock(), list[Callable[[], None]]()
    at = tmp_path / "disk"
    if disk is nowhere:
        at.mkdir()
    with disk(at), working() as (inbox, port):
        (at / "data").mkdir()
        shutil.copy(sqlite_template, at / "data" / "langnghe.db")
        app = installation(at, port, clock)
        impatient(app)
        put(app, a_notice("reminder:a", clock()), a_notice("reminder:b", clock()))
        minute = watched(app.alarm, clock, "mails", lambda: deliver(app))

        inbox.accepted = lambda: ends.append(strike(at)) if not ends else None
        minute()
        assert [one.trouble for one in app.alarm.now()] == [trouble]
        clock.turn(seconds=2 * LEASE_S)
        minute()
        assert len(inbox.received) == 1  # nothing leaves that cannot be marked

        ends[0]()
        minute()
        assert (len(inbox.received), counts(app)) == (2, {"sent": 2})
        assert len({content for _, _, content in inbox.received}) == 2
        assert app.alarm.now() == []
        app.engine.dispose()
