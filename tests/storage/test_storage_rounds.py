"""Rounds and leases: one owner for each piece of work."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from storage_samples import HOUR, NOON

from storage import leases, rounds
from storage.db import Sessions, sessions
from storage.leases import Taken


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
        assert leases.take(session, "gather", "one", NOON, 60) == Taken("", 1)
        assert leases.take(session, "gather", "two", NOON, 60) is None
        assert not leases.is_free(session, "gather", NOON, 60)
        assert leases.take(session, "gather", "one", NOON, 60) == Taken("one", 2)
        over = NOON + timedelta(seconds=60)
        assert leases.is_free(session, "gather", over, 60)
        assert leases.take(session, "gather", "two", over, 60) == Taken("one", 3)
        assert not leases.hold(session, "gather", "one", over, 60)
        leases.release(session, "gather", "one", over)
        assert leases.take(session, "gather", "one", over, 60) is None
        assert leases.hold(session, "gather", "two", over, 60)
        leases.release(session, "gather", "two", over)
        assert leases.take(session, "gather", "one", over, 60) == Taken("two", 1)


def test_lease_of_a_clock_that_was_ahead_holds_nothing(database: Sessions) -> None:
    with database.begin() as session:
        leases.take(session, "gather", "one", NOON + 24 * HOUR, 60)
        assert leases.is_free(session, "gather", NOON, 60)
        assert leases.take(session, "gather", "two", NOON, 60) == Taken("one", 2)


@pytest.mark.parametrize("ahead", [2, 29])
def test_lease_of_a_clock_a_few_seconds_ahead_holds(database: Sessions, ahead: float) -> None:
    theirs = NOON + timedelta(seconds=ahead)
    with database.begin() as session:
        leases.take(session, "gather", "one", theirs, 60)
        leases.take_fresh(session, ["read:1"], "one", theirs, 60)
        assert not leases.is_free(session, "gather", NOON, 60)
        assert leases.take(session, "gather", "two", NOON, 60) is None
        assert not leases.any_over(session, "read:", NOON, 60)
        assert leases.retake(session, "read:", "two", NOON, 60) is None
        late = theirs + timedelta(seconds=60)
        assert leases.is_free(session, "gather", late, 60)
        assert leases.retake(session, "read:", "two", late, 60) == ("read:1", 2)


def test_pieces_of_work_are_taken_once_and_again_one_by_one(database: Sessions) -> None:
    names = ["read:1", "read:2", "reading:9"]
    with database.begin() as session:
        assert leases.take_fresh(session, names, "one", NOON, 60) == frozenset(names)
        assert leases.take_fresh(session, [*names, "read:3"], "two", NOON, 60) == {"read:3"}
        leases.drop(session, ["read:2"], "two")  # not its own
        assert leases.retake(session, "read:", "two", NOON, 60) is None
        assert not leases.any_over(session, "read:", NOON, 60)
        late = NOON + timedelta(seconds=61)
        assert leases.any_over(session, "read:", late, 60)
        assert leases.retake(session, "read:", "two", late, 60) == ("read:1", 2)
        assert leases.retake(session, "read:", "three", late, 60) == ("read:2", 2)
        leases.drop(session, ["read:2"], "three")
        assert leases.take_fresh(session, ["read:2"], "four", late, 60) == {"read:2"}
