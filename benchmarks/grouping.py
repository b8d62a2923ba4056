"""Measure grouping on what was judged, and its cost: `python -m benchmarks.grouping CORPUS`.

Quality by two-fold cross-validation, no cluster and no pair on both sides: B-cubed on
the gold clusters, online, in three shuffled orders; precision and recall on the judged
pairs of the feed stream, each weighed by how many pairs it stands for. Cost: 100,000
entries of the stream in time order, milliseconds for each of the last 5,000, and memory.
`--cost` measures the cost alone. Prints one JSON object a figure.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path

import numpy as np

from config.gazetteer import load_gazetteer
from nlp.event import Arrival
from nlp.group import JOIN, Grouper
from nlp.group_match import Match
from nlp.normalise import clean
from nlp.reader import load_reader
from nlp.training import data, events

ORDERS = (11, 12, 13)
WINDOW, LAST = 100_000, 5_000


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--cost", action="store_true")
    asked = parser.parse_args()
    if not asked.cost:
        quality(asked.corpus)
    cost(asked.corpus)


def quality(corpus: Path) -> None:
    """Cross-validate and print."""
    reader = load_reader(load_gazetteer(None))
    groups, pairs = events.clusters(corpus, reader), events.judged(corpus, reader)
    ours = events.from_groups(events.replayed(corpus, reader), weight=events.REPLAY_WEIGHT)
    side = _sides(sorted({item.event for item in groups}))
    figures, said = [], list[tuple[bool, bool, float]]()
    for held in (0, 1):
        match = events.learn(
            [
                events.from_groups([item for item in groups if side[item.event] != held]),
                events.from_pairs([pair for n, pair in enumerate(pairs) if n % 2 != held]),
                ours,
            ]
        )
        kept = [item for item in groups if side[item.event] == held]
        figures += [b_cubed(*_grouped(kept, match, order)) for order in ORDERS]
        said += [
            (pair.same, _joins(pair, match), pair.weight)
            for n, pair in enumerate(pairs)
            if n % 2 == held
        ]
    precision, recall, f1 = np.mean(figures, axis=0).round(4).tolist()
    print(json.dumps({"clusters": len(side), "precision": precision, "recall": recall, "f1": f1}))
    joined = sum(weight for _, join, weight in said if join)
    same = sum(weight for truth, _, weight in said if truth)
    right = sum(weight for truth, join, weight in said if truth and join)
    print(
        json.dumps(
            {
                "pairs": len(said),
                "joined": sum(join for _, join, _ in said),
                "precision": round(right / joined, 4),
                "recall": round(right / same, 4),
            }
        )
    )


def cost(corpus: Path) -> None:
    """Group 100,000 entries of the stream and print time and memory."""
    grouper, started, times = Grouper(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, []
    rows = islice(data.rows(corpus / "feed_stream.jsonl.xz"), WINDOW)
    for number, row in enumerate(rows):
        at = datetime.fromisoformat(row["published"])
        arrival = Arrival(number, clean(row["title"]), clean(data.item_text(row)), at)
        begun = time.process_time()
        grouper.add(arrival)
        times.append(time.process_time() - begun)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - started
    print(
        json.dumps(
            {
                "items": len(times),
                "events": len(grouper),
                "ms_each_of_last": round(1000 * float(np.mean(times[-LAST:])), 3),
                "memory_mib": round(used / 1024),
            }
        )
    )


def b_cubed(gold: Sequence[str], said: Sequence[int]) -> tuple[float, float, float]:
    """Return precision, recall and F1 (Bagga and Baldwin 1998)."""
    by_gold, by_said = defaultdict(set), defaultdict(set)
    for at, (truth, event) in enumerate(zip(gold, said, strict=True)):
        by_gold[truth].add(at)
        by_said[event].add(at)
    both = [len(by_gold[t] & by_said[e]) for t, e in zip(gold, said, strict=True)]
    precision = float(np.mean([n / len(by_said[e]) for n, e in zip(both, said, strict=True)]))
    recall = float(np.mean([n / len(by_gold[t]) for n, t in zip(both, gold, strict=True)]))
    return precision, recall, 2 * precision * recall / (precision + recall)


def _grouped(
    items: Sequence[events.Grouped], match: Match, order: int
) -> tuple[list[str], list[int]]:
    grouper, mixed = Grouper(match), events.shuffled(items, order)
    said = [grouper.add(replace(item.arrival, id=n)).event for n, item in enumerate(mixed)]
    return [item.event for item in mixed], said


def _joins(pair: events.Judged, match: Match) -> bool:
    grouper = Grouper(match)
    grouper.add(replace(pair.first, id=0))
    joined = grouper.add(replace(pair.second, id=1))
    return joined.event == 0 and joined.score >= JOIN


def _sides(names: list[str]) -> dict[str, int]:
    random.Random(0).shuffle(names)
    return {name: place % 2 for place, name in enumerate(names)}


if __name__ == "__main__":
    main()
