"""Measure what grouping joins by itself: 200 random joins of the feed stream, in time order.

Run from the project's root, with the reference corpus at hand:

    python -m benchmarks.stream_joins ../shared/corpus            # group, then print figures
    python -m benchmarks.stream_joins ../shared/corpus --show     # the joins, with their texts

The first 12,000 entries are read and grouped one by one (about two minutes); the draw is
fixed by a seed. The labels in `data/stream_joins.jsonl` (ids and labels, no text) were
given by a language model that read the beginning of both texts: right where one official would answer both
with one letter.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from config.gazetteer import load_gazetteer
from nlp.evaluate import interval
from nlp.event import Arrival
from nlp.group import Grouper
from nlp.normalise import clean
from nlp.reader import load_reader
from nlp.training import data

SEED, SIZE, ENTRIES = 20260402, 200, 12_000
LABELS = Path(__file__).parent / "data" / "stream_joins.jsonl"


@dataclass(frozen=True, slots=True)
class Join:
    """An item that joined, the item that began the event, and how; one half just joins."""

    item: str
    first: str
    issue: bool
    score: float
    texts: tuple[str, str]


def main() -> None:
    """Group, and show the sample or print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--show", action="store_true")
    asked = parser.parse_args()
    joins, sizes = grouped(asked.corpus)
    rows = data.rows(LABELS) if LABELS.exists() else ()
    labels = {(row["item"], row["first"]): row["right"] for row in rows}
    # What was judged once stays the sample, though joins of a later version may be others.
    kept = {(join.item, join.first): join for join in reversed(joins)}
    sample = [kept[pair] for pair in labels if pair in kept]
    sample = sample or random.Random(SEED).sample(joins, min(SIZE, len(joins)))
    if asked.show:
        for number, join in enumerate(sample):
            known = labels.get((join.item, join.first), "")
            print(number, known, join.score, join.item, join.first, *join.texts, sep=" | ")
    print(f"{len(joins)} joins among {ENTRIES} entries; largest events {sizes}")
    judged = [join for join in sample if (join.item, join.first) in labels]
    print(f"{len(labels)} were judged; {len(judged)} of them still join")
    _tell("right", [labels[join.item, join.first] for join in judged])
    issues = [labels[join.item, join.first] for join in judged if join.issue]
    _tell("right, of what is read as an issue", issues)


def _tell(name: str, right: list[bool]) -> None:
    if right:
        choose = random.Random(SEED)
        drawn = [sum(choose.choices(right, k=len(right))) / len(right) for _ in range(2000)]
        share = sum(right) / len(right)
        print(f"{name}: {sum(right)} of {len(right)} = {share:.3f} {interval(drawn)}")


def grouped(corpus: Path) -> tuple[list[Join], list[int]]:
    """Return every join in the order of the stream, and the sizes of the largest events."""
    reader, grouper = load_reader(load_gazetteer(None)), Grouper()
    rows = list(islice(data.rows(corpus / "feed_stream.jsonl.xz"), ENTRIES))
    joins, sizes = list[Join](), Counter[int]()
    for number, row in enumerate(rows):
        at = datetime.fromisoformat(row["published"])
        title, text = clean(row["title"]), clean(data.item_text(row))
        reading = reader.read(title, text, published=at.date(), as_of=at.date())
        places = tuple(place.key for place in reading.where.places)
        topics = tuple(topic.topic for topic in reading.topics)
        joined = grouper.add(Arrival(number, title, text, at, places, topics, reading.is_issue))
        sizes[joined.event] += 1
        if not joined.new:
            first = rows[joined.event]
            texts = (f"{title}: {text}", _text(first))
            joins.append(
                Join(data.item_id(row), data.item_id(first), reading.is_issue, joined.score, texts)
            )
    return joins, [size for _, size in sizes.most_common(10)]


def _text(row: dict[str, Any]) -> str:
    return f"{clean(row['title'])}: {clean(data.item_text(row))}"


if __name__ == "__main__":
    main()
