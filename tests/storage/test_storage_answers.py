"""Counters and forms that many processes share: none is lost, none is taken twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from storage_samples import HOUR, NOON

from storage import answers, rates
from storage.db import Sessions


def at_once(times: int, call: Callable[[int], None]) -> None:
    gate = threading.Barrier(times)

    def run(number: int) -> None:
        gate.wait(20)
        call(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def test_counter_loses_nothing_when_many_count_at_once(database: Sessions) -> None:
    seen: list[int] = []

    def count(number: int) -> None:
        for _ in range(10):
            with database.begin() as session:
                seen.append(rates.count(session, "link:a", NOON, HOUR))

    at_once(6, count)

    assert sorted(seen) == list(range(1, 61))


def test_windows_and_keys_are_counted_apart_and_forgotten_when_over(database: Sessions) -> None:
    def count(key: str, at: datetime) -> int:
        with database.begin() as session:
            rates.forget(session, at)
            return rates.count(session, key, at, HOUR)

    last = NOON + HOUR - timedelta(seconds=1)
    assert [count("a", NOON), count("a", last), count("b", last)] == [1, 2, 1]
    assert count("a", NOON + HOUR) == 1
    assert count("a", NOON + HOUR) == 2


def test_nonce_is_used_by_one_of_many(database: Sessions) -> None:
    found: list[datetime | None] = []

    def use(number: int) -> None:
        with database.begin() as session:
            at = NOON + number * timedelta(seconds=1)
            found.append(answers.use(session, "nonce", at, NOON + HOUR))

    at_once(6, use)

    first = [at for at in found if at is None]
    assert len(first) == 1
    assert len(set(found) - {None}) == 1, "all others are told when it was used"


def test_nonce_of_a_transaction_that_failed_is_still_good(database: Sessions) -> None:
    session = database()
    assert answers.use(session, "nonce", NOON, NOON + HOUR) is None
    session.rollback()
    session.close()

    with database.begin() as again:
        assert answers.use(again, "nonce", NOON, NOON + HOUR) is None
        answers.forget_nonces(again, NOON + HOUR - timedelta(seconds=1))
        assert answers.use(again, "nonce", NOON, NOON + HOUR) == NOON
        answers.forget_nonces(again, NOON + HOUR)
        assert answers.use(again, "nonce", NOON, NOON + HOUR) is None


def test_links_of_no_case_cannot_be_revoked(database: Sessions) -> None:
    with database.begin() as session:
        assert answers.revoke(session, 7, NOON, "operator:a") is None
        assert answers.linked(session, 7) is None
