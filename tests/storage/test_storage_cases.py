"""Cases, contacts and digests as they are kept."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

from sqlalchemy import Engine
from storage_samples import HOUR, NOON, ROUTING, SCORE, VERDICT, notice, one_event

from storage import cases, contacts, digests, outbox, triage
from storage.cases import NewCase
from storage.db import Sessions, sessions
from storage.digests import StoredDigest
from triage.case import CaseState, Deadlines, Veracity


def new_case(event: int, **over: Any) -> NewCase:
    values: dict[str, Any] = {
        "event_id": event,
        "episode": 1,
        "state": CaseState.PROPOSED,
        "title": "Bãi rác An Hiệp bốc mùi",
        "gist": "Người dân phản ánh mùi hôi.",
        "topics": ("environment",),
        "severity": 2,
        "place_key": "28756@",
        "place": "xã An Hiệp, huyện Ba Tri",
        "unit_id": "ubnd-huyen-ba-tri",
        "unit_name": "UBND huyện Ba Tri",
        "opened_at": NOON,
        "reasons": ("mức độ 2", "theo địa bàn"),
        "candidates": ("28756@",),
        "copies": ("so-tnmt",),
    }
    return NewCase(**(values | over))


def test_case_is_opened_once_for_each_outbreak(database: Sessions) -> None:
    with database.begin() as session:
        event = one_event(session, [1])
        first = cases.open_case(session, new_case(event))
        assert first is not None
        assert cases.open_case(session, new_case(event)) is None
        second = cases.open_case(session, new_case(event, episode=2, recurs_of=first))
        assert [case.brief.case_id for case in cases.find(session)] == [second, first]
        assert [case.brief.recurs_of for case in cases.find(session)] == [first, None]


def test_case_comes_back_as_it_was_opened(database: Sessions) -> None:
    with database.begin() as session:
        event = one_event(session, [1])
        number = cases.open_case(session, new_case(event))
        assert number is not None
        case = cases.get(session, number)
    assert case is not None
    brief = case.brief
    assert (brief.title, brief.place, brief.unit_name) == (
        "Bãi rác An Hiệp bốc mùi",
        "xã An Hiệp, huyện Ba Tri",
        "UBND huyện Ba Tri",
    )
    assert (brief.state, brief.veracity) == (CaseState.PROPOSED, Veracity.UNVERIFIED)
    assert (brief.why, brief.deadlines) == (("mức độ 2", "theo địa bàn"), None)
    assert (case.candidates, case.copies, case.outcome) == (("28756@",), ("so-tnmt",), None)


def test_cases_are_found_by_state_unit_and_event(database: Sessions) -> None:
    with database.begin() as session:
        one, two = one_event(session, [1]), one_event(session, [2])
        first = cases.open_case(session, new_case(one))
        second = cases.open_case(session, new_case(two, unit_id="ubnd-xa", state=CaseState.SENT))

        def ids(**which: Any) -> list[int]:
            return [case.brief.case_id for case in cases.find(session, **which)]

        assert ids(states=[CaseState.SENT]) == [second]
        assert ids(unit_id="ubnd-huyen-ba-tri") == [first]
        assert ids(events=[two]) == [second]
        assert ids(states=[CaseState.CLOSED]) == []


def test_history_of_a_case_tells_everything_in_order(database: Sessions) -> None:
    clocks = Deadlines(NOON + HOUR, NOON + 2 * HOUR, NOON + 3 * HOUR)
    with database.begin() as session:
        event = one_event(session, [1])
        number = cases.open_case(session, new_case(event), "lan")
        assert number is not None
        cases.set_deadlines(session, number, clocks)
        cases.entry(session, number, NOON + HOUR, "lan", "approved", "đúng", {"by": "mail"})
        outbox.queue(session, notice("k", case_ids=(number,)))
        story = cases.show(session, number)
        assert cases.show(session, 404) is None
    assert story is not None
    assert [(entry.seq, entry.who, entry.kind) for entry in story.entries] == [
        (1, "lan", "opened:proposed"),
        (2, "lan", "approved"),
    ]
    assert story.entries[1].data == {"by": "mail"}
    assert story.notices == (("k", "ubnd-ba-tri@example.vn", "queued", "<k@example.vn>"),)
    assert story.case.brief.deadlines == clocks


def test_of_two_who_answer_at_once_one_is_told(database: Sessions) -> None:
    with database.begin() as session:
        number = cases.open_case(session, new_case(one_event(session, [1])))
        assert number is not None
        before = [CaseState.PROPOSED]
        assert cases.transition(session, number, before, CaseState.APPROVED)
        assert not cases.transition(session, number, before, CaseState.DISMISSED)
        case = cases.get(session, number)
    assert case is not None
    assert case.brief.state is CaseState.APPROVED


def test_lines_written_at_once_all_stand_in_the_history(engine: Engine) -> None:
    made = sessions(engine)
    with made.begin() as session:
        number = cases.open_case(session, new_case(one_event(session, [1])))
    assert number is not None
    ready = threading.Barrier(6)

    def write(who: str) -> None:
        ready.wait()
        with made.begin() as session:
            cases.entry(session, number, NOON, who, "note", "")

    threads = [threading.Thread(target=write, args=(f"w{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with made() as session:
        story = cases.show(session, number)
    assert story is not None
    assert [entry.seq for entry in story.entries] == [1, 2, 3, 4, 5, 6, 7]


def test_contact_set_later_wins_and_an_empty_one_is_no_address(database: Sessions) -> None:
    with database.begin() as session:
        contacts.confirm(session, "xa-a", "old@example.vn", "thư", NOON)
        contacts.confirm(session, "xa-a", "new@example.vn", "điện thoại", NOON + HOUR)
        contacts.confirm(session, "xa-b", "", "bị trả lại", NOON)
        assert contacts.addresses(session) == {"xa-a": "new@example.vn", "xa-b": ""}


def test_digest_of_a_day_is_kept_once(database: Sessions) -> None:
    monday, tuesday = date(2026, 3, 2), date(2026, 3, 3)
    with database.begin() as session:
        event = one_event(session, [1])
        digest = StoredDigest(monday, NOON, {"new": [event]})
        assert digests.save(session, digest, [(event, "new", "f1")])
        assert not digests.save(session, digest, [(event, "changed", "f2")])
        assert digests.get(session, monday) == digest
        assert digests.get(session, tuesday) is None
        assert digests.told_before(session, [event], monday) == {}
        assert digests.told_before(session, [event], tuesday) == {event: "f1"}
        assert digests.last_before(session, monday) is None
        assert digests.last_before(session, tuesday) == NOON


def test_digest_looks_at_what_was_judged_since_and_at_live_cases(database: Sessions) -> None:
    with database.begin() as session:
        old, judged, live = (one_event(session, [number]) for number in (1, 2, 3))
        for facts in triage.unassessed(session, 9):
            at = NOON + HOUR if facts.event_id == judged else NOON - HOUR
            triage.save_assessment(session, facts, SCORE, VERDICT, ROUTING, at, "c1")
        cases.open_case(session, new_case(live))
        assert digests.candidates(session, NOON) == [judged, live]
        assert digests.candidates(session, None) == [old, judged, live]
        found = digests.assessed(session, [judged])[judged]
    assert (found.score, found.verdict, found.reasons) == (3.5, "mail", ("mức độ 2",))
    assert found.routing["lead"] == "ubnd-huyen-ba-tri"
