"""Disk full, read-only, database held: nothing is lost, and it is told in words while it lasts."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from disk_torture import KINDS, can_mount, impatient, small_disk, torture
from litestar.testing import TestClient
from mailroom import Clock
from sqlalchemy import text

from langnghe import jobs, telling
from langnghe.alarm import WORDS, Alarm, watched
from langnghe.app import App, write_whole
from langnghe.doctor import examine
from langnghe.metrics import exposition
from langnghe.web.app import create_app
from storage.errors import Trouble, trouble

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)


@pytest.fixture
def app(tmp_path: Path, sqlite_template: Path) -> Iterator[App]:
    shutil.copy(sqlite_template, tmp_path / "langnghe.db")
    made = App(None, clock=Clock(NOW), data_dir=tmp_path)
    yield made
    made.engine.dispose()


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.skipif(not can_mount(), reason="a small disk cannot be mounted here")
@pytest.mark.parametrize("kind", KINDS)
def test_a_round_in_trouble_is_done_when_it_is_over(tmp_path: Path, kind: str) -> None:
    with small_disk(tmp_path / "disk") as disk:
        found = torture(tmp_path, disk, kind, strikes=2)
    assert found.figures.items == 300
    assert (found.figures.bad, found.unexplained, found.halves) == (0, [], [])
    assert set(found.told) <= set(WORDS.values())
    assert found.told.total() == 2


def test_an_alarm_stands_until_its_job_comes_through(app: App) -> None:
    ends = [full, full, lambda: None]
    clock = app.clock
    job = watched(app.alarm, clock, "round", lambda: ends.pop(0)())
    job()
    clock.now = NOW.replace(hour=3)  # type: ignore[attr-defined]
    job()
    (standing,) = app.alarm.now()
    assert (standing.trouble, standing.since) == (Trouble.FULL, NOW)
    assert b'cannot_write_since_timestamp_seconds{trouble="full"} 1.77' in exposition(app)
    job()
    assert app.alarm.now() == []
    assert b'cannot_write_since_timestamp_seconds{trouble="full"}' not in exposition(app)


def test_another_error_is_raised_as_it_is(app: App) -> None:
    def fails() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        watched(app.alarm, app.clock, "round", fails)()
    assert app.alarm.now() == []


def test_jobs_of_the_service_set_the_alarm(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "run_round_at", full)
    scheduler = BackgroundScheduler(executors={"default": DebugExecutor()})
    jobs.schedule(app, scheduler)
    scheduler.start(paused=True)
    scheduler.get_job("round").func()
    scheduler.shutdown()
    assert [one.job for one in app.alarm.now()] == ["round"]


def test_what_runs_once_a_day_is_tried_again_before_the_next_one(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "write_whole", full)
    scheduler = BackgroundScheduler(executors={"default": DebugExecutor()})
    jobs.schedule(app, scheduler)
    scheduler.start(paused=True)
    scheduler.get_job("digest").func()
    assert [one.job for one in app.alarm.now()] == ["digest"]
    assert scheduler.get_job("digest").next_run_time == NOW + timedelta(minutes=10)
    monkeypatch.undo()
    scheduler.get_job("digest").func()
    scheduler.shutdown()
    assert app.alarm.now() == []
    assert telling.file_of(app, app.today()).exists()


def test_pages_say_so(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("langnghe.web.answer.view", full)
    with TestClient(create_app(app), raise_server_exceptions=False) as web:
        assert web.get("/ready").status_code == 200
        app.alarm.failed("round", OSError(errno.EROFS, "x"), NOW)
        assert web.get("/ready").status_code == 503
        answer = web.get("/tra-loi/abc")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "600"
    assert "không ghi được" in answer.text


def test_doctor_tries_to_write(app: App) -> None:
    (found,) = [one for one in examine(app, ["disk"]) if one.part == "writing"]
    assert found.ok
    with app.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM round")) == 0
    other = sqlite3.connect(app.settings.data_dir / "langnghe.db", isolation_level=None)
    impatient(app)
    other.execute("BEGIN EXCLUSIVE")
    (found,) = [one for one in examine(app, ["disk"]) if one.part == "writing"]
    other.close()
    assert (found.ok, found.what) == (False, WORDS[Trouble.LOCKED])


def test_a_file_is_there_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.html"
    write_whole(path, b"old")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"new and longer")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    assert telling.write_whole is write_whole


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (OSError(errno.ENOSPC, "x"), Trouble.FULL),
        (OSError(errno.EDQUOT, "x"), Trouble.FULL),
        (OSError(errno.EROFS, "x"), Trouble.READ_ONLY),
        (OSError(errno.EIO, "x"), Trouble.BROKEN),
        (OSError(errno.ENOENT, "x"), None),
        (ValueError("disk full"), None),
        (None, None),
    ],
)
def test_what_an_error_says_of_the_disk(error: BaseException | None, found: Trouble | None) -> None:
    assert trouble(error) is found
    assert Alarm().failed("a", error or ValueError(), NOW) == (WORDS[found] if found else "")
    wrapped = RuntimeError("outer")
    wrapped.__cause__ = error
    assert trouble(wrapped) is found
