"""A network of one's own: every address of the world is this machine, and so is the DNS.

For the plans T7 and T8. Linux; `unshare` and `ip` (util-linux, iproute2). Nothing that is
done in it leaves it, and it is gone with the process.
"""

from __future__ import annotations

import os
import socket
import socketserver
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

_INSIDE = "LANGNGHE_ISLAND"
A, AAAA = 1, 28
#: Asked for (name, A or AAAA): the addresses, None for "no such name", or `SILENCE`.
Answer = Callable[[str, int], list[str] | None]
SILENCE = ["im lặng"]


def go_there() -> None:
    """Go on in a network of our own; returns at once where we are there already."""
    if os.environ.get(_INSIDE):
        return
    command = ["unshare", "--map-root-user", "--net", "--mount", sys.executable, *sys.argv]
    done = subprocess.run(command, env=os.environ | {_INSIDE: "1"}, check=False)
    sys.exit(done.returncode)


@contextmanager
def island(answer: Answer) -> Iterator[None]:
    """Make every address our own, and let `answer` be the DNS."""
    for words in (
        "link set lo up",
        "route add local 0.0.0.0/0 dev lo",
        "-6 route add local ::/0 dev lo",
    ):
        subprocess.run(["ip", *words.split()], check=True)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            query, connection = self.request
            if told := _reply(query, answer):
                connection.sendto(told, self.client_address)

    with (
        tempfile.NamedTemporaryFile("w", suffix=".conf") as file,
        socketserver.ThreadingUDPServer(("127.0.0.1", 53), Handler) as server,
    ):
        file.write("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        file.flush()
        target = str(Path("/etc/resolv.conf").resolve())
        subprocess.run(["mount", "--bind", file.name, target], check=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()
            subprocess.run(["umount", target], check=True)


def listen_everywhere(port: int) -> list[socket.socket]:
    """Take a port on every address of both families."""
    taken = []
    for family, every in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):  # noqa: S104
        one = socket.socket(family, socket.SOCK_STREAM)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind((every, port))
        one.listen(256)
        taken.append(one)
    return taken


def _reply(query: bytes, answer: Answer) -> bytes | None:
    """Answer one DNS question (RFC 1035, section 4)."""
    end = query.index(b"\0", 12)
    labels, at = [], 12
    while at < end:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("latin-1"))
        at += 1 + query[at]
    kind = struct.unpack(">H", query[end + 1 : end + 3])[0]
    found = answer(".".join(labels).lower(), kind)
    if found is SILENCE:
        return None
    records = [ip_address(one).packed for one in found or []]
    head = query[:2] + struct.pack(
        ">5H", 0x8183 if found is None else 0x8180, 1, len(records), 0, 0
    )
    body = b"".join(
        b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 0, len(packed)) + packed for packed in records
    )
    return head + query[12 : end + 5] + body
