"""What reports are made of, on either database."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from storage_samples import (
    HOUR,
    MARKS,
    NOON,
    ROUTING,
    SCORE,
    VERDICT,
    keep_some,
    one_event,
    place,
    reading,
)

from nlp.reading import Where
from storage import cases, digests, events, merging, readings, reporting, triage
from storage.cases import NewCase
from storage.db import Session, Sessions
from storage.digests import StoredDigest
from storage.models import CommitmentRow
from triage.case import CaseOutcome, CaseState, Deadlines, Veracity
from triage.facts import Verdict

DAY = timedelta(days=1)


def opened(session: Session, event: int, at: datetime, **over: Any) -> int:
    values: dict[str, Any] = {
        "event_id": event,
        "episode": 1,
        "state": CaseState.APPROVED,
        "title": "Rác ùn ở chợ",
        "gist": "Rác không ai gom.",
        "topics": ("waste",),
        "severity": 2,
        "place_key": None,
        "place": "xã An Hiệp",
        "unit_id": "ubnd-xa-an-hiep",
        "unit_name": "UBND xã An Hiệp",
        "opened_at": at,
    }
    number = cases.open_case(session, NewCase(**(values | over)))
    assert number is not None
    return number


def promised(session: Session, case: int, due: date, state: str = "open") -> None:
    row = CommitmentRow(
        case_id=case, kind="promise", text="gom rác", by="unit:ubnd-xa-an-hiep", members=[],
        made_at=NOON, due=due, state=state, note="",
    )  # fmt: skip
    session.add(row)
    session.flush()


def assess(session: Session, verdict: Verdict = VERDICT) -> None:
    for facts in triage.unassessed(session, 9):
        triage.save_assessment(session, facts, SCORE, verdict, ROUTING, NOON, "c1")


def test_a_case_is_told_with_all_its_stations(database: Sessions) -> None:
    clocks = Deadlines(NOON + DAY, NOON + 2 * DAY, NOON + 3 * DAY)
    with database.begin() as session:
        number = opened(session, one_event(session, [1]), NOON)
        cases.set_deadlines(session, number, clocks)
        cases.change(
            session,
            number,
            state="closed",
            outcome="fixed",
            veracity="partly",
            proposed_veracity="true",
            sent_at=NOON,
            acknowledged_at=NOON + HOUR,
            answered_at=NOON + DAY,
            closed_at=NOON + 2 * DAY,
            returned=1,
            reminded=2,
            escalated=1,
            statement="Đã gom.",
        )
    with database() as session:
        found = reporting.records(session, [number, 99])
    record = found.pop(number)
    assert found == {}
    assert (record.state, record.outcome) == (CaseState.CLOSED, CaseOutcome.FIXED)
    assert (record.veracity, record.proposed) == (Veracity.PARTLY, Veracity.TRUE)
    assert (record.sent_at, record.acknowledged_at) == (NOON, NOON + HOUR)
    assert (record.answered_at, record.closed_at) == (NOON + DAY, NOON + 2 * DAY)
    assert record.deadlines == clocks
    assert (record.returned, record.reminded, record.escalated) == (1, 2, 1)


def test_cases_alive_in_a_period(database: Sessions) -> None:
    start, end = NOON, NOON + 10 * DAY
    with database.begin() as session:
        numbers = [one_event(session, [n]) for n in range(1, 6)]
        before = opened(session, numbers[0], start - DAY)
        over = opened(session, numbers[1], start - DAY)
        ended = opened(session, numbers[2], start - DAY)
        new = opened(session, numbers[3], end - DAY)
        opened(session, numbers[4], end)
        cases.change(session, over, state="closed", closed_at=start - HOUR)
        cases.change(session, ended, state="closed", closed_at=start)
    with database() as session:
        alive = [case.case_id for case in reporting.records_between(session, start, end)]
        begun = [case.case_id for case in reporting.records_opened(session, start, end)]
        live = [case.case_id for case in reporting.live_records(session)]
    assert alive == [before, ended, new]
    assert begun == [new]
    assert over not in live
    assert len(live) == 3


def test_commitments_by_case_day_and_state(database: Sessions) -> None:
    first, last = date(2026, 3, 5), date(2026, 3, 9)
    with database.begin() as session:
        one = opened(session, one_event(session, [1]), NOON)
        other = opened(session, one_event(session, [2]), NOON)
        promised(session, one, last)
        promised(session, one, first, "kept")
        promised(session, other, first, "late")
    with database() as session:
        every = reporting.commitments(session)
        early = reporting.commitments(session, due_to=first)
        late = reporting.commitments(session, due_from=last)
        pending = reporting.commitments(session, case_ids=[one], pending=True)
    assert [(found.case_id, found.due) for found in every] == [
        (one, first),
        (other, first),
        (one, last),
    ]
    assert [found.state for found in early] == ["kept", "late"]
    assert [found.due for found in late] == [last]
    assert [found.state for found in pending] == ["open"]
    assert [found.late_on(date(2026, 3, 8)) for found in every] == [False, True, False]


def test_places_that_were_spoken_of(database: Sessions) -> None:
    elsewhere = reading(where=Where(places=(place("28999@", "xã An Đức"), place())))
    with database.begin() as session:
        early, late = keep_some(session, [1, 50])
        readings.save(session, [(early, elsewhere), (late, reading())], MARKS)
    with database() as session:
        whole = reporting.places_heard(session, NOON, NOON + 9 * DAY)
        second = reporting.places_heard(session, NOON + DAY, NOON + 9 * DAY)
        none = reporting.places_heard(session, NOON + 9 * DAY, NOON + 10 * DAY)
    assert (whole, second, none) == ({"28999@", "28756@"}, {"28756@"}, set())


def test_items_and_events_of_a_period(database: Sessions) -> None:
    with database.begin() as session:
        event = one_event(session, [1, 2])
        assess(session)
        keep_some(session, [30])
    with database() as session:
        read = list(reporting.items_read(session, NOON, NOON + DAY))
        all_read = list(reporting.items_read(session, NOON, NOON + 9 * DAY))
        by_source = reporting.items_by_source(session, NOON, NOON + 9 * DAY)
        active = reporting.events_active(session, NOON, NOON + DAY)
        begun = reporting.events_begun(session, NOON, NOON + DAY)
        later = reporting.events_active(session, NOON + DAY, NOON + 9 * DAY)
    assert [(one.title, one.event_id, one.is_issue) for one in read] == [
        ("Tin số 1", event, True),
        ("Tin số 2", event, True),
    ]
    assert (read[0].topics, read[0].places) == (("environment",), ("28756@",))
    assert (all_read[-1].event_id, all_read[-1].is_issue, all_read[-1].topics) == (None, False, ())
    assert by_source == {"bao-a": 3}
    assert (active, begun, later) == ([event], 1, [])


def test_what_is_of_no_concern_is_no_event_of_the_report(database: Sessions) -> None:
    with database.begin() as session:
        one_event(session, [1])
        assess(session, Verdict("nothing", ()))
    with database() as session:
        assert reporting.events_active(session, NOON, NOON + DAY) == []
        assert reporting.events_begun(session, NOON, NOON + DAY) == 0


def test_a_merged_event_names_the_one_it_is_part_of(database: Sessions) -> None:
    with database.begin() as session:
        one, other = one_event(session, [1]), one_event(session, [2])
        merging.merge(session, one, other, "analyst:x", NOON)
    with database() as session:
        assert reporting.roots(session, [one, other]) == {other: one}


def test_an_event_is_renamed(database: Sessions) -> None:
    with database.begin() as session:
        event = one_event(session, [1])
        events.rename(session, event, "Tên khác")
        (facts,) = triage.facts(session, [event])
    assert facts.title == "Tên khác"


def test_digests_of_a_month_and_the_one_a_week_before(database: Sessions) -> None:
    days = [date(2026, 3, n) for n in (2, 8, 10)]
    with database.begin() as session:
        for day in days:
            data = {"coverage": {"expected": 9, "seen": day.day}}
            digests.save(session, StoredDigest(day, NOON, data), [])
    with database() as session:
        stated = reporting.coverage_between(session, days[0], days[1])
        near = digests.near(session, date(2026, 3, 9), 2)
        none = digests.near(session, date(2026, 3, 7), 2)
    assert [one["seen"] for one in stated] == [2, 8]
    assert near is not None
    assert near.day == days[1]
    assert none is None
