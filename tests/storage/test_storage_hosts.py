"""Turns at hosts: one at a time, a pause after each, and none kept by the dead."""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Engine

from storage import hosts
from storage.db import Sessions, sessions
from storage.models import HostStateRow

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _now(database: Sessions) -> datetime:
    """Return the time that the database goes by: noon where it has no clock."""
    with database() as session:
        return hosts._clock(session, NOON)


def test_a_host_is_asked_by_one_at_a_time(database: Sessions) -> None:
    with database.begin() as session:
        token, left = hosts.take(session, "a.vn", NOON, 60)
        assert token
        assert left == 0
        refused, left = hosts.take(session, "a.vn", NOON, 60)
        assert refused == ""
        assert 50 < left <= 60
        assert hosts.take(session, "b.vn", NOON, 60)[0]
        assert hosts.give_back(session, "a.vn", token, NOON, 30)
        assert not hosts.give_back(session, "a.vn", token, NOON, 0)
        refused, left = hosts.take(session, "a.vn", NOON, 60)
        assert refused == ""
        assert 20 < left <= 30


def test_a_turn_that_its_holder_left_ends_by_itself(database: Sessions) -> None:
    now = _now(database)
    with database.begin() as session:
        session.add(HostStateRow(host="a.vn", next_allowed_at=now - timedelta(seconds=1)))
        session.add(HostStateRow(host="b.vn", next_allowed_at=now + timedelta(days=1)))
    with database.begin() as session:
        token, _ = hosts.take(session, "a.vn", NOON, 60)
        assert token
        late = (now - timedelta(seconds=1)).isoformat()
        assert not hosts.give_back(session, "a.vn", late, NOON, 0)
        assert hosts.take(session, "a.vn", NOON, 60)[0] == ""
        assert hosts.take(session, "b.vn", NOON, 60)[0]  # set by a clock that was wrong


@pytest.mark.postgres
@pytest.mark.skipif(
    not os.environ.get("LANGNGHE_TEST_POSTGRES"),
    reason="LANGNGHE_TEST_POSTGRES names no server",
)
def test_turns_of_many_do_not_overlap(postgres_engine: Engine) -> None:
    database, lock = sessions(postgres_engine), threading.Lock()
    spans: list[tuple[float, float]] = []

    def ask() -> None:
        done = 0
        while done < 5:
            with database.begin() as session:
                token, _ = hosts.take(session, "c.vn", NOON, 60)
            if token:
                begin = time.monotonic()
                with database.begin() as session:
                    end = time.monotonic()
                    assert hosts.give_back(session, "c.vn", token, NOON, 0.005)
                with lock:
                    spans.append((begin, end))
                done += 1

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    spans.sort()
    assert len(spans) == 20
    gaps = [late[0] - early[1] for early, late in pairwise(spans)]
    assert min(gaps) >= 0.005
