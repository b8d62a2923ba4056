"""What a user would build from well-known parts, beside ours: `python -m benchmarks.side_by_side CORPUS PAGES`.

    pip install -e '.[bench]'

CORPUS holds `labelled.jsonl`; PAGES is a folder of captured articles (`*_article*.html`) beside
`expected.json`. Theirs: newspaper4k for the page, underthesea for sentences, names of each
sentence and words, scikit-learn (TF-IDF and logistic regression) for issue and topics, a row of
SQLAlchemy for each article, committed one by one. Ours: the program's own extraction, masking,
reader and tables. Both are warm, take the same articles in turn, on one core, and are timed by
CPU, stage by stage; medians. Quality on the same parts: `python -m benchmarks.reader CORPUS
--cross`. Prints a JSON line for each start and each way.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.side_by_side_theirs import Theirs
from config.catalog import SourceEntry
from crawlers.extract import extract
from crawlers.item import Item
from langnghe import stages
from langnghe.app import App
from nlp.mask import Masker
from storage import items, readings
from storage.readings import Versions

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)
ENTRY = SourceEntry(id="bao", name="Báo", type="upload")
Clock = Callable[[], float]


@dataclass(frozen=True)
class Given:
    """One article: its page, or only title and text."""

    url: str
    title: str
    text: str
    html: bytes = b""


class Stages:
    """CPU milliseconds of each stage, one figure an article."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = {}
        self._now: dict[str, float] = {}

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Add what the block takes to a stage of the present article."""
        begin = time.process_time()
        yield
        took = 1000 * (time.process_time() - begin)
        self._now[name] = self._now.get(name, 0.0) + took

    def ended(self) -> None:
        """Close an article."""
        for name, took in self._now.items():
            self.spent.setdefault(name, []).append(took)
        self._now.clear()

    def means(self) -> dict[str, float]:
        """Return the mean of each stage, and of all."""
        found = {name: round(statistics.fmean(all_), 3) for name, all_ in self.spent.items()}
        return found | {"all": round(sum(found.values()), 3)}


class Ours:
    """The program, with or without masking of names."""

    def __init__(self, folder: Path, *, names: bool) -> None:
        self._app = App(None, clock=lambda: NOW, data_dir=folder)
        self._masker: Masker = self._app.masker
        self._names = names
        _ = self._app.reader, self._app.engine
        self._count = 0
        version = self._app.reader.version
        self._marks = Versions(version, "", version, "")

    def take(self, given: Iterable[Given], spent: Stages) -> None:
        """Take articles from page or text to kept readings; what is written is one batch."""
        waiting = []
        for one in given:
            self._count += 1
            title, text = one.title, one.text
            if one.html:
                with spent.of("extract"):
                    page = extract(one.html, one.url, now=NOW)
                title, text = page.title, page.text
            with spent.of("mask"):
                masked = self._masker.mask(title, text, names=self._names)
            url = f"{one.url}?{self._count}"
            # The text is told apart, or the tables would take it for the same article.
            masked = replace(masked, text=f"{masked.text} {self._count}")
            found = Item("bao", url, url, title, text, NOW, NOW, "0" * 64)
            waiting.append(items.kept(found, masked, "Báo", "press"))
            spent.ended()
        self._keep(waiting, spent)

    def _keep(self, waiting: list[items.KeptItem], spent: Stages) -> None:
        begin = time.process_time()
        with self._app.sessions.begin() as session:
            ids = items.keep(session, waiting).new
        kept = time.process_time() - begin
        with self._app.views() as session:
            stored = items.by_ids(session, ids).values()
        assert len(stored) == len(waiting)
        begin = time.process_time()
        day = self._app.today()
        good = [(one, stages.read_item(self._app, self._app.reader, one, day)) for one in stored]
        read = time.process_time() - begin
        begin = time.process_time()
        with self._app.sessions.begin() as session:
            readings.save(session, good, self._marks)
        kept += time.process_time() - begin
        for name, took in (("read", read), ("store", kept)):
            each = 1000 * took / len(waiting)
            spent.spent.setdefault(name, []).extend([each] * len(waiting))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--articles", type=int, default=40, help="of the label file, in each run")
    asked = parser.parse_args()
    rows = [json.loads(line) for line in (asked.corpus / "labelled.jsonl").open(encoding="utf-8")]
    starts = {
        "html": list(_pages(asked.pages)),
        "text": [Given(f"https://bao.example/{n}", row["title"], row["text"])
                 for n, row in enumerate(rows[: asked.articles])],
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        theirs = Theirs(rows, Path(name) / "theirs.db")
        ours = {}
        for how, names in (("ours", False), ("ours, names masked", True)):
            folder = Path(name) / how.replace(", ", "-").replace(" ", "-")
            folder.mkdir()
            ours[how] = Ours(folder, names=names)
        gc.collect()
        gc.freeze()  # neither side pays for walking over the models of the other
        for start, given in starts.items():
            _compare(start, given, theirs, ours, asked.runs)
    return 0


def _compare(
    start: str, given: list[Given], theirs: Theirs, ours: dict[str, Ours], runs: int
) -> None:
    spent: dict[str, Stages] = {
        name: Stages() for name in ("theirs", "theirs, names masked", *ours)
    }
    for turn in range(runs + 1):
        if turn == 1:  # the first was to warm up
            spent = {name: Stages() for name in spent}
        for names in (False, True):
            way = spent["theirs, names masked" if names else "theirs"]
            for one in given:
                theirs.take(one.url, one.title, one.text, one.html, way, names=names)
        for name, way_of_ours in ours.items():
            way_of_ours.take(given, spent[name])
    means: dict[str, Any] = {name: found.means() for name, found in spent.items()}
    for name, found in means.items():
        print(json.dumps({"from": start, "way": name, "articles": len(given)} | found))
    plain = means["theirs"]["all"] / means["ours"]["all"]
    masked = means["theirs, names masked"]["all"] / means["ours, names masked"]["all"]
    told = {"from": start, "times_faster": round(plain, 1), "with_names": round(masked, 1)}
    print(json.dumps(told), flush=True)


def _pages(folder: Path) -> Iterator[Given]:
    expected = json.loads((folder.parent / "expected.json").read_text("utf-8"))
    for name, about in sorted(expected.items()):
        yield Given(about["url"], "", "", (folder / name).read_bytes())


if __name__ == "__main__":
    sys.exit(main())
