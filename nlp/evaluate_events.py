"""Compare events with gold clusters: B-cubed (Bagga and Baldwin 1998), with its uncertainty."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence

import numpy as np

from nlp.evaluate import RESAMPLES, Figure, interval

_SEED = 7


def b_cubed(gold: Sequence[Hashable], said: Sequence[Hashable]) -> dict[str, Figure]:
    """Return B-cubed precision, recall and F1 of the events `said` for items in clusters `gold`.

    The intervals come from drawing whole clusters anew, since items of one cluster are
    not independent. ValueError where the two differ in length or are empty.
    """
    if not gold:
        raise ValueError("no item is in a cluster")
    by_gold: dict[Hashable, set[int]] = defaultdict(set)
    by_said: dict[Hashable, set[int]] = defaultdict(set)
    for at, (truth, event) in enumerate(zip(gold, said, strict=True)):
        by_gold[truth].add(at)
        by_said[event].add(at)
    clusters = list(by_gold)
    sums = np.zeros((len(clusters), 3))
    for number, cluster in enumerate(clusters):
        for at in by_gold[cluster]:
            both = len(by_gold[cluster] & by_said[said[at]])
            sums[number] += (both / len(by_said[said[at]]), both / len(by_gold[cluster]), 1)
    drawn = np.random.default_rng(_SEED).multinomial(
        len(clusters), np.full(len(clusters), 1 / len(clusters)), RESAMPLES
    )
    totals = np.vstack([np.ones((1, len(clusters))), drawn]) @ sums
    precision, recall = totals[:, 0] / totals[:, 2], totals[:, 1] / totals[:, 2]
    values = {
        "event B-cubed precision": precision,
        "event B-cubed recall": recall,
        "event B-cubed F1": 2 * precision * recall / (precision + recall),
    }
    return {
        name: Figure(round(float(each[0]), 4), *interval(each[1:].tolist()), len(gold))
        for name, each in values.items()
    }
