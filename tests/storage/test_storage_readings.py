"""Readings: what waits, what is kept, what is set aside."""

from __future__ import annotations

import pytest
from storage_samples import HOUR, MARKS, NOON, item, keep_some, place, read_some, reading

from nlp.reading import Hold, Reason, Where
from storage import events, items, readings, unread
from storage.db import Session, Sessions
from storage.items import StoredItem
from storage.readings import MAX_TRIES, Versions

NEWER = Versions(reader="r2", gazetteer="g1", model="m2", config="c1")


def to_read(session: Session, version: str, limit: int) -> list[StoredItem]:
    """Return what a reader would get, and give it back."""
    share = unread.claim(session, version, "me", NOON, limit)
    unread.done(session, share.items, "me")
    return list(share.items)


def test_two_readers_share_the_items(database: Sessions) -> None:
    with database.begin() as session:
        kept = [one.id for one in keep_some(session, range(5))]
        first = unread.claim(session, "r1", "one", NOON, 3)
        assert [one.id for one in first.items] == kept[:3]
        assert unread.waiting(session, "r1", 9) == kept[3:]
        second = unread.claim(session, "r1", "two", NOON, 3, ids=[kept[0], kept[4]])
        assert [one.id for one in second.items] == [kept[4]]
        readings.save(session, [(one, reading()) for one in first.items], MARKS)
        unread.done(session, first.items, "one")
        assert unread.first(session) == kept[3]
        assert unread.count(session) == 2


def test_what_kills_its_readers_is_told_from_what_lay_beside_it(database: Sessions) -> None:
    now = NOON
    with database.begin() as session:
        innocent, poisoned, other = keep_some(session, range(3))
        unread.claim(session, "r1", "dead0", now, 9)
        assert not unread.left_behind(session, now)
        died = 0
        while now < NOON + HOUR:
            now += HOUR / 50
            share = unread.claim(session, "r1", f"dead{died + 1}", now, 9)
            if share.suspects:
                break
            (one,) = share.items
            if one.id == poisoned.id:
                died += 1
                continue
            readings.save(session, [(one, reading())], MARKS)
            unread.done(session, [one], f"dead{died + 1}")
        assert [one.id for one in share.suspects] == [poisoned.id]
        assert died == unread.MAX_DEATHS - 1
        readings.save_failure(session, share.suspects[0], MARKS, "chết", for_good=True)
        unread.done(session, share.suspects, f"dead{died + 1}")
        assert readings.failures(session) == [(poisoned.id, "chết", 1)]
        assert unread.first(session) is None
        assert {innocent.id, other.id} <= set(readings.by_items(session, [1, 2, 3]))


def test_what_a_living_reader_could_not_end_is_taken_up_at_once(database: Sessions) -> None:
    with database.begin() as session:
        first, second = keep_some(session, range(2))
        assert unread.claim(session, "r1", "one", NOON, 1).all == (first,)
        assert unread.claim(session, "r1", "two", NOON, 1).all == (second,)
    with database.begin() as session:
        assert not unread.claim(session, "r1", "one", NOON, 9)
        assert unread.put_back(session, "one") == 1
        assert unread.put_back(session, "one") == 0
        assert unread.claim(session, "r1", "one", NOON, 9).all == (first,)


def test_unread_items_come_oldest_first(database: Sessions) -> None:
    with database.begin() as session:
        kept = keep_some(session, range(5))
        assert [one.id for one in to_read(session, "r1", 3)] == [one.id for one in kept[:3]]


def test_what_is_read_is_not_read_again(database: Sessions) -> None:
    with database.begin() as session:
        read_some(session, range(3))
        assert to_read(session, "r1", 9) == []
        assert to_read(session, "r2", 9) == []


def test_reading_comes_back_as_it_was_saved(database: Sessions) -> None:
    where = Where(
        places=(place(),),
        mentions=(place("83@", "tỉnh Bến Tre", 0.5),),
        unit_then="28756@",
        unit_now=None,
        hold=Hold("hai nơi cùng tên", ("28756@", "28999@")),
        reasons=(Reason("place", "28756@", "xã An Hiệp", 0.9, 3, 9),),
    )
    full = reading(where=where, hold=Hold("chưa chắc"), flags=("vulnerable",))
    with database.begin() as session:
        (stored,) = keep_some(session, [1])
        readings.save(session, [(stored, full)], MARKS)
    with database() as session:
        assert readings.get(session, stored.id) == full
        assert readings.get(session, 404) is None


def test_saving_again_replaces(database: Sessions) -> None:
    with database.begin() as session:
        (stored,) = keep_some(session, [1])
        for severity in (1, 3):
            readings.save(session, [(stored, reading(severity=severity))], MARKS)
        found = readings.get(session, stored.id)
    assert found is not None
    assert found.severity == 3


def test_newer_reading_counts_in_place_of_the_older(database: Sessions) -> None:
    with database.begin() as session:
        (stored,) = keep_some(session, [1])
        readings.save(session, [(stored, reading())], MARKS)
        readings.save(session, [(stored, reading(version="r2", severity=3))], NEWER)
        found = readings.get(session, stored.id)
    assert found is not None
    assert (found.version, found.severity) == ("r2", 3)


def test_edited_text_is_read_again_and_its_event_judged_again(database: Sessions) -> None:
    with database.begin() as session:
        (stored,) = read_some(session, [1])
        (arrival,) = events.ungrouped(session, 9)
        items.keep(session, [item(1, text="Bài đã sửa.")])
        (again,) = to_read(session, "r1", 9)
        assert (again.id, again.version, arrival.id) == (stored.id, 2, stored.id)
        readings.save(session, [(again, reading())], MARKS)
        assert to_read(session, "r1", 9) == []


def test_item_edited_while_it_was_read_stays_to_be_read(database: Sessions) -> None:
    with database.begin() as session:
        (stored,) = keep_some(session, [1])
        items.keep(session, [item(1, text="Bài đã sửa.")])
        readings.save(session, [(stored, reading())], MARKS)
        assert [one.version for one in to_read(session, "r1", 9)] == [2]


def test_poisoned_item_is_set_aside_after_its_tries_and_tried_by_a_newer_reader(
    database: Sessions,
) -> None:
    with database.begin() as session:
        (stored,) = keep_some(session, [1])
        for attempt in range(1, MAX_TRIES + 1):
            assert [one.id for one in to_read(session, "r1", 9)] == [stored.id]
            readings.save_failure(session, stored, MARKS, "không đọc được")
            assert readings.failures(session) == [(stored.id, "không đọc được", attempt)]
        assert to_read(session, "r1", 9) == []
        assert [one.id for one in to_read(session, "r2", 9)] == [stored.id]
        readings.save(session, [(stored, reading(version="r2"))], NEWER)
        assert to_read(session, "r2", 9) == []
        assert readings.failures(session) == []


def test_poisoned_item_does_not_keep_others_waiting(database: Sessions) -> None:
    with database.begin() as session:
        poisoned, *rest = keep_some(session, range(3))
        for _ in range(MAX_TRIES):
            readings.save_failure(session, poisoned, MARKS, "hỏng")
        assert [one.id for one in to_read(session, "r1", 9)] == [one.id for one in rest]


@pytest.mark.parametrize(
    ("is_issue", "severity", "waiting"), [(True, 2, 1), (False, 0, 0), (False, 2, 1)]
)
def test_what_is_or_may_be_an_issue_waits_for_an_event(
    database: Sessions, is_issue: bool, severity: int, waiting: int
) -> None:
    with database.begin() as session:
        read_some(session, [1], is_issue=is_issue, severity=severity)
        assert len(events.ungrouped(session, 9)) == waiting


def test_saving_nothing_is_no_error(database: Sessions) -> None:
    with database.begin() as session:
        readings.save(session, [], MARKS)
