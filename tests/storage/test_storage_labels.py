"""What people said of items: the last word counts, and stands over what was read."""

from __future__ import annotations

from datetime import timedelta

from storage_samples import HOUR, MARKS, NOON, join, keep_some, one_event, place, reading

from nlp.reading import Hold, Where
from storage import events, labels, readings, triage
from storage.db import Sessions

NAMES = {
    "key": "28999@",
    "name": "xã An Đức",
    "level": "commune",
    "province": "tỉnh Bến Tre",
    "district": "huyện Ba Tri",
    "commune": "xã An Đức",
}


def test_the_same_word_is_kept_once_and_taken_back_to_the_one_before(database: Sessions) -> None:
    with database.begin() as session:
        (item,) = (one.id for one in keep_some(session, [1]))
        assert labels.say(session, [item], {"severity": 1}, "lan", NOON) == 1
        assert labels.say(session, [item], {"severity": 1}, "mai", NOON + HOUR) == 0
        assert labels.say(session, [item], {"severity": 3}, "mai", NOON + HOUR) == 1
        at = NOON + 2 * HOUR
        assert labels.take_back(session, [item], ("lan", NOON), "an", at) == 0
        assert labels.of_items(session, [item]) == {item: {"severity": 3}}
        assert labels.take_back(session, [item], ("mai", NOON + HOUR), "an", at) == 1
        assert labels.of_items(session, [item]) == {item: {"severity": 1}}
        assert [one.value for one in labels.all_labels(session)] == [1, 3, 1]
        assert labels.take_back(session, [item], ("lan", NOON), "an", at + HOUR) == 1
        assert labels.of_items(session, [item]) == {}
        assert labels.take_back(session, [item], ("lan", NOON), "an", at + 2 * HOUR) == 0


def test_what_a_person_calls_an_issue_waits_for_grouping_and_back(database: Sessions) -> None:
    with database.begin() as session:
        kept = keep_some(session, [1])
        nothing = reading(is_issue=False, severity=0, issue_score=0.1, flags=("speech",))
        readings.save(session, [(kept[0], nothing)], MARKS)
        assert events.ungrouped(session, 9) == []
        labels.say(session, [kept[0].id], {"is_issue": True}, "lan", NOON)
        assert [one.id for one in events.ungrouped(session, 9)] == [kept[0].id]
        found = readings.by_items(session, [kept[0].id])[kept[0].id]
        assert (found.is_issue, found.issue_score, found.severity, found.flags) == (
            True,
            1.0,
            1,
            (),
        )
        readings.save(session, [(kept[0], nothing)], MARKS)  # the reader still thinks so
        assert [one.id for one in events.ungrouped(session, 9)] == [kept[0].id]
        labels.take_back(session, [kept[0].id], ("lan", NOON), "lan", NOON + HOUR)
        assert events.ungrouped(session, 9) == []


def test_a_word_about_a_grouped_item_does_not_group_it_again(database: Sessions) -> None:
    with database.begin() as session:
        event = one_event(session, [1])
        labels.say(session, [event], {"is_issue": True}, "lan", NOON)
        assert events.ungrouped(session, 9) == []


def test_a_persons_words_stand_over_the_reading_with_their_reason() -> None:
    where = Where(places=(place(),), hold=Hold("hai nơi cùng tên"))
    read = reading(where=where, hold=Hold("hai nơi cùng tên"))

    found = labels.over(read, {"topics": ["health", "waste"], "severity": 3, "place": NAMES})

    assert [(one.topic, one.score) for one in found.topics] == [("health", 1.0), ("waste", 1.0)]
    assert (found.severity, found.hold, found.where.hold) == (3, None, None)
    assert [(one.key, one.score) for one in found.where.places] == [("28999@", 1.0)]
    assert labels.says(found, "topic")
    assert labels.says(found, "place")
    assert not labels.says(found, "issue")
    assert labels.over(read, {}) is read


def test_no_issue_has_no_severity_whatever_was_said_of_it() -> None:
    found = labels.over(reading(), {"severity": 3, "is_issue": False})

    assert (found.is_issue, found.issue_score, found.severity) == (False, 0.0, 0)


def test_facts_keep_the_place_that_people_named_over_all_other_reports(database: Sessions) -> None:
    with database.begin() as session:
        event = one_event(session, range(3))
        labels.say(session, [event], {"place": NAMES, "topics": ["health"]}, "lan", NOON)
        (facts,) = triage.facts(session, [event])
    assert (facts.place, facts.places, facts.place_score) == ("28999@", ("28999@",), 1.0)
    assert (facts.topics, facts.elsewhere) == (("health",), False)


def test_facts_can_be_asked_with_other_readings(database: Sessions) -> None:
    with database.begin() as session:
        event = one_event(session, [1])
        other = {event: reading(severity=3), 99: reading()}
        assert [one.severity for one in triage.facts(session, [event], other)] == [3]
        labels.say(session, [event], {"severity": 1}, "lan", NOON + timedelta(days=1))
        assert [one.severity for one in triage.facts(session, [event], other)] == [1]
        assert [one.severity for one in triage.facts(session, [event])] == [1]


def test_the_newest_item_that_was_judged(database: Sessions) -> None:
    from storage_samples import ROUTING, SCORE, VERDICT

    with database.begin() as session:
        event = one_event(session, [1])
        assert triage.last_judged(session, event) == 0
        (facts,) = triage.facts(session, [event])
        triage.save_assessment(session, facts, SCORE, VERDICT, ROUTING, NOON, "c")
        assert triage.last_judged(session, event) == event
        kept = keep_some(session, [2])
        readings.save(session, [(kept[0], reading())], MARKS)
        (arrival,) = events.ungrouped(session, 9)
        events.save_joins(session, [join(arrival, event)], NOON)
        assert triage.last_judged(session, event) == event
