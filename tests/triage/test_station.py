"""Where a missed problem was lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from triage.case import CaseState
from triage.station import WORDS, Station, Trace, lost_at

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
WHOLE = Trace(
    kept=True,
    read=True,
    is_issue=True,
    right_place=True,
    case=CaseState.SENT,
    sent_at=NOW - timedelta(hours=1),
)


@pytest.mark.parametrize(
    ("change", "station"),
    [
        ({"kept": False}, Station.NOT_CRAWLED),
        ({"read": False}, Station.NOT_READ),
        ({"is_issue": False}, Station.NO_ISSUE),
        ({"right_place": False}, Station.WRONG_PLACE),
        ({"case": None, "sent_at": None}, Station.BELOW_FLOOR),
        ({"case": CaseState.DISMISSED, "sent_at": None}, Station.DISMISSED),
        ({"case": CaseState.PROPOSED, "sent_at": None}, Station.WAITED),
        ({"sent_at": NOW + timedelta(hours=1)}, Station.WAITED),
        ({}, Station.KNOWN),
        ({"right_place": None}, Station.KNOWN),
    ],
)
def test_the_first_station_that_it_did_not_pass(
    change: dict[str, object], station: Station
) -> None:
    assert lost_at(replace(WHOLE, **change), NOW) is station  # type: ignore[arg-type]


def test_every_station_has_its_words() -> None:
    assert set(WORDS) == set(Station)
