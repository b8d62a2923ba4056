"""Sends what is due, in a process of its own for each run, so that it can be killed.

Argument: the operator's folder. A line on standard input is a moment; it is answered with
the number of a new process that waits; a second line lets it go; when it ended, or was
killed, its exit status is told. The parts that take long to load are loaded once, before.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from langnghe import logs
from langnghe.app import App
from langnghe.delivering import deliver


def main() -> None:
    logs.setup()
    moment = datetime.min.replace(tzinfo=UTC)
    app = App(Path(sys.argv[1]), clock=lambda: moment)
    _ = app.notifier
    app.engine.dispose()  # the tables are there; each child opens connections of its own
    tell("ready")
    for line in sys.stdin:
        moment = datetime.fromisoformat(line.strip())
        hold, go = os.pipe()
        child = os.fork()
        if child == 0:
            os.read(hold, 1)
            deliver(app)
            os._exit(0)
        tell(str(child))
        sys.stdin.readline()
        os.write(go, b"g")
        _, status = os.waitpid(child, 0)
        os.close(hold)
        os.close(go)
        tell(str(os.waitstatus_to_exitcode(status)))


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
