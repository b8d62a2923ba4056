"""Accounts: links good once, passwords, sessions that end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from langnghe import accounts
from langnghe.accounts import IDLE, LONGEST, MAY, Right, Role
from langnghe.app import App
from langnghe.cli import app as command
from langnghe.passwords import BadPassword, check_password
from storage import accounts as stored

GOOD = "mười hai con giáp"


class Desk:
    """An installation whose clock is turned by hand."""

    def __init__(self, folder: Path) -> None:
        self.now = datetime(2026, 3, 2, 1, tzinfo=UTC)
        self.app = App(clock=lambda: self.now, data_dir=folder)

    def invite(self, login: str = "lan", role: Role = Role.ANALYST) -> str:
        with self.app.sessions.begin() as session:
            return accounts.make_invite(self.app, session, login, role, None)

    def accept(self, secret: str, password: str = GOOD) -> bool:
        with self.app.sessions.begin() as session:
            return accounts.accept_invite(self.app, session, secret, "Trực ban", password)

    def sign_in(self, login: str = "lan", password: str = GOOD) -> str | None:
        with self.app.sessions.begin() as session:
            found = accounts.sign_in(self.app, session, login, password)
        return found.cookie if found else None

    def who(self, cookie: str) -> str | None:
        with self.app.sessions.begin() as session:
            account = accounts.current(self.app, session, cookie)
        return account.login if account else None


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_link_makes_one_account_once(desk: Desk) -> None:
    secret = desk.invite()
    with pytest.raises(BadPassword, match="12 ký tự"):
        desk.accept(secret, "ngắn")
    assert desk.accept(secret)
    assert not desk.accept(secret, "mật khẩu của kẻ khác")
    assert desk.sign_in() is not None
    assert desk.sign_in(password="mật khẩu của kẻ khác") is None
    assert desk.sign_in(login="ai đó") is None


def test_link_ends_after_a_day(desk: Desk) -> None:
    secret = desk.invite()
    desk.now += timedelta(hours=24)
    assert not desk.accept(secret)


def test_session_ends_when_idle_and_at_last_in_any_case(desk: Desk) -> None:
    desk.accept(desk.invite())
    cookie = desk.sign_in()
    assert cookie is not None
    began = desk.now
    while desk.now + IDLE / 2 < began + LONGEST:
        assert desk.who(cookie) == "lan"
        desk.now += IDLE / 2
    desk.now = began + LONGEST
    assert desk.who(cookie) is None

    idle = desk.sign_in()
    assert idle is not None
    desk.now += IDLE
    assert desk.who(idle) is None


def test_new_password_and_block_end_sessions(desk: Desk) -> None:
    desk.accept(desk.invite())
    first = desk.sign_in()
    desk.accept(desk.invite(), "một mật khẩu khác hẳn")
    assert first is not None
    assert desk.who(first) is None

    second = desk.sign_in(password="một mật khẩu khác hẳn")
    assert second is not None
    with desk.app.sessions.begin() as session:
        account = stored.by_login(session, "lan")
        assert account is not None
        stored.change(session, account.id, disabled_at=desk.now)
    assert desk.who(second) is None
    assert desk.sign_in(password="một mật khẩu khác hẳn") is None


def test_database_holds_no_secret(desk: Desk) -> None:
    secret = desk.invite()
    desk.accept(secret)
    cookie = desk.sign_in()
    assert cookie is not None
    kept = b"".join(path.read_bytes() for path in desk.app.settings.data_dir.iterdir())
    for word in (secret, cookie, GOOD):
        assert word.encode() not in kept


def test_unit_does_nothing_but_answer() -> None:
    assert MAY[Role.UNIT] == {Right.ANSWER, Right.SELF}
    assert not any(Right.ANSWER in MAY[role] for role in Role if role is not Role.UNIT)


@pytest.mark.parametrize(
    "password",
    [
        "1234567890", "123456789012", "0912 345 678 90", "aaaaaaaaaaaaaaaa", "Password1234!",
        "Mật-khẩu-2026", "qwertyuiop123", "langnghe@2026", "VietNam!!2026", "thulan12345!",
    ],
)  # fmt: skip
def test_passwords_that_are_tried_first_are_refused(password: str) -> None:
    with pytest.raises(BadPassword):
        check_password(password, "thulan")


@pytest.mark.parametrize(
    "password", ["mười hai con giáp", "ngoc-lan trước hiên", "9 nhánh sông & gió"]
)
def test_a_short_sentence_is_a_good_password(password: str) -> None:
    check_password(password, "lan")


def test_the_command_blocks_and_unblocks_but_never_the_last_admin(tmp_path: Path) -> None:
    (tmp_path / "langnghe.toml").write_text('data_dir = "data"\n', "utf-8")
    app = App(tmp_path)
    for login, role in (("chi", Role.ADMIN), ("lan", Role.ANALYST)):
        with app.sessions.begin() as session:
            secret = accounts.make_invite(app, session, login, role, None)
            assert accounts.accept_invite(app, session, secret, login, GOOD)

    def call(*words: str) -> int:
        return CliRunner().invoke(command, ["-c", str(tmp_path), "users", *words]).exit_code

    assert (call("block", "chi"), call("block", "ai"), call("unblock", "ai")) == (1, 1, 1)
    assert call("block", "LAN") == 0
    with app.sessions.begin() as session:
        assert accounts.sign_in(app, session, "lan", GOOD) is None
    assert (call("unblock", "lan"), call("invite", "moi")) == (0, 0)

    with app.sessions.begin() as session:
        assert accounts.sign_in(app, session, "lan", GOOD) is not None
        lines = [(line.action, line.subject) for _, line in stored.audit(session)]
    assert lines[:3] == [
        ("account_invited", "moi"),
        ("account_unblocked", "lan"),
        ("account_blocked", "lan"),
    ]
