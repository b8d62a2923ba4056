"""The writing stage in processes that kill themselves, hard, at the n-th step they take.

Reads lines of JSON: [folder, round, moment, n], n 0 for never. Each runs in a fork of its own,
so that the program is loaded once; answers [how it ended, how many steps it took] a line.
Started by `test_correspond_kill.py`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event

from langnghe.app import App
from langnghe.correspond import correspond


def run(folder: str, name: str, moment: str, number: int, shared: dict[str, Any], out: int) -> None:
    """Write the letters of a round, and tell the number of steps through `out`."""
    now, left = datetime.fromisoformat(moment), number
    app = App(Path(folder), clock=lambda: now)
    app.__dict__ |= shared
    engine = app.engine

    def step(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    # Before a statement runs, before a commit, and after one held.
    for moment_of in ("before_cursor_execute", "commit", "checkin"):
        event.listen(engine, moment_of, step)
    correspond(app, name)
    os.write(out, str(number - left).encode())


def main() -> None:
    """Run what is asked for, one fork each."""
    first = App(None)
    shared = {"catalog": first.catalog, "gazetteer": first.gazetteer}
    for line in sys.stdin:
        folder, name, moment, number = json.loads(line)
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            run(folder, name, moment, number, shared, write)
            os._exit(0)
        os.close(write)
        _, status = os.waitpid(child, 0)
        steps = os.read(read, 20) or b"0"
        os.close(read)
        sys.stdout.write(json.dumps([os.waitstatus_to_exitcode(status), int(steps)]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
