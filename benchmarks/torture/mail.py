"""Mails under torture, at full number: `python benchmarks/torture/mail.py [--kills N] [--mails N] …`.

Plan T4: senders are killed at random steps while the server accepts, refuses, loses and is
silent; with `--faults none` over a server that works, so that every repeat is a kill's.
Plan T5 (`--scripts`): the server fails in one way at a time. Without a URL on an SQLite
file; a PostgreSQL URL must name an empty database. Prints one JSON object a run, and ends
with status 1 where a mail was missed, stuck, changed, or repeated without an excuse.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), *(str(ROOT / "tests" / name) for name in ("langnghe", "triage"))]

from mail_torture import FAULTS, SCRIPTS, script, storm  # noqa: E402
from smtp_servers import certificate, free_port  # noqa: E402

from langnghe import logs  # noqa: E402


def main() -> None:
    """Run T4, or T5."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--server-kills", type=int, default=0)
    parser.add_argument("--mails", type=int, default=5000)
    parser.add_argument("--faults", choices=("all", "none"), default="all")
    parser.add_argument("--senders", type=int, default=1)
    parser.add_argument("--url", default="")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scripts", type=int, metavar="MAILS", help="T5 with so many mails each.")
    asked = parser.parse_args()
    logs.setup(json_lines=True)
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if asked.scripts:
            pairs = [certificate(folder, host)[0] for host in ("khac.example", "localhost")]
            tls = tuple((one, one.with_suffix(".key")) for one in pairs)
            for number, way in enumerate(SCRIPTS):
                minutes = 8 if way.endswith("after DATA") else 400
                begin = time.monotonic()
                done = script(way, free_port(), folder / str(number), tls, asked.scripts, minutes)
                bad += told(done | {"seconds": round(time.monotonic() - begin)})
        else:
            begin = time.monotonic()
            figures = storm(
                free_port(),
                folder,
                notices=asked.mails,
                kills=asked.kills,
                server_kills=asked.server_kills,
                faults=FAULTS if asked.faults == "all" else None,
                seed=asked.seed,
                url=asked.url,
                senders=asked.senders,
            )
            bad += told(figures.as_dict() | {"seconds": round(time.monotonic() - begin)})
    sys.exit(bool(bad))


def told(done: dict[str, object]) -> int:
    """Print what came of a run; return 1 where it is not as it must be."""
    print(json.dumps(done), flush=True)
    wrong = any(done[name] for name in ("missed", "changed", "open", "stray"))
    return int(wrong or not done.get("as_expected", True))


if __name__ == "__main__":
    main()
