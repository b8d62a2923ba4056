"""The line on a disk that fills up, turns read-only, or whose database somebody else holds.

Plan T9. Trouble begins at a random moment of a round and ends afterwards; the round is then done
again, as the next turn of the service does. What is left is compared with a quiet run.
"""

from __future__ import annotations

import random
import sqlite3
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from line_torture import CHUNK, Figures, Line, compared
from sqlalchemy import event, text

from config.settings import ZONE
from langnghe.alarm import Alarm
from langnghe.app import App
from langnghe.sealing import seal, verify
from langnghe.telling import tell

KINDS = ("full", "read-only", "locked")
_DISK_MIB = 64


@dataclass
class Outcome:
    """How the rounds in trouble ended: with the alarm's words, untouched, or with another error."""

    figures: Figures
    told: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)
    halves: list[str] = field(default_factory=list)

    @property
    def bad(self) -> int:
        """How much is not as it must be."""
        return self.figures.bad + len(self.unexplained) + len(self.halves)


def can_mount() -> bool:
    """Say whether this process may mount a small disk of its own."""
    done = subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True)
    return done.returncode == 0


@contextmanager
def small_disk(at: Path) -> Iterator[Path]:
    """Mount a small disk in memory for the block."""
    at.mkdir()
    size = f"size={_DISK_MIB}m"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(at)], check=True)
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


def torture(
    folder: Path, disk: Path, kind: str, *, strikes: int, wait_s: float = 0.0, seed: int = 1
) -> Outcome:
    """Run a round with trouble of a kind so many times on `disk`; compare with a quiet run.

    `wait_s` is how long somebody holds a locked database; 0: until the round gave up.
    """
    number = (strikes + 1) * CHUNK
    (folder / "quiet").mkdir()
    quiet = Line(folder / "quiet", f"sqlite:///{folder / 'quiet' / 'a.db'}", number, {})
    shared = quiet.warm()
    hard = Line(disk, f"sqlite:///{disk / 'a.db'}", number, shared)
    if not wait_s:
        impatient(hard.app)
    chance, alarm = random.Random(seed), Alarm()  # noqa: S311 (a repeatable test, no secret)
    outcome = Outcome(compared(quiet.state(), hard.state(), 0, 0))
    for turn in range(strikes + 1):
        _whole(quiet, turn)
        if turn:
            with _trouble(kind, hard, disk, chance, wait_s):
                _try(outcome, alarm, hard, turn)
        _whole(hard, turn)
        alarm.passed("round")
    assert not alarm.now()
    outcome.figures = compared(quiet.state(), hard.state(), strikes, int(not hard.sound()))
    outcome.halves = _halves(quiet.app, hard.app)
    return outcome


def _whole(line: Line, turn: int) -> None:
    """Do all that a day brings: the round, the digest, the list of evidence."""
    line.round(turn)
    tell(line.app, line.app.clock().astimezone(ZONE).date())
    seal(line.app)


def _try(outcome: Outcome, alarm: Alarm, line: Line, turn: int) -> None:
    try:
        _whole(line, turn)
    except Exception as error:  # noqa: BLE001 (whatever it is, it must be explained)
        words = alarm.failed("round", error, line.app.clock())
        if words:
            outcome.told[words] += 1
        else:
            outcome.unexplained.append(repr(error)[:300])
    else:
        outcome.told["nothing was hindered"] += 1


@contextmanager
def _trouble(
    kind: str, line: Line, disk: Path, chance: random.Random, wait_s: float
) -> Iterator[None]:
    """Let trouble begin, and end it with the block.

    The disk fills up after some statements of the line. The others begin before it: a disk
    with a file that is open for writing cannot be made read-only by anybody but the kernel.
    """
    line.app.engine.dispose()
    if kind == "read-only":
        with _frozen(disk):
            yield
        return
    if kind == "locked":
        with _held(disk / "a.db", wait_s):
            yield
        return
    left, ballast = iter(range(chance.randrange(0, 120))), disk / "ballast"

    def count(*_: Any) -> None:
        if next(left, None) is None and not ballast.exists():
            fill(ballast, chance.randrange(0, 64) * 4096)

    event.listen(line.app.engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(line.app.engine, "before_cursor_execute", count)
        ballast.unlink(missing_ok=True)


def fill(ballast: Path, leave: int) -> None:
    """Fill the disk up to so many bytes."""
    with ballast.open("wb", buffering=0) as file:
        with suppress(OSError):
            while True:
                file.write(bytes(2**16))
        file.truncate(max(0, ballast.stat().st_size - leave))


@contextmanager
def _frozen(disk: Path) -> Iterator[None]:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


@contextmanager
def _held(file: Path, wait_s: float) -> Iterator[None]:
    """Hold the database as another program, until the block ends or for so long."""
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    timer = threading.Timer(wait_s, other.close)
    if wait_s:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if wait_s:
            timer.join()
        other.close()


def impatient(app: App) -> None:
    """Let the program wait for the database no longer than a moment, as time would bring it."""

    def connected(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA busy_timeout = 20")

    event.listen(app.engine, "connect", connected)
    app.engine.dispose()


def _halves(quiet: App, hard: App) -> list[str]:
    """Return the files that are not the same, or not whole."""
    found = []
    for kind in ("digests", "evidence"):
        one, other = quiet.settings.data_dir / kind, hard.settings.data_dir / kind
        names = {path.name for path in (*one.glob("*"), *other.glob("*"))}
        found += [
            name
            for name in sorted(names)
            if not (one / name).exists()
            or not (other / name).exists()
            or (kind == "digests" and (one / name).read_bytes() != (other / name).read_bytes())
        ]
    _, wrong = verify(hard)
    with hard.views() as session:
        broken = session.scalar(text("PRAGMA integrity_check"))
    return [*found, *([wrong.what] if wrong else []), *([] if broken == "ok" else [str(broken)])]
