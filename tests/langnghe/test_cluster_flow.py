"""The stages as a cluster runs them, without a broker: hints are handed on as they come, or lost."""

from __future__ import annotations

import random
import shutil
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from mailroom import Clock
from sqlalchemy import Engine

from config.errors import ConfigError
from config.settings import ZONE, ClusterSettings, load_settings
from langnghe.app import App
from langnghe.cluster import flow
from langnghe.cluster.beat import LeaseLostError, holding
from langnghe.cluster.broker import Broker
from langnghe.cluster.hints import Hint, moment
from langnghe.cluster.sweep import LOST, sweep
from langnghe.cluster.worker import ROLES
from langnghe.pressfolder import BUNDLED
from langnghe.pressserver import PressServer, serve_press
from storage import cases, items, leases, outbox, rounds, unread

MOMENT = datetime(2024, 4, 30, 9, 0, tzinfo=ZONE)
ALL = {"crawl", "read", "gather", "mail"}


#: What all applications of this file share: the same map, model and rules, loaded once.
_SHARED: dict[str, Any] = {}


@dataclass
class Site:
    """An installation, its press, and a clock that is set by hand."""

    folder: Path
    engine: Engine
    press: PressServer
    clock: Clock

    def process(self, **cluster: int) -> App:
        """Return the installation as one process sees it."""
        app = App(
            self.folder,
            clock=self.clock,
            data_dir=self.folder / "data",
            database_url=self.engine.url.render_as_string(hide_password=False),
            crawl={"proxy": self.press.url, "allow_private": True, "delay": 0.0},
            cluster={"shards": 3, "batch": 7} | cluster,
        )
        app.__dict__ |= {"engine": self.engine, **_SHARED}
        for part in ("gazetteer", "finder", "chosen", "masker"):
            _SHARED[part] = getattr(app, part)
        return app

    @cached_property
    def app(self) -> App:
        return self.process()


@pytest.fixture
def site(tmp_path: Path, engine: Engine) -> Iterator[Site]:
    folder = tmp_path / "operator"
    shutil.copytree(BUNDLED / "config", folder)
    with serve_press() as press:
        press.set_now(MOMENT)
        yield Site(folder, engine, press, Clock(MOMENT))


@pytest.mark.parametrize("part", ["reader", "catalog"])
def test_what_is_slow_to_load_is_not_loaded_in_a_transaction(
    site: Site, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """The server ends a scheduler's transaction that is silent for ten seconds."""
    app, taken = site.process(), list[int]()
    loaded = getattr(app, part)

    def load(_: App) -> Any:
        taken.append(app.engine.pool.checkedout())  # type: ignore[attr-defined]
        return loaded

    monkeypatch.setattr(App, part, property(load))
    flow.open_round(app, MOMENT)
    sweep(app, ALL)
    assert taken[0] == 0  # the application keeps what the first asking loaded


def step(app: App, hint: Hint) -> list[Hint]:
    """Do what a worker does with a hint."""
    args = dict(hint.args)
    if hint.stage == "crawl":
        return list(flow.crawl_shard(app, args["shard"], datetime.fromisoformat(args["at"])))
    if hint.stage == "read":
        return list(flow.read_items(app, args["ids"]))
    if hint.stage == "settle":
        return list(flow.settle(app))
    if hint.stage == "digest":
        flow.make_digest(app, datetime.fromisoformat(args["at"]))
    else:
        return list(flow.run_job(app, args["name"]))
    return []


def drain(
    app: App, hints: list[Hint], keep: Callable[[Hint], bool] = lambda _: True
) -> Counter[str]:
    """Follow hints until there are none; `keep` says which of the later ones arrive."""
    waiting, done = deque(hints), Counter[str]()
    while waiting:
        hint = waiting.popleft()
        done[hint.stage] += 1
        waiting.extend(one for one in step(app, hint) if keep(one))
    return done


def told(app: App) -> tuple[list[tuple[str, str, str]], dict[str, int]]:
    """Return the cases and what stands in the outbox."""
    with app.views() as session:
        found = cases.find(session)
        return (
            sorted((one.brief.title, one.brief.unit_id, one.brief.state.value) for one in found),
            outbox.counts(session),
        )


def test_a_round_ends_by_its_hints(site: Site) -> None:
    hints = flow.open_round(site.app, MOMENT)
    assert {hint.stage for hint in hints} == {"crawl"}
    assert flow.open_round(site.process(), MOMENT) == []

    done = drain(site.app, hints)

    with site.app.views() as session:
        run = rounds.find(session, "round", MOMENT)
        assert run is not None
        assert run.finished
        assert rounds.open_runs(session, "crawl.") == []
        assert unread.count(session) == 0
        assert items.count(session) > 20
    assert done["read"] >= 4
    found, mails = told(site.app)
    assert len(found) > 2
    assert set(mails) == {"sent"}


@pytest.mark.parametrize("seed", range(3))
def test_lost_and_repeated_hints_change_nothing(site: Site, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 (a repeatable test, no secret)
    hints = flow.open_round(site.app, MOMENT)
    hints = [hint for hint in hints for _ in range(chance.randrange(3))]
    for _ in range(20):
        drain(site.app, hints, lambda _: chance.random() < 0.3)
        site.clock.turn(seconds=30)
        hints = sweep(site.process(), ALL)
        if not hints:
            break
        chance.shuffle(hints)
    assert hints == []

    cases_here, mails = told(site.app)
    pages = Counter((one.host, one.path) for one in site.press.requests if "/20" in one.path)
    assert len(pages) > 20
    assert set(pages.values()) == {1}
    assert len(cases_here) > 2
    assert list(flow.run_job(site.app, "deliver")) == []
    assert set(told(site.app)[1]) == {"sent"}
    assert sum(told(site.app)[1].values()) == sum(mails.values())


def test_a_shard_is_polled_by_one_process(site: Site) -> None:
    (first, *_) = flow.open_round(site.app, MOMENT)
    shard = first.args["shard"]
    with holding(site.app, f"crawl.{shard:02}", 60) as held:
        assert held is not None
        before = len(site.press.requests)
        assert list(flow.crawl_shard(site.process(), shard, MOMENT)) == []
        assert len(site.press.requests) == before
        # and the sweep does not ask for it while it goes on
        assert first not in sweep(site.process(), ALL)
    assert first in sweep(site.process(), ALL)


def test_a_shard_still_busy_gets_no_second_tick(site: Site) -> None:
    first = flow.open_round(site.app, MOMENT)
    later = MOMENT + timedelta(minutes=15)
    assert [hint.stage for hint in flow.open_round(site.app, later)] == ["settle"]
    with site.app.views() as session:
        assert len(rounds.open_runs(session, "crawl.")) == len(first)
    drain(site.app, first)
    with site.app.views() as session:
        assert rounds.open_runs(session, "round", exact=True) == []


def test_readers_that_are_behind_hold_up_new_rounds(site: Site) -> None:
    behind = site.process(backlog=1)
    drain(site.app, flow.open_round(site.app, MOMENT), lambda hint: hint.stage != "read")
    with site.app.views() as session:
        assert unread.count(session) > 1
    assert flow.open_round(behind, MOMENT + timedelta(hours=2)) == []
    with site.app.views() as session:
        assert rounds.find(session, "round", MOMENT + timedelta(hours=2)) is None


def test_a_tick_that_nobody_ends_is_given_up(site: Site) -> None:
    flow.open_round(site.app, MOMENT)
    site.clock.turn(seconds=LOST.total_seconds() + 1)
    hints = sweep(site.app, ALL)
    assert [hint.stage for hint in hints] == ["settle"]
    with site.app.views() as session:
        assert rounds.open_runs(session, "crawl.") == []
    drain(site.app, hints)
    with site.app.views() as session:
        assert rounds.open_runs(session, "round", exact=True) == []


def test_a_digest_is_made_once(site: Site) -> None:
    drain(site.app, flow.open_round(site.app, MOMENT))
    at = datetime.combine(MOMENT.date(), site.app.settings.digest_at, tzinfo=ZONE)
    with site.app.sessions.begin() as session:
        assert rounds.add(session, "digest", at, site.clock())
        assert not rounds.add(session, "digest", at, site.clock())
    hint = Hint("digest", {"at": moment(at)})
    assert hint in sweep(site.app, ALL)
    drain(site.app, [hint, hint])
    assert hint not in sweep(site.app, ALL)
    page = site.app.settings.data_dir / "digests" / f"{MOMENT.date()}.html"
    assert page.is_file()


def test_a_digest_that_missed_its_moment_waits_for_the_round_that_settles(site: Site) -> None:
    drain(site.app, flow.open_round(site.app, MOMENT))
    day = MOMENT.astimezone(ZONE).date()
    at = datetime.combine(day, site.app.settings.digest_at, tzinfo=ZONE)
    page = site.app.settings.data_dir / "digests" / f"{day}.html"

    (hint,) = flow.run_job(site.app, "readers")
    assert hint == Hint("digest", {"at": moment(at)})
    other = site.process()
    with holding(other, "settle", 60):
        flow.make_digest(site.app, at)
    assert not page.exists()
    drain(site.app, [hint])
    assert page.is_file()
    assert list(flow.run_job(site.app, "readers")) == []


def test_a_lease_that_passed_to_another_is_noticed(site: Site) -> None:
    other = site.process()
    with holding(site.app, "settle", 60) as held:
        assert held is not None
        held.check()
        site.clock.turn(seconds=61)
        with other.sessions.begin() as session:
            assert leases.take(session, "settle", other.owner, site.clock(), 60) is not None
        with site.app.sessions.begin() as session, pytest.raises(LeaseLostError):
            held.keep(session)
    with other.views() as session:
        assert not leases.is_free(session, "settle", site.clock(), 60)


def test_sources_of_one_domain_are_in_one_shard(site: Site) -> None:
    by_domain: dict[str, set[int]] = {}
    for source in site.app.catalog.sources:
        domain = flow.host_of(site.app, source)
        by_domain.setdefault(domain, set()).add(flow.shard_of(site.app, source))
    assert len(by_domain) > 3
    assert {len(shards) for shards in by_domain.values()} == {1}
    assert {hint.args["shard"] for hint in flow.open_round(site.app, MOMENT)} <= {0, 1, 2}


def test_every_queue_has_a_worker() -> None:
    broker = Broker(ClusterSettings(broker_url="amqp://guest@127.0.0.1//"))
    assert sorted(short for role in ROLES.values() for short in role) == sorted(broker.queues)


@pytest.mark.parametrize("url", ["redis://127.0.0.1/0", "rediss://a/0", "sqs://", "memory://"])
def test_only_rabbitmq_is_a_broker(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(None, cluster={"broker_url": url})
    assert "RabbitMQ" in str(caught.value)
    assert ("lost" in str(caught.value)) == url.startswith("redis")
