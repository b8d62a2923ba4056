"""A mail that cannot be delivered: an alarm, a marked address, and no case lost."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from mailroom import (
    ADDRESS,
    BEGIN,
    UNIT,
    Clock,
    a_case,
    a_notice,
    counts,
    history,
    installation,
    put,
    state_of,
)
from typer.testing import CliRunner, Result

from langnghe.app import App
from langnghe.asking import addresses, bad_addresses
from langnghe.cli import app as command
from langnghe.delivering import deliver
from langnghe.doctor import examine
from langnghe.telling import build
from langnghe.undeliverable import drop, retry
from storage import cases, contacts, deadletters, dossier
from triage.case import CaseState
from triage.render import render_digest

sys.path.insert(0, str(Path(__file__).parent.parent / "triage"))
from smtp_servers import Scripted, free_port

KEY = f"round:{UNIT}:r1"
NO_SUCH_USER = {"RCPT": "550 5.1.1 no such user"}
HOLD = f"Địa chỉ {ADDRESS} không nhận thư"


@pytest.fixture
def folder(tmp_path: Path, sqlite_template: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "langnghe.db").write_bytes(sqlite_template.read_bytes())
    return tmp_path


def left(app: App) -> list[deadletters.Undelivered]:
    with app.views() as session:
        return deadletters.undelivered(session)


def findings(app: App) -> dict[str, tuple[bool, str]]:
    return {one.part: (one.ok, one.what) for one in examine(app, ("mail", "contacts"))}


def call(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(command, ["--config", str(folder), *words])


def lines(result: Result) -> list[Any]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_dead_address_gives_its_cases_back_and_is_not_written_to_again(folder: Path) -> None:
    clock = Clock()
    with Scripted(NO_SUCH_USER) as server:
        app = installation(folder, server.port, clock)
        case = a_case(app)
        put(app, a_notice(KEY, clock(), case_ids=(case,)))

        report = deliver(app)

    assert (report.done, report.failed) == (0, 1)
    assert state_of(app, case) == (CaseState.PROPOSED, HOLD)
    assert history(app, case) == ["opened:sent", "undeliverable"]
    assert left(app) == [
        deadletters.Undelivered(
            KEY, "cases", ADDRESS, (case,), "SMTP 550 5.1.1 (recipient)", clock()
        )
    ]
    assert addresses(app) == {}
    assert bad_addresses(app) == {UNIT: (ADDRESS, clock(), "SMTP 550 5.1.1 (recipient)")}


def test_the_alarm_stands_in_the_digest_and_the_doctors_words(folder: Path) -> None:
    clock = Clock()
    with Scripted(NO_SUCH_USER) as server:
        app = installation(folder, server.port, clock)
        put(app, a_notice(KEY, clock(), case_ids=(a_case(app),)))
        deliver(app)
        found = findings(app)
    with app.views() as session:
        digest = build(app, session, app.today())

    error = "SMTP 550 5.1.1 (recipient)"
    assert found["mail way"] == (True, f"gửi thư được qua 127.0.0.1:{server.port}")
    assert found["mail failed"] == (
        False,
        f"1 thư không gửi được, chờ người xử lý (langnghe mails list): {KEY}: {error}",
    )
    assert found[f"contact {UNIT}"] == (False, f"{ADDRESS} không nhận thư: {error}")
    assert [entry.hold for entry in digest.waiting] == [HOLD]
    for form in ("html", "text"):
        shown = " ".join(render_digest(digest, form).split())
        assert "Thư không gửi được, chờ người xử lý (1):" in shown
        assert f"thư giao vụ việc gửi {ADDRESS}" in shown


def test_a_refused_message_gives_its_cases_back_and_blames_no_address(folder: Path) -> None:
    clock = Clock()
    with Scripted({".": "552 5.3.4 too large"}) as server:
        app = installation(folder, server.port, clock)
        case = a_case(app)
        put(app, a_notice(KEY, clock(), case_ids=(case,)))
        deliver(app)

    hold = f"Máy chủ thư không nhận nội dung thư gửi {ADDRESS}"
    assert state_of(app, case) == (CaseState.PROPOSED, hold)
    assert addresses(app) == {UNIT: ADDRESS}


@pytest.mark.parametrize(
    "answers",
    [
        {"greeting": "554 5.7.1 go away"},
        {"EHLO": "550 no", "HELO": "550 no"},
        {"MAIL": "550 5.7.1 sender not allowed"},
        {"MAIL": "530 5.7.0 log in first"},
    ],
)
def test_a_server_that_refuses_us_fails_no_notice_and_marks_no_address(
    folder: Path, answers: dict[str, str]
) -> None:
    clock = Clock()
    with Scripted(answers) as server:
        app = installation(folder, server.port, clock)
        put(app, *(a_notice(f"reminder:{n}", clock()) for n in range(30)))
        for _ in range(5):
            deliver(app)
            clock.turn(days=3)

        refused = server.connections
    found = findings(app)

    assert refused == 5  # one try a run, not thirty
    assert counts(app) == {"queued": 30}
    assert (left(app), bad_addresses(app)) == ([], {})
    assert (found["mail way"][0], found["mail"][0]) == (False, False)


def test_a_recipient_who_is_deferred_for_days_is_given_up_but_not_called_dead(
    folder: Path,
) -> None:
    clock = Clock()
    with Scripted({"RCPT": "450 4.2.1 try later"}) as server:
        app = installation(folder, server.port, clock)
        case = a_case(app)
        put(app, a_notice(KEY, clock(), case_ids=(case,)))
        tries = []
        while not left(app):
            before = server.connections
            deliver(app)
            if server.connections > before:
                tries.append(int((clock() - BEGIN).total_seconds() // 60))
            clock.turn(minutes=1)

    assert tries == [0, 1, 6, 21, *range(81, 72 * 60 + 62, 60)]
    hold = f"Thư gửi {ADDRESS} không đi được sau 72 giờ thử"
    assert state_of(app, case) == (CaseState.PROPOSED, hold)
    assert bad_addresses(app) == {}


def test_an_outage_counts_neither_as_time_nor_as_tries(folder: Path) -> None:
    clock = Clock()
    with Scripted({"greeting": "421 4.3.2 closed"}) as server:
        app = installation(folder, server.port, clock)
        case = a_case(app)
        put(app, a_notice(KEY, clock(), case_ids=(case,)))
        for _ in range(74):
            deliver(app)
            clock.turn(hours=1, minutes=1)
        server.replies |= {"greeting": "220 ready", "RCPT": "450 4.2.0 greylisted"}
        begin, tries = clock(), []
        while not left(app):
            before = server.connections
            deliver(app)
            if server.connections > before:
                tries.append(int((clock() - begin).total_seconds() // 60))
            if len(tries) == 3:  # a second outage in the midst of it changes nothing
                server.replies["greeting"] = "421 4.3.2 closed"
                deliver(app)
                server.replies["greeting"] = "220 ready"
            clock.turn(minutes=1)

    assert tries[:3] == [0, 1, 6], "the first steps, not the last one again and again"
    assert 72 * 60 < tries[-1] < 74 * 60
    assert state_of(app, case)[0] is CaseState.PROPOSED


def test_a_mail_put_back_has_all_its_tries_again(folder: Path) -> None:
    clock = Clock()
    with Scripted({"RCPT": "450 4.2.1 try later"}) as server:
        app = installation(folder, server.port, clock)
        put(app, a_notice(KEY, clock()))
        while not left(app):
            deliver(app)
            clock.turn(hours=1)
        assert retry(app, KEY, "analyst:lan")
        deliver(app)
        clock.turn(hours=71)
        deliver(app)

    assert counts(app) == {"queued": 1}


def test_other_mails_about_a_case_leave_it_where_it_is(folder: Path) -> None:
    clock = Clock()
    with Scripted(NO_SUCH_USER) as server:
        app = installation(folder, server.port, clock)
        case = a_case(app)
        put(
            app,
            a_notice(f"round:{UNIT}:r1", clock(), case_ids=(case,), kind="round"),
            a_notice("round:xa-khac:r1", clock(), case_ids=(case,)),
        )
        put(app, a_notice(f"digest:2026-03-02:{ADDRESS}", clock()))
        deliver(app)

    assert state_of(app, case) == (CaseState.SENT, None)
    assert history(app, case) == ["opened:sent", *["undeliverable"] * 2]
    assert counts(app) == {"failed": 3}


def test_a_lost_mail_to_the_committees_people_is_no_part_of_its_cases(folder: Path) -> None:
    clock = Clock()
    waiting = f"waiting:2026-03-02:{ADDRESS}"
    with Scripted({".": "552 5.3.4 too large"}) as server:
        app = installation(folder, server.port, clock)
        case = a_case(app)
        put(app, a_notice(KEY, clock(), case_ids=(case,)))
        deliver(app)
        put(app, a_notice(waiting, clock(), case_ids=(case,)))
        deliver(app)
        lost = history(app, case)
        assert drop(app, waiting, "analyst:lan", "đã xem trên trang")
        assert retry(app, KEY, "analyst:lan")

    assert lost == ["opened:sent", "undeliverable"]
    assert state_of(app, case) == (CaseState.SENT, None), "the retry knows what the case waits for"
    with app.views() as session:
        story = cases.show(session, case)
        kept = dossier.open_dossier(session, case)
    assert story is not None
    assert kept is not None
    assert [key for key, *_ in story.notices] == [one.key for one in kept.notices] == [KEY]


def test_an_answered_case_is_not_taken_back_by_a_late_failure(folder: Path) -> None:
    clock = Clock()
    with Scripted(NO_SUCH_USER) as server:
        app = installation(folder, server.port, clock)
        case = a_case(app)
        with app.sessions.begin() as session:
            cases.change(session, case, state=CaseState.ACKNOWLEDGED.value)
        put(app, a_notice(KEY, clock(), case_ids=(case,)))
        deliver(app)

    assert state_of(app, case) == (CaseState.ACKNOWLEDGED, None)
    assert left(app) == []  # nobody has to do anything


def test_one_notice_that_breaks_the_sender_does_not_stop_the_others(folder: Path) -> None:
    clock = Clock()
    with Scripted({}) as server:
        app = installation(folder, server.port, clock)
        put(app, a_notice("reminder:a", clock()), a_notice("reminder:b", clock()))
        send = app.notifier.send
        breaks = {"reminder:a"}

        def fragile(notice: Any) -> None:
            if notice.key in breaks:
                raise KeyError(notice.key)
            send(notice)

        app.notifier.send = fragile  # type: ignore[method-assign]
        deliver(app)

    assert counts(app) == {"failed": 1, "sent": 1}
    assert left(app)[0].error == "cannot be sent: KeyError"


def test_of_two_threads_of_one_process_only_one_sends(folder: Path) -> None:
    clock = Clock()
    with Scripted({}) as server:
        app = installation(folder, server.port, clock)
        put(app, a_notice("reminder:a", clock()))
        with app.delivering:
            assert deliver(app).done == 0
        assert counts(app) == {"queued": 1}
        assert deliver(app).done == 1


def test_a_mail_put_back_goes_out_with_its_cases_and_clears_the_address(folder: Path) -> None:
    clock = Clock()
    with Scripted(NO_SUCH_USER) as server:
        app = installation(folder, server.port, clock)
        case = a_case(app)
        put(app, a_notice(KEY, clock(), case_ids=(case,)))
        deliver(app)
        clock.turn(days=5)
        assert retry(app, KEY, "analyst:lan")
        assert state_of(app, case) == (CaseState.SENT, None)
        server.replies["RCPT"] = "450 4.2.1 full"
        deliver(app)
        assert counts(app) == {"queued": 1}  # its 72 hours begin anew
        server.replies["RCPT"] = "250 OK"
        clock.turn(minutes=1)
        deliver(app)

    assert counts(app) == {"sent": 1}
    assert history(app, case) == ["opened:sent", "undeliverable", "sent"]
    assert (addresses(app), left(app)) == ({UNIT: ADDRESS}, [])
    assert not retry(app, KEY, "analyst:lan")


def test_a_case_that_a_person_moved_on_is_not_pulled_back_by_a_retry(folder: Path) -> None:
    clock = Clock()
    with Scripted(NO_SUCH_USER) as server:
        app = installation(folder, server.port, clock)
        case = a_case(app)
        put(app, a_notice(KEY, clock(), case_ids=(case,)))
        deliver(app)
        with app.sessions.begin() as session:
            cases.change(session, case, state=CaseState.APPROVED.value, hold=None)
        assert left(app) == []
        assert retry(app, KEY, "analyst:lan")

    assert state_of(app, case) == (CaseState.APPROVED, None)


def test_an_address_counts_again_when_it_is_confirmed_or_replaced(folder: Path) -> None:
    clock = Clock()
    app = installation(folder, free_port(), clock)
    with app.sessions.begin() as session:
        contacts.mark_failed(session, UNIT, ADDRESS, "SMTP 550", clock())
    assert addresses(app) == {}

    with app.sessions.begin() as session:
        contacts.confirm(session, UNIT, ADDRESS, "điện thoại", clock())
    assert addresses(app) == {UNIT: ADDRESS}

    with app.sessions.begin() as session:
        contacts.mark_failed(session, UNIT, ADDRESS, "SMTP 550", clock())
        contacts.mark_failed(session, UNIT, "cu@vidu.example", "SMTP 550", clock())
        contacts.confirm(session, "ubnd-xa-an-hiep", "", "đã thôi", clock())
    assert addresses(app) == {}
    with app.sessions.begin() as session:
        contacts.confirm(session, UNIT, "moi@vidu.example", "công văn", clock())
        contacts.mark_failed(session, UNIT, ADDRESS, "SMTP 550", clock())
    assert addresses(app) == {UNIT: "moi@vidu.example"}


def test_a_new_address_in_the_files_replaces_the_dead_one(folder: Path) -> None:
    clock = Clock()
    app = installation(folder, free_port(), clock)
    with app.sessions.begin() as session:
        contacts.mark_failed(session, UNIT, ADDRESS, "SMTP 550", clock())

    (folder / "contacts.toml").write_text(f'[contacts]\n{UNIT} = "moi@vidu.example"\n')

    assert addresses(App(folder, clock=clock)) == {UNIT: "moi@vidu.example"}


def test_a_later_digest_makes_up_for_one_that_failed(folder: Path) -> None:
    clock = Clock()
    with Scripted(NO_SUCH_USER) as server:
        app = installation(folder, server.port, clock)
        put(app, a_notice(f"digest:1:{ADDRESS}", clock()))
        deliver(app)
        assert [one.key for one in left(app)] == [f"digest:1:{ADDRESS}"]
        server.replies["RCPT"] = "250 OK"
        clock.turn(days=1)
        put(app, a_notice(f"digest:2:{ADDRESS}", clock()))
        deliver(app)

    assert left(app) == []


def test_the_commands_show_retry_drop_and_send(folder: Path) -> None:
    clock = Clock()
    with Scripted(NO_SUCH_USER) as server:
        app = installation(folder, server.port, clock)
        case = a_case(app)
        put(app, a_notice(KEY, clock(), case_ids=(case,)), a_notice("closing:1:x", clock()))
        deliver(app)

        listed = lines(call(folder, "mails", "list", "--state", "failed"))
        again = call(folder, "mails", "retry", KEY)
        sent = call(folder, "mails", "send")
        none = call(folder, "mails", "retry", "khong-co")
        dropped = call(folder, "mails", "drop", "closing:1:x", "--text", "cơ quan đã giải thể")

    assert {one["key"]: one["case_ids"] for one in listed} == {KEY: [case], "closing:1:x": []}
    assert (again.exit_code, none.exit_code, dropped.exit_code) == (0, 1, 0)
    assert none.stderr == "khong-co: không có thư nào như vậy ở trạng thái failed\n"
    assert (sent.exit_code, lines(sent)[0]["failed"]) == (1, 1)
    assert counts(app) == {"failed": 1, "dropped": 1}
    states = {one["key"]: one["state"] for one in lines(call(folder, "mails", "list"))}
    assert states == {KEY: "failed", "closing:1:x": "dropped"}


def test_a_dropped_mail_is_told_in_the_history_and_alarms_no_more(folder: Path) -> None:
    clock = Clock()
    with Scripted(NO_SUCH_USER) as server:
        app = installation(folder, server.port, clock)
        case = a_case(app)
        put(app, a_notice(f"closing:{case}:x", clock(), case_ids=(case,)))
        deliver(app)
        assert drop(app, f"closing:{case}:x", "analyst:lan", "gọi 0912 345 678 không được")
    with app.views() as session:
        story = cases.show(session, case)

    assert left(app) == []
    assert story is not None
    assert story.entries[-1].kind == "mail_dropped"
    assert "0912" not in story.entries[-1].text


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"greeting": "DROP"}, "không kết nối được máy chủ thư"),
        ({"EHLO": "550 no", "HELO": "550 no"}, "máy chủ thư không chịu làm việc với máy này"),
    ],
)
def test_the_doctor_tells_how_far_a_mail_would_get(
    folder: Path, answers: dict[str, str], words: str
) -> None:
    with Scripted(answers) as server:
        found = findings(installation(folder, server.port, Clock()))

    assert found["mail way"][0] is False
    assert found["mail way"][1].startswith(words)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"security": "starttls"}, "không mã hóa được đường truyền"),
        ({"user": "u", "password": "p"}, "không đăng nhập được"),
    ],
)
def test_the_doctor_tells_of_encryption_and_log_in(
    folder: Path, options: dict[str, str], words: str
) -> None:
    with Scripted({}) as server:
        found = findings(installation(folder, server.port, Clock(), **options))

    assert found["mail way"][1].startswith(words)
