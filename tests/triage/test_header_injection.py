"""Header injection at full number (T14): what a real mail server received, taken apart again."""

from __future__ import annotations

import email
import json
import unicodedata
from dataclasses import replace
from email.header import decode_header, make_header
from email.policy import compat32

import pytest
from hostile import HEADER_BREAKS
from smtp_servers import working
from triage_samples import BRIEF, LETTERHEAD, NOW, notice

from config.catalog import NotifierEntry
from config.errors import ConfigError
from config.load import SHIPPED
from langnghe.check import problems
from triage.message import is_address
from triage.notice import DeliveryFailed, Fault
from triage.notifiers import build_notifier
from triage.roundmail import End, Ending, Fresh, Letter, Owed, Role, round_notice

TO = "vanphong@batri.example"
EVIL_ADDRESS = "x@evil.example"
NAMES = [
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
    *("X-LangNghe-Key", "MIME-Version", "Content-Type"),
]
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
#: Beside line breaks: what a header folds, decodes or shows otherwise than it was written.
TRICKS = (
    *(
        f"Rác{mark}Bcc: {EVIL_ADDRESS}"
        for mark in ("\0", "\0\r\n", "\r\0\n", "\ud80d\n", "\x1b[2K")
    ),
    *(f"Rác {mark}gpj.exe Bcc: {EVIL_ADDRESS}" for mark in BIDI),
    "=?utf-8?q?R=C3=A1c=0D=0ABcc:_x@evil.example?=",
    "=?utf-8?b?UsOhYw0KQmNjOiB4QGV2aWwuZXhhbXBsZQ==?=",
    "=?utf-8?q?a?=\r\n =?utf-8?q?=0ABcc:_x@evil.example?=",
    "=?iso-2022-jp?b?GyRCDQpCY2M6IHhAZXZpbC5leGFtcGxlGyhC?=",
    "a" * 5000 + f"\r\nBcc: {EVIL_ADDRESS}",
    "ừ" * 5000,
    "x " * 2500 + f"\r\n\r\nBcc: {EVIL_ADDRESS}",
    " " * 1200 + f"Bcc: {EVIL_ADDRESS}",
    f'"Sở" <{EVIL_ADDRESS}>, ',
    f"Sở>, <{EVIL_ADDRESS}>",
    f'Sở;\\"\r\n <{EVIL_ADDRESS}>',
    f"(\\\r\n) {EVIL_ADDRESS}",
    f"\u00a0\u2007\u3000Bcc: {EVIL_ADDRESS}",
    f"\ufeffBcc\uff1a {EVIL_ADDRESS}\u200b\u00ad",
    "\U000e0042\U000e0063\U000e0063",
)
EVIL = (*HEADER_BREAKS, *TRICKS)


@pytest.fixture(scope="module")
def office():
    with working() as made:
        yield made


def way(port, name="Lắng Nghe", **more):
    options = {"host": "127.0.0.1", "port": port, "security": "none", "sender_name": name}
    given = options | {"sender": "langnghe@tinh.example"} | more
    return build_notifier(NotifierEntry(id="thu", type="smtp", options=given))


def test_there_are_more_than_a_hundred():
    assert len(set(EVIL)) >= 125


@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
def test_title_unit_place_and_agency_add_no_header_to_what_the_server_receives(evil, office):
    inbox, port = office
    inbox.received.clear()
    brief = replace(BRIEF, title=evil, unit_name=evil, place=evil, gist=evil, why=(evil,))
    times = {"now": NOW, "not_before": NOW, "letterhead": replace(LETTERHEAD, agency=evil)}
    sender = way(port, evil)

    for made in (
        notice(subject=evil, text=evil, html=evil, key=f"cases:{evil}"),
        round_notice(Letter(evil, TO, [Fresh(brief, Role.LEAD, evil, evil)]), key=evil, **times),
        round_notice(Letter(evil, TO, [Owed(brief, again=evil, silent=evil)]), key="r", **times),
        round_notice(
            Letter(evil, TO, [Ending(brief, End.CLOSED, statement=evil)]), key="e", **times
        ),
    ):
        sender.send(made)

    assert [recipients for _, recipients, _ in inbox.received] == [[TO]] * 4
    for _, _, content in inbox.received:
        read = email.message_from_bytes(content, policy=compat32)
        assert read.keys() == NAMES
        assert max(len(line) for line in content.split(b"\r\n")) <= 998
        assert [part.get_content_type() for part in read.get_payload()] == [
            "text/plain",
            "text/html",
        ]
        for name in NAMES:
            shown = str(make_header(decode_header(read[name].replace("\r\n", ""))))
            assert {unicodedata.category(char) for char in shown} & {
                "Cc",
                "Cf",
                "Zl",
                "Zp",
            } == set()
        assert read["To"] == TO
        assert read["From"].rpartition("<")[2] == "langnghe@tinh.example>"


@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
def test_an_address_that_is_none_never_reaches_the_server(evil, office):
    inbox, port = office
    inbox.received.clear()

    for address in (evil, f"{TO}{evil}", f"{evil}{TO}", f"vanphong{evil}@batri.example"):
        with pytest.raises(DeliveryFailed) as raised:
            way(port).send(notice(recipient=address))
        assert raised.value.fault is Fault.RECIPIENT
        with pytest.raises(ConfigError, match=r"options\.sender: "):
            way(port, sender=address)
        with pytest.raises(ConfigError, match=r"options\.reply_to: "):
            way(port, reply_to=address)

    assert inbox.received == []


#: TOML carries neither half a surrogate pair nor a bare DEL.
WRITABLE = [evil for evil in EVIL if "\ud80d" not in evil and "\x7f" not in evil]


def quoted(evil):
    return json.dumps(TO + evil, ensure_ascii=False)


def test_check_refuses_every_reader_of_the_digest_that_is_no_address(tmp_path):
    readers = ", ".join(quoted(evil) for evil in WRITABLE)
    (tmp_path / "langnghe.toml").write_text(
        f'[mail]\ndomain = "a b"\ndigest_to = [{readers}]\n', "utf-8"
    )

    found = problems(tmp_path)

    told = [line for line in found if "mail.digest_to: not an e-mail address" in line]
    assert len(told) == len(WRITABLE)
    assert "langnghe.toml: mail.domain: not a domain: 'a b'" in found


def refused(folder, write, left):
    """Return all that `check` refuses: what is no address at first sight, then the rest."""
    found = set()
    for _ in range(2):
        write({name: evil for name, evil in left.items() if name not in found})
        found |= {line.partition(": ")[2].partition(":")[0] for line in problems(folder)}
    return found


def test_check_refuses_every_contact_that_is_no_address(tmp_path):
    units = sorted(path.stem for path in (SHIPPED / "units").glob("*.toml"))
    rows = {f"contacts.{unit}": evil for unit, evil in zip(units, WRITABLE[::-1], strict=False)}

    def write(left):
        lines = "".join(f"{name} = {quoted(evil)}\n" for name, evil in left.items())
        (tmp_path / "contacts.toml").write_text(lines, "utf-8")

    assert refused(tmp_path, write, rows) == set(rows)


def test_check_refuses_every_unit_whose_email_is_no_address(tmp_path):
    (tmp_path / "units").mkdir()
    files = {f"units/u-{number}.toml": evil for number, evil in enumerate(WRITABLE)}
    for name, evil in files.items():
        (tmp_path / name).write_text(f'name = "UBND"\nemail = {quoted(evil)}\n', "utf-8")

    found = set()
    for _ in range(2):
        found |= {line.partition(": ")[0] for line in problems(tmp_path)}
        for name in found:
            (tmp_path / name).unlink(missing_ok=True)

    assert found == set(files)


@pytest.mark.parametrize("address", ["=?utf-8?q?a=0D=0Ab?=@b.vn", "a=?@b.vn", "ấp@b.vn", "a@b"])
def test_what_a_mail_program_would_decode_is_no_address(address):
    assert not is_address(address)
