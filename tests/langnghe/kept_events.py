"""An installation with events whose readings a test chooses, ready to be judged."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from config.gazetteer import Gazetteer, load_gazetteer
from config.settings import ZONE
from langnghe.app import App
from nlp.event import Arrival, Joined
from nlp.reading import Hold, PlaceRef, Reading, TopicScore, Where
from storage import events, items, readings
from storage.items import KeptItem
from storage.readings import Versions

NOON = datetime(2023, 7, 20, 12, tzinfo=ZONE)
AN_HIEP, AN_DUC, BA_TRI = "29161@", "29173@", "836@"
CONTACTS = """
[contacts]
ubnd-huyen-ba-tri = "vp.batri@vidu.example"
hang-doi-tinh-ben-tre = "phanloai@vidu.example"
"""
_TOPICS = "rác thải chất đống bốc mùi quanh chợ ruồi nhặng bay vào nhà dân kêu cứu nhiều ngày liền"


class Clock:
    """The present, set by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


def installation(
    folder: Path,
    clock: Clock,
    database: Path | None = None,
    contacts: str = CONTACTS,
    url: str = "",
) -> App:
    """Make an operator's folder with a contact for huyện Ba Tri, and open it.

    `database` is an empty migrated database to start from, which saves a second; `url`
    names one that is used as it is.
    """
    (folder / "data").mkdir(parents=True, exist_ok=True)
    if database is not None:
        (folder / "data" / "langnghe.db").write_bytes(database.read_bytes())
    server = f'database_url = "{url}"\n' if url else ""
    (folder / "langnghe.toml").write_text(f'data_dir = "data"\n{server}', "utf-8")
    (folder / "contacts.toml").write_text(contacts, "utf-8")
    app = App(folder, clock=clock)
    app.gazetteer = shipped_map()
    return app


@cache
def shipped_map() -> Gazetteer:
    """Return the shipped map, read once for all tests: that takes a second."""
    return load_gazetteer(None)


def reading(place: str | None = AN_HIEP, **over: Any) -> Reading:
    """Return the reading of a sure waste problem of severity 2 in xã An Hiệp, with changes."""
    where = Where()
    if place is not None:
        where = Where(places=(PlaceRef(place, "nơi", "commune", "Bến Tre", None, None, 0.9, 0, 3),))
    values: dict[str, Any] = {
        "version": "r1",
        "topics": (TopicScore("waste", 0.95),),
        "is_issue": True,
        "issue_score": 0.97,
        "severity": 2,
        "where": where,
        "hold": None,
    }
    return Reading(**(values | over))


def doubtful(**over: Any) -> Reading:
    """Return the reading of what may be a problem, and may not."""
    return reading(
        **({"is_issue": False, "issue_score": 0.42, "hold": Hold("low_confidence")} | over)
    )


def keep(app: App, number: int, read: Reading, outlets: int = 2, *, into: int | None = None) -> int:
    """Keep the same report of several outlets as one event of its own, and return its number.

    With `into` they join that event instead, as far as the grouper knows.
    """
    now = app.clock()
    with app.sessions.begin() as session:
        kept = items.keep(session, [_item(number, outlet, now) for outlet in range(outlets)])
        found = items.by_ids(session, kept.new)
        marks = Versions("r1", "g1", "m1", app.catalog.hash)
        readings.save(session, [(found[item], read) for item in kept.new], marks)
        waiting = events.ungrouped(session, 100)
        joins = [_joined(arrival, into or waiting[0].id) for arrival in waiting]
        events.save_joins(session, joins, now)
    return waiting[0].id


def join(app: App, number: int, event: int) -> int:
    """Keep one more report, of an event that there is, and return its number."""
    now = app.clock()
    with app.sessions.begin() as session:
        found = items.by_ids(session, items.keep(session, [_item(number, 0, now)]).new)
        marks = Versions("r1", "g1", "m1", app.catalog.hash)
        readings.save(session, [(one, reading()) for one in found.values()], marks)
        (arrival,) = events.ungrouped(session, 100)
        events.save_joins(session, [_joined(arrival, event)], now)
    return arrival.id


def _item(number: int, outlet: int, at: datetime) -> KeptItem:
    return KeptItem(
        source_id=f"bao-{outlet}",
        outlet=f"Báo {outlet}",
        kind="press",
        url=f"https://bao{outlet}.example/{number}",
        external_id=f"{outlet}-{number}",
        title=f"Việc số {number}",
        text=f"Việc số {number}: {_TOPICS}.",
        published=at,
        fetched_at=at,
        body_sha256=f"{number:032x}{outlet:032x}",
    )


def _joined(arrival: Arrival, event: int) -> tuple[Arrival, Joined]:
    return arrival, Joined(arrival.id, event, arrival.id == event, 1.0, "cùng việc")
