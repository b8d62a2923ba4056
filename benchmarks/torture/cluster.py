"""A cluster under kill -9, at full number: `python benchmarks/torture/cluster.py URL BROKER [--kills N] [--items N]`.

Plan T2: URL names an empty PostgreSQL database, BROKER a RabbitMQ. Children of the worker
pools and whole workers are killed at random; what is left is compared with what a quiet
process on SQLite leaves. Prints one JSON object, and ends with status 1 where anything was
lost, came twice, or differs.
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
    """Run T2."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("broker")
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    os.environ["LANGNGHE_TEST_RABBITMQ"] = asked.broker
    from cluster_torture import torture_cluster

    from langnghe import logs

    logs.setup(json_lines=True)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        found = torture_cluster(
            Path(name), asked.url, number=asked.items, kills=asked.kills, seed=asked.seed
        )
    print(json.dumps(found.as_dict() | {"seconds": round(time.monotonic() - begin)}))
    sys.exit(bool(found.bad))


if __name__ == "__main__":
    main()
