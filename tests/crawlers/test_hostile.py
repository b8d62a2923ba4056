"""A round among hostile servers: each gets an outcome, none delays or harms the others."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from loopback import HTML, LoopbackWeb, Reply, Told, article, crawl, feed, loopback_web, rss
from loopback_hostile import HOSTILE

from crawlers.item import Outcome

TIMEOUT = 2.0
MAX_BYTES = 6 * 2**20


@contextmanager
def _https(folder: Path) -> Iterator[int]:
    """Serve nothing over TLS, with a certificate that nobody vouches for; give the port."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(key.public_key()).serial_number(1)
    builder = builder.not_valid_before(today).not_valid_after(today + timedelta(days=1))
    pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "cert.pem").write_bytes(pem + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem")
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with suppress(OSError):
                        context.wrap_socket(connection, server_side=True).close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture(scope="module")
def hostile_round(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[dict[str, Told], float]]:
    """What one round told of all of them, and how many seconds it took."""
    with loopback_web() as web, _https(tmp_path_factory.mktemp("tls")) as tls_port:
        for path, reply in HOSTILE.items():
            web.put(f"direct/{path}", reply)
        sources = [feed(path, f"{web.url}/{path}") for path in HOSTILE]
        sources += [
            feed("bad_certificate", f"https://127.0.0.1:{tls_port}/rss"),
            feed("refused", "http://127.0.0.1:9/rss"),
            feed("stalling", _stalling(web)),
            feed("healthy", _healthy(web)),
        ]
        started = time.monotonic()
        told = crawl(*sources, timeout=TIMEOUT, max_bytes=MAX_BYTES, per_host=60, concurrent=60)
        yield told, time.monotonic() - started


@pytest.fixture(scope="module")
def told(hostile_round: tuple[dict[str, Told], float]) -> dict[str, Told]:
    return hostile_round[0]


def _healthy(web: LoopbackWeb) -> str:
    web.put("direct/khoe.htm", Reply(article("Bài của nguồn khỏe mạnh"), HTML))
    web.put("direct/khoe", rss((f"{web.url}/khoe.htm", "x")))
    return f"{web.url}/khoe"


def _stalling(web: LoopbackWeb) -> str:
    for n in range(4):
        web.put(f"direct/dung-{n}.htm", HOSTILE["slow_body"])
    web.put("direct/dung", rss(*((f"{web.url}/dung-{n}.htm", "x") for n in range(4))))
    return f"{web.url}/dung"


_ENDS = {
    "slow_body": (Outcome.TIMEOUT, "máy chủ không trả lời xong trong hạn"),
    "slow_headers": (Outcome.TIMEOUT, "máy chủ không trả lời xong trong hạn"),
    "endless": (Outcome.ERROR, "nội dung quá lớn, bỏ"),
    "ten_gigabytes": (Outcome.ERROR, "nội dung quá lớn, bỏ"),
    "cut": (Outcome.ERROR, "máy chủ ngắt giữa chừng"),
    "bomb": (Outcome.ERROR, "nội dung nén bung ra quá lớn, bỏ"),
    "loop": (Outcome.ERROR, "chuyển hướng lòng vòng quá số lần cho phép"),
    "to_file": (Outcome.ERROR, "HTTP 302: chuyển hướng không đi tiếp được"),
    "big_feed": (Outcome.NOT_A_FEED, "quá lớn: 5 MB, giới hạn 5 MB"),
    "nothing": (Outcome.NOT_A_FEED, "trả lời trống, không có nội dung"),
    "binary": (Outcome.NOT_A_FEED, "không phải bản tin RSS/Atom mà là nội dung lạ"),
    "bad_json": (Outcome.NOT_A_FEED, "JSON hỏng, không đọc được"),
    "bad_certificate": (Outcome.ERROR, "chứng chỉ bảo mật của máy chủ không hợp lệ"),
    "refused": (Outcome.ERROR, "máy chủ không nhận kết nối"),
    "bad_chunks": (Outcome.ERROR, "máy chủ ngắt giữa chừng"),
    "bad_gzip": (Outcome.ERROR, "nội dung nén hỏng"),
    "endless_headers": (Outcome.ERROR, "máy chủ trả lời sai quy cách hoặc ngắt kết nối"),
    "hang_up": (Outcome.ERROR, "máy chủ trả lời sai quy cách hoặc ngắt kết nối"),
    "to_nowhere": (Outcome.ERROR, "địa chỉ hỏng"),
    "brackets": (Outcome.NOT_A_FEED, "bản tin sai cú pháp (SAXParseException)"),
    "nested": (Outcome.NOT_A_FEED, "lồng nhau sâu hơn 100 lớp"),
}


@pytest.mark.parametrize("name", _ENDS)
def test_hostile_answer_is_told_in_words(told: dict[str, Told], name: str) -> None:
    assert (told[name].end.outcome, told[name].end.reason) == _ENDS[name]


def test_healthy_source_is_not_harmed(told: dict[str, Told]) -> None:
    assert [item.title for item in told["healthy"].items] == ["Bài của nguồn khỏe mạnh"]


def test_entities_are_neither_blown_up_nor_read_from_files(told: dict[str, Told]) -> None:
    titles = [item.title for name in ("laughs", "file_entity") for item in told[name].items]
    assert titles == []


def test_every_hostile_source_ends_once(told: dict[str, Told]) -> None:
    assert {name: len(one.ends) for name, one in told.items()} == dict.fromkeys(told, 1)


def test_stalling_pages_do_not_hold_the_round(
    hostile_round: tuple[dict[str, Told], float],
) -> None:
    told, seconds = hostile_round
    assert [page.outcome for page in told["stalling"].pages] == [Outcome.TIMEOUT] * 4
    assert seconds < 10 * TIMEOUT
