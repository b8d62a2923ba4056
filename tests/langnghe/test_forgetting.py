"""A process that goes on for years groups as one that was started today."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from langnghe.app import App
from langnghe.stages import WINDOW, group
from nlp.event import Arrival

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def _arrival(number: int, at: datetime) -> Arrival:
    return Arrival(
        id=number,
        at=at,
        title=f"Cống số {number} bị nghẹt",
        text="Nước không thoát được, ruộng ngập nhiều ngày.",
        places=("28756@",),
        topics=("water",),
    )


def test_events_older_than_the_window_are_forgotten(tmp_path: Path) -> None:
    now = [BEGIN]
    app = App(tmp_path, clock=lambda: now[0], data_dir=tmp_path / "data")
    group(app)
    app.grouper.add(_arrival(1, BEGIN))
    now[0] = BEGIN + WINDOW
    group(app)
    assert len(app.grouper) == 1

    now[0] += timedelta(days=1)
    group(app)

    assert len(app.grouper) == 0
