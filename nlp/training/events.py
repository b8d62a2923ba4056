"""Learn when an item tells of an event: weights of `nlp.group_match`, from judged pairs."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config.gazetteer import load_gazetteer
from nlp.event import Arrival
from nlp.group import Grouper
from nlp.group_match import FACTS, WEIGHTS, Match, match_of
from nlp.normalise import clean
from nlp.reader import Reader, load_reader
from nlp.training import data, fit

#: Pairs of feed entries judged by a language model, by link; `stands_for` says how many pairs
#: of the stream each was drawn for. Their text is not ours and is not here.
PAIRS = data.HERE / "pairs.jsonl"
#: From which probability on an article, and a note, joins by itself; chosen by cross-validation.
LIMITS = {"article": 0.5, "note": 0.97}
#: In how many shuffled orders gold clusters are gone through.
ORDERS = 3
#: What a pair of our few replayed items, and a judged pair, weighs beside one of the clusters.
REPLAY_WEIGHT, PAIR_WEIGHT = 8.0, 0.5
_DAY = datetime(2026, 6, 1, tzinfo=UTC)

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Grouped:
    """An item, and the name of the event that it is said to belong to."""

    event: str
    arrival: Arrival


@dataclass(frozen=True, slots=True)
class Judged:
    """Two items in the order of publishing, and whether they tell of one event."""

    first: Arrival
    second: Arrival
    same: bool
    weight: float


@dataclass(frozen=True, slots=True)
class Material:
    """Facts of pairs (one row each), what is true of each, and what it counts."""

    facts: Array
    truth: Array
    weight: Array


def clusters(corpus: Path, reader: Reader) -> list[Grouped]:
    """Return the gold clusters of the corpus, read; undated, so all of one moment."""
    rows = list(data.rows(corpus / "clusters.jsonl.xz"))
    return [Grouped(str(row["cluster"]), _arrival(row, reader, n)) for n, row in enumerate(rows)]


def replayed(corpus: Path, reader: Reader) -> list[Grouped]:
    """Return our own replayed items on Bến Tre; one without an event is its own."""
    rows = list(data.rows(corpus / "replay.jsonl"))
    return [
        Grouped(row["gold"].get("event") or str(row["id"]), _arrival(row, reader, number))
        for number, row in enumerate(rows)
    ]


def judged(corpus: Path, reader: Reader) -> list[Judged]:
    """Return the judged pairs whose texts the corpus holds."""
    rows = list(data.rows(PAIRS))
    wanted = {row[side] for row in rows for side in ("first", "second")}
    found: dict[str, Arrival] = {}
    for row in data.rows(corpus / "feed_stream.jsonl.xz"):
        key = data.item_id(row)
        if key in wanted and key not in found:
            found[key] = _arrival(row, reader, len(found))
    return [
        Judged(found[row["first"]], found[row["second"]], row["same"], row["stands_for"])
        for row in rows
        if row["first"] in found and row["second"] in found
    ]


def from_groups(groups: Sequence[Grouped], orders: int = ORDERS, weight: float = 1.0) -> Material:
    """Go through the items in shuffled orders, as if each had joined its gold event."""
    facts: list[tuple[float, ...]] = []
    truth: list[bool] = []
    for order in range(orders):
        grouper, begun = Grouper(), dict[str, int]()
        for number, item in enumerate(shuffled(groups, order)):
            arrival = replace(item.arrival, id=number)
            found = grouper.candidates(arrival, grouper.vector(arrival))
            key = begun.setdefault(item.event, number)
            facts += found.values()
            truth += [candidate == key for candidate in found]
            grouper.restore(arrival, key, None)
    return Material(np.array(facts), np.array(truth), np.full(len(truth), weight / orders))


def from_pairs(pairs: Sequence[Judged]) -> Material:
    """Return the facts of each pair, as if the first item had begun an event."""
    facts, kept = [], []
    for pair in pairs:
        grouper = Grouper()
        grouper.restore(replace(pair.first, id=0), 0, None)
        second = replace(pair.second, id=1)
        if found := grouper.candidates(second, grouper.vector(second)):
            facts.append(found[0])
            kept.append(pair)
    return Material(
        np.array(facts),
        np.array([pair.same for pair in kept]),
        np.array([pair.weight * PAIR_WEIGHT for pair in kept]),
    )


def learn(parts: Iterable[Material]) -> Match:
    """Fit the weights on all parts together."""
    held = list(parts)
    facts = np.concatenate([part.facts for part in held])
    truth = np.concatenate([part.truth for part in held])
    weight = np.concatenate([part.weight for part in held])
    coefficients = fit.fit_dense(facts, truth, weight)
    named = dict(zip(FACTS, coefficients[:-1].tolist(), strict=True))
    return match_of(named, float(coefficients[-1]), LIMITS)


def write(match: Match, path: Path) -> None:
    """Write weights as the file that `load_match` reads."""
    lines = [
        "# How much each fact speaks for an item telling of an event (logistic regression).",
        "# Made by `python -m nlp.training.events CORPUS`; the facts: nlp/group_match.py.",
        f"intercept = {match.intercept:.4f}",
        "",
        "[weights]",
        *(f"{name} = {value:.4f}" for name, value in zip(FACTS, match.weights, strict=True)),
        "",
        "# From which probability on an article, and a note, joins by itself.",
        "[limits]",
        *(f"{name} = {value}" for name, value in LIMITS.items()),
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def shuffled(groups: Sequence[Grouped], order: int) -> list[Grouped]:
    """Return the items in the shuffled order of that number, always the same one."""
    mixed = list(groups)
    random.Random(order).shuffle(mixed)  # noqa: S311 - an order, not a secret
    return mixed


def _arrival(row: dict[str, Any], reader: Reader, number: int) -> Arrival:
    title, text = clean(row.get("title") or ""), clean(data.item_text(row))
    at = datetime.fromisoformat(row["published"]) if row.get("published") else _DAY
    day = at.date() if row.get("published") else None
    home = "Bến Tre" if row.get("kind") in ("press", "fanpage") else ""
    read = reader.read(title, text, published=day, as_of=at.date(), home=home)
    return Arrival(
        id=number,
        title=title,
        text=text,
        at=at,
        places=tuple(place.key for place in read.where.places),
        topics=tuple(topic.topic for topic in read.topics),
        is_issue=read.is_issue,
    )


def train(corpus: Path, out: Path) -> Match:
    """Learn from everything that was judged, and write the weights to `out`."""
    reader = load_reader(load_gazetteer(None))
    match = learn(
        [
            from_groups(clusters(corpus, reader)),
            from_groups(replayed(corpus, reader), weight=REPLAY_WEIGHT),
            from_pairs(judged(corpus, reader)),
        ]
    )
    write(match, out)
    return match


if __name__ == "__main__":
    train(Path(sys.argv[1]), WEIGHTS)
