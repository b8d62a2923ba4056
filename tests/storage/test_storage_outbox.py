"""The outbox: each notice goes out once, whoever dies on the way."""

from __future__ import annotations

import threading
from datetime import timedelta

from sqlalchemy import Engine
from storage_samples import HOUR, NOON, notice

from storage import deadletters, outbox
from storage.db import Sessions, sessions

LEASE_S = 300
AFTER = NOON + timedelta(seconds=LEASE_S)


def keys(claimed: list[outbox.ClaimedNotice]) -> list[str]:
    return [one.notice.key for one in claimed]


def test_notice_is_queued_once_for_ever(database: Sessions) -> None:
    with database.begin() as session:
        assert outbox.queue(session, notice("a"))
        assert not outbox.queue(session, notice("a", text="another text"))
    with database.begin() as session:
        (claimed,) = outbox.claim(session, NOON, "one", LEASE_S, 9)
        assert outbox.sent(session, "a", NOON) == claimed.notice.recipient
        assert not outbox.queue(session, notice("a"))
        assert outbox.counts(session) == {"sent": 1}
    assert (claimed.notice, claimed.attempts) == (notice("a"), 1)


def test_notice_waits_for_its_hour(database: Sessions) -> None:
    with database.begin() as session:
        outbox.queue(session, notice("quiet", not_before=NOON + HOUR))
        assert outbox.claim(session, NOON, "one", LEASE_S, 9) == []
        assert keys(outbox.claim(session, NOON + HOUR, "one", LEASE_S, 9)) == ["quiet"]


def test_claim_takes_the_longest_waiting_first_and_no_more_than_asked(database: Sessions) -> None:
    with database.begin() as session:
        for number in (3, 1, 2):
            outbox.queue(session, notice(f"n{number}", not_before=NOON + number * HOUR))
        assert keys(outbox.claim(session, NOON + 9 * HOUR, "one", LEASE_S, 2)) == ["n1", "n2"]
        assert keys(outbox.claim(session, NOON + 9 * HOUR, "two", LEASE_S, 2)) == ["n3"]


def test_sender_that_died_is_followed_by_another_under_the_same_message_id(
    database: Sessions,
) -> None:
    with database.begin() as session:
        outbox.queue(session, notice("a"))
    with database.begin() as session:
        (first,) = outbox.claim(session, NOON, "dead", LEASE_S, 9)
    with database.begin() as session:
        early = outbox.claim(session, AFTER - timedelta(seconds=1), "next", LEASE_S, 9)
        (second,) = outbox.claim(session, AFTER, "next", LEASE_S, 9)
    assert early == []
    assert second.notice.message_id == first.notice.message_id
    assert (first.attempts, second.attempts) == (1, 2)


def test_sender_that_was_taken_for_dead_can_settle_nothing(database: Sessions) -> None:
    with database.begin() as session:
        outbox.queue(session, notice("a"))
        outbox.claim(session, NOON, "slow", LEASE_S, 9)
        outbox.claim(session, AFTER, "next", LEASE_S, 9)
        assert not outbox.deferred(session, "a", "slow", "421", AFTER)
        assert not outbox.failed(session, "a", "slow", "550", AFTER)
        assert outbox.failed(session, "a", "next", "550", AFTER)


def test_notice_is_marked_as_sent_by_whoever_sent_it_and_once(database: Sessions) -> None:
    with database.begin() as session:
        for key in ("slow", "refused"):
            outbox.queue(session, notice(key))
        outbox.claim(session, NOON, "slow", LEASE_S, 9)
        outbox.claim(session, AFTER, "next", LEASE_S, 9)
        outbox.failed(session, "refused", "next", "550", AFTER)
        assert outbox.sent(session, "slow", AFTER) == notice("slow").recipient
        assert outbox.sent(session, "slow", AFTER) is None
        assert outbox.sent(session, "refused", AFTER) is None
        assert outbox.counts(session) == {"sent": 1, "failed": 1}


def test_claim_that_was_never_committed_leaves_the_notice_queued(database: Sessions) -> None:
    with database.begin() as session:
        outbox.queue(session, notice("a"))
    with database() as session:
        outbox.claim(session, NOON, "crashed", LEASE_S, 9)
        session.rollback()
    with database.begin() as session:
        assert keys(outbox.claim(session, NOON, "next", LEASE_S, 9)) == ["a"]


def test_deferred_notice_is_tried_again_at_its_time(database: Sessions) -> None:
    with database.begin() as session:
        outbox.queue(session, notice("a"))
        outbox.claim(session, NOON, "one", LEASE_S, 9)
        assert outbox.deferred(session, "a", "one", "421 later", NOON + HOUR)
        assert outbox.claim(session, NOON + HOUR / 2, "one", LEASE_S, 9) == []
        (again,) = outbox.claim(session, NOON + HOUR, "one", LEASE_S, 9)
    assert again.attempts == 2


def test_lease_of_a_sender_whose_clock_is_a_little_ahead_is_left_alone(database: Sessions) -> None:
    with database.begin() as session:
        outbox.queue(session, notice("a"))
        outbox.claim(session, NOON + timedelta(seconds=2), "ahead", LEASE_S, 9)
        assert outbox.mend(session, NOON, LEASE_S, HOUR) == 0
        assert outbox.mend(session, NOON - HOUR, LEASE_S, HOUR) == 1


def test_failed_notice_waits_for_a_person(database: Sessions) -> None:
    with database.begin() as session:
        for key in ("bounced", "waits", "fresh"):
            created = NOON if key != "fresh" else NOON + 9 * HOUR
            outbox.queue(session, notice(key, not_before=created))
        outbox.claim(session, NOON, "one", LEASE_S, 1)
        outbox.failed(session, "bounced", "one", "550 no such user", NOON)
        assert keys(outbox.claim(session, NOON + HOUR, "one", LEASE_S, 9)) == ["waits"]
        assert outbox.waiting(session, NOON + 2 * HOUR, NOON + 2 * HOUR) == [("waits", "")]
        (left,) = deadletters.undelivered(session)
    assert (left.key, left.error, left.at) == ("bounced", "550 no such user", NOON)


def test_two_senders_at_once_share_the_work_and_take_nothing_twice(engine: Engine) -> None:
    with sessions(engine).begin() as session:
        for number in range(60):
            outbox.queue(session, notice(f"n{number:02}"))
    taken: dict[str, list[str]] = {"one": [], "two": [], "three": []}
    ready = threading.Barrier(len(taken))

    def send(owner: str) -> None:
        ready.wait()
        while True:
            with sessions(engine).begin() as session:
                claimed = outbox.claim(session, NOON, owner, LEASE_S, 7)
            if not claimed:
                return
            for one in claimed:
                with sessions(engine).begin() as session:
                    assert outbox.sent(session, one.notice.key, NOON)
                taken[owner].append(one.notice.key)

    threads = [threading.Thread(target=send, args=(owner,)) for owner in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(key for found in taken.values() for key in found) == [
        f"n{number:02}" for number in range(60)
    ]
