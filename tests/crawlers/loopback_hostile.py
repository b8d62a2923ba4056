"""Answers that no honest server gives: slow, endless, packed, looping, broken."""

from __future__ import annotations

import gzip
import socket
import threading

from loopback import RSS, Reply

_OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


def _drip(connection: socket.socket, closing: threading.Event) -> None:
    connection.sendall(_OK + b"Content-Length: 100000\r\n\r\n")
    while not closing.wait(0.1):
        connection.sendall(b"x")


def _drip_headers(connection: socket.socket, closing: threading.Event) -> None:
    connection.sendall(_OK)
    while not closing.wait(0.1):
        connection.sendall(b"X-Cham: x\r\n")


def _endless(connection: socket.socket, closing: threading.Event) -> None:
    connection.sendall(_OK + b"Connection: close\r\n\r\n")
    while not closing.is_set():
        connection.sendall(b"<item>" * 10_000)


def _ten_gigabytes(connection: socket.socket, closing: threading.Event) -> None:
    connection.sendall(_OK + b"Content-Length: 10000000000\r\n\r\n" + b"x" * 1000)
    closing.wait()


def _endless_headers(connection: socket.socket, closing: threading.Event) -> None:
    connection.sendall(_OK)
    while not closing.is_set():
        connection.sendall(b"X-Nhieu: " + b"a" * 1000 + b"\r\n")


def _cut(connection: socket.socket, _: threading.Event) -> None:
    connection.sendall(_OK + b"Content-Length: 5000\r\n\r\n<rss>")


def _hang_up(connection: socket.socket, _: threading.Event) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def _bad_chunks(connection: socket.socket, _: threading.Event) -> None:
    connection.sendall(_OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nkhong phai\r\n0\r\n\r\n")


_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "haha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefg", "bcdefgh", strict=True))
    + ']><rss version="2.0"><channel><title>&h;</title>'
    + "<item><title>&h;</title></item></channel></rss>"
)
_FILE = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    '<rss version="2.0"><channel><item><title>x&f;y</title><link>http://x.example/a</link>'
    "</item></channel></rss>"
)

#: Hostile answers, by what is wrong with them.
HOSTILE = {
    "slow_body": Reply(raw=_drip),
    "slow_headers": Reply(raw=_drip_headers),
    "endless": Reply(raw=_endless),
    "ten_gigabytes": Reply(raw=_ten_gigabytes),
    "endless_headers": Reply(raw=_endless_headers),
    "cut": Reply(raw=_cut),
    "hang_up": Reply(raw=_hang_up),
    "bad_chunks": Reply(raw=_bad_chunks),
    "bomb": Reply(gzip.compress(bytes(60 * 2**20)), RSS, headers={"Content-Encoding": "gzip"}),
    "bad_gzip": Reply(b"\x1f\x8b rac", RSS, headers={"Content-Encoding": "gzip"}),
    "loop": Reply(status=302, headers={"Location": "/loop"}),
    "to_file": Reply(status=302, headers={"Location": "file:///etc/passwd"}),
    "to_nowhere": Reply(status=302, headers={"Location": "http://[hong"}),
    "big_feed": Reply(b"<rss>" + b" " * (5 * 2**20), RSS),
    "laughs": Reply(_LAUGHS, RSS),
    "file_entity": Reply(_FILE, RSS),
    "brackets": Reply(b"<rss><channel>" + b"<" * 300_000, RSS),
    "nested": Reply(b"<rss>" + b"<a>" * 50_000, RSS),
    "nothing": Reply(b"", RSS),
    "binary": Reply(bytes(range(256)) * 100, RSS),
    "bad_json": Reply(b"{" * 100_000, "application/feed+json"),
}
