"""The cluster as it is: workers of their own, RabbitMQ, PostgreSQL."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cluster_lab import BROKER, Lab, delete_queues, lab
from cluster_torture import torture_cluster
from sqlalchemy import create_engine, make_url, text

from config.settings import ZONE, ClusterSettings
from langnghe.app import App
from langnghe.cluster.broker import Broker
from langnghe.cluster.hints import Hint
from langnghe.cluster.scheduler import Scheduler
from langnghe.demo import replay
from langnghe.doctor import examine
from langnghe.pressfolder import load_press
from langnghe.pressserver import serve_press
from storage import items, outbox, rounds, unread
from storage.db import open_database
from storage.leader import Leader

pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgres,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not BROKER, reason="LANGNGHE_TEST_RABBITMQ names no broker"),
    pytest.mark.skipif(
        not os.environ.get("LANGNGHE_TEST_POSTGRES"),
        reason="LANGNGHE_TEST_POSTGRES names no server",
    ),
]


@pytest.fixture
def empty_database(postgres_url: str) -> Iterator[str]:
    """A database without tables, for a test alone."""
    url = make_url(postgres_url)
    name = f"{url.database}_live"
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


def ended(app: App, job: str, at: datetime) -> Callable[[str], bool]:
    """Return whether a run ended and no mail waits, to be asked whenever a task ended."""

    def done(_: str) -> bool:
        with app.views() as session:
            run = rounds.find(session, job, at)
            waiting = {state for state in outbox.counts(session) if state in ("queued", "sending")}
        return run is not None and run.finished and not waiting

    return done


def test_the_demo_on_the_engine_tells_what_it_tells_inline(
    tmp_path: Path, empty_database: str
) -> None:
    inline, out = tmp_path / "inline", tmp_path / "engine"
    replay(inline, None)
    press = load_press()
    with serve_press(press) as server:
        crawl = {"proxy": server.url, "allow_private": True}
        options = {"data_dir": str(out), "database_url": empty_database, "crawl": crawl}
        with lab(press.config, tmp_path, press.rounds[0].crawl_at, **options) as (one, scheduler):
            app = one.app()
            for moment in press.rounds:
                one.set_now(moment.crawl_at)
                server.set_now(moment.crawl_at)
                scheduler.tick(moment.crawl_at)
                one.wait(ended(app, "round", moment.crawl_at))
                one.set_now(moment.digest_at)
                scheduler.digest()
                day = moment.digest_at.astimezone(ZONE).date()
                at = datetime.combine(day, app.settings.digest_at, tzinfo=ZONE)
                one.wait(ended(app, "digest", at))
            app.engine.dispose()

    for folder in ("digests", "outbox"):
        here = {path.name: path.read_bytes() for path in (inline / folder).iterdir()}
        there = {path.name: path.read_bytes() for path in (out / folder).iterdir()}
        assert len(here) >= len(press.rounds)
        assert sorted(here) == sorted(there)
        assert [name for name in here if here[name] != there[name]] == []


def test_killed_workers_lose_nothing(tmp_path: Path, empty_database: str) -> None:
    press = load_press()
    now = press.rounds[5].crawl_at
    with serve_press(press) as server:
        server.set_now(now)
        crawl = {"proxy": server.url, "allow_private": True}
        options = {
            "data_dir": str(tmp_path / "data"),
            "database_url": empty_database,
            "crawl": crawl,
            "cluster": {"batch": 3},
        }
        with lab(press.config, tmp_path, now, **options) as (one, scheduler):
            app = one.app()
            scheduler.tick(now)
            for _ in range(4):
                one.wait(lambda line: line.startswith("ended"))
                now = _kill_all(one, now)
                _again(scheduler)
            done = ended(app, "round", press.rounds[5].crawl_at)
            one.wait(lambda line: done(line) or _again(scheduler))
            with app.views() as session:
                assert unread.count(session) == 0
                assert items.count(session) > 20
                assert set(outbox.counts(session)) == {"sent"}
            app.engine.dispose()


def test_killed_at_any_moment_the_cluster_ends_as_a_quiet_process(
    tmp_path: Path, empty_database: str
) -> None:
    found, died = torture_cluster(tmp_path, empty_database, number=500, kills=25)
    assert found.kills == 25
    assert died == {"child": 21, "worker": 2, "scheduler": 2}
    assert min(found.events, found.cases, found.mails) > 20
    assert found.bad == 0, found


def _kill_all(one: Lab, now: datetime) -> datetime:
    """Kill every worker with all its processes, let the leases end, and start new ones."""
    now += timedelta(minutes=3)
    one.set_now(now)
    for _ in range(len(one.processes)):
        one.replace(0)
    return now


def _again(scheduler: Scheduler) -> bool:
    """Hint again at all that waits, as the scheduler does with time; not done yet."""
    scheduler.sweep()
    scheduler.hint_at("deliver")
    return False


def test_one_scheduler_leads(postgres_url: str) -> None:
    engine, other = open_database(postgres_url), open_database(postgres_url)
    first, second = Leader(engine, "a"), Leader(other, "a")
    assert first.take()
    assert first.take()
    assert not second.take()
    assert Leader(other, "b").take()
    assert first.stands()
    with other.connect() as connection:  # the database ends the leader's connection
        here = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        connection.execute(text(here + " AND pid <> pg_backend_pid()"))
    assert not first.stands()
    assert second.take() or second.take()  # its own connection may have been ended as well
    assert not first.take()
    second.leave()
    assert first.take()
    first.leave()
    engine.dispose()
    other.dispose()


def test_a_broker_that_is_away_loses_hints_and_nothing_else(tmp_path: Path) -> None:
    away = {"broker_url": "amqp://guest:guest@127.0.0.1:1//"}
    broker = Broker(ClusterSettings(**away))
    assert broker.send([Hint("settle")]) == 0
    assert broker.idle() == frozenset()
    assert broker.asked() is None
    (told,) = examine(App(None, data_dir=tmp_path, cluster=away), ["broker"])
    assert not told.ok
    assert list(examine(App(None, data_dir=tmp_path), ["broker"])) == []


def test_queues_are_there_once_declared(tmp_path: Path) -> None:
    name = f"test-{uuid.uuid4().hex[:8]}"
    here = {"broker_url": BROKER, "name": name}
    broker = Broker(ClusterSettings(**here))
    assert broker.asked() == {}
    broker.declare()
    broker.declare()
    assert broker.asked() == dict.fromkeys([*broker.queues, "dead"], 0)
    assert broker.send([Hint("settle"), Hint("read", {"ids": [1]})]) == 2
    assert broker.idle() == {"crawl", "mail", "dead"}
    (told,) = examine(App(None, data_dir=tmp_path, cluster=here), ["broker"])
    assert told.ok
    assert "2 lời nhắc" in told.what
    delete_queues(name)
    assert broker.asked() == {}
