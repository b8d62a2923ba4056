"""Real mail servers on loopback: one that works (aiosmtpd), one that follows a bad script."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Inbox:
    """Accepts and keeps every message, as (sender, recipients, bytes)."""

    def __init__(self) -> None:
        self.received: list[tuple[str, list[str], bytes]] = []
        #: What happens between the arrival of a message and its confirmation.
        self.accepted: Callable[[], None] = lambda: None

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 (aiosmtpd's name)
        self.received.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        self.accepted()
        return "250 OK"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def authenticate(server, session, envelope, mechanism, data) -> AuthResult:
    known = (data.login, data.password) == (b"langnghe", b"mat khau")
    return AuthResult(success=known, handled=False)


@contextlib.contextmanager
def working(**kwargs) -> Iterator[tuple[Inbox, int]]:
    """Run a server that accepts mail; `kwargs` are aiosmtpd's (TLS, authentication)."""
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port(), **kwargs)
    controller.start()
    try:
        yield inbox, controller.port
    finally:
        controller.stop()


class Scripted:
    """Answers each command as told: a reply, "DROP" (close), "STALL" (say nothing), or "DRIP".

    The key "greeting" is for the connection itself, "." for the end of the data.
    """

    def __init__(self, replies: Mapping[str, str]) -> None:
        self.replies = {
            "greeting": "220 ready",
            "EHLO": "250 server",
            "MAIL": "250 OK",
            "RCPT": "250 OK",
            "DATA": "354 go on",
            ".": "250 queued",
            "RSET": "250 OK",
            "NOOP": "250 OK",
            "QUIT": "221 bye",
        } | dict(replies)
        self.commands: list[str] = []
        self.connections = 0
        self._done = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._done.set()
        self._listener.close()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        self._thread.join(10)

    def _serve(self) -> None:
        while not self._done.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self._done.is_set():
                connection.close()
                return
            self.connections += 1
            with connection, contextlib.suppress(OSError):
                connection.settimeout(10)
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        lines = connection.makefile("rb")
        if not self._answer(connection, "greeting"):
            return
        in_data = False
        for line in lines:
            if in_data and line != b".\r\n":
                continue
            word = "." if in_data else line.split()[0].decode().upper()
            self.commands.append(word)
            if not self._answer(connection, word):
                return
            in_data = word == "DATA" and self.replies["DATA"].startswith("354")

    def _answer(self, connection: socket.socket, word: str) -> bool:
        reply = self.replies.get(word, "502 unknown")
        if reply == "STALL":
            self._done.wait(10)
            return False
        if reply == "DROP":
            return False
        if reply == "DRIP":
            while not self._done.wait(0.05):
                connection.sendall(b"2")
        connection.sendall(reply.encode() + b"\r\n")
        return True


def certificate(folder: Path, name: str = "localhost") -> tuple[Path, ssl.SSLContext]:
    """Make a self-signed certificate for `name`; return its file and a server's context."""
    key, cert = folder / f"{name}.key", folder / f"{name}.pem"
    names = "DNS:localhost,IP:127.0.0.1" if name == "localhost" else f"DNS:{name}"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName={names}"),
            *("-keyout", str(key), "-out", str(cert)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return cert, context
