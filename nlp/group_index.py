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
    """For each term the events that carry it, in the order in which they took it up.

    Inside, events go by small numbers without gaps, so that what an item shares with each
    is added up in one pass over an array and not by sorting.
    """

    def __init__(self) -> None:
        self._slots: dict[int, int] = {}
        self._events = array("q")
        self._carriers: dict[int, array[int]] = {}

    def post(self, event: int, terms: Terms) -> None:
        """Note that `event` now carries `terms`, none of which was noted before."""
        slot = self._slot(event)
        for term in terms.tolist():
            known = self._carriers.get(term)
            if known is None:
                self._carriers[term] = array("i", (slot,))
            else:
                known.append(slot)

    def nearest(self, terms: Terms, weights: Weights, wanted: int) -> list[int]:
        """Return the events with most weight of shared terms, best first, then the older."""
        hits: list[NDArray[np.int32]] = []
        shares: list[float] = []
        for term, weight in zip(terms.tolist(), weights.tolist(), strict=True):
            known = self._carriers.get(term)
            if known is not None:
                hits.append(np.frombuffer(known[-CHAMPIONS:], np.int32))
                shares.append(weight * weight)
        if not hits:
            return []
        share = np.repeat(np.array(shares), [len(hit) for hit in hits])
        score = np.bincount(np.concatenate(hits), weights=share)
        slots = np.flatnonzero(score)
        score = np.round(score[slots], 9)
        if len(slots) > wanted:
            least = np.partition(score, -wanted)[-wanted]
            slots, score = slots[score >= least], score[score >= least]
        events = np.frombuffer(self._events, np.int64)[slots]
        order = np.lexsort((events, -score))[:wanted]
        best: list[int] = events[order].tolist()
        return best

    def keep(self, standing: Collection[int]) -> None:
        """Forget every event that is not `standing`."""
        before, carriers = self._events, self._carriers
        self._slots, self._events, self._carriers = {}, array("q"), {}
        for term, slots in carriers.items():
            events = (before[slot] for slot in slots)
            left = array("i", (self._slot(event) for event in events if event in standing))
            if left:
                self._carriers[term] = left

    def _slot(self, event: int) -> int:
        slot = self._slots.get(event)
        if slot is None:
            slot = self._slots[event] = len(self._events)
            self._events.append(event)
        return slot
