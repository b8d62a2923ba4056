"""The measures: each adds up a few counts of every item and makes a figure of the sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.evaluate_pairs import Pair
from nlp.topics import TOPICS

_GRADES = 4
Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure. `on` says which items it rests on, `counts` what each of them adds.

    `figure` makes the figures of sums of counts, one for each row of sums. Where
    `ranked`, it is the average precision of the scores instead, which no sums give.
    """

    on: Callable[[Pair], bool]
    counts: Callable[[Pair], Sequence[float]]
    figure: Callable[[Array], Array]
    ranked: bool = False

    def values(self, pairs: Sequence[Pair], times: Array) -> list[float]:
        """Return the figure for each row of `times`, which says how often each item is drawn."""
        counts = np.array([self.counts(pair) for pair in pairs], dtype=np.float64)
        made = _average_precision(counts, times) if self.ranked else self.figure(times @ counts)
        values: list[float] = made.tolist()
        return values


def _any(_: Pair) -> bool:
    return True


def _issue(pair: Pair) -> bool:
    return pair.issue


def _placed(pair: Pair) -> bool:
    return pair.issue and bool(pair.places)


def _first_told(pair: Pair) -> bool:
    return _placed(pair) and not pair.held and bool(pair.said_places)


def ratio(sums: Array) -> Array:
    """Return first over second, and 1 where the second is nothing."""
    return np.where(sums[:, 1] > 0, sums[:, 0] / np.maximum(sums[:, 1], 1e-12), 1.0)


def f1(sums: Array) -> Array:
    """Return F1 of (hits, false, missed); 1 where there was nothing to find and nothing found."""
    whole = 2 * sums[:, 0] + sums[:, 1] + sums[:, 2]
    return np.where(whole > 0, 2 * sums[:, 0] / np.maximum(whole, 1e-12), 1.0)


def macro(sums: Array) -> Array:
    """Return the mean F1 of the topics that are labelled or read at all."""
    each = sums.reshape(len(sums), len(TOPICS), 3)
    held = each.sum(axis=2) > 0
    values = np.stack([f1(each[:, at]) for at in range(len(TOPICS))], axis=1)
    return np.where(
        held.any(axis=1), (values * held).sum(axis=1) / np.maximum(held.sum(axis=1), 1), 1
    )


def kappa(sums: Array) -> Array:
    """Return quadratic kappa of tables of grades, label by reading."""
    table = sums.reshape(len(sums), _GRADES, _GRADES)
    grades = np.arange(_GRADES)
    far = (grades[:, None] - grades[None, :]) ** 2
    rows, columns = table.sum(axis=2), table.sum(axis=1)
    number = np.maximum(table.sum(axis=(1, 2)), 1)
    chance = (rows[:, :, None] * columns[:, None, :] * far).sum(axis=(1, 2)) / number
    seen = (table * far).sum(axis=(1, 2))
    return np.where(chance > 0, 1 - seen / np.where(chance > 0, chance, 1), 1.0)


def _average_precision(counts: Array, times: Array) -> Array:
    """Return the mean over the issues of the precision at their score; equal scores at once."""
    order = np.argsort(-counts[:, 0], kind="stable")
    score, issue = counts[order, 0], counts[order, 1]
    drawn = times[:, order]
    hits, all_ = np.cumsum(drawn * issue, axis=1), np.cumsum(drawn, axis=1)
    last = np.append(np.flatnonzero(np.diff(score)), len(score) - 1)
    hits, all_ = hits[:, last], all_[:, last]
    gained = np.diff(hits, axis=1, prepend=0)
    total = np.maximum(hits[:, -1], 1e-12)
    area = (gained * hits / np.maximum(all_, 1e-12)).sum(axis=1) / total
    return np.where(hits[:, -1] > 0, area, 1.0)


def _topic_counts(pair: Pair, topic: str) -> tuple[bool, bool, bool]:
    held, said = topic in pair.topics, topic in pair.said
    return held and said, said and not held, held and not said


def of_topic(topic: str) -> Measure:
    """Return F1 of one topic over the issues."""
    return Measure(_issue, lambda pair: _topic_counts(pair, topic), f1)


def _micro(pair: Pair) -> tuple[int, int, int]:
    said = set(pair.said)
    return len(pair.topics & said), len(said - pair.topics), len(pair.topics - said)


def _grades(pair: Pair) -> list[int]:
    table = [0] * (_GRADES * _GRADES)
    table[pair.severity * _GRADES + pair.said_severity] = 1
    return table


def _of_level(level: int) -> Measure:
    return Measure(
        lambda pair: pair.issue and pair.found(level)[0],
        lambda pair: (pair.found(level)[1], 1),
        ratio,
    )


def _main(pair: Pair) -> tuple[bool, int]:
    return (pair.said[0] in pair.topics if pair.said else not pair.topics), 1


MEASURES: Mapping[str, Measure] = {
    "is_issue precision": Measure(
        lambda pair: pair.said_issue, lambda pair: (pair.issue, 1), ratio
    ),
    "is_issue recall": Measure(_issue, lambda pair: (pair.said_issue, 1), ratio),
    "is_issue F1": Measure(
        _any,
        lambda p: (
            p.issue and p.said_issue,
            p.said_issue and not p.issue,
            p.issue and not p.said_issue,
        ),
        f1,
    ),
    "is_issue AP": Measure(_any, lambda pair: (pair.score, pair.issue), ratio, ranked=True),
    "topics micro-F1": Measure(_issue, _micro, f1),
    "topics macro-F1": Measure(
        _issue, lambda pair: [n for topic in TOPICS for n in _topic_counts(pair, topic)], macro
    ),
    "main topic": Measure(_issue, _main, ratio),
    "severity kappa": Measure(_issue, _grades, kappa),
    "province found": _of_level(0),
    "district found": _of_level(1),
    "commune found": _of_level(2),
    "place precision": Measure(
        _placed, lambda p: (sum(map(p.right, p.said_places)), len(p.said_places)), ratio
    ),
    "wrong of routed": Measure(
        _first_told, lambda pair: (not pair.right(pair.said_places[0]), 1), ratio
    ),
    "held": Measure(_issue, lambda pair: (bool(pair.places) and pair.held, 1), ratio),
}
#: What is told of each stratum.
SHORT_LIST = (
    "is_issue F1",
    "topics micro-F1",
    "main topic",
    "severity kappa",
    "province found",
    "district found",
)
