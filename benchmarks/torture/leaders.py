"""Schedulers that are struck while they lead: `python benchmarks/torture/leaders.py URL BROKER [--starts N] [--mornings N]`.

Plan T11: URL names an empty PostgreSQL database, BROKER a RabbitMQ. Two schedulers are up
at any time; who leads is killed, cut off from the database, or stopped and continued beside
its successor, while the demo's mornings run on a cluster. Prints one JSON object; status 1
where a tick, poll, digest or mail came twice or differs, or a successor was late.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "langnghe")]


def main() -> None:
    """Run T11."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("broker")
    parser.add_argument("--starts", type=int, default=100)
    parser.add_argument("--mornings", type=int, default=28)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    os.environ["LANGNGHE_TEST_RABBITMQ"] = asked.broker
    from leader_torture import torture_leaders

    from langnghe import logs

    logs.setup(json_lines=True)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        found = torture_leaders(
            Path(name),
            asked.url,
            starts=asked.starts,
            mornings=asked.mornings,
            seed=asked.seed,
        )
    print(json.dumps(found.as_dict() | {"seconds": round(time.monotonic() - begin)}))
    sys.exit(bool(found.bad))


if __name__ == "__main__":
    main()
