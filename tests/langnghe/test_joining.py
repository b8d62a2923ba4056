"""Two events that turn out to be one: one case goes on, the other ends as its double, and back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from mailroom import Clock, a_case

from config.settings import ZONE
from langnghe.app import App
from langnghe.joining import join, part
from storage import cases
from storage.cases import StoredCase

WHO = "analyst:lan"


@pytest.fixture
def office(tmp_path: Path) -> App:
    (tmp_path / "langnghe.toml").write_text('data_dir = "data"\n', "utf-8")
    return App(tmp_path, clock=Clock(datetime(2026, 3, 2, 9, tzinfo=ZONE)))


def case_of(app: App, number: int) -> StoredCase:
    with app.views() as session:
        found = cases.get(session, number)
    assert found is not None
    return found


def event_of(app: App, number: int) -> int:
    return case_of(app, number).brief.event_id


def states(app: App, *numbers: int) -> list[str]:
    return [case_of(app, number).brief.state.value for number in numbers]


@pytest.mark.parametrize("turned", [False, True])
def test_the_case_that_came_farther_goes_on(office: App, turned: bool) -> None:
    one, other = a_case(office, 1), a_case(office, 2)
    with office.sessions.begin() as session:
        cases.change(session, one, state="proposed")
        cases.change(session, other, state="sent")
    events = [event_of(office, number) for number in (one, other)]
    root, inner = reversed(events) if turned else events

    with office.sessions.begin() as session:
        join(office, session, root, inner, WHO)

    assert states(office, one, other) == ["dismissed", "sent"]
    with office.views() as session:
        story = cases.show(session, one)
    assert story is not None
    assert story.entries[-1].text == f"Gộp vào vụ việc số {other}"
    assert story.entries[-1].data["code"] == "duplicate"

    with office.sessions.begin() as session:
        part(office, session, root, inner, WHO)
    assert states(office, one, other) == ["proposed", "sent"]


def test_what_a_unit_was_told_is_not_taken_back_by_the_machine(office: App) -> None:
    one, other = a_case(office, 1), a_case(office, 2)
    root, inner = event_of(office, one), event_of(office, other)
    with office.sessions.begin() as session:
        for number in (one, other):
            cases.change(session, number, state="sent")
        join(office, session, root, inner, WHO)
        cases.entry(session, other, office.clock(), "machine", "closing_sent", "withdrawn", {})
        part(office, session, root, inner, WHO)

    assert states(office, one, other) == ["sent", "dismissed"]


def test_events_with_one_case_between_them_change_none(office: App) -> None:
    one, other = a_case(office, 1), a_case(office, 2)
    root, inner = event_of(office, one), event_of(office, other)
    with office.sessions.begin() as session:
        cases.change(session, one, state="dismissed")
        before = len(cases.show(session, one).entries)  # type: ignore[union-attr]
        join(office, session, root, inner, WHO)
        part(office, session, root, inner, WHO)
        assert len(cases.show(session, one).entries) == before  # type: ignore[union-attr]

    assert states(office, one)[0] == "dismissed"
    assert states(office, other)[0] != "dismissed"
