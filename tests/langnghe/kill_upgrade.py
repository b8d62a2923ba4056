"""Upgrades in processes that kill themselves, hard, at the n-th step they take.

Reads lines of JSON: [database URL, n], n 0 for never. Each runs in a fork of its own, so that
the program is loaded once; answers [how it ended, how many steps it took] a line.
Started by `test_upgrade_kill.py`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from sqlalchemy import event

from storage.db import migrate, open_database


def run(url: str, number: int, out: int) -> None:
    """Upgrade a database, and tell the number of steps through `out`."""
    left = number
    engine = open_database(url)

    def step(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    # Before a statement runs, after it ran, before the commit, and after it held.
    for moment in ("before_cursor_execute", "after_cursor_execute", "commit", "checkin"):
        event.listen(engine, moment, step)
    migrate(engine)
    os.write(out, str(number - left).encode())


def main() -> None:
    """Run what is asked for, one fork each."""
    for line in sys.stdin:
        url, number = json.loads(line)
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            run(url, number, write)
            os._exit(0)
        os.close(write)
        _, status = os.waitpid(child, 0)
        steps = os.read(read, 20) or b"0"
        os.close(read)
        sys.stdout.write(json.dumps([os.waitstatus_to_exitcode(status), int(steps)]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
