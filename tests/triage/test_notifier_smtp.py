"""The SMTP notifier against real servers: good ones, refusing ones, and ones that die."""

from __future__ import annotations

import email
from email.policy import SMTP
from pathlib import Path
from time import monotonic

import pytest
from smtp_servers import Scripted, authenticate, certificate, free_port, working
from triage_samples import notice

from config.catalog import NotifierEntry
from config.errors import ConfigError
from triage.notice import DeliveryDeferred, DeliveryFailed, Fault
from triage.notifiers import build_notifier, smtp

SENDER = "langnghe@tinh.example"
PATTERN = r"'^[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+$'"
STEPS = ("MAIL", "RCPT", "DATA", ".")


def notifier(port, base=None, **options):
    given = {"host": "127.0.0.1", "port": port, "sender": SENDER, "security": "none", "timeout": 5}
    entry = NotifierEntry(id="thu", type="smtp", options=given | options)
    return build_notifier(entry, base) if base else build_notifier(entry)


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"))


def test_a_notice_arrives_whole():
    with working() as (inbox, port):
        notifier(port, reply_to="tra-loi@tinh.example").send(notice())

    ((sender, recipients, content),) = inbox.received
    assert (sender, recipients) == (SENDER, ["vanphong@batri.example"])
    read = email.message_from_bytes(content, policy=SMTP)
    assert read["Subject"] == notice().subject
    assert read["Message-ID"] == notice().message_id
    assert read["Reply-To"] == "tra-loi@tinh.example"
    assert read.get_body(("plain",)).get_content().strip() == "Kính gửi: UBND huyện Ba Tri"


def test_a_line_with_a_dot_alone_does_not_end_the_message():
    text = "trước\n.\nMAIL FROM:<x@evil.example>\n..\nsau\n"

    with working() as (inbox, port):
        notifier(port).send(notice(text=text))

    ((_, _, content),) = inbox.received
    read = email.message_from_bytes(content, policy=SMTP).get_body(("plain",)).get_content()
    assert read.replace("\r\n", "\n") == text


@pytest.mark.parametrize(
    ("where", "reply"),
    [
        *((where, f"{code} later") for where in STEPS for code in (421, 450, 451, 452)),
        *((where, "DROP") for where in ("greeting", "EHLO", "MAIL", "RCPT", "DATA", ".")),
        ("greeting", "421 too busy"),
        ("greeting", "554 not you"),
        ("greeting", "not smtp at all"),
    ],
)  # fmt: skip
def test_what_may_pass_is_deferred(where, reply):
    with Scripted({where: reply}) as server, pytest.raises(DeliveryDeferred) as raised:
        notifier(server.port).send(notice())

    assert raised.value.retryable
    assert server.connections == 1  # no loop of its own


@pytest.mark.parametrize(
    ("where", "reply", "fault", "told"),
    [
        ("RCPT", "550 5.1.1 no such user", Fault.RECIPIENT, "SMTP 550 5.1.1 (recipient)"),
        ("RCPT", "550 mailbox unavailable", Fault.RECIPIENT, "SMTP 550 (recipient)"),
        ("RCPT", "552 5.2.2 over quota", Fault.RECIPIENT, "SMTP 552 5.2.2 (recipient)"),
        ("RCPT", "550 5.4.1 Access denied", Fault.RECIPIENT, "SMTP 550 5.4.1 (recipient)"),
        (".", "550 5.1.1 no such user", Fault.RECIPIENT, "SMTP 550 5.1.1 (data)"),
        (".", "554 5.7.1 spam", Fault.MESSAGE, "SMTP 554 5.7.1 (data)"),
        ("DATA", "554 no", Fault.MESSAGE, "SMTP 554 (data)"),
        ("MAIL", "552 5.3.4 too large", Fault.MESSAGE, "SMTP 552 5.3.4 (sender)"),
    ],
)
def test_what_is_refused_for_good_fails_once_and_says_whose_doing_it_is(where, reply, fault, told):
    with Scripted({where: reply}) as server, pytest.raises(DeliveryFailed) as raised:
        notifier(server.port).send(notice())

    assert (raised.value.fault, str(raised.value)) == (fault, told)
    assert server.commands.count("MAIL") == 1


@pytest.mark.parametrize(
    ("where", "reply", "fault"),
    [
        ("greeting", "554 5.7.1 your host is listed", Fault.SERVER),
        ("EHLO", "550 not you", Fault.SERVER),
        ("MAIL", "550 5.7.1 sender not allowed", Fault.SERVER),
        ("MAIL", "530 5.7.0 authentication required", Fault.SERVER),
        ("MAIL", "451 4.3.0 try later", Fault.SERVER),
        ("RCPT", "554 5.7.1 relay access denied", Fault.UNCLEAR),
        ("RCPT", "550 relay not permitted", Fault.UNCLEAR),
        ("RCPT", "550 5.1.8 sender's domain not found", Fault.UNCLEAR),
        ("RCPT", "550 5.7.26 not authenticated", Fault.UNCLEAR),
        ("RCPT", "450 4.2.1 greylisted", Fault.UNCLEAR),
        (".", "451 4.7.1 later", Fault.UNCLEAR),
        (".", "503 what", Fault.UNCLEAR),
        (".", "DROP", Fault.UNCLEAR),
    ],
)
def test_what_is_not_the_recipients_doing_is_never_final(where, reply, fault):
    answers = {where: reply} | ({"HELO": reply} if where == "EHLO" else {})

    with Scripted(answers) as server, pytest.raises(DeliveryDeferred) as raised:
        notifier(server.port).send(notice())

    assert raised.value.fault is fault


def test_a_server_that_drips_its_answers_is_left_after_a_while(monkeypatch):
    monkeypatch.setattr(smtp, "_WHOLE_S", 0.3)
    begin = monotonic()

    with Scripted({".": "DRIP"}) as server, pytest.raises(DeliveryDeferred):
        notifier(server.port, timeout=5).send(notice())

    assert monotonic() - begin < 4


@pytest.mark.parametrize("where", ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "."])
def test_a_silent_server_is_left_after_the_timeout(where):
    begin = monotonic()

    with Scripted({where: "STALL"}) as server, pytest.raises(DeliveryDeferred):
        notifier(server.port, timeout=0.3).send(notice())

    assert monotonic() - begin < 5


@pytest.mark.parametrize("farewell", ["DROP", "500 what", "421 bye", "STALL"])
def test_how_the_server_takes_the_farewell_does_not_matter(farewell):
    with Scripted({"QUIT": farewell}) as server:
        notifier(server.port, timeout=0.5).send(notice())

    assert server.commands == ["EHLO", "MAIL", "RCPT", "DATA", ".", "QUIT"]


def test_no_server_at_all_is_deferred():
    with pytest.raises(DeliveryDeferred, match="Connection refused") as raised:
        notifier(free_port()).send(notice())

    assert (raised.value.fault, raised.value.step) == (Fault.SERVER, "connect")


def test_the_servers_words_do_not_reach_the_error():
    with (
        Scripted(
            {"EHLO": "550 nguyen.van.a@x.example", "HELO": "550 nguyen.van.a@x.example"}
        ) as server,
        pytest.raises(DeliveryDeferred) as raised,
    ):
        notifier(server.port).send(notice())

    assert str(raised.value) == "SMTP 550 (hello)"


def test_starttls_with_a_certificate_of_ones_own(tls):
    file, context = tls

    with working(tls_context=context, require_starttls=True) as (inbox, port):
        notifier(port, security="starttls", ca_file=str(file)).send(notice())

    assert len(inbox.received) == 1


def test_tls_from_the_start(tls):
    file, context = tls

    with working(ssl_context=context) as (inbox, port):
        notifier(port, host="localhost", security="tls", ca_file=str(file)).send(notice())

    assert len(inbox.received) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_nobody_vouches_for_is_not_accepted(tls, security):
    kind = "tls_context" if security == "starttls" else "ssl_context"

    told = pytest.raises(DeliveryDeferred, match="certificate: self-signed certificate")
    with working(**{kind: tls[1]}) as (inbox, port), told:
        notifier(port, security=security).send(notice())

    assert inbox.received == []


def test_a_certificate_for_another_name_is_not_accepted(tmp_path):
    file, context = certificate(tmp_path, "khac.example")

    told = pytest.raises(DeliveryDeferred, match="certificate: ")
    with working(tls_context=context) as (inbox, port), told:
        notifier(port, security="starttls", ca_file=str(file)).send(notice())

    assert inbox.received == []


def test_a_server_that_offers_no_starttls_gets_nothing():
    with working() as (inbox, port), pytest.raises(DeliveryDeferred, match="SMTPNotSupportedError"):
        notifier(port, security="starttls").send(notice())

    assert inbox.received == []


def test_log_in_with_a_password_from_a_file(tls, tmp_path):
    file, context = tls
    (tmp_path / "secret").write_text("sai\n", "utf-8")
    options = {"security": "starttls", "ca_file": str(file), "user": "langnghe"}

    with working(tls_context=context, authenticator=authenticate, auth_required=True) as (
        inbox,
        port,
    ):
        sender = notifier(port, tmp_path, password_file="secret", **options)
        with pytest.raises(DeliveryDeferred, match="SMTP 535"):
            sender.send(notice())
        (tmp_path / "secret").write_text("mat khau\n", "utf-8")
        sender.send(notice())

    assert len(inbox.received) == 1


@pytest.mark.parametrize("missing", ["password_file", "ca_file"])
def test_a_file_that_is_missing_defers_the_mail(tls, tmp_path, missing):
    file, context = tls
    options = {"user": "u", "password_file": "no", "ca_file": str(file)} | {missing: "no"}

    with (
        working(tls_context=context) as (_, port),
        pytest.raises(DeliveryDeferred, match="No such file"),
    ):
        notifier(port, tmp_path, security="starttls", **options).send(notice())


@pytest.mark.parametrize(
    ("options", "problems"),
    [
        ({}, ["options.host: Field required", "options.sender: Field required"]),
        (
            {"host": "a b", "sender": "x", "port": 0},
            [
                "options.host: String should match pattern '^[A-Za-z0-9.:_-]+$'",
                "options.port: Input should be greater than or equal to 1",
                "options.sender: String should match pattern " + PATTERN,
            ],
        ),
        (
            {"host": "m", "sender": "a@b.vn", "hots": 1},
            ["options.hots: Extra inputs are not permitted"],
        ),
        (
            {"host": "m", "sender": "ấp@b.vn", "reply_to": "a@tỉnh.vn"},
            [
                "options.sender: not a plain e-mail address",
                "options.reply_to: not a plain e-mail address",
            ],
        ),
        (
            {"host": "m", "sender": "a@b.vn", "security": "ssl"},
            ["options.security: Input should be 'starttls', 'tls' or 'none'"],
        ),
        (
            {"host": "m", "sender": "a@b.vn", "user": "u"},
            ["options: user and a password belong together"],
        ),
        (
            {"host": "m", "sender": "a@b.vn", "user": "u", "password": "p", "password_file": "f"},
            ["options: give password or password_file, not both"],
        ),
        (
            {"host": "m", "sender": "a@b.vn", "user": "u", "password": "p", "security": "none"},
            ['options: security = "none" would send the password in the clear'],
        ),
    ],
)
def test_bad_options_are_told_one_by_one(options, problems):
    with pytest.raises(ConfigError) as raised:
        build_notifier(NotifierEntry(id="thu", type="smtp", options=options))

    assert raised.value.problems == tuple(f"notifiers/thu.toml: {one}" for one in problems)


def test_a_password_may_stay_on_this_machine():
    for host in ("localhost", "127.0.0.1", "::1"):
        notifier(25, host=host, user="u", password="p")


def test_nowhere_is_verification_switched_off():
    source = Path(smtp.__file__).read_text("utf-8")

    assert [word for word in ("CERT_NONE", "check_hostname", "_unverified") if word in source] == []


def test_a_password_that_smtp_cannot_carry_is_told_and_not_repeated(tls):
    options = {"security": "starttls", "ca_file": str(tls[0]), "user": "u", "password": "bí mật"}

    told = pytest.raises(DeliveryDeferred, match="the user or the password is not plain ASCII")
    with working(tls_context=tls[1], authenticator=authenticate) as (_, port), told:
        notifier(port, **options).send(notice())


def test_the_password_does_not_show():
    made = notifier(25, host="localhost", user="u", password="bí mật")

    assert "bí mật" not in repr(vars(made))


@pytest.mark.parametrize(
    ("answers", "step"),
    [
        ({}, None),
        ({"greeting": "554 not you"}, "connect"),
        ({"greeting": "DROP"}, "connect"),
        ({"EHLO": "550 no", "HELO": "550 no"}, "hello"),
        ({"NOOP": "421 closing"}, "hello"),
        ({"NOOP": "DROP"}, "hello"),
    ],
)
def test_the_way_can_be_tried_without_a_mail(answers, step):
    with Scripted(answers) as server:
        if step is None:
            notifier(server.port).probe()
        else:
            with pytest.raises(DeliveryDeferred) as raised:
                notifier(server.port).probe()
            assert (raised.value.step, raised.value.fault) == (step, Fault.SERVER)

    assert "MAIL" not in server.commands


def test_the_way_is_tried_with_encryption_and_log_in(tls, tmp_path):
    file, context = tls
    options = {"security": "starttls", "user": "langnghe", "password_file": "secret"}
    (tmp_path / "secret").write_text("sai\n", "utf-8")

    with working(tls_context=context, authenticator=authenticate, auth_required=True) as (_, port):
        steps = []
        for more in ({}, {"ca_file": str(file)}):
            with pytest.raises(DeliveryDeferred) as raised:
                notifier(port, tmp_path, **options, **more).probe()
            steps.append(raised.value.step)
        (tmp_path / "secret").write_text("mat khau\n", "utf-8")
        notifier(port, tmp_path, **options, ca_file=str(file)).probe()

    assert steps == ["tls", "login"]
