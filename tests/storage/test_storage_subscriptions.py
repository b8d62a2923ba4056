"""Readers of the digest, on either database."""

from __future__ import annotations

from datetime import time

from storage_samples import HOUR, NOON, notice

from storage import outbox, subscriptions
from storage.db import Sessions
from storage.subscriptions import Subscription

ONE = Subscription("a@b.example", ("waste",), ("ubnd-xa-an-hiep",), time(6, 30), NOON)


def test_a_subscription_is_kept_as_it_was_given(database: Sessions) -> None:
    with database.begin() as session:
        assert subscriptions.subscribe(session, ONE)
    with database() as session:
        assert subscriptions.living(session) == [ONE]


def test_a_second_one_of_an_address_takes_the_place_of_the_first(database: Sessions) -> None:
    second = Subscription(ONE.email, (), (), time(17), NOON + HOUR)
    with database.begin() as session:
        subscriptions.subscribe(session, ONE)
        assert not subscriptions.subscribe(session, second)
    with database() as session:
        assert subscriptions.living(session) == [second]


def test_what_has_ended_is_gone_and_cannot_end_twice(database: Sessions) -> None:
    with database.begin() as session:
        subscriptions.subscribe(session, ONE)
        assert subscriptions.end(session, ONE.email, NOON)
        assert not subscriptions.end(session, ONE.email, NOON)
        assert not subscriptions.end(session, "x@b.example", NOON)
    with database() as session:
        assert subscriptions.living(session) == []


def test_which_mails_are_there(database: Sessions) -> None:
    with database.begin() as session:
        outbox.queue(session, notice("digest:2026-03-02:a@b.example"))
        keys = ["digest:2026-03-02:a@b.example", "digest:2026-03-03:a@b.example"]
        assert subscriptions.mailed(session, keys) == {keys[0]}
        assert subscriptions.mailed(session, []) == set()
