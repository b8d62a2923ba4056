"""Find, among very many events, the few that share rare words with an item."""

from __future__ import annotations

from array import array
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from nlp.group_vector import Terms, Weights

#: Events looked at per term at most, the ones that took it up last.
CHAMPIONS = 400


class TermIndex:
    """For each term the events that carry it, in the order in which they took it up."""

    def __init__(self) -> None:
        self._events: dict[int, array[int]] = {}

    def post(self, event: int, terms: Terms) -> None:
        """Note that `event` now carries `terms`, none of which was noted before."""
        for term in terms.tolist():
            known = self._events.get(term)
            if known is None:
                self._events[term] = array("q", (event,))
            else:
                known.append(event)

    def nearest(self, terms: Terms, weights: Weights, wanted: int) -> list[int]:
        """Return the events with most weight of shared terms, best first, then the older."""
        hits: list[NDArray[np.int64]] = []
        shares: list[float] = []
        for term, weight in zip(terms.tolist(), weights.tolist(), strict=True):
            known = self._events.get(term)
            if known is not None:
                hits.append(np.array(known[-CHAMPIONS:], np.int64))
                shares.append(weight * weight)
        if not hits:
            return []
        every = np.concatenate(hits)
        share = np.repeat(np.array(shares), [len(hit) for hit in hits])
        events, where = np.unique(every, return_inverse=True)
        score = np.bincount(where, weights=share)
        order = np.lexsort((events, -np.round(score, 9)))[:wanted]
        best: list[int] = events[order].tolist()
        return best

    def keep(self, standing: Collection[int]) -> None:
        """Forget every event that is not `standing`."""
        kept: dict[int, array[int]] = {}
        for term, events in self._events.items():
            left = array("q", (event for event in events if event in standing))
            if left:
                kept[term] = left
        self._events = kept
