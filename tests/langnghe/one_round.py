"""One round of a real process at a given moment; started, and killed, by `test_kill.py`.

Arguments: the operator's folder, the proxy's address, the moment as an ISO time.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path

from langnghe.app import App
from langnghe.rounds import run_round_at


def main() -> None:
    folder, proxy, moment = sys.argv[1:]
    now = datetime.fromisoformat(moment)
    app = App(Path(folder), clock=lambda: now, crawl={"proxy": proxy})
    sys.stdout.write(json.dumps(run_round_at(app, now).as_dict()))


if __name__ == "__main__":
    main()
