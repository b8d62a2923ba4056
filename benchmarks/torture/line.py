"""The whole line under kill -9, at full number: `python benchmarks/torture/line.py [--kills N] [--items N]`.

Plan T1, on SQLite in one process: every life ends at a random moment without a word. What
is left is compared with what a quiet run leaves. Prints one JSON object, and ends with
status 1 where anything was lost, came twice, or differs.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "langnghe")]

from line_torture import torture  # noqa: E402

from langnghe import logs  # noqa: E402


def main() -> None:
    """Run T1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    logs.setup(json_lines=True)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        found = torture(Path(name), number=asked.items, kills=asked.kills, seed=asked.seed)
    print(json.dumps(found.as_dict() | {"seconds": round(time.monotonic() - begin)}))
    sys.exit(bool(found.bad))


if __name__ == "__main__":
    main()
