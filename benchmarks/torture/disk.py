"""A disk that fills up, turns read-only, a database that is held: `python benchmarks/torture/disk.py`.

Plan T9: 20 rounds in trouble of each kind on a small disk in memory (Linux, needs to mount),
each done again afterwards; SQLite. A held database is held for 30 seconds. Prints one JSON
object a kind; status 1 where anything was lost, came twice, differs, was left half written, or
was not told in words.
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


def main() -> None:
    """Run T9."""
    from disk_torture import KINDS, small_disk, torture

    from langnghe import logs

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strikes", type=int, default=20)
    parser.add_argument("--hold-s", type=float, default=30.0)
    parser.add_argument("--only", nargs="*", default=KINDS)
    asked = parser.parse_args()
    logs.setup(json_lines=True)
    bad = 0
    for kind in asked.only:
        begin = time.monotonic()
        with tempfile.TemporaryDirectory() as name, small_disk(Path(name, "disk")) as disk:
            wait = asked.hold_s if kind == "locked" else 0.0
            found = torture(Path(name), disk, kind, strikes=asked.strikes, wait_s=wait)
        told = {"kind": kind, "seconds": round(time.monotonic() - begin), "told": found.told}
        more = {"unexplained": found.unexplained, "halves": found.halves}
        print(json.dumps(told | found.figures.as_dict() | more, ensure_ascii=False), flush=True)
        bad += found.bad
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
