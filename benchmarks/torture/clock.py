"""Jumps of the clock: `python benchmarks/torture/clock.py [--hours H]`.

Plan T10: 30 scenarios (a plain day, the end of a year, the 28th of February of a leap year, each
with ten things that happen to the clock), 30 hours of the service each, jobs and tables its own,
only the clocks ours. One digest a day, none missing where the service was awake in time, no storm
of rounds, never an hour without one. Prints one JSON object; status 1 where something is wrong.
`--plain` uses APScheduler's own scheduler, to show what ours is for.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "langnghe")]


def main() -> None:
    """Run T10."""
    from clock_torture import SCENARIOS, days

    from langnghe import logs

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=30.0)
    parser.add_argument("--plain", action="store_true")
    asked = parser.parse_args()
    logs.setup(json_lines=True)
    wrong, digests, rounds, deaf = dict[str, list[str]](), 0, 0, 0.0
    for begin, jump in SCENARIOS:
        with tempfile.TemporaryDirectory() as folder:
            found = days(Path(folder), begin, jump, hours=asked.hours, plain=asked.plain)
        digests, rounds = digests + found.digests.total(), rounds + found.rounds
        deaf = max(deaf, found.longest_deaf.total_seconds())
        if found.wrong:
            wrong[f"{begin:%d.%m.%Y}, {jump}"] = found.wrong
    told = {"scenarios": len(SCENARIOS), "digests": digests, "rounds": rounds}
    print(json.dumps(told | {"longest_without_a_round_s": round(deaf), "wrong": wrong}))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
