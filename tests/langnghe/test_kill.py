"""A process killed in the middle of a round: no item lost, none twice, no mail twice."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from config.settings import ZONE
from langnghe.app import App
from langnghe.pressfolder import BUNDLED
from langnghe.pressserver import PressServer, Request, serve_press
from storage import cases, items, outbox
from triage.case import CaseState

DRIVER = Path(__file__).parent / "one_round.py"
MOMENT = datetime(2024, 4, 30, 9, 0, tzinfo=ZONE)
#: After how many requests the crawl is killed, and after how many mails the sender is.
KILLS_IN_CRAWL = (3, 17, 40)
KILLS_IN_MAIL = (1, 2)


class Trap:
    """Kills a process, hard, when something has happened for the n-th time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left = 0
        self._victim: int | None = None

    def arm(self, victim: int, after: int) -> None:
        with self._lock:
            self._victim, self._left = victim, after

    def step(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left == 0 and self._victim is not None:
                os.killpg(self._victim, signal.SIGKILL)
                self._victim = None


class Mailbox:
    """Accepts every mail; the trap may strike after acceptance and before the answer."""

    def __init__(self, trap: Trap) -> None:
        self.ids: Counter[str] = Counter()
        self._trap = trap

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.ids[str(message_from_bytes(envelope.content)["Message-ID"])] += 1
        self._trap.step()
        return "250 OK"


@dataclass
class Site:
    """A press, a mail server and an operator's folder, with traps in the first two."""

    folder: Path
    press: PressServer
    crawl_trap: Trap
    mail_trap: Trap
    mailbox: Mailbox

    def round(self, minute: int, arm: Callable[[int], None] | None = None) -> int:
        """Run one round in a process of its own and return how it ended."""
        process = subprocess.Popen(
            [
                sys.executable,
                str(DRIVER),
                str(self.folder),
                self.press.url,
                (MOMENT + timedelta(minutes=minute)).isoformat(),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        if arm is not None:
            arm(process.pid)
        return process.wait(timeout=120)

    def app(self) -> App:
        return App(self.folder, clock=lambda: MOMENT)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    folder = tmp_path / "operator"
    shutil.copytree(BUNDLED / "config", folder)
    crawl_trap, mail_trap = Trap(), Trap()
    mailbox = Mailbox(mail_trap)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    with serve_press() as press:
        note = press.note

        def noted(request: Request) -> None:
            note(request)
            crawl_trap.step()

        press.note = noted  # type: ignore[method-assign]
        press.set_now(MOMENT)
        controller.start()
        _configure(folder, port)
        yield Site(folder, press, crawl_trap, mail_trap, mailbox)
        controller.stop()


def _configure(folder: Path, port: int) -> None:
    (folder / "notifiers").mkdir(exist_ok=True)
    (folder / "notifiers" / "smtp.toml").write_text(
        f'type = "smtp"\n[options]\nhost = "127.0.0.1"\nport = {port}\n'
        'sender = "langnghe@langnghe.example"\nsecurity = "none"\n'
    )
    settings = (folder / "langnghe.toml").read_text("utf-8")
    settings = settings.replace("[mail]\n", '[mail]\nnotifier = "smtp"\n')
    (folder / "langnghe.toml").write_text(settings, "utf-8")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_rounds_lose_nothing_and_repeat_nothing(site: Site) -> None:
    expected = {
        site.press.press.url(item)
        for one in site.press.press.sites
        for item in site.press.press.visible(one, MOMENT)[:15]
        if "/noi-bo/" not in item.path
    }
    minute = 0
    endings = []
    for after in KILLS_IN_CRAWL:
        endings.append(site.round(minute, lambda pid, n=after: site.crawl_trap.arm(pid, n)))
        minute += 31
    for after in KILLS_IN_MAIL:
        endings.append(site.round(minute, lambda pid, n=after: site.mail_trap.arm(pid, n)))
        minute += 31
    assert endings[: len(KILLS_IN_CRAWL)] == [-signal.SIGKILL] * len(KILLS_IN_CRAWL)
    assert -signal.SIGKILL in endings[len(KILLS_IN_CRAWL) :]
    for _ in range(2):
        assert site.round(minute) == 0
        minute += 31

    app = site.app()
    with app.views() as session:
        stored = items.by_ids(session, range(1, items.count(session) + 200))
        sent = cases.find(session, states=[CaseState.SENT])
        stories = [cases.show(session, case.brief.case_id) for case in sent]
        waiting = {state: n for state, n in outbox.counts(session).items() if state != "sent"}
    urls = Counter(item.url for item in stored.values())
    assert expected <= set(urls)
    assert set(urls.values()) == {1}
    assert waiting == {}
    told = [
        [entry.kind for entry in story.entries].count("sent")
        for story in stories
        if story is not None
    ]
    assert told != []
    assert told == [1] * len(told)
    kills = endings.count(-signal.SIGKILL)
    assert {f"{key}" for story in stories if story for *_, key in story.notices} <= set(
        site.mailbox.ids
    )
    assert sum(site.mailbox.ids.values()) - len(site.mailbox.ids) <= kills
