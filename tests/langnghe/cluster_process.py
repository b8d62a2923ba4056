"""A worker or the scheduler of the cluster as a process of its own, with a clock that is read from a file.

Arguments: role, operator's folder, file with the moment, options of the settings as JSON,
how many processes the pool of a worker has.
With TORTURE_OPEN_LOCKS in the environment its locks hold nobody up, to show what they do.
Writes a line on stdout whenever a task began or ended, so that a test can wait without asking.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from celery.signals import task_postrun, task_prerun, worker_ready

from langnghe import logs
from langnghe.app import App
from langnghe.cluster.scheduler import run_scheduler
from langnghe.cluster.turns import HostTurns
from langnghe.cluster.worker import run_worker
from storage import leases


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def open_locks() -> None:
    """Let this worker take every lease and every turn, whoever has it: what locks are for."""
    leases.take = lambda *_: leases.Taken("", 1)
    leases.hold = lambda *_: True
    HostTurns.take = lambda *_: ("open", 0.0)  # type: ignore[method-assign]
    HostTurns.give_back = lambda *_: None  # type: ignore[method-assign]


def main() -> int:
    role, folder, moment, options, pool = sys.argv[1:]
    logs.setup(json_lines=True)
    if os.environ.get("TORTURE_OPEN_LOCKS"):
        open_locks()

    def clock() -> datetime:
        return datetime.fromisoformat(Path(moment).read_text("ascii"))

    def ended(sender: Any = None, **_: Any) -> None:
        say(f"ended {sender.name}")

    def began(sender: Any = None, **_: Any) -> None:
        say(f"began {sender.name}")

    task_prerun.connect(began, weak=False)
    task_postrun.connect(ended, weak=False)
    worker_ready.connect(lambda **_: say("ready"), weak=False)
    over = json.loads(options)
    app = App(Path(folder), clock=clock, **over | {"data_dir": Path(over["data_dir"])})
    if role == "scheduler":
        return run_scheduler(app, lambda: say("ready"))
    return run_worker(app, role, int(pool))


if __name__ == "__main__":
    sys.exit(main())
