"""An item over which readers died: tried apart, and set aside only if it is at fault."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from kept_events import NOON, Clock, installation
from mailroom import a_notice, put
from torture_texts import made_items

from config.catalog import SourceEntry
from langnghe import stages
from langnghe.app import App
from langnghe.collect import keep_all
from langnghe.gathering import bury
from langnghe.owners import is_dead, owner_name
from langnghe.probe import survives
from storage import items, outbox, readings, unread

ENTRY = SourceEntry(id="bao", name="Báo", type="upload")


@pytest.fixture
def app(tmp_path: Path, sqlite_template: Path) -> App:
    app = installation(tmp_path, Clock(), sqlite_template)
    keep_all(app, made_items(3), ENTRY, lambda _: None)
    return app


def die_over_everything(app: App, times: int) -> None:
    """Let readers die so often over each item."""
    app.clock.now = NOON  # type: ignore[attr-defined]
    for life in range(times * 3):
        with app.sessions.begin() as session:
            unread.claim(session, app.reader.version, f"dead-{life}", app.clock(), 3)
        app.clock.forward(minutes=2)  # type: ignore[attr-defined]


def test_an_innocent_item_is_read_after_all(app: App) -> None:
    die_over_everything(app, unread.MAX_DEATHS + 1)
    with app.views() as session:
        assert unread.count(session) == 3

    report = stages.read(app)

    assert (report.done, report.failed) == (3, 0)
    with app.views() as session:
        assert unread.count(session) == 0
        assert readings.failures(session) == []


def test_an_item_at_fault_is_set_aside_and_the_others_read(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    die_over_everything(app, unread.MAX_DEATHS + 1)
    deadly = [sys.executable, "-c", "import os, sys; sys.stdin.read(); os.kill(os.getpid(), 11)"]
    fine = [sys.executable, "-c", "import sys; sys.stdin.read()"]

    def tried(app: App, item: items.StoredItem) -> bool:
        return survives(app, item, deadly if item.id == 2 else fine)

    monkeypatch.setattr(stages, "survives", tried)
    report = stages.read(app)

    assert (report.done, report.failed) == (2, 1)
    with app.views() as session:
        assert unread.first(session) is None
        ((item, reason, _),) = readings.failures(session)
        assert item == 2
        assert "chết" in reason
        assert unread.waiting(session, "a newer reader", 9) == [2]


def test_a_dead_process_of_this_machine_is_known(app: App) -> None:
    child = os.fork()
    if child == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    here = owner_name()
    machine, number, chance = here.rsplit(":", 2)
    gone = f"{machine}:{child}:{chance}"

    assert not is_dead(here)
    assert is_dead(gone)
    assert not is_dead(f"elsewhere:{child}:{chance}")
    assert not is_dead("dead")
    assert not is_dead(f"{machine}:{'9' * 30}:{chance}")
    assert number == str(os.getpid())

    with app.sessions.begin() as session:
        unread.claim(session, app.reader.version, gone, app.clock(), 9)
        assert not unread.left_behind(session, app.clock())
    assert bury(app) == 1
    with app.views() as session:
        assert unread.left_behind(session, app.clock())


def test_the_mail_of_a_dead_sender_is_sent_by_the_next(app: App) -> None:
    child = os.fork()
    if child == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    machine, _, chance = owner_name().rsplit(":", 2)
    put(app, a_notice("reminder:a", app.clock()), a_notice("reminder:b", app.clock()))
    with app.sessions.begin() as session:
        assert outbox.claim(session, app.clock(), f"{machine}:{child}:{chance}", 300, 1)
        assert outbox.claim(session, app.clock(), "elsewhere:1:a", 300, 1)
        assert not outbox.claim(session, app.clock(), "next", 300, 9)
    assert bury(app) == 1
    with app.sessions.begin() as session:
        (again,) = outbox.claim(session, app.clock(), "next", 300, 9)
    assert again.attempts == 2
