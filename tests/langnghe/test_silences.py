"""What keeps events quiet, and what wakes them: silences, great cases, and doubtful reports."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from kept_events import AN_DUC, AN_HIEP, BA_TRI, NOON, Clock, doubtful, installation, keep, reading
from typer.testing import CliRunner, Result

from config.settings import ZONE
from langnghe.app import App
from langnghe.cli import app as command
from langnghe.cli import silence as silence_commands
from langnghe.correspond import correspond
from langnghe.deciding import Actor, act
from langnghe.judging import judge_events
from langnghe.opening import NotOpened, open_by_hand
from langnghe.telling import build
from nlp.reading import TopicScore
from storage import cases, digests, outbox, silences
from storage.cases import StoredCase
from triage.act import Act, Kind
from triage.case import CaseOutcome, CaseState, Veracity
from triage.policy import UNCONFIRMED


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(tmp_path: Path, clock: Clock, sqlite_template: Path) -> App:
    return installation(tmp_path / "tinh", clock, sqlite_template)


def call(folder: Path | None, *words: str) -> Result:
    return CliRunner().invoke(command, ["-c", str(folder), *words])


def verdict(app: App, event: int) -> tuple[str, tuple[str, ...]]:
    with app.views() as session:
        found = digests.assessed(session, [event])[event]
    return found.verdict, found.reasons


def cases_of(app: App, event: int) -> list[StoredCase]:
    with app.views() as session:
        return cases.find(session, events=[event])


def silence(app: App, hours: float = 24, **about: Any) -> int:
    now = app.clock()
    with app.sessions.begin() as session:
        return silences.add(
            session, author="analyst:truc", reason="đã họp với huyện", at=now,
            until=now + timedelta(hours=hours), **about,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("about", "quiet"),
    [
        ({"topics": ["waste"]}, True),
        ({"places": [AN_HIEP]}, True),
        ({"places": [BA_TRI]}, True),
        ({"places": [BA_TRI], "topics": ["health"]}, False),
        ({"places": [AN_DUC]}, False),
    ],
)
def test_a_silenced_event_makes_no_case_and_is_judged_again_when_the_silence_ends(
    app: App, clock: Clock, about: dict[str, Any], quiet: bool
) -> None:
    event = keep(app, 1, reading())
    silence(app, **about)

    judge_events(app)
    before = len(cases_of(app, event))
    clock.forward(hours=23)
    judge_events(app)
    still = len(cases_of(app, event))
    clock.forward(hours=1)
    judge_events(app)

    expected = (0, 0, 1) if quiet else (1, 1, 1)
    assert (before, still, len(cases_of(app, event))) == expected
    assert verdict(app, event)[0] == "mail"


def test_a_silence_that_ran_out_wakes_its_events_once(app: App, clock: Clock) -> None:
    keep(app, 1, reading())
    number = silence(app, topics=["waste"])
    judge_events(app)
    clock.forward(days=2)

    woken = [judge_events(app).notes.get("woken", 0) for _ in range(3)]

    assert woken == [1, 0, 0]
    with app.views() as session:
        ended = silences.every(session)[0]
    assert (ended.silence_id, ended.ended_by) == (number, silences.TIME)
    assert ended.ended_at == NOON + timedelta(days=1)


def test_an_event_that_another_rule_kept_out_is_not_woken(app: App, clock: Clock) -> None:
    slight = keep(app, 1, reading(severity=1))
    judge_events(app)
    silence(app, topics=["waste"])
    clock.forward(days=2)

    assert "woken" not in judge_events(app).notes
    assert verdict(app, slight)[0] == "digest"


def test_a_silence_of_one_event_is_set_listed_and_ended_by_command(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence_commands, "App", lambda _: app)
    event, other = keep(app, 1, reading()), keep(app, 2, reading(AN_DUC))
    added = call(
        app.folder, "silence", "add", "--reason", "gọi 0912 345 678 hỏi rồi", "--until", "2023-07-21",
        "--event", str(event), "--who", "truc",
    )  # fmt: skip
    judge_events(app)
    listed = [json.loads(line) for line in call(app.folder, "silence", "list").stdout.splitlines()]
    ended = call(app.folder, "silence", "end", "1", "--who", "truc")
    again = call(app.folder, "silence", "end", "1")

    assert json.loads(added.stdout) == {"silence": 1}
    assert [(one["author"], one["event_id"]) for one in listed] == [("analyst:truc", event)]
    assert listed[0]["until"] == "2023-07-22T00:00:00+07:00"
    assert "0912" not in listed[0]["reason"]
    assert verdict(app, event)[0] == "digest"
    assert len(cases_of(app, other)) == 1
    assert json.loads(ended.stdout) == {"silence": 1, "woken": 1}
    assert (again.exit_code, again.stderr) == (1, "no silence 1 that holds\n")
    assert call(app.folder, "silence", "list").stdout == ""
    assert len(call(app.folder, "silence", "list", "--all").stdout.splitlines()) == 1


def test_a_silence_about_a_district_that_ended_is_about_what_took_it_over(
    app: App, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence_commands, "App", lambda _: app)
    clock.now = datetime(2025, 8, 3, 9, tzinfo=ZONE)

    added = call(
        app.folder, "silence", "add", "--reason", "đã rõ", "--until", "2025-08-09", "--place",
        "huyện Ba Tri",
    )  # fmt: skip
    event = keep(app, 1, reading("29158@2025-07-01"))
    judge_events(app)

    assert added.exit_code == 0
    assert verdict(app, event)[1][0].endswith("tạm ngưng cảnh báo đến 00:00 10/08/2025: đã rõ")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--topic", "waste", "--until", "2020-01-01"], "--until"),
        (["--topic", "waste", "--until", "2199-01-01"], "--until"),
        (["--topic", "waste", "--until", "ngày mai"], "--until"),
        (["--until", "2199-01-01"], "--event, or"),
        (["--event", "1", "--topic", "waste", "--until", "2199-01-01"], "--event, or"),
        (["--topic", "chuyện lạ", "--until", "2199-01-01"], "--topic"),
    ],
)
def test_a_silence_without_end_or_about_everything_is_refused(
    app: App, words: list[str], says: str
) -> None:
    result = call(app.folder, "silence", "add", "--reason", "đã rõ", *words)

    assert result.exit_code == 2
    assert says in result.stderr
    with app.views() as session:
        assert silences.every(session) == []


def test_children_of_a_great_open_case_do_not_alarm(app: App) -> None:
    great = keep(app, 1, reading(severity=3))
    child = keep(app, 2, reading())
    elsewhere = keep(app, 3, reading(AN_DUC))
    other_topic = keep(app, 4, reading(topics=(TopicScore("health", 0.95),)))

    judge_events(app)

    number = cases_of(app, great)[0].brief.case_id
    words = f"Đã có vụ việc lớn số {number} đang mở cùng nơi, cùng chủ đề"
    assert verdict(app, child) == ("digest", (words,))
    assert cases_of(app, child) == []
    assert len(cases_of(app, elsewhere)) == len(cases_of(app, other_topic)) == 1


def test_a_great_proposal_that_nobody_approved_speaks_for_none(app: App) -> None:
    keep(app, 1, reading(severity=3, flags=("gathering",)))
    child = keep(app, 2, reading())

    judge_events(app)

    assert verdict(app, child)[0] == "mail"


@pytest.mark.parametrize(("how", "woken"), [("dismiss", 1), ("close", 0)])
def test_only_a_great_case_that_never_was_gives_its_children_back(
    app: App, clock: Clock, how: str, woken: int
) -> None:
    great = keep(app, 1, reading(severity=3))
    child = keep(app, 2, reading())
    judge_events(app)
    correspond(app, "r1")
    number = cases_of(app, great)[0].brief.case_id
    clock.forward(hours=5)
    with app.sessions.begin() as session:
        asked = Act(Kind.DISMISS, "báo nhầm", code="not_an_issue")
        if how == "close":
            act(app, session, number, Act(Kind.ANSWER, "đã dọn", veracity=Veracity.TRUE, outcome=CaseOutcome.FIXED),
                Actor("unit:x", cases_of(app, great)[0].brief.unit_id))  # fmt: skip
            asked = Act(Kind.CLOSE)
        act(app, session, number, asked, Actor("analyst:a"))
    clock.forward(hours=1)

    notes = judge_events(app).notes

    assert notes.get("woken", 0) == woken
    assert len(cases_of(app, child)) == woken


def test_a_proposal_that_is_silenced_meanwhile_is_not_sent(app: App, clock: Clock) -> None:
    event = keep(app, 1, reading(issue_score=0.7))
    judge_events(app)
    silence(app, event_id=event)
    clock.forward(hours=1)
    with app.sessions.begin() as session:
        silences.look_again(session, [event])

    judge_events(app)

    assert [case.brief.state for case in cases_of(app, event)] == [CaseState.PROPOSED]


def test_a_doubtful_report_waits_in_the_digest_and_makes_no_case(app: App, clock: Clock) -> None:
    event = keep(app, 1, doubtful())

    judge_events(app)
    correspond(app, "r1")

    assert verdict(app, event)[0] == "hold"
    assert verdict(app, event)[1][0] == UNCONFIRMED
    assert cases_of(app, event) == []
    with app.views() as session:
        told = build(app, session, clock.now.date())
        assert outbox.counts(session) == {}
    assert [entry.event_id for entry in told.waiting] == [event]
    assert UNCONFIRMED in told.waiting[0].hold


@pytest.mark.parametrize(
    "changes",
    [
        {"severity": 1},
        {"topics": (TopicScore("safety", 0.95),)},
        {"flags": ("speech",)},
        {"place": None},
    ],
)
def test_a_doubtful_report_that_would_be_worth_no_case_is_left_alone(
    app: App, changes: dict[str, Any]
) -> None:
    event = keep(app, 1, doubtful(**changes))

    judge_events(app)

    assert verdict(app, event)[0] == "nothing"


def test_no_policy_lets_a_doubtful_report_out(app: App, clock: Clock) -> None:
    folder = app.folder
    assert folder is not None
    (folder / "policy.toml").write_text("min_issue_confidence = 0.0\n", "utf-8")
    app = App(folder, clock=clock)
    event = keep(app, 1, doubtful())

    judge_events(app)

    assert verdict(app, event)[0] == "hold"
    assert cases_of(app, event) == []


def test_a_digest_names_the_weightiest_doubtful_reports_and_counts_the_rest(
    app: App, clock: Clock
) -> None:
    grave = keep(app, 0, doubtful(severity=3))
    others = [keep(app, number, doubtful()) for number in range(1, 9)]

    judge_events(app)
    with app.views() as session:
        told = build(app, session, clock.now.date())

    assert [entry.event_id for entry in told.waiting] == [grave, *others[:4]]
    assert told.below_floor == 4
    assert {event for event, _ in told.told} == {grave, *others[:4]}


def test_a_person_opens_a_case_of_what_was_only_shown(app: App) -> None:
    event = keep(app, 1, doubtful())
    judge_events(app)

    with app.sessions.begin() as session:
        number = open_by_hand(app, session, event, "đã gọi 0912 345 678, có thật", "analyst:a")
    with app.sessions.begin() as session:
        act(app, session, number, Act(Kind.APPROVE), Actor("analyst:a"))
    correspond(app, "r1")

    story = cases_of(app, event)[0]
    assert (story.brief.state, story.brief.unit_id) == (CaseState.SENT, "ubnd-huyen-ba-tri")
    assert "0912" not in story.brief.why[0]
    with app.sessions.begin() as session, pytest.raises(NotOpened, match="đang mở"):
        open_by_hand(app, session, event, "lần nữa", "analyst:a")


@pytest.mark.parametrize(("event", "why"), [(999, "có thật"), (1, "  ")])
def test_no_case_of_nothing_and_for_no_reason(app: App, event: int, why: str) -> None:
    keep(app, 1, doubtful())

    result = call(app.folder, "cases", "open", str(event), "--text", why)

    assert result.exit_code == 1
    assert result.stderr.startswith("not_opened: ")
