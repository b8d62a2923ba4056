"""Torture of the mails: a server that misbehaves, senders that are killed, nothing missed.

`storm` kills senders and servers (plan T4), `scripts` lets a server fail in one way at a
time (T5). The tests run them small, `benchmarks/torture/mail.py` at full number.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from mailroom import Clock, a_notice, counts, installation, operator_folder, put

from langnghe.app import App
from langnghe.delivering import LEASE_S, deliver
from langnghe.undeliverable import retry
from storage import deadletters

HERE = Path(__file__).parent
#: What the connections of one life of the server meet, beside mails that go well.
FAULTS = {
    "greeting 421 4.3.2 busy": 1,
    "MAIL 550 5.7.1 sender not allowed": 1,
    "MAIL 451 4.3.0 later": 1,
    "RCPT 450 4.2.1 greylisted": 6,
    "RCPT 421 4.7.0 closing": 2,
    "RCPT 550 5.1.1 no such user": 4,
    "DATA 451 4.3.0 later": 3,
    "DATA 552 5.3.4 too large": 2,
    "drop": 3,
    "stall": 1,
}


class Helper:
    """A process that is spoken to by lines."""

    def __init__(self, *words: str | Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *(str(word) for word in words)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=HERE.parent.parent,
        )
        assert self.hear() == "ready"

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    @property
    def lives(self) -> bool:
        return self.process.poll() is None

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue


class Office:
    """The mail server: started, told what to do, killed, started again on the same port."""

    def __init__(self, port: int, records: Path, tls: Sequence[Path] = ()) -> None:
        self._words = (HERE / "mail_server.py", str(port), records, *tls)
        self._records = records
        self.port = port
        self._helper: Helper | None = None
        self.deaths = 0

    def open(self, tls: Sequence[Path] | None = None) -> None:
        if tls is not None:
            self._words = (*self._words[:3], *tls)
        self._helper = Helper(*self._words)

    def close(self) -> None:
        if self._helper is not None:
            self._helper.end()
        self._helper = None

    @property
    def lives(self) -> bool:
        return self._helper is not None and self._helper.lives

    def order(self, **order: Any) -> None:
        assert self._helper is not None
        self._helper.say(json.dumps(order))
        assert self._helper.hear() == "ok"

    def accepted(self) -> list[tuple[str, str, str]]:
        """Return (Message-ID, hash, what was done) of each message that was accepted."""
        if not self._records.exists():
            return []
        return [tuple(json.loads(line)) for line in self._records.read_text().splitlines()]  # type: ignore[misc]


class Sender:
    """Runs of the sending stage, each in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._helper = Helper(HERE / "mail_sender.py", folder)

    def ready(self, moment: datetime) -> int:
        self._helper.say(moment.isoformat())
        return int(self._helper.hear())

    def go(self) -> None:
        self._helper.say("go")

    def ended(self) -> int:
        return int(self._helper.hear())

    def end(self) -> None:
        self._helper.end()


@dataclass
class Figures:
    """What came of it. `missed` were never accepted; `stray` repeats have no excuse.

    A repeat is excused by a sender or a server that was killed, or a message that was
    accepted without an answer; `changed` repeats differ in their bytes.
    """

    notices: int
    sender_kills: int = 0
    server_kills: int = 0
    unanswered: int = 0
    accepted: int = 0
    repeated: int = 0
    missed: int = 0
    changed: int = 0
    set_aside: int = 0
    open: int = 0
    stray: int = field(default=0)

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


@contextmanager
def standing(port: int, folder: Path, url: str = "", senders: int = 1) -> Iterator[Any]:
    """Yield (application, office, senders) of an installation that mails to `port`."""
    clock = Clock()
    operator_folder(folder, port, url=url, timeout=3.0)
    office = Office(port, folder / "data" / "accepted.jsonl")
    (folder / "data").mkdir(exist_ok=True)
    with ExitStack() as stack:
        stack.callback(office.close)
        app = App(folder, clock=clock)
        _ = app.engine
        runs = [Sender(folder) for _ in range(senders)]
        for one in runs:
            stack.callback(one.end)
        yield app, office, runs
        app.engine.dispose()


def storm(
    port: int,
    folder: Path,
    *,
    notices: int,
    kills: int,
    server_kills: int = 0,
    faults: dict[str, int] | None = None,
    seed: int = 1,
    url: str = "",
    senders: int = 1,
) -> Figures:
    """Send `notices` while senders are killed `kills` times, and count what came of it.

    Each run begins when the lease of a killed one has ended: the clock is turned, nobody
    waits. At the end all that was set aside is put back, by then over a server that works.
    """
    chance = random.Random(seed)  # noqa: S311 (not for secrets)
    figures = Figures(notices)
    with standing(port, folder, url, senders) as (app, office, runs):
        app.clock.now = app.clock.now.replace(microsecond=0)
        put(app, *(_numbered(app, number) for number in range(notices)))
        # The steps of all senders count, and the others go on where the first has ended.
        pace = max(8, 3 * notices // (max(kills, 1) * senders**2))
        while figures.sender_kills < kills and set(counts(app)) & {"queued", "sending"}:
            if not office.lives:
                _reopen(office, figures, faults or {}, chance)
            if figures.server_kills < server_kills and chance.random() < 0.2:
                office.order(die=chance.randint(1, pace))
                _run(app, runs)
            else:
                figures.sender_kills += _killed_run(app, office, runs, chance.randint(1, pace))
            figures.server_kills += not office.lives
        _settle(app, office, runs)
        with app.views() as session:
            aside = deadletters.kept(session, "failed", notices)
        figures.set_aside = len(aside)
        for one in aside:
            retry(app, one.key, "analyst:thu")
        _settle(app, office, runs)
        return _count(app, office, figures, senders)


def _numbered(app: App, number: int) -> Any:
    return a_notice(f"reminder:{number}", app.clock(), recipient=f"don-vi-{number}@vidu.example")


def _reopen(
    office: Office, figures: Figures, faults: dict[str, int], chance: random.Random
) -> None:
    office.close()
    office.open()
    deck = [what for what, often in faults.items() for _ in range(often)]
    deck += ["ok"] * (5 * len(deck))
    chance.shuffle(deck)
    office.order(deck=deck, mode="ok")


def _run(app: App, runs: Sequence[Sender]) -> list[int]:
    for one in runs:
        one.ready(app.clock())
        one.go()
    ended = [one.ended() for one in runs]
    app.clock.turn(seconds=LEASE_S + 1)
    return ended


def _killed_run(app: App, office: Office, runs: Sequence[Sender], after: int) -> int:
    """Run the senders, the first of them under a death sentence; return whether it fell."""
    children = [one.ready(app.clock()) for one in runs]
    office.order(kill=children[0], after=after)
    for one in runs:
        one.go()
    ended = [one.ended() for one in runs]
    if office.lives:
        office.order(kill=0, after=0)  # a sentence that did not fall is lifted
    app.clock.turn(seconds=LEASE_S + 1)
    assert ended[1:] == [0] * (len(runs) - 1)
    return int(ended[0] == -signal.SIGKILL)


def _settle(app: App, office: Office, runs: Sequence[Sender]) -> None:
    """Let all that can go, go, over a server that works."""
    if not office.lives:
        office.close()
        office.open()
    office.order(deck=[], mode="ok")
    for _ in range(100):
        app.clock.turn(minutes=61)
        assert _run(app, runs) == [0] * len(runs)
        if not set(counts(app)) & {"queued", "sending"}:
            return
    raise AssertionError("mails are stuck")


def _count(app: App, office: Office, figures: Figures, senders: int) -> Figures:
    accepted = office.accepted()
    times = Counter(one for one, _, _ in accepted)
    with app.views() as session:
        all_ids = {one.message_id for one in deadletters.kept(session, None, figures.notices)}
    assert set(times) <= all_ids
    figures.accepted = len(accepted)
    figures.unanswered = sum(done in ("drop", "stall") for _, _, done in accepted)
    figures.repeated = len(accepted) - len(times)
    figures.missed = len(all_ids) - len(times)
    figures.changed = len({(one, content) for one, content, _ in accepted}) - len(times)
    figures.open = sum(n for state, n in counts(app).items() if state != "sent")
    excused = figures.sender_kills + senders * figures.server_kills + figures.unanswered
    figures.stray = max(0, figures.repeated - excused)
    return figures


#: Ways to fail, one at a time: what the server does, and whether the mails are then set aside.
SCRIPTS: dict[str, tuple[str, bool]] = {
    "down": ("", False),
    "421 at the greeting": ("greeting 421 4.3.2 busy", False),
    "421 at RCPT": ("RCPT 421 4.7.0 closing", False),
    "450 at RCPT": ("RCPT 450 4.2.1 greylisted", False),
    "451 at MAIL": ("MAIL 451 4.3.0 later", False),
    "451 after DATA": ("DATA 451 4.3.0 later", False),
    "550 at MAIL": ("MAIL 550 5.7.1 sender not allowed", False),
    "550 at RCPT": ("RCPT 550 5.1.1 no such user", True),
    "551 at RCPT": ("RCPT 551 user not local", True),
    "552 after DATA": ("DATA 552 5.3.4 too large", True),
    "lost after DATA": ("drop", False),
    "silent after DATA": ("stall", False),
    "false certificate": ("", False),
}
#: Minutes from the first try at which one mail is tried, when only time can help.
TRIES = (0, 1, 6, 21, 81, 141, 201, 261, 321)


def script(
    name: str, port: int, folder: Path, tls: tuple[Sequence[Path], Sequence[Path]], notices: int,
    minutes: int, timeout: float = 0.5,
) -> dict[str, Any]:  # fmt: skip
    """Send `notices` for `minutes` (of the clock) over a server that fails, then over a good one.

    `tls` are certificate and key of a server that nobody vouches for, and of a good one.
    Returns what came of it; `tries` are the minutes at which the first notice was tried.
    """
    what, final = SCRIPTS[name]
    clock = Clock()
    secure = name == "false certificate"
    more = {"security": "starttls", "ca_file": tls[1][0]} if secure else {}
    (folder / "data").mkdir(parents=True, exist_ok=True)
    app = installation(folder, port, clock, timeout=timeout, **more)
    put(app, *(_numbered(app, number) for number in range(notices)))
    office = Office(port, folder / "data" / "accepted.jsonl", tls[0] if secure else ())
    try:
        if name != "down":
            office.open()
            office.order(mode=what or "ok")
        tries = _hours(app, minutes)
        failed = counts(app).get("failed", 0)
        office.close()
        office.open(tls[1] if secure else ())
        with app.views() as session:
            aside = deadletters.kept(session, "failed", notices)
        for one in aside:
            retry(app, one.key, "analyst:thu")
        _hours(app, 62)
        figures = _count(app, office, Figures(notices), 1)
    finally:
        office.close()
        app.engine.dispose()
    expected = notices if final else 0
    return {"script": name, "tries": tries, "as_expected": failed == expected} | figures.as_dict()


def _hours(app: App, minutes: int) -> list[int]:
    """Let so many minutes pass, with a run in each; return when the first notice was tried."""
    tried: list[int] = []
    before = _attempts(app)
    for minute in range(minutes):
        deliver(app)
        now = _attempts(app)
        if now > before:
            tried.append(minute)
        before = now
        app.clock.turn(minutes=1)  # type: ignore[attr-defined]
    return tried


def _attempts(app: App) -> int:
    with app.views() as session:
        found = deadletters.get(session, "reminder:0")
    return found.attempts if found is not None else 0
