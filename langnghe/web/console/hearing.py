"""What the pages say of the system's own hearing: live sources, and places of the last digest.

Which places nobody spoke of takes reading a month of items; that is done once a day, for
the digest, and told here with its day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from config.catalog import SourceEntry
from langnghe.app import App
from storage import digests, items, overview
from storage.db import Session
from storage.health import is_heard

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Heard:
    """What was listened to. `quiet` and `silent` are of the digest of `day`, None if none."""

    expected: int
    seen: int
    failed: tuple[str, ...]
    items: int
    day: date | None
    silent: tuple[str, ...]
    quiet: tuple[str, ...]
    places: int
    quiet_days: int

    @property
    def deaf(self) -> bool:
        """Say whether fewer than half of the sources were heard: silence then says nothing."""
        return 2 * self.seen < self.expected


def heard(app: App, session: Session, now: datetime) -> Heard:
    """Return what was listened to up to `now`."""
    marks = overview.source_marks(session)
    listened = [
        one
        for one in app.catalog.sources.values()
        if one.enabled and not (one.id in marks and marks[one.id].disabled)
    ]
    deaf = [one.name for one in listened if not _well(one, marks.get(one.id), now)]
    near = digests.near(session, app.today(), 7)
    told = near.data["coverage"] if near else {}
    return Heard(
        expected=len(listened),
        seen=len(listened) - len(deaf),
        failed=tuple(deaf),
        items=items.count_since(session, now - _DAY),
        day=near.day if near else None,
        silent=tuple(told.get("silent", ())),
        quiet=tuple(told.get("places_without_source", ())),
        places=int(told.get("places", 0)),
        quiet_days=int(told.get("quiet_days", 0)),
    )


def _well(source: SourceEntry, mark: overview.SourceMark | None, now: datetime) -> bool:
    return mark is not None and is_heard(source, mark.last_ok_at, mark.failures, now)
