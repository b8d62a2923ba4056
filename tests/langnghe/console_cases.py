"""Cases that wait for a person, and what a page costs in statements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
from console_desk import Person
from sqlalchemy import Engine, event
from web_samples import NOW, installation

from langnghe.app import App
from nlp.event import Joined
from nlp.reading import PlaceRef, Reading, Reason, TopicScore, Where, seen
from storage import cases, contacts, events, items, readings
from storage.cases import NewCase
from storage.items import KeptItem
from storage.readings import Versions
from triage.case import CaseState

TITLE = "Nước rỉ từ bãi rác chảy ra kênh"
TEXT = "Nước rỉ chảy ra kênh, bà con xã An Hiệp không dám tưới rau."
_OLD_MAP = date(2024, 1, 1)
UNIT, OTHER_UNIT = "ubnd-xa-an-hiep", "ubnd-xa-ba-tri"


def reachable_units(engine: Engine, folder: Path) -> App:
    """Return an installation whose two units have addresses, so that cases can be sent to them."""
    made = installation(engine, folder)
    with made.sessions.begin() as session:
        for unit in (UNIT, OTHER_UNIT):
            contacts.confirm(session, unit, f"{unit}@vidu.example", "thử", made.clock())
    return made


def keep_item(
    app: App, number: int, title: str = TITLE, outlet: str = "Báo A", text: str = TEXT
) -> int:
    """Keep one article with a reading that has its reasons; return its number."""
    item = KeptItem(
        source_id="bao-a",
        outlet=outlet,
        kind="press",
        url=f"https://a.example/{outlet}/{number}",
        external_id=f"{outlet}-{number}",
        title=title,
        text=f"{text} Tin {number} của {outlet}.",
        published=NOW,
        fetched_at=NOW,
        body_sha256=f"{number:064x}",
    )
    whole = seen(item.title, item.text)
    (key,) = {one.key for one in app.gazetteer.find("xã An Hiệp, huyện Ba Tri", _OLD_MAP)}
    place, word = whole.find("xã An Hiệp"), whole.find("Nước rỉ")
    reading = Reading(
        "r1",
        (TopicScore("waste", 0.9),),
        True,
        0.9,
        2,
        Where((PlaceRef(key, "xã An Hiệp", "xa", None, None, None, 0.9, place, place + 10),)),
        None,
        (),
        (Reason("topic", "waste", "nước rỉ", 1.0, word, word + 7),) if word >= 0 else (),
    )
    with app.sessions.begin() as session:
        (kept,) = items.keep(session, [item]).new
        found = items.by_ids(session, [kept])
        marks = Versions("r", "g", "m", "c")
        readings.save(session, [(found[kept], reading)], marks)
    return kept


def make_event(app: App, item: int, *, into: int = 0, suggest: int = 0) -> int:
    """Put an item into an event of its own, or `into` one; perhaps with a doubt about another."""
    with app.sessions.begin() as session:
        arrival = next(one for one in events.ungrouped(session, 100) if one.id == item)
        joined = Joined(
            item=item,
            event=into or item,
            new=not into,
            score=0.8,
            why="",
            suggest=((suggest, 0.4),) if suggest else (),
        )
        events.save_joins(session, [(arrival, joined)], NOW)
    return into or item


def waiting_case(app: App, number: int = 1, **over: Any) -> int:
    """Open a case that waits for approval, on an event of one article."""
    found = make_event(app, keep_item(app, number, over.get("title", TITLE)))
    values: dict[str, Any] = {
        "episode": 1,
        "state": CaseState.PROPOSED,
        "title": TITLE,
        "gist": "Bà con nói nước kênh đen và hôi.",
        "topics": ("waste",),
        "severity": 2,
        "place_key": None,
        "place": "xã An Hiệp, huyện Ba Tri",
        "unit_id": UNIT,
        "unit_name": "Ủy ban nhân dân xã An Hiệp",
        "opened_at": NOW - timedelta(hours=number),
        "hold": "Chưa rõ địa bàn",
        "reasons": ("mức độ 2", "theo địa bàn"),
    }
    with app.sessions.begin() as session:
        case = cases.open_case(session, NewCase(event_id=found, **(values | over)))
    assert case is not None
    return case


def decide(person: Person, case: int, kind: str, path: str = "quyet-dinh", **typed: Any) -> Any:
    """Open a case's page and send one of its forms."""
    page = person.get(f"/vu-viec/{case}")
    seen_move = re.search(r'name="seen" value="(\d+)"', page.text)
    fields = {"kind": kind, **typed}
    if seen_move:
        fields.setdefault("seen", seen_move.group(1))
    return person.post(f"/vu-viec/{case}/{path}", **fields)


def rows(page: httpx.Response) -> list[int]:
    """Return the numbers of the cases that a list shows, in its order."""
    return [int(one) for one in re.findall(r'/vu-viec/(\d+)" data-open', page.text)]


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that are sent to the database; the transactions' own not."""
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
