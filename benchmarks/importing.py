"""How fast a stream of feed entries is brought in, twice: `python benchmarks/importing.py FILE [URL …]`.

Runs `langnghe import FILE --limit N`, which masks, keeps, reads and groups, two times
on each database; the second time must add nothing. The URL `sqlite`, the default, is a
file in a temporary folder; a PostgreSQL URL must name an empty database, which the run
fills. Prints one JSON object for each database: entries a second, and the most memory
that the command held. Exits with 1 if the second time added anything.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

COMMAND = (str(Path(sys.executable).with_name("langnghe")),)


def main() -> None:
    """Run on each database named, or on a SQLite file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("urls", nargs="*", default=["sqlite"])
    parser.add_argument("--limit", type=int, default=20_000)
    asked = parser.parse_args()
    repeats = 0
    for url in asked.urls:
        with tempfile.TemporaryDirectory() as folder:
            first, again = (run(asked.file, asked.limit, url, Path(folder)) for _ in range(2))
        repeats += again["kept"] + again["read"]
        print(
            json.dumps({"database": url.split(":", 1)[0], "first": first, "again": again}),
            flush=True,
        )
    sys.exit(bool(repeats))


def run(file: Path, limit: int, url: str, folder: Path) -> dict[str, Any]:
    """Import once; return what was kept and read, the rate, and the most memory in MiB."""
    settings = {"LANGNGHE_DATA_DIR": str(folder / "data")}
    if url != "sqlite":
        settings["LANGNGHE_DATABASE_URL"] = url
    started = time.perf_counter()
    with subprocess.Popen(
        [*COMMAND, "--config", str(folder), "import", str(file), "--limit", str(limit)],
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as child:
        assert child.stdout is not None
        told = json.loads(child.stdout.read())
        _, _, used = os.wait4(child.pid, 0)
    took = time.perf_counter() - started
    return {
        "kept": told["import"]["kept"],
        "read": told["read"]["done"],
        "entries_a_second": round(limit / took),
        "memory_mib": round(used.ru_maxrss / 1024),
    }


if __name__ == "__main__":
    main()
