"""A part of plan T1; `benchmarks/torture/line.py` runs it at full number."""

from __future__ import annotations

from pathlib import Path

import pytest
from line_torture import torture


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_at_any_moment_the_line_ends_as_if_nothing_had_been(tmp_path: Path) -> None:
    found = torture(tmp_path, number=1000, kills=50)
    assert found.kills == 50
    assert min(found.events, found.cases, found.mails) > 20
    assert found.bad == 0, found
