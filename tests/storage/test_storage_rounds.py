"""Rounds and leases: one owner for each piece of work."""

from __future__ import annotations

import threading
from datetime import timedelta

from sqlalchemy import Engine
from storage_samples import HOUR, NOON

from storage import leases, rounds
from storage.db import Sessions, sessions


def test_round_is_had_by_one_process_only(database: Sessions) -> None:
    with database.begin() as session:
        first = rounds.begin(session, "round", NOON, NOON)
        assert first is not None
        assert rounds.begin(session, "round", NOON, NOON) is None
        assert rounds.begin(session, "digest", NOON, NOON) is not None
        assert rounds.unfinished(session, "round") == [NOON]
        rounds.finish(session, first, NOON + HOUR / 2, {"kept": 3})
        assert rounds.begin(session, "round", NOON, NOON + 9 * HOUR) is None
        assert rounds.unfinished(session, "round") == []
        assert rounds.last_finished(session, "round") == NOON
        assert rounds.last_finished(session, "digest") is None


def test_round_of_a_dead_process_is_taken_over_once(database: Sessions) -> None:
    with database.begin() as session:
        first = rounds.begin(session, "round", NOON, NOON)
        assert rounds.begin(session, "round", NOON, NOON + HOUR / 2) is None
        assert rounds.begin(session, "round", NOON, NOON + HOUR) == first
        assert rounds.begin(session, "round", NOON, NOON + HOUR) is None


def test_many_schedulers_at_once_make_one_round(engine: Engine) -> None:
    got: list[int | None] = []
    ready = threading.Barrier(8)

    def start() -> None:
        ready.wait()
        with sessions(engine).begin() as session:
            got.append(rounds.begin(session, "round", NOON, NOON))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(number is not None for number in got) == 1


def test_lease_is_held_until_it_ends_or_is_given_back(database: Sessions) -> None:
    with database.begin() as session:
        assert leases.claim(session, "group", "one", NOON, 60) == 1
        assert leases.claim(session, "group", "two", NOON, 60) is None
        assert leases.claim(session, "group", "one", NOON, 60) == 2
        assert leases.claim(session, "group", "two", NOON + timedelta(seconds=60), 60) == 3
        leases.release(session, "group", "one")
        assert leases.claim(session, "group", "one", NOON + timedelta(seconds=61), 60) is None
        leases.release(session, "group", "two")
        assert leases.claim(session, "group", "one", NOON + timedelta(seconds=61), 60) == 1


def test_hosts_are_left_alone_until_their_time(database: Sessions) -> None:
    with database.begin() as session:
        leases.leave_alone(session, {"a.vn": NOON, "b.vn": NOON})
        leases.leave_alone(session, {"a.vn": NOON + HOUR})
        assert leases.next_allowed(session, ["a.vn", "c.vn"]) == {"a.vn": NOON + HOUR}
