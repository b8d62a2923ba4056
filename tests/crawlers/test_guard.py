"""The guard on the address that is dialled."""

from __future__ import annotations

import socket
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from loopback import limits

from crawlers.guard import BlockedError, address_problem, guarded, install, url_problem
from crawlers.item import Outcome
from crawlers.outcome import failed_download, failed_status, retry_after

PRIVATE = [
    "127.0.0.1",
    "127.8.9.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - refused, not bound
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "198.18.0.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "2001:0:53aa:64c:0:fbff:80ff:fffe",
    "2001:db8::1",
    "[::1]",
    "192.0.0.192",
    "fec0::1",
    "::ffff:0:7f00:1",
    "64:ff9b:1::1",
    "4000::1",
]
PUBLIC = ["1.1.1.1", "203.162.4.190", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_address_is_refused(address: str) -> None:
    assert address_problem(address).startswith("địa chỉ mạng nội bộ")


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_is_let_through(address: str) -> None:
    assert address_problem(address) == ""


@pytest.mark.parametrize("name", ["localhost", "", "127.1", "0x7f000001", "bao.vn"])
def test_what_is_not_an_address_is_never_dialled(name: str) -> None:
    assert address_problem(name) == "không phải địa chỉ IP"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://bao.vn/a", ""),
        ("http://bao.vn:8080/a", ""),
        ("https://bao.vn:8443/a", ""),
        ("http://203.162.4.190/", ""),
        ("http://bao.vn:22/", "cổng 22 không được phép"),
        ("http://bao.vn:99999/", "địa chỉ hỏng"),
        ("ftp://bao.vn/", "giao thức “ftp” không được phép"),
        ("file:///etc/passwd", "giao thức “file” không được phép"),
        ("http:///a", "giao thức “http” không được phép"),
        ("http://127.0.0.1/", "địa chỉ mạng nội bộ 127.0.0.1"),
        ("http://[::1]/", "địa chỉ mạng nội bộ ::1"),
        ("http://2130706433/", "địa chỉ mạng nội bộ 127.0.0.1"),
        ("http://0x7f.1/", "địa chỉ mạng nội bộ 127.0.0.1"),
        ("http://0251.0376.0251.0376/", "địa chỉ mạng nội bộ 169.254.169.254"),
        ("http://%31%32%37.0.0.1/", "địa chỉ mạng nội bộ 127.0.0.1"),
        ("http://１２７。0.0.1/", "địa chỉ mạng nội bộ 127.0.0.1"),
        ("http://10.0.0.1./", "địa chỉ mạng nội bộ 10.0.0.1"),
        ("http://[fe80::1%25lo]/", "địa chỉ mạng nội bộ fe80::1"),
        ("http://LOCALHOST/", "tên máy nội bộ “localhost”"),
        ("http://a.localhost./", "tên máy nội bộ “a.localhost”"),
        ("http://metadata.google.internal/", "tên máy nội bộ “metadata.google.internal”"),
        ("http://router/", "tên máy nội bộ “router”"),
    ],
)
def test_address_is_judged_by_its_text(url: str, problem: str) -> None:
    assert url_problem(url) == problem


class Reactor:
    """Answers a name differently each time, as a rebinding DNS does; records what is dialled."""

    def __init__(self, *answers: str) -> None:
        self.dialled: list[tuple[str, int]] = []
        self.answers = list(answers)

    def connect_to(self, port: int) -> None:
        self.connectTCP(self.answers.pop(0), port)

    def connectTCP(self, host: str, port: int, *_: Any) -> None:  # noqa: N802
        self.dialled.append((host, port))


def test_answer_that_changes_to_a_private_address_is_not_dialled() -> None:
    reactor = Reactor("1.1.1.1", "127.0.0.1", "::ffff:10.0.0.1")
    install(reactor, limits(allow_private=False))

    reactor.connect_to(80)
    with pytest.raises(BlockedError, match=r"địa chỉ mạng nội bộ 127\.0\.0\.1"):
        reactor.connect_to(80)
    with pytest.raises(BlockedError):
        reactor.connect_to(443)

    assert reactor.dialled == [("1.1.1.1", 80)]


def test_proxy_alone_may_be_private() -> None:
    reactor = Reactor("127.0.0.1", "127.0.0.1")
    install(reactor, limits(allow_private=False, proxy="http://localhost:3128"))

    reactor.connect_to(3128)
    with pytest.raises(BlockedError):
        reactor.connect_to(80)

    assert reactor.dialled == [("127.0.0.1", 3128)]


def test_proxy_without_an_address_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    reactor = Reactor("127.0.0.1")
    install(reactor, limits(allow_private=False, proxy="http://khong-co:3128"))

    with pytest.raises(BlockedError):
        reactor.connect_to(3128)


def test_tests_and_demo_may_dial_loopback() -> None:
    reactor = Reactor("127.0.0.1")
    install(reactor, limits(allow_private=True))
    reactor.connect_to(80)

    assert reactor.dialled == [("127.0.0.1", 80)]


def test_arguments_reach_the_dialler() -> None:
    seen: list[Any] = []
    guarded(lambda *args, **more: seen.append((args, more)))("1.1.1.1", 80, "factory", timeout=5)

    assert seen == [(("1.1.1.1", 80, "factory"), {"timeout": 5})]


NOW = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("1", 60),
        ("999999999999", 86_400),
        ("Tue, 24 Nov 2026 02:10:00 GMT", 600),
        ("Tue, 24 Nov 2026 01:00:00 GMT", 60),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("Tue, 24 Nov 2026 02:10:00", None),
    ],
)
def test_retry_after_is_clamped(header: str, seconds: int | None) -> None:
    assert retry_after(header, NOW) == seconds


@pytest.mark.parametrize(
    ("status", "outcome", "lasting"),
    [
        (301, Outcome.ERROR, False),
        (401, Outcome.BLOCKED, True),
        (418, Outcome.ERROR, True),
        (429, Outcome.ERROR, False),
        (451, Outcome.BLOCKED, True),
        (599, Outcome.ERROR, False),
    ],
)
def test_statuses_last_or_pass(status: int, outcome: Outcome, lasting: bool) -> None:
    failed = failed_status(status)
    assert (failed.outcome, failed.lasting, failed.status) == (outcome, lasting, status)


def test_unknown_failure_names_itself_without_secrets() -> None:
    failed = failed_download(RuntimeError("at https://g/?access_token=abc"))
    assert failed.reason == "không tải được (RuntimeError: at https://g/?access_token=***)"
    assert SimpleNamespace(**vars(failed)).outcome is Outcome.ERROR
