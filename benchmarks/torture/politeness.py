"""Gaps between requests under kill -9, at full number: `python benchmarks/torture/politeness.py URL BROKER [--kills N] [--rounds N]`.

Plan T12: URL names an empty PostgreSQL database, BROKER a RabbitMQ. Two hosts are asked by
four crawl processes that are killed, with hints that come three times. With `--open` the
workers' locks hold nobody up: then there must be more than a hundred violations, or the
run without it shows nothing. Prints one JSON object; status 1 where it is not as it must be.
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
#: So many violations the run without locks must show.
LEAST_OPEN = 100


def main() -> None:
    """Run T12."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("broker")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=16)
    parser.add_argument("--open", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    os.environ["LANGNGHE_TEST_RABBITMQ"] = asked.broker
    from politeness_torture import torture_politeness

    from langnghe import logs

    logs.setup(json_lines=True)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        found = torture_politeness(
            Path(name),
            asked.url,
            kills=asked.kills,
            rounds_=asked.rounds,
            locked=not asked.open,
            seed=asked.seed,
        )
    told = {"open": asked.open} | found.as_dict()
    print(json.dumps(told | {"seconds": round(time.monotonic() - begin)}))
    sys.exit(found.violations <= LEAST_OPEN if asked.open else bool(found.bad))


if __name__ == "__main__":
    main()
