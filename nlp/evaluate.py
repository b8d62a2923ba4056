"""Compare readings with labels: the figures of the guide's goals, with their uncertainty."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from nlp.evaluate_measures import MEASURES, SHORT_LIST, Measure, of_topic
from nlp.evaluate_pairs import Pair, pair_of, strata_of
from nlp.reading import Reading
from nlp.topics import TOPICS

#: Resamples of the bootstrap, and the part of them that lies inside an interval.
RESAMPLES, INSIDE = 500, 0.95
_SEED = 7


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with the interval that holds it in 95 of 100 resamples, and how many it rests on."""

    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything measured on one set. `confusion` counts main topic of the label by main read."""

    items: int
    overall: Mapping[str, Figure]
    topics: Mapping[str, Figure]
    strata: Mapping[str, Mapping[str, Figure]] = field(default_factory=dict)
    confusion: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the figures as one JSON object."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)


def evaluate(rows: Sequence[Mapping[str, Any]], readings: Sequence[Reading]) -> Figures:
    """Return the figures of `readings` against `rows`, label-file rows in the same order.

    Topics, main topic, severity and places are measured on what the labels call issues,
    also where the reading calls it none. Raises ValueError where the two differ in length.
    """
    pairs = [pair_of(row["gold"], reading) for row, reading in zip(rows, readings, strict=True)]
    strata: dict[str, list[Pair]] = {}
    for row, pair in zip(rows, pairs, strict=True):
        for name in strata_of(row):
            strata.setdefault(name, []).append(pair)
    return Figures(
        items=len(pairs),
        overall={name: figure(measure, pairs) for name, measure in MEASURES.items()},
        topics={topic: figure(of_topic(topic), pairs) for topic in TOPICS},
        strata={
            name: {key: figure(MEASURES[key], part) for key in SHORT_LIST}
            for name, part in sorted(strata.items())
        },
        confusion=_confused(pairs),
    )


def figure(measure: Measure, pairs: Sequence[Pair]) -> Figure:
    """Return the value on `pairs`, and between which it lies when they are drawn anew."""
    concerned = [pair for pair in pairs if measure.on(pair)]
    if not concerned:
        return Figure(1.0, 1.0, 1.0, 0)
    drawn = np.random.default_rng(_SEED).multinomial(
        len(concerned), np.full(len(concerned), 1 / len(concerned)), RESAMPLES
    )
    value, *resampled = measure.values(concerned, np.vstack([np.ones_like(drawn[:1]), drawn]))
    low, high = interval(resampled)
    return Figure(
        round(value, 4), min(low, round(value, 4)), max(high, round(value, 4)), len(concerned)
    )


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the two values between which the inner part of the resamples lies."""
    drawn = sorted(values)
    tail = round(len(drawn) * (1 - INSIDE) / 2)
    return round(drawn[tail], 4), round(drawn[-tail - 1], 4)


def _confused(pairs: Sequence[Pair]) -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {}
    for pair in pairs:
        if pair.issue:
            said = pair.said[0] if pair.said else "none"
            label = said if said in pair.topics else min(pair.topics, default="none")
            row = table.setdefault(label, {})
            row[said] = row.get(said, 0) + 1
    return table
