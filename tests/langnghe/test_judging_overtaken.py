"""What people do while an event is judged: nothing of it is lost, nor is it judged by what was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from kept_events import Clock, doubtful, installation, keep, reading
from sqlalchemy import Engine

from langnghe import judging
from langnghe.app import App
from langnghe.deciding import Actor, act
from langnghe.joining import join
from langnghe.judging import Judgement, judge_events, weigh
from storage import cases, labels, triage
from triage.act import Act, Kind

WHO = "analyst:lan"


@pytest.fixture
def app(engine: Engine, tmp_path: Path) -> App:
    url = engine.url.render_as_string(hide_password=False)
    return installation(tmp_path / "tinh", Clock(), url=url)


def meanwhile(monkeypatch: pytest.MonkeyPatch, done: Callable[[], object], times: int = 1) -> None:
    """Let a person do something just after an event was weighed, before that is kept."""
    left = [done] * times

    def weigh_slowly(*asked: object) -> Judgement:
        found = weigh(*asked)  # type: ignore[arg-type]
        if left:
            left.pop()()
        return found

    monkeypatch.setattr(judging, "weigh", weigh_slowly)


def correct(app: App, event: int, severity: int) -> None:
    with app.sessions.begin() as session:
        said = {"is_issue": True, "severity": severity}
        labels.say(session, [event, event + 1], said, WHO, app.clock())


def live(app: App) -> list[tuple[int, int]]:
    """Return (event, severity) of every open case."""
    with app.views() as session:
        found = cases.find(session, states=cases.LIVE)
    return [(case.brief.event_id, case.brief.severity) for case in found]


def waiting(app: App) -> list[int]:
    with app.views() as session:
        return [facts.event_id for facts in triage.unassessed(session, 9)]


def test_a_correction_during_judging_counts(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    event = keep(app, 1, doubtful())
    meanwhile(monkeypatch, lambda: correct(app, event, 3))

    report = judge_events(app)

    assert report.notes["overtaken"] == 1
    assert (live(app), waiting(app)) == ([(event, 3)], [])


def test_an_event_that_is_merged_during_judging_opens_no_case(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = keep(app, 1, reading())
    other = keep(app, 2, reading())

    def merge() -> None:
        with app.sessions.begin() as session:
            join(app, session, other, one, WHO)

    meanwhile(monkeypatch, merge)
    judge_events(app)

    assert (live(app), waiting(app)) == ([(other, 2)], [])


def test_a_case_that_is_dropped_during_judging_stays_dropped(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = keep(app, 1, reading())
    judge_events(app)
    correct(app, event, 3)

    def drop() -> None:
        with app.sessions.begin() as session:
            act(app, session, 1, Act(Kind.DISMISS, "đã xử lý", code="handled"), Actor(WHO))

    meanwhile(monkeypatch, drop)
    judge_events(app)

    with app.views() as session:
        story = cases.show(session, 1)
    assert story is not None
    assert (story.case.brief.severity, story.entries[-1].kind) == (2, "dismissed")
    assert waiting(app) == []


def test_an_event_that_changes_all_the_time_waits_for_the_next_round(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = keep(app, 1, doubtful())
    turns = iter([1, 2, 3])
    meanwhile(monkeypatch, lambda: correct(app, event, next(turns)), times=3)

    assert (judge_events(app).done, live(app), waiting(app)) == (0, [], [event])
    assert (judge_events(app).done, live(app), waiting(app)) == (1, [(event, 3)], [])
