"""Make the database of a release as SQL text, for the tests of upgrades.

    git worktree add /somewhere/first cf09c18
    python tests/langnghe/release_fixture.py /somewhere/first tests/langnghe/data/first_release.sql.gz

The release's own code replays a part of its own demo press (all of it invented). What it
kept is written table by table; of the search index only what was put into it, because
its inner tables belong to the SQLite that made them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

_RUN = "from langnghe.cli import main; main()"
#: Where SQLite keeps the last number it gave, by table.
_NUMBERS = "sqlite_sequence"


def cut_press(whole: Path, target: Path, first: str, end: str) -> None:
    """Copy a press with only the items published from `first` to before `end` (ISO days)."""
    shutil.copytree(whole, target)
    kept: dict[str, str] = {}
    for line in (whole / "items.jsonl").read_text("utf-8").splitlines():
        item = json.loads(line)
        copied = item.get("syndicated_from")
        if first <= item["published"] < end and (not copied or copied in kept):
            kept[item["id"]] = line
    (target / "items.jsonl").write_text("\n".join(kept.values()) + "\n", "utf-8")


def dump(database: Path) -> Iterator[str]:
    """Yield the statements that make the database again."""
    connection = sqlite3.connect(database)
    query = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
    made = connection.execute(query).fetchall()
    virtual = [name for _, name, sql in made if sql.startswith("CREATE VIRTUAL")]
    inner = tuple(f"{name}_" for name in virtual)
    made = [one for one in made if not (one[1].startswith(inner) if inner else False)]
    tables = [one for one in made if one[0] == "table" and one[1] != _NUMBERS]
    yield from (f"{sql};" for _, _, sql in tables)
    for _, name, _ in tables:
        yield from _rows(connection, name, virtual=name in virtual)
    # The rows above have begun to count already.
    yield f"DELETE FROM {_NUMBERS};"  # noqa: S608
    yield from _rows(connection, _NUMBERS, virtual=False)
    yield from (f"{sql};" for kind, _, sql in made if kind != "table")


def _rows(connection: sqlite3.Connection, table: str, *, virtual: bool) -> Iterator[str]:
    names = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
    if virtual:
        names.insert(0, "rowid")
    listed = ", ".join(f'"{name}"' for name in names)
    quoted = " || ', ' || ".join(f'quote("{name}")' for name in names)
    for (values,) in connection.execute(f'SELECT {quoted} FROM "{table}"'):  # noqa: S608
        yield f'INSERT INTO "{table}" ({listed}) VALUES ({values});'  # noqa: S608


def load(file: Path, database: Path) -> None:
    """Make the database that was written to `file`, as the release left it."""
    connection = sqlite3.connect(database)
    connection.executescript("BEGIN;\n" + gzip.decompress(file.read_bytes()).decode() + "COMMIT;")
    connection.close()


def make(checkout: Path, out: Path, first: str, end: str) -> None:
    """Replay with the code in `checkout`, and write what came of it to `out`."""
    with tempfile.TemporaryDirectory() as name:
        press, made = Path(name) / "press", Path(name) / "made"
        cut_press(checkout / "langnghe" / "press", press, first, end)
        subprocess.run(
            [sys.executable, "-c", _RUN, "demo", "--dir", str(made), "--press", str(press)],
            cwd=checkout,
            env=os.environ | {"PYTHONPATH": str(checkout)},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        body = "\n".join(dump(made / "langnghe.db")) + "\n"
    out.write_bytes(gzip.compress(body.encode(), 9, mtime=0))


def main() -> None:
    """Read the call."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("checkout", type=Path, help="a checkout of the release")
    parser.add_argument("out", type=Path, help="the .sql.gz file to write")
    parser.add_argument("--first", default="2024-01-01", help="items published from this day on")
    parser.add_argument("--end", default="2024-09-15", help="items published before this day")
    called = parser.parse_args()
    make(called.checkout.absolute(), called.out, called.first, called.end)


if __name__ == "__main__":
    main()
