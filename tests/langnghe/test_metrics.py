"""What Prometheus reads: true, cheap, and for this machine alone."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from litestar.testing import RequestFactory
from mailroom import Clock, a_notice, put
from sqlalchemy import Engine, event, text
from torture_texts import BEGIN, made_items
from web_samples import client

from config.catalog import SourceEntry
from config.settings import WebSettings
from langnghe.app import App
from langnghe.collect import keep_all
from langnghe.metrics import exposition
from langnghe.stages import read
from langnghe.web.security import may_see_metrics
from storage import rounds
from storage.db import open_database

ROOT = Path(__file__).parents[2]
NOW = BEGIN + timedelta(days=1)
ENTRY = SourceEntry(id="bao", name="Báo", type="upload")


@pytest.fixture
def app(tmp_path: Path, engine: Engine) -> App:
    folder = tmp_path / "tinh"
    folder.mkdir()
    (folder / "langnghe.toml").write_text('data_dir = "data"\n', "utf-8")
    url = engine.url.render_as_string(hide_password=False)
    app = App(folder, clock=Clock(NOW), database_url=url)
    app.__dict__["engine"] = engine
    return app


def values(app: App) -> dict[str, float]:
    lines = exposition(app).decode().splitlines()
    found = [line.rsplit(" ", 1) for line in lines if not line.startswith("#")]
    return {name: float(value) for name, value in found}


def test_numbers_are_those_of_the_tables(app: App) -> None:
    keep_all(app, made_items(7), ENTRY, lambda _: None)
    put(app, a_notice("reminder:a", NOW - timedelta(hours=2)))
    with app.sessions.begin() as session:
        rounds.add(session, "round", NOW, NOW - timedelta(minutes=10))

    found = values(app)
    assert found["langnghe_items_total"] == found["langnghe_items_unread"] == 7
    assert found["langnghe_items_unread_age_seconds"] == timedelta(days=1).total_seconds()
    assert found["langnghe_round_open_age_seconds"] == 600
    assert found['langnghe_mails{state="queued"}'] == 1
    assert found["langnghe_mails_waiting_age_seconds"] == 7200
    assert found['langnghe_sources{state="heard"}'] == 0
    assert found['langnghe_sources{state="all"}'] > 3

    read(app)
    with app.sessions.begin() as session:
        run = rounds.find(session, "round", NOW)
        assert run is not None
        rounds.finish(session, run.number, NOW, {})
    found = values(app)
    assert found["langnghe_items_unread"] == found["langnghe_items_unread_age_seconds"] == 0
    assert found["langnghe_round_open_age_seconds"] == 0
    assert found['langnghe_round_ended_timestamp_seconds{job="round"}'] == NOW.timestamp()
    (reader,) = (name for name in found if name.startswith("langnghe_reader_info"))
    assert app.reader.version in reader


def test_asking_is_cheap(app: App) -> None:
    statements: list[str] = []
    event.listen(app.engine, "before_cursor_execute", lambda *all: statements.append(all[2]))
    exposition(app)
    assert 5 < len(statements) < 25


@pytest.mark.parametrize(
    ("peer", "headers", "allowed"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("10.1.2.3", {}, True),
        ("10.2.2.3", {}, False),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, False),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, False),
        ("127.0.0.1", {"Via": "1.1 proxy"}, False),
        ("192.0.2.7", {"X-Forwarded-For": "203.0.113.9"}, False),
        ("192.0.2.7", {"X-Forwarded-For": "10.1.9.9"}, True),
        ("testclient", {}, False),
    ],
)
def test_only_this_machine_and_named_networks_may_ask(
    peer: str, headers: dict[str, str], allowed: bool
) -> None:
    web = WebSettings(
        metrics_from=(ip_network("10.1.0.0/16"),), trusted_proxies=(ip_network("192.0.2.7/32"),)
    )
    request = RequestFactory().get("/metrics", headers=headers)
    request.scope["client"] = (peer, 50000)
    assert may_see_metrics(request, web) == allowed


def test_nobody_else_learns_that_there_are_metrics(app: App) -> None:
    with client(app) as browser:  # its address is no address
        got = browser.get("/metrics")
    assert got.status_code == 404
    assert "langnghe_" not in got.text


def test_every_alert_asks_for_metrics_that_exist(app: App) -> None:
    rules = (ROOT / "ops" / "alerts.yml").read_text("utf-8")
    asked = set(re.findall(r"\b(langnghe_\w+)", rules))
    there = {line.split()[2] for line in exposition(app).decode().splitlines() if "# HELP" in line}
    assert len(asked) > 6
    assert asked - there == set()
    assert rules.count("- alert:") == rules.count("expr:") == rules.count("summary:")


@pytest.mark.postgres
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_tables_that_take_nothing_are_told_by_a_process_that_only_shows(
    app: App, engine: Engine
) -> None:
    with client(app) as web:
        assert web.get("/ready").status_code == 200
        good = app.engine
        read_only = {"options": "-c default_transaction_read_only=on"}
        refusing = open_database(
            good.url.update_query_dict(read_only).render_as_string(hide_password=False)
        )
        _use(app, refusing)
        answer = web.get("/ready")
        assert (answer.status_code, answer.text) == (503, "not ready\n")
        since = values(app)['langnghe_cannot_write_since_timestamp_seconds{trouble="read-only"}']
        assert since == NOW.timestamp()
        _use(app, good)
        assert web.get("/ready").status_code == 200
        refusing.dispose()
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM lease")) == 0


def _use(app: App, engine: Engine) -> None:
    for part in ("sessions", "views"):
        app.__dict__.pop(part, None)
    app.__dict__["engine"] = engine
