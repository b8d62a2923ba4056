"""What triage makes of events that people put together: one problem keeps one case."""

from __future__ import annotations

from pathlib import Path

import pytest
from kept_events import Clock, installation, keep, reading

from langnghe.app import App
from langnghe.correspond import correspond
from langnghe.deciding import Actor, act
from langnghe.joining import join, part
from langnghe.judging import judge_events
from storage import cases, events, merging
from storage.cases import LIVE, CaseStory, StoredCase
from triage.act import Act, Kind

WHO = "analyst:lan"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(tmp_path: Path, clock: Clock, sqlite_template: Path) -> App:
    return installation(tmp_path / "tinh", clock, sqlite_template)


def all_cases(app: App) -> list[StoredCase]:
    """Return every case, oldest first."""
    with app.views() as session:
        return cases.find(session)[::-1]


def story(app: App, number: int) -> CaseStory:
    with app.views() as session:
        found = cases.show(session, number)
    assert found is not None
    return found


def lines(app: App, number: int) -> list[tuple[str, str]]:
    return [(line.kind, line.text) for line in story(app, number).entries]


def put_together(app: App, event: int, other: int) -> None:
    with app.sessions.begin() as session:
        join(app, session, event, other, WHO)


def take_apart(app: App, event: int, other: int) -> None:
    with app.sessions.begin() as session:
        part(app, session, event, other, WHO)


def two_events(app: App, clock: Clock) -> tuple[int, int]:
    """Keep an event too slight for a case and one with a case, and judge both."""
    slight = keep(app, 1, reading(severity=1))
    grave = keep(app, 2, reading())
    judge_events(app)
    clock.forward(hours=1)
    assert [one.brief.event_id for one in all_cases(app)] == [grave]
    return slight, grave


def test_the_case_of_an_event_that_was_merged_goes_on(app: App, clock: Clock) -> None:
    slight, grave = two_events(app, clock)

    put_together(app, slight, grave)
    report = judge_events(app)
    clock.forward(hours=1)
    keep(app, 3, reading(), into=grave)
    judge_events(app)

    assert report.notes["case_attach"] == 1
    (case,) = all_cases(app)
    assert case.brief.event_id == slight
    told = lines(app, case.brief.case_id)[1:]
    joined = ("event_joined", f"Sự việc số {grave} được gộp vào sự việc số {slight}")
    assert told == [joined, ("evidence", "Việc số 3")]


def test_the_unit_hears_of_the_reports_that_a_merge_brings(app: App, clock: Clock) -> None:
    slight, grave = two_events(app, clock)
    correspond(app, "r1")
    (case,) = all_cases(app)
    number = case.brief.case_id
    first = story(app, number).entries[-1]
    assert (first.kind, first.data["items"]) == ("sent", [grave, grave + 1])

    put_together(app, slight, grave)
    judge_events(app)
    correspond(app, "r2")

    news = story(app, number).entries[-1]
    assert (news.kind, news.data["items"]) == ("evidence_sent", [slight, slight + 1])


def test_of_two_cases_the_kept_one_hears_the_news_of_both_events(app: App, clock: Clock) -> None:
    one, other = keep(app, 1, reading()), keep(app, 2, reading())
    judge_events(app)
    clock.forward(hours=1)
    with app.sessions.begin() as session:  # the one of the event that is merged came farther
        cases.change(session, 2, state="sent")
    put_together(app, one, other)
    judge_events(app)
    clock.forward(hours=1)
    keep(app, 3, reading(), into=one)
    judge_events(app)

    assert [(case.brief.event_id, case.brief.state.value) for case in all_cases(app)] == [
        (one, "dismissed"),
        (one, "sent"),
    ]
    assert lines(app, 2)[-1] == ("evidence", "Việc số 3")

    take_apart(app, one, other)
    judge_events(app)
    assert [(case.brief.event_id, case.brief.state.value) for case in all_cases(app)] == [
        (one, "approved"),
        (other, "sent"),
    ]


def test_taken_apart_each_event_has_its_case_and_opens_no_other(app: App, clock: Clock) -> None:
    slight, grave = two_events(app, clock)
    put_together(app, slight, grave)
    judge_events(app)
    clock.forward(hours=1)

    take_apart(app, slight, grave)
    judge_events(app)

    (case,) = all_cases(app)
    assert case.brief.event_id == grave
    assert lines(app, case.brief.case_id)[-1] == (
        "event_parted",
        f"Sự việc số {grave} được tách khỏi sự việc số {slight}",
    )


def test_a_case_goes_through_two_merges_and_home_again(app: App, clock: Clock) -> None:
    slight, grave = two_events(app, clock)
    third = keep(app, 3, reading(severity=1))
    put_together(app, slight, grave)
    put_together(app, third, slight)
    seen = [all_cases(app)[0].brief.event_id]
    take_apart(app, third, slight)
    seen.append(all_cases(app)[0].brief.event_id)
    put_together(app, third, slight)
    take_apart(app, third, grave)
    seen.append(all_cases(app)[0].brief.event_id)
    judge_events(app)

    assert seen == [third, slight, grave]
    assert len(all_cases(app)) == 1


def test_an_outbreak_after_a_merge_gets_its_case_also_when_events_were_parted(
    app: App, clock: Clock
) -> None:
    one, other = keep(app, 1, reading()), keep(app, 2, reading())
    judge_events(app)
    for number in (1, 2):
        with app.sessions.begin() as session:
            dropped = Act(Kind.DISMISS, "đã xử lý", code="handled")
            act(app, session, number, dropped, Actor(WHO))
    put_together(app, one, other)
    for weeks in (10, 20):
        clock.forward(days=7 * weeks)
        keep(app, weeks, reading(), into=one)
        judge_events(app)
        newest = [case for case in all_cases(app) if case.brief.event_id == one][-1]
        assert newest.brief.state.value == "approved"
        with app.sessions.begin() as session:
            act(app, session, newest.brief.case_id, dropped, Actor(WHO))
        if weeks == 10:
            take_apart(app, one, other)

    mine = [case.episode for case in all_cases(app) if case.brief.event_id == one]
    assert mine == [1, 3, 4]  # the second is the one that went home again


def test_a_case_that_an_older_release_left_on_a_merged_event_is_found(
    app: App, clock: Clock
) -> None:
    slight, grave = two_events(app, clock)
    with app.sessions.begin() as session:
        merging.merge(session, slight, grave, WHO, app.clock())
        assert events.count(session) == 1

    judge_events(app)

    assert [case.brief.state in LIVE for case in all_cases(app)] == [True]
