"""Sources over time: due, backing off, silent, and not to blame for our own line."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from storage_samples import HOUR, NOON, item, keep_some

from config.catalog import SourceEntry
from crawlers.item import Fetch, Outcome
from storage import items, rounds, sources
from storage.db import Sessions

MINUTE = timedelta(minutes=1)
A, B = (SourceEntry(id=name, name=name, type="feed") for name in ("bao-a", "bao-b"))


def fetch(outcome: Outcome, at: datetime = NOON, source: str = "bao-a", **over: Any) -> Fetch:
    return Fetch(source, outcome, f"because {outcome.value}", at, **over)


def due_ids(session: Any, at: datetime) -> list[str]:
    return [info.source_id for info in sources.due(session, at, [A, B])]


def test_source_never_polled_is_due(database: Sessions) -> None:
    with database() as session:
        assert due_ids(session, NOON) == ["bao-a", "bao-b"]


def test_source_switched_off_is_never_due(database: Sessions) -> None:
    off = A.model_copy(update={"enabled": False})
    with database.begin() as session:
        sources.switch(session, "bao-b", on=False, note="nghỉ Tết")
        assert sources.due(session, NOON, [off, B]) == []
        (health,) = sources.health(session, NOON, [B])
        assert (health.enabled, health.note) == (False, "nghỉ Tết")
        sources.switch(session, "bao-b", on=True)
        assert due_ids(session, NOON) == ["bao-a", "bao-b"]


def test_good_poll_is_repeated_after_the_pace_of_the_source(database: Sessions) -> None:
    poll = fetch(Outcome.NEW, items=3, etag='"v1"', last_modified="Mon", cursor="c1")
    with database.begin() as session:
        sources.record(session, [poll], NOON, [A, B])
        assert due_ids(session, NOON + 29 * MINUTE) == ["bao-b"]
        info = sources.due(session, NOON + 30 * MINUTE, [A])[0]
    assert (info.etag, info.last_modified, info.cursor) == ('"v1"', "Mon", "c1")
    assert (info.failures, info.last_poll_at) == (0, NOON)


def test_a_source_is_heard_only_as_long_as_it_is_asked(database: Sessions) -> None:
    rare = B.model_copy(update={"every_minutes": 1440})
    with database.begin() as session:
        assert [one.heard for one in sources.health(session, NOON, [A])] == [False]
        polls = [fetch(Outcome.NONE), fetch(Outcome.NONE, source="bao-b")]
        sources.record(session, polls, NOON, [A, rare])
        heard = [
            [one.heard for one in sources.health(session, NOON + hours * HOUR, [A, rare])]
            for hours in (0, 24, 25, 48, 49)
        ]
        sources.record(session, [fetch(Outcome.TIMEOUT, NOON + HOUR)], NOON + HOUR, [A])
        failed = sources.health(session, NOON + HOUR, [A])

    assert heard == [[True, True], [True, True], [False, True], [False, True], [False, False]]
    assert [one.heard for one in failed] == [False]


def test_longest_waiting_source_comes_first(database: Sessions) -> None:
    with database.begin() as session:
        sources.record(session, [fetch(Outcome.NONE)], NOON, [A])
        sources.record(session, [fetch(Outcome.NONE, source="bao-b")], NOON - HOUR, [B])
        assert due_ids(session, NOON + HOUR) == ["bao-b", "bao-a"]


@pytest.mark.parametrize(
    "outcome",
    [Outcome.BLOCKED, Outcome.NOT_A_FEED, Outcome.EMPTY, Outcome.TIMEOUT, Outcome.ERROR],
)
def test_failing_source_is_asked_ever_less_but_once_a_day(
    database: Sessions, outcome: Outcome
) -> None:
    waits = []
    with database.begin() as session:
        for _ in range(8):
            sources.record(session, [fetch(outcome)], NOON, [A])
            (health,) = sources.health(session, NOON, [A])
            assert health.next_at is not None
            waits.append((health.next_at - NOON) / HOUR)
    assert waits == [1, 2, 4, 8, 16, 24, 24, 24]


def test_success_forgets_the_failures(database: Sessions) -> None:
    with database.begin() as session:
        sources.record(session, [fetch(Outcome.ERROR)], NOON, [A])
        sources.record(session, [fetch(Outcome.NOT_MODIFIED)], NOON + HOUR, [A])
        (health,) = sources.health(session, NOON, [A])
    assert (health.failures, health.last_ok_at) == (0, NOON + HOUR)
    assert health.next_at == NOON + HOUR + 30 * MINUTE


def polled(session: Any, at: datetime, items: int, slowest: timedelta) -> timedelta:
    """Poll a source at a moment, and return how long it is left alone."""
    outcome = Outcome.NEW if items else Outcome.NONE
    sources.record(session, [fetch(outcome, at, items=items)], at, [A], None, slowest)
    (info,) = sources.due(session, at + 24 * HOUR, [A])
    assert info.last_poll_at == at
    wait = timedelta(minutes=1)
    while not sources.due(session, at + wait, [A]):
        wait += timedelta(minutes=1)
    return wait


@pytest.mark.parametrize(
    ("slowest", "waits"),
    [
        (timedelta(hours=2), [60, 120, 120, 120]),  # a third of six hours, and two hours
        (timedelta(minutes=60), [60, 60, 60, 60]),
        (timedelta(0), [30, 30, 30, 30]),
    ],
)
def test_source_that_brings_nothing_is_asked_more_rarely(
    database: Sessions, slowest: timedelta, waits: list[int]
) -> None:
    with database.begin() as session:
        at = NOON
        assert polled(session, at, 0, slowest) == timedelta(minutes=30)  # nothing known of it
        for _ in range(4):  # it publishes every six hours
            at += 6 * HOUR
            assert polled(session, at, 2, slowest) == timedelta(minutes=30)
        found = [timedelta(minutes=30)]
        for _ in waits:
            at += found[-1]
            found.append(polled(session, at, 0, slowest))
        assert found[1:] == [timedelta(minutes=wait) for wait in waits]
        at += 6 * HOUR
        assert polled(session, at, 1, slowest) == timedelta(minutes=30)


def test_source_that_brings_something_each_time_keeps_its_pace(database: Sessions) -> None:
    with database.begin() as session:
        at = NOON
        for items_now in (1, 1, 1, 1, 0, 0, 1):
            at += timedelta(minutes=30)
            assert polled(session, at, items_now, 2 * HOUR) == timedelta(minutes=30)


@pytest.mark.parametrize("outcome", [Outcome.NEW, Outcome.ERROR])
def test_clock_that_ran_ahead_leaves_no_source_alone(database: Sessions, outcome: Outcome) -> None:
    ahead = NOON + timedelta(days=365)
    with database.begin() as session:
        for hours in (72, 48, 24):
            at = NOON - hours * HOUR
            sources.record(session, [fetch(Outcome.NEW, at, items=1)], at, [A])
        sources.record(session, [fetch(outcome, ahead, items=1)], ahead, [A])
        assert [info.source_id for info in sources.due(session, NOON, [A])] == ["bao-a"]
        (health,) = sources.health(session, NOON, [A])
        assert (health.heard, health.outcome) == (False, "new")

        sources.record(session, [fetch(Outcome.NONE)], NOON, [A])
        assert sources.due(session, NOON, [A]) == []
        (health,) = sources.health(session, NOON, [A])
        assert (health.heard, health.silent, health.outcome) == (True, False, "none")
        later = NOON + 10 * 24 * HOUR
        assert sources.health(session, later, [A])[0].silent is True


def test_longest_wait_is_waited_also_by_a_clock_that_is_a_little_behind(database: Sessions) -> None:
    poll = fetch(Outcome.ERROR, retry_after=86_400)
    with database.begin() as session:
        sources.record(session, [poll], NOON, [A])
        assert sources.due(session, NOON - 5 * MINUTE, [A]) == []


@pytest.mark.parametrize(
    ("asked", "wait"), [(60, HOUR), (3 * 3600, 3 * HOUR), (9 * 86400, 24 * HOUR)]
)
def test_what_the_server_asks_is_respected(database: Sessions, asked: int, wait: timedelta) -> None:
    poll = fetch(Outcome.BLOCKED, http_status=429, retry_after=asked)
    with database.begin() as session:
        sources.record(session, [poll], NOON, [A])
        (health,) = sources.health(session, NOON, [A])
    assert health.next_at == NOON + wait


def test_not_modified_keeps_the_validators(database: Sessions) -> None:
    with database.begin() as session:
        sources.record(session, [fetch(Outcome.NEW, etag='"v1"', cursor="c")], NOON, [A])
        sources.record(session, [fetch(Outcome.NOT_MODIFIED)], NOON, [A])
        sources.record(session, [fetch(Outcome.TIMEOUT)], NOON, [A])
        info = sources.due(session, NOON + 2 * HOUR, [A])[0]
    assert (info.etag, info.cursor) == ('"v1"', "c")


def test_failed_poll_tells_how_far_it_came(database: Sessions) -> None:
    with database.begin() as session:
        for told, kept in (("", ""), (";n;o", ";n;o"), ("", ";n;o"), ("d;n;o", "d;n;o")):
            poll = fetch(Outcome.TIMEOUT, cursor=told, etag="not to be sent")
            sources.record(session, [poll], NOON, [A])
            info = sources.due(session, NOON + 24 * HOUR, [A])[0]
            assert (info.cursor, info.etag) == (kept, "")


@pytest.mark.parametrize(
    ("page", "etag"),
    [
        (fetch(Outcome.TIMEOUT, url="https://a.example.vn/1"), ""),
        (fetch(Outcome.ERROR, url="https://a.example.vn/1", http_status=503), ""),
        (fetch(Outcome.ERROR, url="https://a.example.vn/1", http_status=404), '"v1"'),
        (fetch(Outcome.NEW, url="https://a.example.vn/1", http_status=200), '"v1"'),
    ],
    ids=["page-timed-out", "page-503", "page-gone", "page-had"],
)
def test_feed_is_read_in_full_again_while_one_of_its_pages_may_still_come(
    database: Sessions, page: Fetch, etag: str
) -> None:
    with database.begin() as session:
        sources.record(session, [page, fetch(Outcome.NEW, etag='"v1"')], NOON, [A])
        assert sources.due(session, NOON + HOUR, [A])[0].etag == etag


def test_cursor_is_the_types_own_also_where_a_page_is_missing(database: Sessions) -> None:
    page = fetch(Outcome.ERROR, url="https://a.example.vn/1", http_status=500)
    with database.begin() as session:
        for told, kept in (("c1", "c1"), ("c2", "c2"), ("", "c2")):
            sources.record(session, [page, fetch(Outcome.NEW, cursor=told)], NOON, [A])
            assert sources.due(session, NOON + HOUR, [A])[0].cursor == kept


def test_page_alone_says_nothing_of_its_source(database: Sessions) -> None:
    with database.begin() as session:
        sources.record(session, [fetch(Outcome.ERROR, url="https://a.example.vn/1")], NOON, [A])
        assert due_ids(session, NOON) == ["bao-a", "bao-b"]
        (kept,) = sources.last_fetches(session, "bao-a", 9)
    assert (kept.outcome, kept.url) == (Outcome.ERROR, "https://a.example.vn/1")


def test_outage_of_our_own_line_is_not_held_against_sources(database: Sessions) -> None:
    down = [fetch(Outcome.TIMEOUT), fetch(Outcome.ERROR, source="bao-b")]
    with database.begin() as session:
        number = rounds.begin(session, "round", NOON, NOON)
        assert number is not None
        sources.record(session, down, NOON, [A, B], number)
        assert sources.forgive_outage(session, number, NOON, [A, B])
        assert [one.failures for one in sources.health(session, NOON, [A, B])] == [0, 0]
        assert due_ids(session, NOON + 30 * MINUTE) == ["bao-a", "bao-b"]


@pytest.mark.parametrize(
    "polls",
    [
        [fetch(Outcome.TIMEOUT)],
        [fetch(Outcome.TIMEOUT), fetch(Outcome.NONE, source="bao-b")],
        [fetch(Outcome.TIMEOUT), fetch(Outcome.ERROR, source="bao-b", http_status=500)],
        [fetch(Outcome.TIMEOUT), fetch(Outcome.NOT_A_FEED, source="bao-b", http_status=200)],
    ],
    ids=["one-source", "one-answered", "one-answered-500", "one-was-no-feed"],
)
def test_sources_that_fail_by_themselves_are_not_forgiven(
    database: Sessions, polls: list[Fetch]
) -> None:
    with database.begin() as session:
        number = rounds.begin(session, "round", NOON, NOON)
        assert number is not None
        sources.record(session, polls, NOON, [A, B], number)
        assert not sources.forgive_outage(session, number, NOON, [A, B])
        assert sources.health(session, NOON, [A])[0].failures == 1


def test_silence_is_judged_by_the_rhythm_of_the_source(database: Sessions) -> None:
    with database.begin() as session:
        for day in range(5):
            at = NOON + day * 24 * HOUR
            sources.record(session, [fetch(Outcome.NEW, at, items=2)], at, [A])
        last = NOON + 4 * 24 * HOUR
        health = [sources.health(session, last + days * 24 * HOUR, [A])[0] for days in (4, 5)]
    assert [one.silent for one in health] == [False, True]
    assert health[0].pause == 24 * HOUR
    assert (health[0].outcome, health[0].reason) == ("new", "because new")


def test_source_without_a_rhythm_is_not_called_silent(database: Sessions) -> None:
    with database.begin() as session:
        sources.record(session, [fetch(Outcome.NEW, items=1)], NOON, [A])
        one, other = sources.health(session, NOON + 99 * 24 * HOUR, [A, B])
    assert (one.silent, one.pause) == (False, None)
    assert (other.silent, other.last_poll_at, other.outcome) == (False, None, "")


def test_known_urls_are_those_of_the_newest_items_of_the_source(database: Sessions) -> None:
    with database.begin() as session:
        keep_some(session, range(3))
        other = item(1, source_id="bao-a-2", url="https://a.example.vn/again", external_id="z")
        items.keep(session, [other])
        newest = sources.known_urls(session, "bao-a", 2)
        assert newest == {"https://a.example.vn/1", "https://a.example.vn/2"}
        assert sources.known_urls(session, "bao-a-2", 9) == {"https://a.example.vn/again"}
