"""A cluster under kill -9, at full number: `python benchmarks/torture/cluster.py [--kills N] [--items N]`.

Plan T2, on a PostgreSQL and a RabbitMQ of its own (Debian's programs). Children of the
worker pools, whole workers, the scheduler, the broker and the database are killed at random;
what is left is compared with what a quiet process on SQLite leaves. `--recover N` is plan T3:
broker and database are killed N times each in the midst of a round, and nothing helps on but
the scheduler of the program itself. Prints one JSON object, and ends with status 1 where
anything was lost, came twice, or differs, or took more than two minutes to recover.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "langnghe")]


#: Recovery takes no longer than this, with nobody at hand.
_LIMIT_S = 120.0


def main() -> None:
    """Run T2, or T3 with `--recover`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--recover", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    from langnghe import logs

    logs.setup(json_lines=True)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        bad, told = _run(Path(name), asked)
    print(json.dumps(told | {"seconds": round(time.monotonic() - begin)}))
    sys.exit(bad)


def _run(folder: Path, asked: argparse.Namespace) -> tuple[bool, dict[str, Any]]:
    from cluster_torture import recoveries, torture_cluster
    from own_servers import OwnPostgres, OwnRabbit

    database, broker = OwnPostgres(folder / "pg"), OwnRabbit(folder / "mq")
    servers = {"broker": broker, "database": database}
    try:
        for server in servers.values():
            server.start()
        if not asked.recover:
            found, died = torture_cluster(
                folder, database.url, number=asked.items, kills=asked.kills, seed=asked.seed,
                broker=broker.url, servers=servers,
            )  # fmt: skip
            return bool(found.bad), found.as_dict() | {"killed": dict(died)}
        found, took = recoveries(
            folder, database.url, broker.url, servers, kills=asked.recover, seed=asked.seed
        )
        slowest = {
            kind: {"median_s": round(statistics.median(all_), 1), "slowest_s": round(max(all_), 1)}
            for kind, all_ in took.items()
        }
        late = any(seconds > _LIMIT_S for all_ in took.values() for seconds in all_)
        return bool(found.bad) or late, found.as_dict() | {"recovered": slowest}
    finally:
        for server in servers.values():
            server.kill()


if __name__ == "__main__":
    main()
