"""Memory of the whole service, at work and idle: `python -m benchmarks.memory FILE [--items N]`.

FILE is as for `benchmarks.throughput`. `langnghe serve` runs with its scheduler, its pages and
SQLite; at its start it takes a round of N entries from the feeds of 16 loopback hosts, in a
crawl process of its own; with `--pages` it fetches and extracts a page for each. Five times a
second the proportional share (PSS) of the service and all processes below it is read from /proc
(Linux). Prints one JSON object: MiB at the peak of the round, and the mean of the last five
seconds, twenty seconds after the round.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests" / one) for one in ("crawlers", "langnghe")]

from benchmarks.throughput_feeds import SOURCES, host, make_folder, put_feeds  # noqa: E402

COMMAND = str(Path(sys.executable).with_name("langnghe"))
_EACH_S, _AFTER_S, _LAST_S, _MOST_S = 0.2, 20.0, 5.0, 900.0


def main() -> None:
    """Run the service, print what it held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--items", type=int, default=4000)
    parser.add_argument("--pages", action="store_true", help="fetch and extract a page for each")
    asked = parser.parse_args()
    from loopback import article, loopback_web

    with tempfile.TemporaryDirectory() as name, loopback_web() as web:
        put_feeds(web, asked.file, asked.items)
        folder = make_folder(Path(name) / "operator")
        for file in (folder / "sources").iterdir() if asked.pages else ():
            file.write_text(file.read_text("utf-8").replace("articles = false", ""), "utf-8")
        for count in range(1, asked.items + 1 if asked.pages else 0):
            page = article(f"Tin thứ {count} của ngày").replace("</p>", f" Mã {count}.</p>")
            web.put(f"{host(count % SOURCES)}/{count}.htm", page)
        with (folder / "langnghe.toml").open("a", encoding="utf-8") as settings:
            settings.write(
                f'data_dir = "{name}"\n[web]\nport = 0\n[crawl]\nproxy = "{web.url}"\n'
                "allow_private = true\ndelay = 0.0\nmax_articles = 10000\n"
            )
        command = [COMMAND, "--config", str(folder), "serve"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as service:
            try:
                print(json.dumps({"items": asked.items} | watch(service.pid, Path(name))))
            finally:
                service.send_signal(signal.SIGTERM)


def watch(pid: int, data: Path) -> dict[str, float]:
    """Return what the service held: at the peak of its first round, and when it was idle."""
    begin, ended = time.monotonic(), 0.0
    peak, idle = 0.0, list[float]()
    while not ended or time.monotonic() - ended < _AFTER_S:
        now = time.monotonic()
        assert now - begin < _MOST_S, "the round did not end"
        held = pss_mib(pid)
        peak = max(peak, held)
        if not ended and _round_ended(data / "langnghe.db"):
            ended = now
        if ended and now - ended > _AFTER_S - _LAST_S:
            idle.append(held)
        time.sleep(_EACH_S)
    seconds = round(ended - begin, 1)
    return {"peak_mib": round(peak), "idle_mib": round(statistics.fmean(idle)), "round_s": seconds}


def pss_mib(pid: int) -> float:
    """Return the memory of a process and of all below it, what they share counted once, in MiB."""
    held = 0.0
    with suppress(OSError):
        told = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
        found = re.search(r"^Pss:\s+(\d+) kB", told, re.MULTILINE)
        held = int(found[1]) / 1024 if found else 0.0
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            held += sum(pss_mib(int(child)) for child in task.read_text("ascii").split())
    return held


def _round_ended(file: Path) -> bool:
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
        query = "SELECT count(*) FROM round WHERE job = 'round' AND finished_at IS NOT NULL"
        return bool(db.execute(query).fetchone()[0])
    return False


if __name__ == "__main__":
    main()
