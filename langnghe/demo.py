"""The demonstration: a press on a loopback server, replayed in simulated time by the real line."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from config.errors import ConfigError
from config.settings import ZONE
from langnghe.app import App, make_folder
from langnghe.pressfolder import Press, load_press
from langnghe.pressserver import PressServer, Request, serve_press
from langnghe.rounds import run_digest, run_round_at
from storage import outbox

#: The file by which a replay knows its own folder.
_MARK = ".langnghe-demo"


@dataclass(frozen=True, slots=True)
class Step:
    """One morning of the replay as it ended, for whoever watches."""

    number: int
    of: int
    at: datetime
    new_items: int
    mails: int
    digest: Path


@dataclass(frozen=True, slots=True)
class Replayed:
    """A replay that ended: the application as it stands, and what the press was asked for."""

    app: App
    press: Press
    requests: tuple[Request, ...]


class Clock:
    """The present of the replay, set by hand."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the moment it stands at."""
        return self.now


def replay(
    out: Path, press_dir: Path | None, watch: Callable[[Step], None] = lambda _: None
) -> Replayed:
    """Run every round of a press (None: the bundled one) and return what came of it.

    `out` is emptied of an earlier replay first; it then holds `digests/` (one HTML and
    one text file a day), `outbox/` (the mails) and `data/`. Raises `ConfigError` if the
    press does not hold together or `out` cannot be written to.
    """
    press = load_press(press_dir) if press_dir else load_press()
    _empty(out)
    clock = Clock(press.rounds[0].crawl_at)
    with serve_press(press) as server:
        app = App(
            press.config,
            clock=clock,
            data_dir=out,
            database_url=f"sqlite:///{out / 'langnghe.db'}",
            crawl={"proxy": server.url, "allow_private": True},
        )
        for number, _ in enumerate(press.rounds, 1):
            watch(_morning(app, server, press, clock, number))
    return Replayed(app, press, tuple(server.requests))


def _morning(app: App, server: PressServer, press: Press, clock: Clock, number: int) -> Step:
    moment = press.rounds[number - 1]
    clock.now = moment.crawl_at
    server.set_now(moment.crawl_at)
    before = _sent(app)
    report = run_round_at(app, moment.crawl_at)
    clock.now = moment.digest_at
    path = run_digest(app, moment.digest_at.astimezone(ZONE).date())
    return Step(
        number=number,
        of=len(press.rounds),
        at=moment.crawl_at,
        new_items=report.count("crawl", "new"),
        mails=_sent(app) - before,
        digest=path,
    )


def _sent(app: App) -> int:
    with app.views() as session:
        return outbox.counts(session).get("sent", 0)


def _empty(out: Path) -> None:
    """Remove what an earlier replay left; what no replay made is never touched."""
    make_folder(out)
    mark = out / _MARK
    held = [name for name in ("digests", "outbox", "langnghe.db") if (out / name).exists()]
    if held and not mark.exists():
        problem = f"holds {', '.join(held)} that no demo made: choose an empty folder"
        raise ConfigError([f"{out}: --dir: {problem}"])
    mark.write_text("Thư mục của bản trình diễn; lần chạy sau sẽ xóa và làm lại.\n", "utf-8")
    for name in ("digests", "outbox"):
        shutil.rmtree(out / name, ignore_errors=True)
    for path in out.glob("langnghe.db*"):
        path.unlink()
