"""A worker or the scheduler of the cluster as a process of its own, with a clock that is read from a file.

Arguments: role, operator's folder, file with the moment, options of the settings as JSON.
Writes a line on stdout whenever a task ended, so that a test can wait without asking.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from celery.signals import task_postrun, worker_ready

from langnghe import logs
from langnghe.app import App
from langnghe.cluster.scheduler import run_scheduler
from langnghe.cluster.worker import run_worker


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    role, folder, moment, options = sys.argv[1:]
    logs.setup(json_lines=True)

    def clock() -> datetime:
        return datetime.fromisoformat(Path(moment).read_text("ascii"))

    def ended(sender: Any = None, **_: Any) -> None:
        say(f"ended {sender.name}")

    task_postrun.connect(ended, weak=False)
    worker_ready.connect(lambda **_: say("ready"), weak=False)
    over = json.loads(options)
    app = App(Path(folder), clock=clock, **over | {"data_dir": Path(over["data_dir"])})
    if role == "scheduler":
        return run_scheduler(app, lambda: say("ready"))
    return run_worker(app, role, 2)


if __name__ == "__main__":
    sys.exit(main())
