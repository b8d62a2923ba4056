"""Writing killed with -9 at statements all over the stage: nothing lost, nothing told twice."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from letter_samples import COPY, HELPER, LEAD, OTHER, START, Office
from sqlalchemy import Engine

from storage.db import migrate, open_database
from triage.act import Kind
from triage.case import CaseOutcome, CaseState, Veracity

DRIVER = Path(__file__).parent / "kill_letters.py"
MOMENT = START + timedelta(days=2)
#: Kills are spread evenly over the steps of the stage.
KILLS = 16


def _office(folder: Path) -> Office:
    return Office(_engine(folder), folder / "data", public_url="")


def _engine(folder: Path) -> Engine:
    (folder / "data").mkdir(parents=True, exist_ok=True)
    engine = open_database(f"sqlite:///{folder / 'data' / 'langnghe.db'}")
    migrate(engine)
    return engine


def _prepare(folder: Path) -> None:
    """Leave one case of every sort of thing there is to say."""
    office = _office(folder)
    _, closed, moved, known = (office.case(copies=(COPY,)) for _ in range(4))
    office.round()
    office.act(closed, Kind.CLOSE, "Đã dọn.", veracity=Veracity.TRUE, outcome=CaseOutcome.FIXED)
    office.act(moved, Kind.ASSIGN, "Bên Ba Tri.", unit_id=OTHER)
    office.unit_acts(known, Kind.ACKNOWLEDGE)
    office.news(known)
    office.case(cooperating=(HELPER,), copies=(COPY,))
    office.case(state=CaseState.PROPOSED)
    office.app.engine.dispose()
    (folder / "langnghe.toml").write_text('[mail]\ndigest_to = ["doc@vn.example"]\n', "utf-8")


class Writers:
    """Processes that write, one at a time, killed where they are told to be."""

    def __init__(self) -> None:
        self._driver = subprocess.Popen(
            [sys.executable, str(DRIVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def write(self, folder: Path, number: int = 0, name: str = "r") -> tuple[int, int]:
        """Write a round in `folder`, killed at step `number`; how it ended, and its steps."""
        assert self._driver.stdin is not None
        assert self._driver.stdout is not None
        asked = [str(folder), name, MOMENT.isoformat(), number]
        self._driver.stdin.write(json.dumps(asked) + "\n")
        self._driver.stdin.flush()
        code, steps = json.loads(self._driver.stdout.readline())
        return code, steps

    def end(self) -> None:
        """Let the driver go."""
        self._driver.communicate(timeout=60)


@pytest.fixture
def writers() -> Iterator[Writers]:
    made = Writers()
    yield made
    made.end()


def _told(folder: Path) -> tuple[list[tuple[str, str]], Counter[tuple[int, str]]]:
    """What stands in the outbox, and the lines of history by case."""
    office = _office(folder)
    mails = [(mail.key, mail.text) for mail in office.mails()]
    lines = Counter(
        (number, entry.kind) for number in range(1, 7) for entry in office.story(number).entries
    )
    for number in range(1, 7):
        for entry in office.story(number).entries:
            assert set(entry.data.get("notices", ())) <= {key for key, _ in mails}
    office.app.engine.dispose()
    return mails, lines


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_anywhere_it_loses_nothing_and_says_nothing_twice(
    tmp_path: Path, writers: Writers
) -> None:
    start, whole = tmp_path / "start", tmp_path / "whole"
    _prepare(start)
    shutil.copytree(start, whole)
    code, count = writers.write(whole)
    assert code == 0
    expected = _told(whole)
    assert {key.split(":")[1] for key, _ in expected[0] if key.endswith(":r")} == {
        LEAD,
        OTHER,
        HELPER,
        COPY,
    }

    for number in sorted({1 + kill * (count - 1) // (KILLS - 1) for kill in range(KILLS)}):
        folder = tmp_path / f"killed-{number}"
        shutil.copytree(start, folder)
        assert writers.write(folder, number)[0] == -signal.SIGKILL
        assert writers.write(folder)[0] == 0
        assert writers.write(folder, name="r2")[0] == 0
        assert _told(folder) == expected, f"killed at step {number} of {count}"
