"""A scheduler of the cluster as a process of its own, whose plan is a file.

Arguments: operator's folder, file with the moment, file with what is wanted, options of the
settings as JSON. What is wanted is {"job": "round" or "digest", "at": moment}: whoever leads
does it over and over, many times a second, so that two who lead at once get in each other's
way. Writes "waits" and "leads" on stdout.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from cluster_process import say

from langnghe import logs
from langnghe.app import App
from langnghe.cluster import scheduler as product
from langnghe.cluster.broker import Broker

TICK_S, SWEEP_S = 0.1, 2.0


class Quick(product.Scheduler):
    """The product's scheduler, but for when it does what."""

    def __init__(self, app: App, broker: Broker, wanted: Path) -> None:
        super().__init__(app, broker)
        self._wanted = wanted

    def _plan(self, scheduler: BackgroundScheduler) -> BackgroundScheduler:
        plan = (("wanted", self._do, TICK_S), ("sweep", self._again, SWEEP_S))
        for name, job, seconds in plan:
            calm = product.calm(self._app, name, job)
            scheduler.add_job(calm, IntervalTrigger(seconds=seconds), max_instances=1)
        return scheduler

    def _do(self) -> None:
        wanted = json.loads(self._wanted.read_text("ascii"))
        if wanted["job"] == "round":
            self.tick(datetime.fromisoformat(wanted["at"]))
        elif wanted["job"] == "digest":
            self.digest()

    def _again(self) -> None:
        self.sweep()
        self.hint_at("deliver")


def main() -> int:
    folder, moment, wanted, options = sys.argv[1:]
    logs.setup(json_lines=True)
    over: dict[str, Any] = json.loads(options)

    def clock() -> datetime:
        return datetime.fromisoformat(Path(moment).read_text("ascii"))

    app = App(Path(folder), clock=clock, **over | {"data_dir": Path(over["data_dir"])})
    one = Quick(app, Broker(app.settings.cluster), Path(wanted))
    say("waits")
    return one.run(lambda: say("leads"))


if __name__ == "__main__":
    sys.exit(main())
