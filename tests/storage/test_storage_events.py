"""Events: kept as the grouper decides, put together and taken apart by people."""

from __future__ import annotations

import pytest
from storage_samples import HOUR, MARKS, NOON, item, join, one_event, read_some, reading

from nlp.reading import PlaceRef
from storage import events, evidence, items, merging, readings, triage, unread
from storage.db import Sessions
from storage.merging import CannotMerge


def members(session: object, event: int) -> list[int]:
    lines = evidence.of_events(session, [event])  # type: ignore[arg-type]
    return sorted(one.item_id for one in lines[event].evidence)


def test_arrival_carries_what_the_grouper_needs(database: Sessions) -> None:
    with database.begin() as session:
        (stored,) = read_some(session, [1])
        (arrival,) = events.ungrouped(session, 9)
    assert (arrival.id, arrival.title, arrival.text) == (stored.id, stored.title, stored.text)
    assert (arrival.at, arrival.places, arrival.topics) == (
        stored.at,
        ("28756@",),
        ("environment",),
    )


def test_arrivals_come_round_by_round_and_then_as_published(database: Sessions) -> None:
    with database.begin() as session:
        for number, fetched, published in ((5, 1, 9), (1, 1, 3), (3, 0, 4), (4, 1, 3)):
            kept = item(number, fetched_at=NOON + fetched * HOUR, published=NOON - published * HOUR)
            items.keep(session, [kept])
        waiting = unread.claim(session, "r1", "me", NOON, 9).items
        readings.save(session, [(one, reading()) for one in waiting], MARKS)
        found = [one.title for one in events.ungrouped(session, 9)]
        assert found == ["Tin số 3", "Tin số 5", "Tin số 1", "Tin số 4"]
        assert [one.title for one in events.ungrouped(session, 2)] == found[:2]
        early = events.ungrouped(session, 9, NOON + HOUR)
        assert [one.title for one in early] == ["Tin số 3"]


def test_joined_items_wait_no_longer_and_can_be_restored_in_order(database: Sessions) -> None:
    with database.begin() as session:
        read_some(session, range(3))
        one, two, three = events.ungrouped(session, 9)
        joins = [join(one), join(two, one.id, copy_of=one.id), join(three)]
        events.save_joins(session, joins, NOON)
        assert events.ungrouped(session, 9) == []
        restored = list(events.window(session, NOON - HOUR))
        assert events.count(session) == 2
    assert restored == [(one, one.id, None), (two, one.id, one.id), (three, three.id, None)]


def test_window_leaves_out_what_is_older(database: Sessions) -> None:
    with database.begin() as session:
        one_event(session, range(4))
        assert [one.at for one, _, _ in events.window(session, NOON + 2 * HOUR)] == [
            NOON + 2 * HOUR,
            NOON + 3 * HOUR,
        ]


def test_window_reads_many_pages(database: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_PAGE", 2)
    with database.begin() as session:
        one_event(session, range(5))
        assert len(list(events.window(session, NOON - HOUR))) == 5


def test_saving_joins_again_changes_nothing(database: Sessions) -> None:
    with database.begin() as session:
        read_some(session, range(2))
        one, two = events.ungrouped(session, 9)
        joins = [join(one), join(two, one.id, suggest=((one.id, 0.6),))]
        events.save_joins(session, joins, NOON)
        events.save_joins(session, [join(one), join(two)], NOON)
        assert members(session, one.id) == [one.id, two.id]


def test_event_spans_its_items(database: Sessions) -> None:
    with database.begin() as session:
        event = one_event(session, [4, 1, 9])
        line = evidence.of_events(session, [event])[event]
    assert (line.first_at, line.last_at) == (NOON + HOUR, NOON + 9 * HOUR)
    assert [one.at for one in line.evidence] == [NOON + n * HOUR for n in (1, 4, 9)]


def test_merged_event_gives_its_items_and_takes_them_back(database: Sessions) -> None:
    with database.begin() as session:
        one = one_event(session, [1, 2])
        other = one_event(session, [11, 12])
        merging.merge(session, one, other, "lan", NOON)
        assert len(members(session, one)) == 4
        assert events.count(session) == 1
        merging.unmerge(session, other, "lan", NOON + HOUR)
        assert [len(members(session, event)) for event in (one, other)] == [2, 2]
        line = evidence.of_events(session, [one])[one]
        assert (line.last_at, events.count(session)) == (NOON + 2 * HOUR, 2)
        assert [change.kind for change in merging.history(session, other)] == ["merge", "unmerge"]


def test_item_that_joins_a_merged_event_joins_what_it_was_merged_into(database: Sessions) -> None:
    with database.begin() as session:
        one, two, three = (one_event(session, [number]) for number in (1, 2, 3))
        merging.merge(session, two, three, "lan", NOON)
        merging.merge(session, one, two, "lan", NOON)
        read_some(session, [9])
        (late,) = events.ungrouped(session, 9)
        events.save_joins(session, [join(late, three)], NOON)
        assert late.id in members(session, one)


def test_unmerging_takes_along_what_was_merged_before(database: Sessions) -> None:
    with database.begin() as session:
        one, two, three = (one_event(session, [number]) for number in (1, 2, 3))
        merging.merge(session, two, three, "lan", NOON)
        merging.merge(session, one, two, "lan", NOON)
        merging.unmerge(session, two, "lan", NOON)
        assert [len(members(session, event)) for event in (one, two, three)] == [1, 2, 0]
        merging.unmerge(session, three, "lan", NOON)
        assert [len(members(session, event)) for event in (one, two, three)] == [1, 1, 1]


def test_what_was_taken_out_alone_stays_out_when_its_old_neighbour_goes(
    database: Sessions,
) -> None:
    with database.begin() as session:
        one, two, three = (one_event(session, [number]) for number in (1, 2, 3))
        merging.merge(session, two, one, "lan", NOON)
        merging.merge(session, three, two, "lan", NOON)
        merging.unmerge(session, one, "lan", NOON)
        merging.unmerge(session, two, "lan", NOON)
        assert [len(members(session, event)) for event in (one, two, three)] == [1, 1, 1]
        found = triage.unassessed(session, 9)
        assert [facts.event_id for facts in found] == [one, two, three]


def test_what_was_taken_out_and_put_in_by_itself_stays_in(database: Sessions) -> None:
    with database.begin() as session:
        one, two, three = (one_event(session, [number]) for number in (1, 2, 3))
        merging.merge(session, two, one, "lan", NOON)
        merging.merge(session, three, two, "lan", NOON)
        merging.unmerge(session, one, "lan", NOON)
        merging.merge(session, three, one, "lan", NOON)
        merging.unmerge(session, two, "lan", NOON)
        assert [len(members(session, event)) for event in (one, two, three)] == [0, 1, 2]
        merging.unmerge(session, one, "lan", NOON)
        assert [len(members(session, event)) for event in (one, two, three)] == [1, 1, 1]


def test_merging_makes_work_for_triage_on_the_standing_event_only(database: Sessions) -> None:
    with database.begin() as session:
        one, other = one_event(session, [1]), one_event(session, [2])
        merging.merge(session, one, other, "lan", NOON)
        assert [facts.event_id for facts in triage.unassessed(session, 9)] == [one]


def test_only_standing_events_can_be_merged(database: Sessions) -> None:
    with database.begin() as session:
        one, other = one_event(session, [1]), one_event(session, [2])
        for pair in ((one, one), (one, 404), (404, one)):
            with pytest.raises(CannotMerge):
                merging.merge(session, *pair, "lan", NOON)
        with pytest.raises(CannotMerge, match="is not merged"):
            merging.unmerge(session, other, "lan", NOON)


def test_new_reading_of_a_member_makes_work_for_triage(database: Sessions) -> None:
    from storage_samples import MARKS, ROUTING, SCORE, VERDICT

    with database.begin() as session:
        event = one_event(session, [1])
        (facts,) = triage.unassessed(session, 9)
        triage.save_assessment(session, facts, SCORE, VERDICT, ROUTING, NOON, "c1")
        assert triage.unassessed(session, 9) == []
        (member,) = (arrival for arrival, _, _ in events.window(session, NOON))
        from storage import items

        stored = items.get(session, member.id)
        assert stored is not None
        readings.save(session, [(stored, reading(severity=3))], MARKS)
        assert [one.severity for one in triage.unassessed(session, 9)] == [3]
        assert event == member.id


def test_places_of_a_reading_are_read_back(database: Sessions) -> None:
    with database.begin() as session:
        (stored,) = read_some(session, [1])
        found = readings.by_items(session, [stored.id])[stored.id]
    assert isinstance(found.where.places[0], PlaceRef)
