"""Measure is_issue at the prevalence of a real day: 500 random entries of the feed stream.

Run from the project's root, with the reference corpus at hand:

    python -m benchmarks.stream_sample ../shared/corpus --show 0 50   # the entries, no answers
    python -m benchmarks.stream_sample ../shared/corpus [--out FILE]  # figures; FILE: ids, answers

The draw is fixed by a seed and leaves out what the model has learnt from. The labels in
`data/stream_500.jsonl` (ids and labels, no text) were given by a language model that
read the title and the beginning of the summary by the guide and did not see our answers.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from config.gazetteer import load_gazetteer
from nlp.evaluate import Figure, interval
from nlp.normalise import clean
from nlp.reader import load_reader
from nlp.reading import Reading
from nlp.training import data

SEED, SIZE = 20260401, 500
LABELS = Path(__file__).parent / "data" / "stream_500.jsonl"
DAY = date(2026, 6, 1)
Row = dict[str, Any]


def main() -> None:
    """Show the entries, or print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--show", type=int, nargs=2)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--errors", action="store_true")
    asked = parser.parse_args()
    rows = draw(asked.corpus)
    if asked.show:
        for number, row in list(enumerate(rows))[slice(*asked.show)]:
            print(number, "|", clean(row["title"]), "|", clean(data.item_text(row)))
        return
    reader = load_reader(load_gazetteer(None))
    readings = [_read(reader, row) for row in rows]
    if asked.out:
        lines = (
            json.dumps({"id": data.item_id(row), "is_issue": r.is_issue, "score": r.issue_score})
            for row, r in zip(rows, readings, strict=True)
        )
        asked.out.write_text("\n".join(lines) + "\n", "utf-8")
    report(rows, readings, errors=asked.errors)


def draw(corpus: Path) -> list[Row]:
    """Return the sample in the order in which it was drawn, without what was learnt from."""
    learnt = {row["id"] for row in data.rows(data.ANNOTATIONS)}
    rows = {
        data.item_id(row): row
        for row in data.rows(corpus / "feed_stream.jsonl.xz")
        if data.item_id(row) not in learnt
    }
    if labels := _labels():  # judged once: more annotations do not change the draw
        return [rows[key] for key in labels if key in rows]
    return random.Random(SEED).sample(list(rows.values()), SIZE)


def report(rows: Sequence[Row], readings: Sequence[Reading], *, errors: bool) -> None:
    """Print precision and recall of is_issue, with intervals, and how many were held."""
    labels = _labels()
    truth = [labels[data.item_id(row)] for row in rows]
    said = [reading.is_issue for reading in readings]
    pairs = list(zip(truth, said, strict=True))
    print(f"{len(pairs)} entries, {sum(truth)} issues, {sum(said)} read as issues")
    for name, at in (("precision", 1), ("recall", 0)):
        print(name, _figure([pair for pair in pairs if pair[at]]))
    sure = [
        (one, reading.is_issue)
        for one, reading in zip(truth, readings, strict=True)
        if reading.is_issue and reading.hold is None
    ]
    print("precision of what is not held for a person", _figure(sure))
    if errors:
        for row, one, reading in zip(rows, truth, readings, strict=True):
            if one != reading.is_issue:
                print("missed" if one else "false ", reading.issue_score, clean(row["title"]))


def _figure(pairs: Sequence[tuple[bool, bool]]) -> Figure:
    right = [one and other for one, other in pairs]
    if not right:
        return Figure(1.0, 1.0, 1.0, 0)
    choose = random.Random(SEED)
    means = [sum(choose.choices(right, k=len(right))) / len(right) for _ in range(2000)]
    return Figure(round(sum(right) / len(right), 3), *interval(means), len(right))


def _labels() -> dict[str, bool]:
    return {row["id"]: row["is_issue"] for row in data.rows(LABELS)} if LABELS.exists() else {}


def _read(reader: Any, row: Row) -> Reading:
    at = datetime.fromisoformat(row["published"]).date() if row.get("published") else None
    title, text = clean(row["title"]), clean(data.item_text(row))
    reading: Reading = reader.read(title, text, published=at, as_of=DAY)
    return reading


if __name__ == "__main__":
    main()
