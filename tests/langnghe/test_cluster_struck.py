"""A twentieth of T11 and T12: schedulers struck while they lead, papers asked under kills."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster_lab import BROKER
from leader_torture import torture_leaders
from politeness_torture import torture_politeness
from sqlalchemy import create_engine, make_url, text

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
def database_alone(postgres_url: str) -> Iterator[str]:
    """A database without tables, for a test alone."""
    url = make_url(postgres_url)
    name = f"langnghe_struck_{uuid.uuid4().hex[:12]}"
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


def test_a_host_is_left_alone_between_two_requests_whoever_dies(
    tmp_path: Path, database_alone: str
) -> None:
    found = torture_politeness(tmp_path, database_alone, kills=3, rounds_=1)
    assert found.kills == 3
    assert found.pages == 36
    assert found.requests > 40
    assert found.bad == 0, found


def test_without_locks_the_same_hosts_are_not_left_alone(
    tmp_path: Path, database_alone: str
) -> None:
    found = torture_politeness(
        tmp_path, database_alone, kills=0, rounds_=12, locked=False, enough=20
    )
    assert found.violations >= 20, found


def test_whoever_leads_every_tick_is_one(tmp_path: Path, database_alone: str) -> None:
    found = torture_leaders(tmp_path, database_alone, starts=5, mornings=1)
    assert found.starts == 5
    assert found.mails > 0
    assert found.bad == 0, found
