"""Whether a source brings as much as it usually does on such a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

#: So many days of the same weekday are compared, and at least so many are needed.
WEEKS, LEAST_WEEKS = 8, 4
#: A source that usually brings less on such a day is judged by its pauses alone.
LEAST = 8
#: How many spreads away counts, and the least spread as a share of what is usual.
_FAR, _SHARE = 3.0, 0.12
#: The median of deviations of a normal quantity, times this, is its standard deviation.
_MAD = 1.4826


@dataclass(frozen=True, slots=True)
class Volume:
    """A day's number of items far off what such a day usually brings."""

    count: int
    usual: int


def off_norm(count: int, past: Sequence[int]) -> Volume | None:
    """Compare a day with the same weekday of the `WEEKS` before; None where it fits.

    The spread is the median absolute deviation, at least that of a Poisson count and an
    eighth of the usual number, so that one odd week in the past neither hides an outage
    nor makes one up. Weeks of nothing before the source began do not count; a source
    younger than `LEAST_WEEKS` is not judged.

    >>> off_norm(3, [40] * 8)
    Volume(count=3, usual=40)
    >>> off_norm(38, [40] * 8) is None
    True
    """
    began = max((at for at, one in enumerate(past) if one), default=-1)
    past = past[: began + 1]
    if len(past) < LEAST_WEEKS or (usual := median(past)) < LEAST:
        return None
    deviation = median(abs(one - usual) for one in past) * _MAD
    spread = max(deviation, sqrt(usual), _SHARE * usual)
    return Volume(count, round(usual)) if abs(count - usual) > _FAR * spread else None
