"""Whose turn it is to ask a host: one request at a time, and a pause after each answer.

Scrapy counts its delay from where a request leaves its queue, shortens it by chance, and
knows of no other process. Here the pause is counted from the end of the answer, so that
the server sees it whatever the line does, and all crawls that share a `Turns` keep it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import threading
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

from crawlers.job import Limits

_log = logging.getLogger(__name__)
#: Environment variable by which a child knows the socket on which its parent gives turns.
TURNS_VARIABLE = "LANGNGHE_TURNS"
#: How much longer than one transfer a turn is held for; one that came later than this is old.
_SLACK_S = 2.0
#: How soon a host in use is asked for again, and what is waited where nobody can tell.
_SOONEST_S, _LATEST_S = 0.02, 1.0


class Turns(Protocol):
    """Turns among processes. Called from a thread of the parent's; may raise anything."""

    def take(self, host: str, hold: float) -> tuple[str, float]:
        """Return (token, 0.0) where `host` is ours for `hold` seconds, else ("", seconds left)."""
        ...

    def give_back(self, host: str, token: str, rest: float) -> None:
        """End a turn: nobody asks `host` for `rest` seconds. Harmless where it is over."""
        ...


class Gate:
    """The hosts as one round sees them. A delay of zero lets everything pass."""

    def __init__(self, limits: Limits, asker: Asker | None = None) -> None:
        self._limits, self._asker = limits, asker
        self._next: dict[str, float] = {}
        self._rows: dict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(limits.per_host)
        )

    @asynccontextmanager
    async def turn(
        self, host: str, places: asyncio.Semaphore, delay: float = 0.0
    ) -> AsyncIterator[None]:
        """Hold one of `places` and the turn of `host` while the block runs.

        A place is not held while the host is waited for. `delay` is the host's own wish in
        seconds, where it is longer than ours. Where several requests of a host may run at
        one time, the pause is between their beginnings.
        """
        rest = max(self._limits.delay, delay)
        async with self._rows[host]:
            while True:
                await asyncio.sleep(self._next.get(host, 0.0) - time.monotonic())
                async with places:
                    token = await self._begin(host, rest)
                    if token is None:
                        continue
                    try:
                        yield
                    finally:
                        self._end(host, token, rest)
                    return

    async def _begin(self, host: str, rest: float) -> str | None:
        """Return a token where the host may be asked now; else None, `_next` being set."""
        now = time.monotonic()
        if not rest:
            return ""
        if now < self._next.get(host, 0.0):
            return None
        together = self._limits.per_host > 1
        hold = rest if together else self._limits.timeout + 2 * _SLACK_S
        if together:
            self._next[host] = now + rest
        if self._asker is None:
            return ""
        token, left = await self._asker.take(host, hold)
        if token and time.monotonic() - now <= _SLACK_S:
            return token
        if token:  # this process was stopped meanwhile
            self._asker.give_back(host, token, 0.0)
        soon = min(left, max(min(rest, _LATEST_S), _SOONEST_S))
        self._next[host] = time.monotonic() + soon
        return None

    def _end(self, host: str, token: str, rest: float) -> None:
        if not rest or self._limits.per_host > 1:
            return
        self._next[host] = time.monotonic() + rest
        if self._asker is not None:
            self._asker.give_back(host, token, rest)


class Asker:
    """The child's end: asks the parent for turns, and ends with it."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._answers: dict[int, tuple[str, asyncio.Future[tuple[str, float]]]] = {}
        self._count = 0
        self._writer: asyncio.StreamWriter | None = None

    async def start(self) -> None:
        """Begin to listen to the parent. To be called in the running loop."""
        reader, self._writer = await asyncio.open_connection(sock=self._channel)
        self._task = asyncio.create_task(self._listen(reader))

    async def stop(self) -> None:
        """Say what is still to be said, and listen no more."""
        assert self._writer is not None  # noqa: S101 - started before
        self._task.cancel()
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def take(self, host: str, hold: float) -> tuple[str, float]:
        """Ask for a turn; see `Turns.take`."""
        self._count += 1
        number = self._count
        answer: asyncio.Future[tuple[str, float]] = asyncio.get_running_loop().create_future()
        self._answers[number] = host, answer
        self._send({"n": number, "host": host, "hold": hold})
        return await answer

    def give_back(self, host: str, token: str, rest: float) -> None:
        """Tell that a turn is over; see `Turns.give_back`."""
        self._send({"host": host, "token": token, "rest": rest})

    def _send(self, data: dict[str, Any]) -> None:
        assert self._writer is not None  # noqa: S101 - started before the first request
        self._writer.write(json.dumps(data).encode("ascii") + b"\n")

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        async for line in reader:
            told = json.loads(line)
            host, answer = self._answers.pop(told["n"])
            if not answer.done():
                answer.set_result((told["token"], told["left"]))
            elif told["token"]:  # the request was given up meanwhile
                self.give_back(host, told["token"], 0.0)
        os._exit(1)  # the parent is gone: nobody would keep what is fetched


class Desk:
    """The parent's end: answers a child's asking, and takes back what a dead child had."""

    def __init__(self, turns: Turns, delay: float) -> None:
        self._turns, self._delay = turns, delay
        self._ours, self.theirs = socket.socketpair()
        self._held: dict[str, str] = {}
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def start(self) -> None:
        """Serve, the child having been started with `theirs`."""
        self.theirs.close()
        self._thread.start()

    def stop(self) -> None:
        """End, the child being dead. Hosts that it was asking rest as after any request."""
        with suppress(OSError):
            self._ours.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._ours.close()
        for token, host in self._held.items():
            self._give_back(host, token, self._delay)

    def _serve(self) -> None:
        with self._ours.makefile("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    return  # the child died while it wrote
                told = json.loads(line)
                if "token" in told:
                    self._held.pop(told["token"], None)
                    self._give_back(told["host"], told["token"], told["rest"])
                else:
                    self._take(told["n"], told["host"], told["hold"])

    def _take(self, number: int, host: str, hold: float) -> None:
        try:
            token, left = self._turns.take(host, hold)
        except Exception as error:  # noqa: BLE001 - a database that is away: ask again later
            _log.warning("no turn to be had: %s", type(error).__name__)
            token, left = "", _LATEST_S
        if token:
            self._held[token] = host
        answer = json.dumps({"n": number, "token": token, "left": left})
        try:
            self._ours.sendall(answer.encode("ascii") + b"\n")
        except OSError:
            _log.info("the crawl child ended before it got its turn")

    def _give_back(self, host: str, token: str, rest: float) -> None:
        try:
            self._turns.give_back(host, token, rest)
        except Exception as error:  # noqa: BLE001 - the turn ends by itself, only later
            _log.warning("turn not given back: %s", type(error).__name__)


def asker_from_environment() -> Asker | None:
    """Return the way to the parent's turns, None where it gives none."""
    number = os.environ.pop(TURNS_VARIABLE, "")
    return Asker(socket.socket(fileno=int(number))) if number else None
