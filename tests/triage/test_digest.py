"""The digest as data: every event once, in the section where it belongs, in a fixed order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import chain, product

import pytest
from triage_samples import (
    ALL,
    CLOCKS,
    CLOSED,
    COUNTED,
    HELD,
    LATE,
    MOVED,
    NEW,
    NOW,
    OPEN,
    SLIGHT,
    TOLD,
    at,
    digest,
)

from triage.assemble import changes, fingerprint
from triage.case import CaseState, Veracity
from triage.digest import Due, Link, Section, Tally, next_due


def placed(data):
    return {
        section.value: [entry.event_id for entry in entries]
        for section, entries in data.sections()
        if entries
    }


def test_each_event_stands_in_its_section():
    data = digest()

    assert placed(data) == {
        "overdue": [1],
        "new": [2],
        "waiting": [3],
        "changed": [7],
        "resolved": [5],
        "carried": [4],
    }
    assert data.below_floor == 1
    assert data.counted_only == (Tally(COUNTED.topics[0].name, 1),)


def test_no_event_stands_twice_whatever_its_state():
    states = (None, *CaseState)
    entries = [
        replace(LATE, event_id=event, case_id=case, state=state, hold=hold, score=5)
        for event, (state, hold) in enumerate(product(states, ("", "chưa rõ địa bàn")))
        for case in (1, 2)
    ]
    told = {event: fingerprint(replace(LATE, state=CaseState.SENT)) for event in range(0, 99, 2)}

    data = digest(*entries, told=told)

    counted = Counter(chain.from_iterable(placed(data).values()))
    assert set(counted.values()) == {1}
    assert sorted(dict(data.told)) == sorted(counted)


def test_the_open_case_of_an_event_is_told_and_not_the_closed_one():
    old = replace(CLOSED, event_id=1, case_id=4)

    data = digest(LATE, old, told={})

    assert placed(data) == {"overdue": [1]}
    assert data.overdue[0].case_id == 12


def test_what_was_told_and_did_not_change_is_not_told_again():
    data = digest(NEW, CLOSED, COUNTED, told={e.event_id: fingerprint(e) for e in ALL})

    assert placed(data) == {}
    assert data.counted_only == ()
    assert data.quiet
    assert data.headline == "không có sự việc mới đáng nêu"


def test_an_open_case_without_news_is_carried_and_still_makes_a_quiet_day():
    data = digest(OPEN)

    assert placed(data) == {"carried": [4]}
    assert data.quiet


def test_a_new_event_below_the_floor_is_counted_unless_it_is_a_case():
    data = digest(SLIGHT, replace(SLIGHT, event_id=9, case_id=3, state=CaseState.APPROVED))

    assert placed(data) == {"new": [9]}
    assert data.below_floor == 1
    assert dict(data.told).keys() == {9}


def test_a_dismissed_case_is_told_once_and_only_to_those_who_heard_of_it():
    dismissed = replace(LATE, state=CaseState.DISMISSED)

    assert placed(digest(dismissed, told={})) == {}
    assert placed(digest(dismissed)) == {"changed": [1]}
    assert placed(digest(dismissed, told={1: fingerprint(dismissed)})) == {}


def test_entries_are_completed_with_what_changed_and_how_late():
    data = digest()

    assert data.overdue[0].late == Due("báo đã tiếp nhận", CLOCKS.acknowledge)
    assert data.new[0].first_told
    assert data.changed[0].changes == (
        "đơn vị đã trả lời",
        "đã xác minh: đúng một phần",
        "thêm 2 nguồn độc lập, nay 4",
    )
    assert not data.changed[0].first_told


def test_the_weightiest_comes_first_and_the_order_of_input_does_not_matter():
    entries = [replace(NEW, event_id=n, score=score) for n, score in enumerate((3, 9, 9, 5))]

    forwards, backwards = digest(*entries, told={}), digest(*reversed(entries), told={})

    assert placed(forwards) == {"new": [1, 2, 3, 0]}
    assert forwards == backwards


def test_among_the_overdue_the_gravest_then_the_longest_late_comes_first():
    earlier = replace(CLOCKS, acknowledge=at(19))
    entries = (
        replace(LATE, event_id=1, severity=2),
        replace(LATE, event_id=2, severity=2, deadlines=earlier),
        replace(LATE, event_id=3, severity=3),
    )

    assert placed(digest(*entries)) == {"overdue": [3, 2, 1]}


def test_tallies_count_living_events_by_unit_and_topic():
    data = digest()

    assert data.by_unit == (
        Tally("UBND huyện Châu Thành", 2),
        Tally("Chưa rõ đơn vị", 1),
        Tally("UBND huyện Ba Tri", 1, 1),
        Tally("UBND thành phố Bến Tre", 1),
    )
    assert data.by_topic == (
        Tally("Giao thông, cầu đường, điện, nước sạch", 3),
        Tally("Rác thải, vệ sinh môi trường", 2, 1),
        Tally("Giải phóng mặt bằng, bồi thường, tái định cư", 1),
    )


def test_told_remembers_what_the_next_digest_needs():
    first = digest(*ALL, told={})

    second = digest(*ALL, told=dict(first.told))

    assert placed(second) == {"overdue": [1], "waiting": [3], "carried": [7, 4]}


@pytest.mark.parametrize(
    ("state", "what", "when"),
    [
        (CaseState.SENT, "báo đã tiếp nhận", CLOCKS.acknowledge),
        (CaseState.ACKNOWLEDGED, "trả lời kết quả xác minh", CLOCKS.verify),
        (CaseState.ANSWERED, "báo cáo kết quả cuối cùng", CLOCKS.final),
    ],
)
def test_the_running_clock_follows_the_state(state, what, when):
    assert next_due(state, CLOCKS) == Due(what, when)
    assert next_due(state, None) is None


@pytest.mark.parametrize("state", [CaseState.PROPOSED, CaseState.APPROVED, CaseState.CLOSED])
def test_a_unit_owes_nothing_before_it_was_asked_and_after_the_end(state):
    assert next_due(state, CLOCKS) is None


def test_younger_clock_never_hides_a_longer_delay() -> None:
    clocks = replace(CLOCKS, verify=CLOCKS.acknowledge - timedelta(days=20))
    found = next_due(CaseState.SENT, clocks)
    assert found == Due("trả lời kết quả xác minh", clocks.verify)
    early = replace(CLOCKS, final=CLOCKS.acknowledge - timedelta(days=1))
    assert next_due(CaseState.ACKNOWLEDGED, early) == Due("báo cáo kết quả cuối cùng", early.final)


def test_a_clock_that_ends_now_is_not_overdue():
    due_now = replace(LATE, deadlines=replace(CLOCKS, acknowledge=NOW))

    assert placed(digest(due_now)) == {"carried": [1]}


def test_changes_are_told_in_words():
    before = fingerprint(replace(OPEN, case_id=None, state=None, severity=2, unit_name="Khác"))

    assert changes(before, replace(OPEN, veracity=Veracity.CHECKING)) == (
        "lập vụ việc",
        "theo phản ánh, đang xác minh",
        "mức độ nay là “nhỏ lẻ”",
        "chuyển đơn vị: Khác → UBND thành phố Bến Tre",
    )
    assert changes(fingerprint(replace(OPEN, case_id=2)), OPEN) == (
        "bùng phát lại, lập vụ việc mới",
    )


@pytest.mark.parametrize("broken", ["", "{", "[]", "null", "{}", '"x"'])
def test_a_fingerprint_that_cannot_be_read_says_nothing_changed(broken):
    assert changes(broken, MOVED) == ()


def test_fewer_sources_than_before_are_no_news():
    assert changes(fingerprint(replace(MOVED, outlets=9)), MOVED) == ()


def test_sections_are_in_the_order_of_need():
    assert [section for section, _ in digest(HELD).sections()] == [
        Section.OVERDUE,
        Section.NEW,
        Section.WAITING,
        Section.CHANGED,
        Section.RESOLVED,
        Section.CARRIED,
    ]


def test_a_closed_case_whose_earlier_telling_is_lost_is_told():
    assert placed(digest(CLOSED, told={5: ""})) == {"resolved": [5]}
    assert placed(digest(CLOSED, told=TOLD)) == {"resolved": [5]}


def test_only_web_addresses_become_links():
    assert Link("Báo", "Tin", "javascript:alert(1)").href == ""
    assert Link("Báo", "Tin", "https://bao.example/a").href == "https://bao.example/a"
