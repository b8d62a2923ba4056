"""A clock that jumps: no mail twice, none held for ever."""

from __future__ import annotations

import re
import shutil
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from mailroom import ADDRESS, Clock, a_notice, counts, installation, put

from config.settings import ZONE
from langnghe.app import App
from langnghe.delivering import LEASE_S, deliver
from storage import outbox

sys.path.insert(0, str(Path(__file__).parent.parent / "triage"))
from smtp_servers import Inbox, Scripted, working

HOURS = (1, -1, 24, -24)
MOMENTS = (
    datetime(2026, 3, 2, 9, 0, tzinfo=ZONE),
    datetime(2024, 2, 28, 23, 59, 30, tzinfo=ZONE),
    datetime(2024, 2, 29, 23, 59, 30, tzinfo=ZONE),
    datetime(2024, 12, 31, 23, 59, 30, tzinfo=ZONE),
    datetime(2025, 1, 1, 0, 0, tzinfo=ZONE),
)
#: The longest step of `retry_minutes`, a lease, and the minute between two runs.
SOON = timedelta(minutes=60) + timedelta(seconds=LEASE_S) + timedelta(minutes=1)


@pytest.fixture
def folder(tmp_path: Path, sqlite_template: Path) -> Path:
    (tmp_path / "data").mkdir()
    shutil.copy(sqlite_template, tmp_path / "data" / "langnghe.db")
    return tmp_path


def arrived(inbox: Inbox) -> Counter[str]:
    found = (re.search(rb"X-LangNghe-Key: (\S+)", content) for _, _, content in inbox.received)
    return Counter(one[1].decode() for one in found if one)


def minutes_until_sent(app: App, clock: Clock, wanted: int) -> timedelta:
    """Let the minutes pass with a run in each until all mails are sent."""
    begin = clock.now
    for _ in range(3000):
        deliver(app)
        if counts(app).get("sent", 0) == wanted:
            return clock.now - begin
        clock.turn(minutes=1)
    raise AssertionError(f"stuck: {counts(app)}")


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
@pytest.mark.parametrize("hours", HOURS)
def test_whatever_stood_in_the_outbox_goes_out_once_and_soon(
    folder: Path, moment: datetime, hours: int
) -> None:
    clock = Clock(moment)
    with working() as (inbox, port):
        app = installation(folder, port, clock)
        put(app, *(a_notice(f"reminder:{name}", moment) for name in ("dead", "deferred", "sent")))
        with app.sessions.begin() as session:
            for owner in ("dead", "tried"):
                outbox.claim(session, moment, owner, LEASE_S, 1)
            again = moment + timedelta(hours=1)
            outbox.deferred(session, "reminder:deferred", "tried", "450", again)
        deliver(app)
        put(app, a_notice("reminder:queued", moment))

        clock.turn(hours=hours)
        put(app, a_notice("reminder:after", clock()))
        took = minutes_until_sent(app, clock, 5)
        for _ in range(3):
            clock.turn(days=1)
            deliver(app)

    names = ("dead", "deferred", "sent", "queued", "after")
    assert arrived(inbox) == Counter({f"reminder:{name}": 1 for name in names})
    assert took <= SOON


def test_what_waits_for_the_morning_waits_no_longer_when_the_clock_goes_back(folder: Path) -> None:
    clock = Clock(datetime(2026, 3, 2, 22, 0, tzinfo=ZONE))
    morning = datetime(2026, 3, 3, 7, 0, tzinfo=ZONE)
    with working() as (inbox, port):
        app = installation(folder, port, clock)
        put(app, a_notice("round:a:1", clock(), not_before=morning))
        clock.turn(days=-365)

        took = minutes_until_sent(app, clock, 1)

    assert took == timedelta(hours=9)
    assert len(inbox.received) == 1
    assert b"Date: Sun, 02 Mar 2025 22:00:00 +0700" in inbox.received[0][2]


def test_a_sender_that_is_alive_keeps_its_time_when_the_clock_goes_back(folder: Path) -> None:
    clock = Clock()
    with working() as (inbox, port):
        app = installation(folder, port, clock)
        put(app, a_notice("reminder:a", clock()))
        with app.sessions.begin() as session:
            outbox.claim(session, clock(), "alive", LEASE_S, 1)

        clock.turn(days=-1)
        for _ in range(LEASE_S // 60):
            deliver(app)
            clock.turn(minutes=1)
        assert inbox.received == []
        with app.sessions.begin() as session:
            assert outbox.sent(session, "reminder:a", clock()) == ADDRESS
        clock.turn(days=1)
        deliver(app)

    assert inbox.received == []


def test_a_clock_that_leaps_far_ahead_gives_no_mail_up(folder: Path) -> None:
    clock = Clock()
    with Scripted({"RCPT": "450 4.2.1 try later"}) as server:
        app = installation(folder, server.port, clock)
        put(app, a_notice("reminder:a", clock()))
        tries = deliver(app).notes["deferred"]  # its time counts from here
        clock.turn(days=400)
        while "failed" not in counts(app):
            tries += deliver(app).notes["deferred"]
            clock.turn(hours=1)

    assert tries == len(app.settings.retry_minutes)  # each step once, before it is given up


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_a_date_at_the_turn_of_a_year_or_a_leap_day_is_a_date(
    folder: Path, moment: datetime
) -> None:
    with working() as (inbox, port):
        app = installation(folder, port, Clock(moment))
        put(app, a_notice("reminder:a", moment))
        deliver(app)

    assert f"Date: {moment:%a, %d %b %Y %H:%M:%S} +0700".encode() in inbox.received[0][2]
