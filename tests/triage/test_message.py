"""One notice, one message: the same bytes each time, and no header that was not meant."""

from __future__ import annotations

import email
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.policy import SMTP, compat32

import pytest
from hostile import BREAKS, HEADER_BREAKS
from hypothesis import given
from hypothesis import strategies as st
from triage_samples import BRIEF, DAY, LETTERHEAD, NOW, notice

from triage.mail import Waiting, waiting_notice
from triage.message import build_message, is_address, message_id
from triage.notice import DeliveryFailed
from triage.roundmail import End, Ending, Letter, Owed, round_notice
from triage.wording import one_line

SENDER = "langnghe@tinh.example"
HEADERS = [
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
    *("X-LangNghe-Key", "MIME-Version", "Content-Type"),
]


def sent(made):
    """Read back what goes over the wire."""
    content = build_message(made, SENDER, sender_name="Lắng Nghe").as_bytes()
    return email.message_from_bytes(content, policy=SMTP)


def test_the_message_says_what_it_is():
    read = sent(notice())

    assert read.keys() == HEADERS
    assert read["From"] == "Lắng Nghe <langnghe@tinh.example>"
    assert read["To"] == "vanphong@batri.example"
    assert read["Subject"] == "[Lắng Nghe] 2 vụ việc cần xác minh – hạn 27/07/2023"
    assert read["Date"] == "Tue, 25 Jul 2023 07:00:00 +0700"
    assert read["Message-ID"] == "<0123456789abcdef@langnghe.invalid>"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["X-LangNghe-Key"] == "cases:ubnd-huyen-ba-tri:2023-07-20"


def test_plain_text_comes_first_and_both_parts_are_whole():
    read = sent(notice())

    parts = list(read.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert [part["Content-Transfer-Encoding"] for part in parts] == ["quoted-printable"] * 2
    assert parts[0].get_content().replace("\r\n", "\n") == notice().text
    assert parts[1].get_content().replace("\r\n", "\n") == notice().html


def test_lines_on_the_wire_are_short_ascii_ending_in_crlf():
    content = build_message(notice(text="ừ" * 5000, html="x" * 5000), SENDER).as_bytes()

    assert content.isascii()
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in content.split(b"\r\n")) <= 998


def test_the_same_notice_gives_the_same_bytes():
    first, again = (build_message(notice(), SENDER).as_bytes() for _ in range(2))

    assert first == again


def test_the_date_is_the_notices_own_in_viet_nam():
    made = notice(created_at=datetime(2023, 12, 31, 20, 0, tzinfo=UTC))

    assert sent(made)["Date"] == "Mon, 01 Jan 2024 03:00:00 +0700"


def test_answers_can_be_sent_elsewhere():
    message = build_message(notice(), SENDER, reply_to="tra-loi@tinh.example")

    assert message["Reply-To"] == "tra-loi@tinh.example"


WORDS = (
    "Rác",
    "ùn ứ",
    "–",
    "ở",
    "xã",
    "An-Hiệp,",
    "[12]",
    "“quá",
    "hạn”",
    "🌊",
    "a",
    "=?utf-8?q?a?=",
)


@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_any_subject_of_words_comes_back_as_it_was(words):
    subject = " ".join(words)

    assert sent(notice(subject=subject))["Subject"] == one_line(subject, 180).replace("=?", "= ?")


@given(st.lists(st.sampled_from(WORDS[:-1]), min_size=1, max_size=12))
def test_any_senders_name_comes_back_as_it_was(words):
    name = " ".join(words)

    content = build_message(notice(), SENDER, sender_name=name).as_bytes()

    # The older reader joins encoded words as RFC 2047 says; the newer one (3.11) does not.
    header = email.message_from_bytes(content, policy=compat32)["From"]
    assert str(make_header(decode_header(header))) == f"{name} <{SENDER}>"


@given(st.text(max_size=200))
def test_any_text_at_all_gives_a_message_with_the_same_headers(text):
    read = sent(notice(subject=text, text=text, html=text, key=f"cases:{text}"))

    assert read.keys() == HEADERS
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize("evil", HEADER_BREAKS)
def test_a_title_or_unit_name_adds_no_header(evil):
    brief = replace(BRIEF, title=evil, unit_name=evil, place=evil, gist=evil)
    times = {"now": NOW, "letterhead": replace(LETTERHEAD, agency=evil)}
    parts = (Owed(brief, again=evil, silent=evil), Ending(brief, End.CLOSED, statement=evil))
    letter = Letter(evil, "vanphong@batri.example", parts)
    made = (
        notice(subject=evil, key=evil),
        round_notice(letter, key=evil, not_before=NOW, **times),
        waiting_notice([Waiting(brief, NOW, evil)], [], "a@b.example", day=DAY, **times),
    )

    for one in made:
        read = sent(one)
        assert read.keys() == HEADERS
        assert len(list(read.iter_parts())) == 2
        assert not set("".join(BREAKS)) & set(str(read["Subject"]))


@pytest.mark.parametrize("evil", HEADER_BREAKS)
def test_an_address_with_a_line_break_is_refused(evil):
    for address in (f"a@b.example{evil}", f"{evil}a@b.example", f"a{evil}@b.example"):
        with pytest.raises(DeliveryFailed, match="the recipient is not a plain e-mail address"):
            build_message(notice(recipient=address), SENDER)
        with pytest.raises(DeliveryFailed, match="the sender is not"):
            build_message(notice(), address)
        with pytest.raises(DeliveryFailed, match="the reply address is not"):
            build_message(notice(), SENDER, reply_to=address)


def test_a_title_that_hides_a_line_break_in_an_encoded_word_stays_as_it_is():
    read = sent(notice(subject="=?utf-8?q?R=C3=A1c=0D=0ABcc:_x@evil.example?= a"))

    assert read["Subject"] == "= ?utf-8?q?R=C3=A1c=0D=0ABcc:_x@evil.example?= a"


def test_a_senders_name_adds_no_header():
    content = build_message(notice(), SENDER, sender_name="Lắng\r\nBcc: x@y.example").as_bytes()

    assert email.message_from_bytes(content, policy=SMTP).keys() == HEADERS


@pytest.mark.parametrize(
    "broken",
    ["", "<>", "<a@b>\r\nBcc: x", "a@b", "<a b@c.example>", "<a\n@c.example>", "<@c.example>"],
)
def test_a_malformed_message_id_is_refused(broken):
    with pytest.raises(DeliveryFailed, match="the Message-ID is malformed"):
        build_message(notice(message_id=broken), SENDER)


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        ("vanphong.ubnd+1@batri.bentre.gov.vn", True),
        ("a@b.vn", True),
        ("", False),
        ("a@b", False),
        ("a@@b.vn", False),
        ("a..b@c.vn", False),
        (".a@c.vn", False),
        ("a@-c.vn", False),
        ("a@c.vn ", False),
        ("a@c.vn\n", False),
        ("A <a@c.vn>", False),
        ("a@c.vn,b@c.vn", False),
        ('"a b"@c.vn', False),
        ("ấp@c.vn", False),
        ("a@tỉnh.vn", False),
        ("x" * 250 + "@c.vn", False),
    ],
)
def test_plain_addresses(address, plain):
    assert is_address(address) is plain


def test_a_message_id_follows_from_the_key_alone():
    assert message_id("cases:a:1", "langnghe.invalid") == (
        "<889ff14cdf3ee56e5a2ce9cea19a8bee@langnghe.invalid>"
    )
    assert message_id("cases:a:1", "x.vn") != message_id("cases:a:2", "x.vn")


@pytest.mark.parametrize("domain", ["", "a b", "a\r\n", "a@b", "-a.vn", "a>.vn"])
def test_a_domain_that_is_none_is_refused(domain):
    with pytest.raises(ValueError, match="is not a domain"):
        message_id("k", domain)
