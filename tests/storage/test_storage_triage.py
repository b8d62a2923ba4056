"""The facts triage is given, and what it said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from storage_samples import (
    HOUR,
    MARKS,
    NOON,
    ROUTING,
    SCORE,
    VERDICT,
    item,
    join,
    keep_some,
    one_event,
    place,
    read_some,
    reading,
)

from nlp.reading import Hold, TopicScore, Where
from storage import cases, events, items, labels, readings, triage
from storage.db import Sessions
from triage.case import CaseState

DAY = timedelta(days=1)


def test_facts_of_one_report(database: Sessions) -> None:
    with database.begin() as session:
        event = one_event(session, [1])
        (facts,) = triage.unassessed(session, 9)
    assert (facts.event_id, facts.title, facts.items) == (event, "Tin số 1", 1)
    assert (facts.topics, facts.topic_score, facts.severity) == (("environment",), 0.93, 2)
    assert (facts.place, facts.place_score, facts.places) == ("28756@", 0.9, ("28756@",))
    assert (facts.outlets, facts.kinds, facts.daily) == (("Báo A",), ("press",), (1,))
    assert (facts.first_at, facts.last_at) == (NOON + HOUR, NOON + HOUR)
    assert (facts.hold, facts.open_case, facts.last_closed_case) == (None, None, None)


def test_copies_are_no_independent_voice(database: Sessions) -> None:
    with database.begin() as session:
        kept = [
            item(1),
            item(2, source_id="bao-b", outlet="Báo B", external_id="b"),
            item(3, source_id="trang", outlet="Trang C", kind="fanpage", external_id="c"),
        ]
        stored = items.by_ids(session, items.keep(session, kept).new)
        readings.save(session, [(one, reading()) for one in stored.values()], MARKS)
        one, two, three = events.ungrouped(session, 9)
        joins = [join(one), join(two, one.id, copy_of=one.id), join(three, one.id)]
        events.save_joins(session, joins, NOON)
        (facts,) = triage.unassessed(session, 9)
    assert (facts.outlets, facts.kinds, facts.items) == (
        ("Báo A", "Trang C"),
        ("fanpage", "press"),
        3,
    )


def test_reports_that_agree_make_a_topic_surer_but_copies_do_not(database: Sessions) -> None:
    unsure = reading(topics=(TopicScore("environment", 0.5),))
    with database.begin() as session:
        kept = keep_some(session, range(3))
        readings.save(session, [(one, unsure) for one in kept], MARKS)
        one, two, three = events.ungrouped(session, 9)
        joins = [join(one), join(two, one.id), join(three, one.id, copy_of=one.id)]
        events.save_joins(session, joins, NOON)
        (facts,) = triage.unassessed(session, 9)
    assert (facts.topics, facts.topic_score) == (("environment",), 0.75)


def test_main_place_is_what_most_reports_mean(database: Sessions) -> None:
    elsewhere = Where(places=(place("28999@", "xã An Đức", 0.95),))
    with database.begin() as session:
        kept = keep_some(session, range(3))
        read = [(kept[0], reading(where=elsewhere)), *((one, reading()) for one in kept[1:])]
        readings.save(session, read, MARKS)
        first, *rest = events.ungrouped(session, 9)
        events.save_joins(session, [join(first), *(join(a, first.id) for a in rest)], NOON)
        (facts,) = triage.unassessed(session, 9)
    assert (facts.place, facts.places) == ("28756@", ("28756@", "28999@"))


def test_days_are_those_of_ho_chi_minh(database: Sessions) -> None:
    late = NOON.replace(hour=17, minute=30)  # 0:30 of the next day in Asia/Ho_Chi_Minh
    with database.begin() as session:
        kept = [
            item(1, published=NOON - 3 * DAY),
            item(2, published=NOON),
            item(3, published=late),
        ]
        stored = items.by_ids(session, items.keep(session, kept).new)
        readings.save(session, [(one, reading()) for one in stored.values()], MARKS)
        first, *rest = events.ungrouped(session, 9)
        events.save_joins(session, [join(first), *(join(a, first.id) for a in rest)], NOON)
        (facts,) = triage.unassessed(session, 9)
    assert facts.daily == (1, 1, 0, 0, 1)


def test_place_that_no_report_knows_is_held_with_its_candidates(database: Sessions) -> None:
    nowhere = Where(hold=Hold("hai nơi cùng tên", ("28756@", "28999@")))
    with database.begin() as session:
        one_event(session, [1], where=nowhere)
        (facts,) = triage.unassessed(session, 9)
    assert (facts.place, facts.hold) == (None, "hai nơi cùng tên")
    assert facts.candidates == ("28756@", "28999@")


def test_topics_of_half_the_reports_count_with_the_main_one(database: Sessions) -> None:
    two = (TopicScore("environment", 0.9), TopicScore("health", 0.7))
    with database.begin() as session:
        kept = keep_some(session, range(3))
        read = [(kept[0], reading(topics=two)), *((one, reading()) for one in kept[1:])]
        readings.save(session, read, MARKS)
        first, *rest = events.ungrouped(session, 9)
        events.save_joins(session, [join(first), *(join(a, first.id) for a in rest)], NOON)
        (facts,) = triage.unassessed(session, 9)
    assert facts.topics == ("environment",)


def test_assessed_event_waits_for_something_new(database: Sessions) -> None:
    with database.begin() as session:
        event = one_event(session, [1])
        (facts,) = triage.unassessed(session, 9)
        triage.save_assessment(session, facts, SCORE, VERDICT, ROUTING, NOON, "c1")
        assert triage.unassessed(session, 9) == []
        read_some(session, [2])
        (late,) = events.ungrouped(session, 9)
        events.save_joins(session, [join(late, event)], NOON)
        assert [one.items for one in triage.unassessed(session, 9)] == [2]


def test_item_that_joins_while_its_event_is_judged_is_not_overlooked(database: Sessions) -> None:
    with database.begin() as session:
        event = one_event(session, [5])
        (facts,) = triage.unassessed(session, 9)
        read_some(session, [1])  # older than what was judged, and newer to us
        (late,) = events.ungrouped(session, 9)
        events.save_joins(session, [join(late, event)], NOON)
        triage.save_assessment(session, facts, SCORE, VERDICT, ROUTING, NOON, "c1")
        assert [one.items for one in triage.unassessed(session, 9)] == [2]


def test_other_rules_make_recent_events_work_again(database: Sessions) -> None:
    with database.begin() as session:
        old, new = one_event(session, [1]), one_event(session, [90])
        for facts in triage.unassessed(session, 9):
            triage.save_assessment(session, facts, SCORE, VERDICT, ROUTING, NOON, "c1")
        assert triage.reconsider(session, "c1", NOON) == 0
        assert triage.reconsider(session, "c2", NOON + 10 * HOUR) == 1
        assert triage.reconsider(session, "c2", NOON + 10 * HOUR) == 0
        assert [one.event_id for one in triage.unassessed(session, 9)] == [new]
        assert old != new


def test_correction_makes_its_event_work_again_and_is_kept(database: Sessions) -> None:
    with database.begin() as session:
        event = one_event(session, [1])
        (facts,) = triage.unassessed(session, 9)
        triage.save_assessment(session, facts, SCORE, VERDICT, ROUTING, NOON, "c1")
        for value in (2, 3):
            labels.correct(session, labels.Label(event, "severity", value, "lan", NOON))
        labels.correct(session, labels.Label(event, "topics", ["health"], "lan", NOON))
        assert len(triage.unassessed(session, 9)) == 1
        assert labels.of_items(session, [event]) == {event: {"severity": 3, "topics": ["health"]}}
        assert [label.value for label in labels.all_labels(session)] == [
            2,
            3,
            ["health"],
        ]


@pytest.mark.parametrize(
    ("state", "open_case", "closed"),
    [
        (CaseState.PROPOSED, True, False),
        (CaseState.SENT, True, False),
        (CaseState.CLOSED, False, True),
        (CaseState.DISMISSED, False, False),
    ],
)
def test_facts_name_the_open_and_the_last_closed_case(
    database: Sessions, state: CaseState, open_case: bool, closed: bool
) -> None:
    from test_storage_cases import new_case

    with database.begin() as session:
        event = one_event(session, [1])
        number = cases.open_case(session, new_case(event))
        assert number is not None
        cases.change(session, number, state=state.value, closed_at=NOON)
        (facts,) = triage.unassessed(session, 9)
    assert facts.open_case == (number if open_case else None)
    assert facts.last_closed_case == (number if closed else None)
