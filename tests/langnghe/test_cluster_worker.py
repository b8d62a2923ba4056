"""A worker whose database goes away in the midst of a stage."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
from mailroom import Clock
from sqlalchemy import Engine, text

from langnghe.app import App
from langnghe.cluster.beat import LeaseLostError
from langnghe.cluster.broker import Broker
from langnghe.cluster.worker import guarded
from storage import leases
from storage.db import open_database
from storage.errors import Trouble


@pytest.fixture
def app(tmp_path: Path, engine: Engine) -> Iterator[App]:
    url = engine.url.render_as_string(hide_password=False)
    broker = {"broker_url": "amqp://guest:guest@127.0.0.1:5672//"}
    app = App(None, clock=Clock(), data_dir=tmp_path, database_url=url, cluster=broker)
    app.__dict__["engine"] = open_database(url)
    yield app
    app.engine.dispose()


@pytest.mark.postgres
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_its_stage_is_done_once_more_with_nothing_held_from_before(
    app: App, engine: Engine
) -> None:
    taken = list[leases.Taken | None]()

    def stage() -> None:
        with app.sessions.begin() as session:
            taken.append(leases.take(session, "read:7", app.owner, app.clock(), 60.0))
        with app.sessions.begin() as session:
            mine = session.scalar(text("SELECT pg_backend_pid()"))
            if len(taken) == 1:
                with engine.begin() as other:
                    other.execute(text(f"SELECT pg_terminate_backend({mine}, 5000)"))
            leases.drop(session, ["read:7"], app.owner)

    guarded(app, Broker(app.settings.cluster), "read", stage)
    assert taken == [leases.Taken("", 1), leases.Taken(app.owner, 1)]
    with app.views() as session:
        assert leases.holders(session, app.clock()) == []


def test_what_it_cannot_write_is_told_and_does_not_end_it(app: App) -> None:
    broker = Broker(app.settings.cluster)

    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    guarded(app, broker, "crawl", full)
    assert [(one.job, one.trouble) for one in app.alarm.now()] == [("crawl", Trouble.FULL)]
    guarded(app, broker, "crawl", lambda: None)
    assert app.alarm.now() == []


def test_work_that_another_took_over_is_left_to_it(app: App) -> None:
    begun = list[str]()

    def lost() -> None:
        begun.append("settle")
        raise LeaseLostError("lost the lease settle")

    guarded(app, Broker(app.settings.cluster), "settle", lost)
    assert begun == ["settle"]


def test_a_fault_of_the_program_is_raised(app: App) -> None:
    def wrong() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        guarded(app, Broker(app.settings.cluster), "read", wrong)
