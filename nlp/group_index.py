"""Find, among very many events, the few that share rare words with an item."""

from __future__ import annotations

from array import array
from collections.abc import Container

import numpy as np
from numpy.typing import NDArray

from nlp.group_vector import Terms, Weights

#: Events looked at per term at most, the ones that took it up last.
CHAMPIONS = 400
#: Postings that wait in a table of lists until they are laid into the packed arrays.
_LOOSE = 1 << 15
_NONE = array("i")


class TermIndex:
    """For each term the events that carry it, in the order in which they took it up.

    Nearly all of it lies packed in two arrays, sorted by term, of eight bytes a posting; a
    list for each of very many rare terms took fifteen times that. What came last is loose.
    Inside, events go by small numbers without gaps, so that what an item shares with each
    is added up in one pass over an array and not by sorting.
    """

    def __init__(self) -> None:
        self._slots: dict[int, int] = {}
        self._events = array("q")
        self._terms: Terms = np.zeros(0, np.int32)
        self._carriers: NDArray[np.int32] = np.zeros(0, np.int32)
        self._loose: dict[int, array[int]] = {}
        self._waiting = 0

    def post(self, event: int, terms: Terms) -> None:
        """Note that `event` now carries `terms`, none of which was noted before."""
        slot = self._slot(event)
        for term in terms.tolist():
            known = self._loose.get(term)
            if known is None:
                self._loose[term] = array("i", (slot,))
            else:
                known.append(slot)
        self._waiting += len(terms)
        if self._waiting >= _LOOSE:
            self._pack()

    def nearest(self, terms: Terms, weights: Weights, wanted: int) -> list[int]:
        """Return the events with most weight of shared terms, best first, then the older."""
        hits: list[NDArray[np.int32]] = []
        shares: list[float] = []
        begin = np.searchsorted(self._terms, terms, "left").tolist()
        end = np.searchsorted(self._terms, terms, "right").tolist()
        for term, weight, first, last in zip(
            terms.tolist(), weights.tolist(), begin, end, strict=True
        ):
            loose = self._loose.get(term, _NONE)[-CHAMPIONS:]
            if loose:
                hits.append(np.frombuffer(loose, np.int32))
                shares.append(weight * weight)
            packed = min(last - first, CHAMPIONS - len(loose))
            if packed > 0:
                hits.append(self._carriers[last - packed : last])
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

    def keep(self, standing: Container[int]) -> None:
        """Forget every event that is not `standing`."""
        self._pack()
        stays = np.fromiter((event in standing for event in self._events), bool, len(self._events))
        renumbered = (np.cumsum(stays) - 1).astype(np.int32)
        left = stays[self._carriers]
        self._terms, self._carriers = self._terms[left], renumbered[self._carriers[left]]
        self._events = array("q", (event for event in self._events if event in standing))
        self._slots = {event: slot for slot, event in enumerate(self._events)}

    def _pack(self) -> None:
        """Lay what is loose into the arrays, behind what a term has there already."""
        terms = np.repeat(
            np.fromiter(self._loose, np.int32, len(self._loose)),
            [len(slots) for slots in self._loose.values()],
        )
        late = [np.frombuffer(slots, np.int32) for slots in self._loose.values()]
        terms = np.concatenate([self._terms, terms])
        carriers = np.concatenate([self._carriers, *late])
        order = np.argsort(terms, kind="stable")
        self._terms, self._carriers = terms[order], carriers[order]
        self._loose, self._waiting = {}, 0

    def _slot(self, event: int) -> int:
        slot = self._slots.get(event)
        if slot is None:
            slot = self._slots[event] = len(self._events)
            self._events.append(event)
        return slot
