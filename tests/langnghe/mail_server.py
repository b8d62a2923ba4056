"""A real mail server in a process of its own that does what it is told, well or badly.

Arguments: port, file of records. Each line on standard input is a JSON command and is
answered with a line when it is in force:

- {"deck": [...]}: what to do with the next connections, in turn; after them all is well
- {"mode": "..."}: what to do with every connection from now on
- {"kill": pid, "after": n}: kill that process, hard, at the n-th step from now
- {"die": n}: end itself, hard, at the n-th step from now

A step is a MAIL, RCPT, accepted message or QUIT. What to do is "ok", a word and a reply
("RCPT 550 5.1.1 no"), or, when the message was accepted: "drop" and "stall". An accepted
message is recorded before it is answered: its Message-ID, a hash of its bytes, what was done.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import re
import signal
import ssl
import sys
from typing import Any

from aiosmtpd.smtp import SMTP

_MESSAGE_ID = re.compile(rb"^Message-ID: (\S+)", re.MULTILINE)


class Will:
    """What the server is told to do."""

    def __init__(self, records: str) -> None:
        self.mode = "ok"
        self.deck: list[str] = []
        self.left = 0
        self.victim = 0
        self._records = os.open(records, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def next(self) -> str:
        return self.deck.pop(0) if self.deck else self.mode

    def obey(self, line: str) -> None:
        order = json.loads(line)
        self.mode = order.get("mode", self.mode)
        self.deck = order.get("deck", self.deck)
        if "kill" in order:
            self.victim, self.left = order["kill"], order["after"]
        if "die" in order:
            self.victim, self.left = os.getpid(), order["die"]
        sys.stdout.write("ok\n")
        sys.stdout.flush()

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            with contextlib.suppress(ProcessLookupError):  # of two senders, the other may go on
                os.kill(self.victim, signal.SIGKILL)

    def record(self, content: bytes, done: str) -> None:
        found = _MESSAGE_ID.search(content)
        assert found is not None
        line = [found[1].decode(), hashlib.sha256(content).hexdigest()[:16], done]
        os.write(self._records, (json.dumps(line) + "\n").encode())


class Server(SMTP):
    """One connection, and what is to be done with it."""

    def __init__(self, will: Will, **more: Any) -> None:
        self.will = will
        super().__init__(self, enable_SMTPUTF8=False, hostname="may-chu.example", **more)
        self.plan = will.next()

    async def _handle_client(self) -> None:
        if self.plan.startswith("greeting"):
            await self.push(self.plan.partition(" ")[2])
            self.transport.close()
            return
        await super()._handle_client()

    def refused(self, word: str) -> str | None:
        self.will.step()
        where, _, reply = self.plan.partition(" ")
        return reply if where == word else None

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        envelope.mail_from = address
        return self.refused("MAIL") or "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        refused = self.refused("RCPT")
        if refused is None:
            envelope.rcpt_tos.append(address)
        return refused or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        where, _, reply = self.plan.partition(" ")
        if where == "DATA":
            self.will.step()
            return reply
        self.will.record(envelope.content, where)
        self.will.step()
        if where == "drop":
            self.transport.abort()
        if where == "stall":
            await asyncio.sleep(3600)
        return "250 OK"

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.will.step()
        return "221 bye"


async def main(port: int, records: str, certificate: str = "", key: str = "") -> None:
    loop, will = asyncio.get_running_loop(), Will(records)
    more: dict[str, Any] = {}
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        more = {"tls_context": context, "require_starttls": True}
    server = await loop.create_server(
        lambda: Server(will, **more), "127.0.0.1", port, reuse_address=True
    )
    ended = asyncio.Event()

    def heard() -> None:
        line = sys.stdin.readline()
        if line:
            will.obey(line)
        else:
            ended.set()

    loop.add_reader(0, heard)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    async with server:
        await ended.wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), *sys.argv[2:]))
