"""The digest comes to each reader at their hour: once a day, made up the same day, filtered."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from mailroom import UNIT, Clock, a_case
from typer.testing import CliRunner, Result

from config.errors import ConfigError
from config.settings import ZONE
from langnghe.app import App
from langnghe.cli import app as command
from langnghe.jobs import schedule
from langnghe.readers import mail_readers, new_subscription, readers
from langnghe.rounds import run_readers
from langnghe.telling import tell, told
from storage import outbox, subscriptions
from triage.notice import Notice

DAY = date(2026, 3, 2)
CHIEF = "lanhdao@vidu.example"


def moment(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "langnghe.toml").write_text(
        f'data_dir = "data"\n[mail]\ndigest_to = ["{CHIEF}"]\n', "utf-8"
    )
    return tmp_path


@pytest.fixture
def clock() -> Clock:
    return Clock(moment(6))


@pytest.fixture
def office(folder: Path, clock: Clock) -> App:
    return App(folder, clock=clock)


def subscribe(app: App, email: str, at: time, *, topics: tuple[str, ...] = ()) -> None:
    wanted = new_subscription(app, email, topics, (), datetime.combine(DAY, at))
    with app.sessions.begin() as session:
        subscriptions.subscribe(session, wanted)


def waiting(app: App) -> dict[str, Notice]:
    """Take all that waits in the outbox, by recipient."""
    with app.sessions.begin() as session:
        return {
            one.notice.recipient: one.notice
            for one in outbox.claim(session, app.clock(), "test", 10**6, 100)
            if one.notice.kind == "digest"
        }


def test_each_reader_is_served_at_their_own_hour(office: App, clock: Clock) -> None:
    subscribe(office, "chieu@vidu.example", time(16, 30))
    clock.now = moment(7)
    tell(office, DAY)

    mail_readers(office)
    morning = set(waiting(office))
    clock.now = moment(16, 29)
    mail_readers(office)
    before = set(waiting(office))
    clock.now = moment(16, 30)
    mail_readers(office)

    assert (morning, before) == ({CHIEF}, set())
    assert set(waiting(office)) == {"chieu@vidu.example"}


def test_nobody_gets_a_day_twice_however_often_one_looks(office: App, clock: Clock) -> None:
    clock.now = moment(7)
    tell(office, DAY)

    queued = [mail_readers(office).done for _ in range(3)]
    clock.turn(hours=9)
    queued.append(mail_readers(office).done)

    assert queued == [1, 0, 0, 0]


def test_an_hour_that_was_missed_is_made_up_the_same_day_digest_and_all(
    office: App, clock: Clock
) -> None:
    subscribe(office, "trua@vidu.example", time(11))
    clock.now = moment(21, 40)

    report = run_readers(office)

    assert report.done == 2
    with office.views() as session:
        assert told(session, DAY) is not None


def test_a_day_that_was_missed_altogether_is_not_mailed_on_the_next(
    office: App, clock: Clock
) -> None:
    clock.now = moment(7)
    tell(office, DAY)
    clock.now = moment(0, 5, DAY + timedelta(days=1))

    assert run_readers(office).done == 0
    assert waiting(office) == {}


def test_nothing_is_mailed_before_the_digest_of_the_day_is_made(office: App, clock: Clock) -> None:
    subscribe(office, "som@vidu.example", time(6, 5))
    clock.now = moment(6, 30)

    early = run_readers(office)
    clock.now = moment(7)
    tell(office, DAY)

    assert early.done == 0
    assert mail_readers(office).done == 2


def test_who_subscribes_after_the_hour_begins_tomorrow(office: App, clock: Clock) -> None:
    clock.now = moment(8)
    tell(office, DAY)
    subscribe(office, "moi@vidu.example", time(7))

    mail_readers(office)
    today = set(waiting(office))
    clock.now = moment(7, 15, DAY + timedelta(days=1))
    run_readers(office)

    assert "moi@vidu.example" not in today
    assert "moi@vidu.example" in waiting(office)


def test_a_reader_of_one_topic_gets_that_or_a_short_no(office: App, clock: Clock) -> None:
    a_case(office)
    subscribe(office, "rac@vidu.example", time(7), topics=("waste",))
    subscribe(office, "truong@vidu.example", time(7), topics=("education",))
    clock.now = moment(7)
    tell(office, DAY)

    mail_readers(office)

    mails = waiting(office)
    title = "Rác ùn ở chợ An Hiệp"
    assert title in mails[CHIEF].text
    assert title in mails["rac@vidu.example"].text
    assert title not in mails["truong@vidu.example"].text
    assert "không có sự việc mới thuộc phần đã đăng ký" in mails["truong@vidu.example"].subject
    assert "ĐÃ NGHE ĐƯỢC NHỮNG GÌ" in mails["truong@vidu.example"].text


def test_a_subscription_of_their_own_wins_over_the_settings(office: App) -> None:
    subscribe(office, CHIEF, time(9), topics=("waste",))

    with office.views() as session:
        found = readers(office, session)

    assert [(one.email, one.topics, one.at) for one in found] == [(CHIEF, ("waste",), time(9))]


def test_every_problem_of_a_subscription_is_named_at_once(office: App) -> None:
    with pytest.raises(ConfigError) as refused:
        new_subscription(office, "không@phải", ("moi",), ("ubnd-sao-hoa",), None)

    assert list(refused.value.problems) == [
        "--topic: 'moi' is no topic",
        "--unit: 'ubnd-sao-hoa' is no unit",
        "EMAIL: mail cannot be sent to 'không@phải'",
    ]


def test_the_scheduler_looks_for_readers_every_minute(office: App) -> None:
    scheduler = schedule(office, BackgroundScheduler(timezone=ZONE))
    scheduler.start(paused=True)

    trigger = scheduler.get_job("readers").trigger
    scheduler.shutdown()

    assert trigger.interval == timedelta(minutes=1)


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])


def test_readers_come_and_go_by_command(folder: Path) -> None:
    first = call(
        "-c", folder, "subscribe", "a@vidu.example", "--topic", "waste", "--unit", UNIT,
        "--at", "06:45",
    )  # fmt: skip
    listed = call("-c", folder, "subscriptions", "list")
    again = call("-c", folder, "subscribe", "a@vidu.example")
    gone = call("-c", folder, "unsubscribe", "a@vidu.example")
    none = call("-c", folder, "unsubscribe", "a@vidu.example")
    settings = call("-c", folder, "unsubscribe", CHIEF)

    line = f'"topics": ["waste"], "units": ["{UNIT}"], "at": "06:45"'
    assert first.exit_code == 0
    assert line in first.stdout
    assert [one.split('"from": ')[1] for one in listed.stdout.splitlines()] == [
        '"subscription"}',
        '"settings"}',
    ]
    assert '"replaced": true' in again.stdout
    assert (gone.exit_code, none.exit_code, settings.exit_code) == (0, 1, 1)
    assert "mail.digest_to" in settings.stderr
    assert call("-c", folder, "subscribe", "hỏng").exit_code == 2
