"""A real installation with one case that was sent, and a client that talks to its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from litestar.testing import TestClient
from sqlalchemy import Engine, text

from langnghe.app import App
from langnghe.links import answer_token
from langnghe.web.app import create_app
from nlp.event import Joined
from nlp.reading import Reading, Where
from storage import cases, events, items, readings
from storage.cases import NewCase
from storage.db import readers, sessions
from storage.items import KeptItem
from storage.models import Base
from storage.readings import Versions
from triage.case import CaseState, Deadlines

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
DAY = timedelta(days=1)
UNIT, OTHER_UNIT = "ubnd-xa-an-hiep", "ubnd-xa-ba-tri"
_READING = Reading("r1", (), True, 0.9, 2, Where(), None, (), ())


class Clock:
    """The present, turned by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


_shared: dict[str, Any] = {}


def installation(engine: Engine, folder: Path, **over: Any) -> App:
    """Return an application on `engine` whose clock is a `Clock`; the map is loaded once."""
    values = {"public_url": "https://langnghe.example", "data_dir": folder} | over
    app = App(clock=Clock(), **values)
    if not _shared:
        _shared.update({name: getattr(app, name) for name in ("catalog", "gazetteer", "masker")})
    app.__dict__ |= _shared | {
        "engine": engine,
        "sessions": sessions(engine),
        "views": readers(engine),
    }
    app.__dict__["has_database"] = lambda: True
    return app


def clock(app: App) -> Clock:
    assert isinstance(app.clock, Clock)
    return app.clock


def sent_case(app: App, number: int = 1, **over: Any) -> int:
    """Open a case on an event of one article, mark it as sent, and return its number."""
    item = KeptItem(
        source_id="bao-a",
        outlet="Báo A",
        kind="press",
        url=f"https://a.example/{number}",
        external_id=f"a-{number}",
        title=over.get("title", "Nước rỉ từ bãi rác chảy ra kênh"),
        text=f"Nước rỉ từ bãi rác chảy ra kênh, bà con không dám tưới rau. Tin {number}.",
        published=NOW,
        fetched_at=NOW,
        body_sha256=f"{number:064x}",
    )
    values: dict[str, Any] = {
        "episode": 1,
        "state": CaseState.APPROVED,
        "title": "Nước rỉ từ bãi rác chảy ra kênh",
        "gist": "Bà con nói nước kênh đen và hôi từ đầu tháng.",
        "topics": ("waste",),
        "severity": 2,
        "place_key": None,
        "place": "xã An Hiệp, tỉnh Vĩnh Long",
        "unit_id": UNIT,
        "unit_name": "Ủy ban nhân dân xã An Hiệp",
        "opened_at": NOW,
        "reasons": ("mức độ 2", "theo địa bàn: xã An Hiệp"),
    }
    with app.sessions.begin() as session:
        kept = items.keep(session, [item])
        stored = items.by_ids(session, kept.new)
        readings.save(
            session, [(one, _READING) for one in stored.values()], Versions("r", "g", "m", "c")
        )
        arrival = events.ungrouped(session, 10)[0]
        joined = Joined(item=arrival.id, event=arrival.id, new=True, score=1.0, why="")
        events.save_joins(session, [(arrival, joined)], NOW)
        case = cases.open_case(session, NewCase(event_id=arrival.id, **(values | over)))
        assert case is not None
        cases.change(session, case, state=CaseState.SENT.value, sent_at=NOW)
        cases.set_deadlines(session, case, Deadlines(NOW + DAY, NOW + 5 * DAY, NOW + 20 * DAY))
        cases.entry(session, case, NOW, "machine", "sent", "")
    return case


def link(app: App, case: int, unit: str = UNIT, epoch: int = 0) -> str:
    return f"/tra-loi/{answer_token(app, case, unit, epoch)}"


def client(app: App, **over: Any) -> TestClient[Any]:
    """Return a client of the pages, not following redirects."""
    made = TestClient(create_app(app), base_url="https://langnghe.example", **over)
    made.follow_redirects = False
    return made


class Forms:
    """The forms of a page, as a browser would send them."""

    def __init__(self, page: httpx.Response) -> None:
        found = re.findall(
            r'name="kind" value="(\w+)">\s*<input[^>]*name="mark" value="([^"]+)"', page.text
        )
        self.marks = dict(found)

    def fields(self, kind: str, **typed: str) -> dict[str, Any]:
        """Return a form's fields as a multipart body for the client."""
        values = {"kind": kind, "mark": self.marks[kind], **typed}
        return {name: (None, value) for name, value in values.items()}


def post(
    browser: TestClient[Any], address: str, kind: str, *, forms: Forms | None = None, **typed: str
) -> httpx.Response:
    """Open the page, fill one form in and send it."""
    filled = (forms or Forms(browser.get(address))).fields(kind, **typed)
    return browser.post(address, files=filled, headers={"Sec-Fetch-Site": "same-origin"})


def dump(engine: Engine) -> list[tuple[str, list[Any]]]:
    """Return the whole content of the database."""
    with engine.connect() as connection:
        return [
            (table.name, sorted(map(repr, connection.execute(table.select()))))
            for table in Base.metadata.sorted_tables
        ]


def count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one())  # noqa: S608


def state(app: App, case: int) -> str:
    with app.views() as session:
        found = cases.get(session, case)
        assert found is not None
        return found.brief.state.value


def kinds(app: App, case: int) -> Iterator[str]:
    """Yield what the history says was done."""
    with app.views() as session:
        story = cases.show(session, case)
        assert story is not None
        yield from (entry.kind for entry in story.entries)
