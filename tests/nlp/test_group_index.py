"""The packed index of terms, against the plainest one that could be written."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp import group_index
from nlp.group_index import TermIndex

EVENTS = st.integers(1, 12)
POSTS = st.lists(st.tuples(EVENTS, st.sets(st.integers(0, 20), max_size=6)), max_size=40)


class Plain:
    """A list of events for each term."""

    def __init__(self) -> None:
        self.carriers: dict[int, list[int]] = defaultdict(list)

    def post(self, event: int, terms: set[int]) -> set[int]:
        new = {term for term in terms if event not in self.carriers[term]}
        for term in new:
            self.carriers[term].append(event)
        return new

    def nearest(self, weight: dict[int, float], wanted: int, champions: int) -> list[int]:
        score: dict[int, float] = defaultdict(float)
        for term, each in weight.items():
            for event in self.carriers[term][-champions:]:
                score[event] += each * each
        return sorted(score, key=lambda event: (-round(score[event], 9), event))[:wanted]

    def keep(self, standing: set[int]) -> None:
        for term, events in self.carriers.items():
            self.carriers[term] = [event for event in events if event in standing]


@given(before=POSTS, after=POSTS, standing=st.sets(EVENTS), sought=st.sets(st.integers(0, 20)))
@pytest.mark.parametrize(("loose", "champions"), [(1, 400), (5, 3), (1000, 2), (7, 400)])
def test_nearest_is_that_of_a_plain_index(
    loose: int,
    champions: int,
    before: list[tuple[int, set[int]]],
    after: list[tuple[int, set[int]]],
    standing: set[int],
    sought: set[int],
) -> None:
    index, plain = TermIndex(), Plain()
    terms = np.array(sorted(sought), np.int32)
    weights = np.array([0.25 + 0.5 * (term % 3) for term in sorted(sought)], np.float32)
    weight = dict(zip(sorted(sought), weights.tolist(), strict=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(group_index, "_LOOSE", loose)
        patch.setattr(group_index, "CHAMPIONS", champions)
        for posts in (before, after):
            for event, some in posts:
                new = plain.post(event, some)
                index.post(event, np.array(sorted(new), np.int32))
            assert index.nearest(terms, weights, 4) == plain.nearest(weight, 4, champions)
            index.keep(standing)
            plain.keep(standing)
            assert index.nearest(terms, weights, 4) == plain.nearest(weight, 4, champions)
