"""What failed in the outbox and which addresses are dead, on either database."""

from __future__ import annotations

from datetime import timedelta

from storage_samples import HOUR, NOON, notice

from storage import contacts, deadletters, outbox
from storage.db import Sessions

LEASE_S = 300
LONGEST = timedelta(minutes=60)


def test_what_a_clock_ahead_has_set_too_far_is_brought_back(database: Sessions) -> None:
    ahead = NOON + timedelta(days=1)
    with database.begin() as session:
        for key in ("a-sending", "b-deferred"):
            outbox.queue(session, notice(key))
        outbox.claim(session, ahead, "dead", LEASE_S, 1)
        outbox.claim(session, ahead, "one", LEASE_S, 1)
        outbox.deferred(session, "b-deferred", "one", "450", ahead + HOUR)
        outbox.queue(session, notice("c-new", created_at=ahead, not_before=ahead + HOUR))
        outbox.queue(session, notice("d-right", not_before=NOON + 30 * HOUR))

    with database.begin() as session:
        assert outbox.mend(session, NOON, LEASE_S, LONGEST) == 3
    with database.begin() as session:
        assert outbox.mend(session, NOON, LEASE_S, LONGEST) == 0
        lease, hour = (
            [one.notice.key for one in outbox.claim(session, at, "next", LEASE_S, 9)]
            for at in (NOON + timedelta(seconds=LEASE_S), NOON + HOUR)
        )
        (right,) = deadletters.kept(session, "queued")

    assert lease == ["a-sending"]
    assert "b-deferred" in hour
    assert "c-new" in hour
    assert (right.key, right.next_at) == ("d-right", NOON + 30 * HOUR)


def test_failed_notice_is_listed_put_back_and_dropped(database: Sessions) -> None:
    with database.begin() as session:
        outbox.queue(session, notice("closing:1:x", kind="closing"))
        outbox.claim(session, NOON, "one", LEASE_S, 9)
        assert not deadletters.put_back(session, "closing:1:x", NOON)
        outbox.failed(session, "closing:1:x", "one", "SMTP 550 (recipient)", NOON + HOUR)
        (left,) = deadletters.undelivered(session)
        assert (left.key, left.kind, left.at) == ("closing:1:x", "closing", NOON + HOUR)

        assert deadletters.put_back(session, "closing:1:x", NOON + 2 * HOUR)
        (again,) = outbox.claim(session, NOON + 2 * HOUR, "two", LEASE_S, 9)
        assert (again.attempts, again.notice.created_at) == (1, NOON)
        outbox.failed(session, "closing:1:x", "two", "SMTP 550 (recipient)", NOON + 2 * HOUR)
        assert deadletters.drop(session, "closing:1:x")
        assert not deadletters.drop(session, "closing:1:x")

        assert deadletters.undelivered(session) == []
        assert outbox.counts(session) == {"dropped": 1}
        assert deadletters.get(session, "khong-co") is None


def test_dead_address_is_marked_until_confirmed_or_until_it_takes_a_mail(
    database: Sessions,
) -> None:
    with database.begin() as session:
        contacts.confirm(session, "xa-a", "a@example.vn", "thư", NOON)
        contacts.mark_failed(session, "xa-a", "a@example.vn", "SMTP 550", NOON)
        contacts.mark_failed(session, "xa-b", "b@example.vn", "SMTP 551", NOON)
        assert contacts.failed(session) == {
            "xa-a": ("a@example.vn", NOON, "SMTP 550"),
            "xa-b": ("b@example.vn", NOON, "SMTP 551"),
        }
        assert contacts.addresses(session) == {"xa-a": "a@example.vn"}

        contacts.confirm(session, "xa-a", "a@example.vn", "điện thoại", NOON + HOUR)
        contacts.works(session, "b@example.vn")
        contacts.mark_failed(session, "xa-a", "cu@example.vn", "SMTP 550", NOON + HOUR)

        assert contacts.failed(session) == {}
        assert contacts.addresses(session) == {"xa-a": "a@example.vn"}
