"""One problem has one open case: a case that ended does not come back beside another."""

from __future__ import annotations

from pathlib import Path

import pytest
from kept_events import Clock, installation, keep, reading
from sqlalchemy import Engine

from langnghe.app import App
from langnghe.deciding import Actor, act
from langnghe.judging import judge_events
from storage import cases, merging
from triage.act import Act, Kind, MoveRefused

WHO = Actor("analyst:lan")
DROP = Act(Kind.DISMISS, "đã xử lý", code="handled")
BACK = [(Act(Kind.UNDO), "hoàn tác"), (Act(Kind.REOPEN, "xem lại"), "mở lại")]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(engine: Engine, tmp_path: Path, clock: Clock) -> App:
    url = engine.url.render_as_string(hide_password=False)
    return installation(tmp_path / "tinh", clock, url=url)


def do(app: App, clock: Clock, number: int, asked: Act) -> None:
    clock.forward(minutes=5)
    with app.sessions.begin() as session:
        act(app, session, number, asked, WHO)


def states(app: App) -> list[str]:
    with app.views() as session:
        return [case.brief.state.value for case in cases.find(session)][::-1]


def dropped_and_graver(app: App, clock: Clock) -> None:
    """Drop the case of an event, and let a graver report open a second one."""
    event = keep(app, 1, reading())
    judge_events(app)
    do(app, clock, 1, DROP)
    clock.forward(hours=1)
    keep(app, 2, reading(severity=3), into=event)
    judge_events(app)
    assert states(app) == ["dismissed", "approved"]


@pytest.mark.parametrize(("back", "words"), BACK)
def test_a_case_does_not_come_back_beside_the_one_that_followed_it(
    app: App, clock: Clock, back: Act, words: str
) -> None:
    dropped_and_graver(app, clock)

    refused = f"^Không thể {words}: sự việc này đã có vụ việc đang mở số 2.$"
    with pytest.raises(MoveRefused, match=refused):
        do(app, clock, 1, back)

    assert states(app) == ["dismissed", "approved"]
    do(app, clock, 2, DROP)
    do(app, clock, 1, back)
    assert (states(app)[0] != "dismissed", states(app)[1]) == (True, "dismissed")


@pytest.mark.parametrize(("back", "words"), BACK)
@pytest.mark.parametrize("dropped", [1, 2])
def test_nor_beside_the_case_of_an_event_that_is_one_with_its_own(
    app: App, clock: Clock, back: Act, words: str, dropped: int
) -> None:
    one, other = keep(app, 1, reading()), keep(app, 2, reading())
    judge_events(app)
    do(app, clock, dropped, DROP)
    with app.sessions.begin() as session:  # as the first releases merged: cases stayed behind
        merging.merge(session, one, other, WHO.who, clock())

    with pytest.raises(MoveRefused, match=f"Không thể {words}: .* đang mở số {3 - dropped}"):
        do(app, clock, dropped, back)


def test_what_is_undone_of_an_open_case_asks_for_no_other(app: App, clock: Clock) -> None:
    dropped_and_graver(app, clock)

    do(app, clock, 2, Act(Kind.CORRECT, severity=1))
    do(app, clock, 2, Act(Kind.UNDO))

    with app.views() as session:
        assert [case.brief.severity for case in cases.find(session)] == [3, 2]
