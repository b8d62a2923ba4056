"""Does reading an item kill the reader? Tried in a process of its own: `python -m langnghe.probe`.

A reader may die over an innocent item: the machine was switched off, another process took
the memory. So an item over which readers died is read once where its death harms nobody.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from config.gazetteer import load_gazetteer
from langnghe.app import App
from langnghe.modelchoice import choose
from nlp.places import PlaceFinder
from storage.items import StoredItem

_COMMAND = (sys.executable, "-m", "langnghe.probe")
#: Reading takes milliseconds; loading the model and the map takes seconds.
_LIMIT_S = 60.0


def survives(app: App, item: StoredItem, command: Sequence[str] = _COMMAND) -> bool:
    """Say whether a process that reads `item` lives to tell. The item goes over a pipe."""
    wanted = app.chosen.wanted
    job = {
        "folder": str(app.folder) if app.folder else None,
        "model": str(wanted) if wanted else None,
        "title": item.title,
        "text": item.text,
        "day": app.today().isoformat(),
    }
    try:
        run = subprocess.run(  # noqa: S603 (our own program)
            command,
            input=json.dumps(job).encode(),
            stdout=subprocess.DEVNULL,
            timeout=_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return run.returncode == 0


def main() -> int:
    """Read the item that stands on stdin, and forget it. 0 even where it cannot be read."""
    job = json.load(sys.stdin)
    folder = Path(job["folder"]) if job["folder"] else None
    model = Path(job["model"]) if job["model"] else None
    reader = choose(PlaceFinder(load_gazetteer(folder)), model, strict=False).reader
    try:
        day = date.fromisoformat(job["day"])
        reader.read(job["title"], job["text"], published=day, as_of=day)
    except Exception as error:  # noqa: BLE001 (an error that is told harms nobody)
        sys.stderr.write(f"{type(error).__name__}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
