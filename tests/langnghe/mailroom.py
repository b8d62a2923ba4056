"""An installation with an outbox and little else: a folder, a clock to turn, cases, notices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from config.settings import ZONE
from langnghe.app import App
from nlp.event import Joined
from nlp.reading import Reading, TopicScore, Where
from storage import cases, events, items, outbox, readings
from storage.cases import NewCase
from storage.items import KeptItem
from storage.readings import Versions
from triage.case import CaseState
from triage.message import message_id
from triage.notice import Notice

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)
UNIT = "ubnd-huyen-ba-tri"
#: What is said of every item here; no reader has to be loaded.
_READ = Reading(
    version="r",
    topics=(TopicScore("waste", 0.9),),
    is_issue=True,
    issue_score=0.9,
    severity=2,
    where=Where(places=(), unit_then=None, unit_now=None),
    hold=None,
    flags=(),
    reasons=(),
)
ADDRESS = "vp.batri@vidu.example"
DOMAIN = "langnghe.example"


@dataclass
class Clock:
    """A clock that is turned by hand, in both directions."""

    now: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


def operator_folder(folder: Path, port: int, *, url: str = "", **options: Any) -> Path:
    """Write an operator's folder whose mails go to `port` of this machine."""
    (folder / "notifiers").mkdir(parents=True, exist_ok=True)
    given = {"security": "none", "timeout": 5.0} | options
    lines = [f"{name} = {_toml(value)}" for name, value in given.items()]
    (folder / "notifiers" / "thu.toml").write_text(
        'type = "smtp"\n[options]\nhost = "127.0.0.1"\nsender = "langnghe@langnghe.example"\n'
        f"port = {port}\n" + "\n".join(lines) + "\n"
    )
    database = f'database_url = "{url}"\n' if url else ""
    (folder / "langnghe.toml").write_text(
        f'data_dir = "data"\n{database}[mail]\nnotifier = "thu"\ndomain = "{DOMAIN}"\n'
    )
    (folder / "contacts.toml").write_text(f'[contacts]\n{UNIT} = "{ADDRESS}"\n')
    return folder


def installation(folder: Path, port: int, clock: Callable[[], datetime], **options: Any) -> App:
    """Return the application of such a folder."""
    return App(operator_folder(folder, port, **options), clock=clock)


def a_notice(key: str, now: datetime, **over: Any) -> Notice:
    """Return a small notice under `key`."""
    values: dict[str, Any] = {
        "key": key,
        "kind": "cases" if key.startswith("round:") else key.partition(":")[0],
        "recipient": ADDRESS,
        "subject": "[Lắng Nghe] 1 vụ việc cần xác minh",
        "text": "Kính gửi: UBND huyện Ba Tri\n",
        "html": "<p>Kính gửi: UBND huyện Ba Tri</p>\n",
        "message_id": message_id(key, DOMAIN),
        "created_at": now,
        "not_before": now,
    }
    return Notice(**(values | over))


def put(app: App, *notices: Notice) -> None:
    """Put notices into the outbox."""
    with app.sessions.begin() as session:
        for notice in notices:
            assert outbox.queue(session, notice)


def a_case(app: App, number: int = 1, unit: str = UNIT) -> int:
    """Keep an item, make it an event, and open a case of it that is with its unit."""
    url = f"http://bao.example/{number}"
    item = KeptItem(
        source_id="bao",
        outlet="Báo Mẫu",
        kind="press",
        url=url,
        external_id=url,
        title=f"Rác ùn ở chợ An Hiệp, lần {number}",
        text="Rác chất đống trước chợ xã An Hiệp, huyện Ba Tri, mùi hôi khắp xóm.",
        published=app.clock(),
        fetched_at=app.clock(),
        body_sha256=f"{number:064x}",
    )
    marks = Versions(reader="r", gazetteer="g", model="m", config="c")
    with app.sessions.begin() as session:
        (kept,) = items.by_ids(session, items.keep(session, [item]).new).values()
        readings.save(session, [(kept, _READ)], marks)
        (arrival,) = events.ungrouped(session, 10)
        joined = Joined(item=arrival.id, event=arrival.id, new=True, score=1.0, why="")
        events.save_joins(session, [(arrival, joined)], app.clock())
        made = cases.open_case(session, _new_case(arrival.id, app.clock(), unit))
    assert made is not None
    return made


def state_of(app: App, case: int) -> tuple[CaseState, str | None]:
    """Return where a case stands, and what holds it."""
    with app.views() as session:
        found = cases.get(session, case)
    assert found is not None
    return found.brief.state, found.hold


def history(app: App, case: int) -> list[str]:
    """Return the kinds of the lines of a case's history."""
    with app.views() as session:
        story = cases.show(session, case)
    assert story is not None
    return [line.kind for line in story.entries]


def counts(app: App) -> dict[str, int]:
    """Return how many notices stand in each state."""
    with app.views() as session:
        return outbox.counts(session)


def _new_case(event: int, now: datetime, unit: str) -> NewCase:
    return NewCase(
        event_id=event,
        episode=1,
        state=CaseState.SENT,
        title="Rác ùn ở chợ An Hiệp",
        gist="Rác chất đống trước chợ.",
        topics=("waste",),
        severity=2,
        place_key=None,
        place="xã An Hiệp, huyện Ba Tri",
        unit_id=unit,
        unit_name="UBND huyện Ba Tri",
        opened_at=now,
    )


def _toml(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str | Path) else str(value).lower()
