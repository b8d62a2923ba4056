"""A part of T10: the clock jumps, the machine sleeps; one digest a day, rounds go on."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from clock_torture import MOMENTS, days


@pytest.mark.parametrize(
    ("jump", "digests"),
    [
        ("a day back", {date(2026, 12, 30): 1, date(2026, 12, 31): 1}),
        ("asleep for six hours over the digest", {date(2026, 12, 31): 1}),
    ],
)
def test_one_digest_a_day_and_rounds_go_on(
    tmp_path: Path, jump: str, digests: dict[date, int]
) -> None:
    found = days(tmp_path, MOMENTS[1], jump, hours=11)
    assert found.wrong == []
    assert found.digests == digests
    assert found.rounds > 8


def test_the_library_alone_would_be_deaf_for_a_day(tmp_path: Path) -> None:
    found = days(tmp_path, MOMENTS[1], "a day back", hours=11, plain=True)
    assert [what.partition(" for")[0] for what in found.wrong] == [
        "2026-12-30: no digest",
        "no round",
    ]
