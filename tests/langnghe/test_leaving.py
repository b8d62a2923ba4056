"""A unit is not late with what it does not have: clocks and mails after an outage or a retry."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path

import pytest
from letter_samples import HELPER, LEAD, OTHER, QUEUE, START, Office
from mailroom import Clock, a_case, a_notice, counts, installation, put
from sqlalchemy import Engine

from config.settings import ZONE
from langnghe.correspond import correspond
from langnghe.delivering import deliver
from langnghe.rounds import round_name
from langnghe.undeliverable import retry, set_aside
from storage import cases, contacts, outbox
from triage.act import Kind
from triage.case import CaseState, Deadlines
from triage.notice import DeliveryFailed, Fault

sys.path.insert(0, str(Path(__file__).parent.parent / "triage"))
from smtp_servers import Inbox, free_port, working

HOUR = timedelta(hours=1)
TUESDAY = datetime(2026, 3, 10, 9, tzinfo=ZONE)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return Office(engine, tmp_path)


def clocks(office: Office, number: int) -> Deadlines:
    found = office.story(number).case.brief.deadlines
    assert found is not None
    return found


def subjects(inbox: Inbox) -> list[str]:
    found = [message_from_bytes(content)["Subject"] for _, _, content in inbox.received]
    return [str(make_header(decode_header(subject))) for subject in found]


class TestWhileTheMailWaits:
    """The mail that puts a case to its unit did not leave."""

    def test_nobody_is_reminded_and_nobody_above_is_told(self, office: Office) -> None:
        office.contact(QUEUE)
        number = office.case()
        office.shut = True
        office.round()

        assert [mail for _ in range(8) for mail in office.later(days=1)] == []
        assert office.kinds(number) == ["opened:approved", "sent"]

    def test_a_unit_that_acted_has_it_and_is_reminded(self, office: Office) -> None:
        number = office.case()
        office.shut = True
        office.round()
        office.unit_acts(number, Kind.ACKNOWLEDGE)

        (mail,) = office.round(TUESDAY)

        assert "QUÁ HẠN trả lời kết quả xác minh" in mail.flat

    def test_a_mail_that_only_helpers_wait_for_holds_nothing_back(self, office: Office) -> None:
        office.case(cooperating=(HELPER,))
        office.shut = True
        office.round()
        with office.app.sessions.begin() as session:
            for one in outbox.claim(session, office.now, "post", 300.0, 9):
                if LEAD in one.notice.key:
                    outbox.sent(session, one.notice.key, office.now)

        (mail,) = office.later(days=2)

        assert mail.unit == LEAD
        assert "nhắc lần 1" in mail.flat


class TestWhenItLeavesLate:
    """The clocks begin when the unit has its case."""

    def test_clocks_are_counted_from_then_and_history_says_so(self, office: Office) -> None:
        office.contact(QUEUE)
        number = office.case()
        office.shut = True
        office.round()
        office.round(TUESDAY - HOUR)
        office.shut = False
        office.now = TUESDAY
        office.post()

        assert office.later(minutes=15) == []

        assert clocks(office, number).acknowledge == datetime(2026, 3, 11, 9, tzinfo=ZONE)
        assert clocks(office, number).verify == datetime(2026, 3, 17, 9, tzinfo=ZONE)
        line = office.story(number).entries[-1]
        assert line.kind == "left_late"
        assert (
            line.text == "Thư giao việc rời đi lúc 09:00 ngày 10/03/2026; các hạn tính từ lúc đó."
        )
        assert office.later(hours=23) == []
        (mail,) = office.later(hours=2)
        assert (mail.unit, office.kinds(number).count("left_late")) == (LEAD, 1)
        assert "nhắc lần 1" in mail.flat

    def test_received_before_the_next_round_is_in_time(self, office: Office) -> None:
        number = office.case()
        office.shut = True
        office.round()
        office.shut = False
        office.now = TUESDAY
        office.post()
        office.unit_acts(number, Kind.ACKNOWLEDGE)

        assert office.later(minutes=15) == []
        assert clocks(office, number).verify == datetime(2026, 3, 17, 9, tzinfo=ZONE)

    @pytest.mark.parametrize(
        ("made", "left"),
        [
            (START, START + timedelta(minutes=10)),
            (datetime(2026, 3, 6, 17, tzinfo=ZONE), datetime(2026, 3, 9, 7, tzinfo=ZONE)),
        ],
        ids=["a few minutes", "over a weekend"],
    )
    def test_no_working_time_lost_changes_nothing(
        self, office: Office, made: datetime, left: datetime
    ) -> None:
        office.now = made
        number = office.case()
        office.shut = True
        office.round()
        before = clocks(office, number)
        office.shut = False
        office.now = left
        office.post()
        office.later(minutes=15)

        assert clocks(office, number) == before
        assert "left_late" not in office.kinds(number)

    def test_who_took_a_case_over_keeps_the_days_that_are_left(self, office: Office) -> None:
        number = office.case()
        office.round()
        before = clocks(office, number)
        office.later(hours=3)
        office.act(number, Kind.ASSIGN, "Đúng là bên Ba Tri.", unit_id=OTHER)
        office.shut = True
        office.later(minutes=15)
        office.shut = False
        office.later(hours=3)
        office.later(minutes=15)

        after = clocks(office, number)
        assert office.kinds(number)[-1] == "left_late"
        assert (after.verify, after.final) == (before.verify, before.final)
        assert after.acknowledge == datetime(2026, 3, 3, 15, 15, tzinfo=ZONE)

    def test_a_mail_sent_again_gives_the_unit_its_days(self, office: Office) -> None:
        number = office.case()
        office.shut = True
        (mail,) = office.round()
        with office.app.sessions.begin() as session:
            (claimed,) = outbox.claim(session, office.now, office.app.owner, 300.0, 9)
        set_aside(office.app, claimed.notice, DeliveryFailed("552", Fault.MESSAGE, "data"))
        office.now = TUESDAY
        assert retry(office.app, mail.key, "analyst:lan")
        assert office.later(minutes=5) == []
        office.shut = False
        office.post()

        assert office.later(minutes=15) == []

        assert office.story(number).case.brief.state is CaseState.SENT
        assert clocks(office, number).acknowledge == datetime(2026, 3, 11, 9, 5, tzinfo=ZONE)


def test_after_an_outage_mails_leave_in_the_order_in_which_they_were_queued(
    tmp_path: Path, sqlite_template: Path
) -> None:
    clock = Clock()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "langnghe.db").write_bytes(sqlite_template.read_bytes())
    app = installation(tmp_path, free_port(), clock)
    for name in "cab":
        put(app, a_notice(f"round:{name}:r", clock(), subject=name))
        for _ in range(30):
            deliver(app)
            clock.turn(minutes=1)
    assert counts(app) == {"queued": 3}

    with working() as (inbox, port):
        deliver(installation(tmp_path, port, clock))

    assert subjects(inbox) == ["c", "a", "b"]


def test_a_mail_that_alone_is_refused_does_not_hold_up_the_others_for_ever(
    tmp_path: Path, sqlite_template: Path
) -> None:
    clock = Clock()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "langnghe.db").write_bytes(sqlite_template.read_bytes())
    app = installation(tmp_path, free_port(), clock)
    put(app, a_notice("round:a:r", clock()))
    for _ in range(59):
        deliver(app)
    put(app, a_notice("round:b:r", clock.turn(minutes=1)))
    deliver(app)

    with working() as (inbox, port):
        deliver(installation(tmp_path, port, clock))
        assert len(inbox.received) == 1
        clock.turn(minutes=2)
        deliver(installation(tmp_path, port, clock))

    assert counts(app) == {"sent": 2}


def test_six_days_without_a_mail_server_bring_the_unit_its_case_and_nobody_a_complaint(
    tmp_path: Path, sqlite_template: Path
) -> None:
    clock = Clock()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "langnghe.db").write_bytes(sqlite_template.read_bytes())
    app = installation(tmp_path, free_port(), clock)
    with app.sessions.begin() as session:
        contacts.confirm(session, LEAD, "xa@vidu.example", "test", clock())
        contacts.confirm(session, QUEUE, "tinh@vidu.example", "test", clock())
    number = a_case(app, unit=LEAD)
    with app.sessions.begin() as session:
        cases.change(session, number, state=CaseState.APPROVED.value, place_key="29161@")
    for _ in range(24):
        correspond(app, round_name(clock()))
        deliver(app)
        clock.turn(hours=6)

    with working() as (inbox, port):
        app = installation(tmp_path, port, clock)
        for _ in range(4):
            deliver(app)
            clock.turn(minutes=15)
            correspond(app, round_name(clock()))

    assert subjects(inbox) == ["[Lắng Nghe] 1 vụ việc cần xác minh – hạn 09/03/2026"]
