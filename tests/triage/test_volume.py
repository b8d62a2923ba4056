"""A source that brings far more or less than on other such days."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from triage.volume import Volume, off_norm

STEADY = [40, 38, 43, 41, 39, 40, 44, 37]


@pytest.mark.parametrize(
    ("count", "past", "found"),
    [
        (40, STEADY, None),
        (30, STEADY, None),
        (12, STEADY, Volume(12, 40)),
        (95, STEADY, Volume(95, 40)),
        (0, [0, 0, 0, 0, 40, 40, 40, 40], None),  # an odd past has a wide spread
        (0, [9] * 8, None),  # nought is within three Poisson spreads of nine
        (0, [12] * 8, Volume(0, 12)),
        (0, [7] * 8, None),
        (0, [40] * 3 + [0] * 5, None),  # too young to be judged
        (0, [40] * 4 + [0] * 4, Volume(0, 40)),
        (140, [140, 138, 142, 20, 0, 0, 0, 0], None),  # it began in the middle of a day
        (10, [40] * 7 + [0], Volume(10, 40)),  # one outage before hides none today
        (0, [], None),
    ],
)
def test_day_is_judged_by_such_days(count: int, past: Sequence[int], found: Volume | None) -> None:
    assert off_norm(count, past) == found
