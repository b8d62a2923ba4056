"""A committee that writes: a real installation, units with addresses, a clock turned by hand."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from web_samples import installation

from config.settings import ZONE
from langnghe.app import App
from langnghe.correspond import correspond
from langnghe.deciding import Actor, act
from langnghe.report import Report
from nlp.event import Joined
from nlp.reading import Reading, Where
from storage import cases, contacts, events, items, outbox, readings
from storage.cases import CaseStory, NewCase
from storage.items import KeptItem
from storage.models import NoticeRow
from storage.readings import Versions
from triage.act import Act, Kind
from triage.case import CaseState

#: A Monday morning in office hours.
START = datetime(2026, 3, 2, 9, tzinfo=ZONE)
LEAD, OTHER = "ubnd-xa-an-hiep", "ubnd-xa-ba-tri"
HELPER, COPY = "so-xay-dung-vinh-long", "thanh-tra-tinh-vinh-long"
QUEUE = "hang-doi-tinh-vinh-long"
DISTRICT = "ubnd-huyen-ba-tri"
PLACE = "29158@2025-07-01"
ANALYST = Actor("analyst:trực ban")
READER = "tuyengiao@tinh.example"
_READING = Reading("r1", (), True, 0.9, 2, Where(), None, (), ())


@dataclass(frozen=True)
class Mail:
    """One mail as it stands in the outbox."""

    key: str
    kind: str
    recipient: str
    subject: str
    text: str
    html: str
    message_id: str
    not_before: datetime

    @property
    def unit(self) -> str:
        """Whom it is for."""
        return self.key.split(":")[1]

    @property
    def flat(self) -> str:
        """Its words on one line."""
        return " ".join(self.text.split())


class Office:
    """Opens cases, brings news, acts, and runs rounds."""

    def __init__(self, engine: Engine, folder: Path, **over: Any) -> None:
        self.app: App = installation(engine, folder, mail={"digest_to": (READER,)}, **over)
        self._number = 0
        self.shut = False
        self.now = START
        self.contact(LEAD, OTHER, HELPER, COPY)

    @property
    def now(self) -> datetime:
        """The present."""
        return self.app.clock()

    @now.setter
    def now(self, at: datetime) -> None:
        self.app.clock.now = at  # type: ignore[attr-defined]

    def contact(self, *units: str) -> None:
        """Give units an address."""
        with self.app.sessions.begin() as session:
            for unit in units:
                contacts.confirm(session, unit, f"{unit}@vn.example", "test", self.now)

    def case(self, **over: Any) -> int:
        """Open a case on an event of one article, approved unless `state` says otherwise."""
        values: dict[str, Any] = {
            "episode": 1,
            "state": CaseState.APPROVED,
            "title": "Nước rỉ từ bãi rác chảy ra kênh",
            "gist": "Bà con nói nước kênh đen và hôi từ đầu tháng.",
            "topics": ("waste",),
            "severity": 2,
            "place_key": PLACE,
            "place": "xã An Hiệp, tỉnh Vĩnh Long",
            "unit_id": LEAD,
            "unit_name": "Ủy ban nhân dân xã An Hiệp",
            "opened_at": self.now,
            "reasons": ("mức độ 2", "Phân công cho mọi chủ đề tại xã An Hiệp."),
        } | over
        with self.app.sessions.begin() as session:
            event = self._item(session)
            number = cases.open_case(session, NewCase(event_id=event, **values))
        assert number is not None
        return number

    def news(self, case: int, *, copy: bool = False, severity: int = 0) -> str:
        """Bring one more article on a case, as the judging of its event does; its address."""
        with self.app.sessions.begin() as session:
            stored = cases.get(session, case)
            assert stored is not None
            item = self._item(session, stored.brief.event_id, copy=copy)
            data = {"item": item, "severity": severity or stored.brief.severity}
            cases.entry(session, case, self.now, "machine", "evidence", "tin", data)
            if severity:
                cases.change(session, case, severity=severity)
        return f"https://a.example/{self._number}"

    def act(
        self, case: int, kind: Kind, words: str = "", actor: Actor = ANALYST, **what: Any
    ) -> None:
        """Do something with a case."""
        with self.app.sessions.begin() as session:
            act(self.app, session, case, Act(kind, words, **what), actor)

    def unit_acts(self, case: int, kind: Kind, words: str = "", **what: Any) -> None:
        """Let the lead unit do something with its case."""
        unit = self.story(case).case.brief.unit_id
        self.act(case, kind, words, Actor(f"unit:{unit}", unit_id=unit), **what)

    def round(self, at: datetime | None = None, *, name: str = "") -> list[Mail]:
        """Write the letters of a round; return the mails it queued."""
        if at is not None:
            self.now = at
        before = {mail.key for mail in self.mails()}
        self.report: Report = correspond(self.app, name or f"{self.now:%Y%m%dT%H%M%S}")
        self.post()
        return [mail for mail in self.mails() if mail.key not in before]

    def post(self) -> None:
        """Let all mails leave that are due, unless the mail server is away (`shut`)."""
        with self.app.sessions.begin() as session:
            due = [] if self.shut else outbox.claim(session, self.now, "post", 300.0, 1000)
            for one in due:
                outbox.sent(session, one.notice.key, self.now)

    def later(self, **step: float) -> list[Mail]:
        """Turn the clock on and write the letters of a round."""
        return self.round(self.now + timedelta(**step))

    def mails(self) -> list[Mail]:
        """All that is in the outbox, oldest first."""
        query = select(NoticeRow).order_by(NoticeRow.created_at, NoticeRow.key)
        names = [one.name for one in fields(Mail)]
        with self.app.views() as session:
            rows = session.scalars(query).all()
            return [Mail(*(getattr(row, name) for name in names)) for row in rows]

    def story(self, case: int) -> CaseStory:
        """A case with its history."""
        with self.app.views() as session:
            found = cases.show(session, case)
        assert found is not None
        return found

    def kinds(self, case: int) -> list[str]:
        """The kinds of the lines in a case's history."""
        return [entry.kind for entry in self.story(case).entries]

    def _item(self, session: Any, event: int | None = None, *, copy: bool = False) -> int:
        self._number += 1
        number = self._number
        item = KeptItem(
            source_id="bao-a",
            outlet="Báo A",
            kind="press",
            url=f"https://a.example/{number}",
            external_id=f"a-{number}",
            title=f"Tin {number}",
            text=f"Nước rỉ từ bãi rác chảy ra kênh. Tin {number}.",
            published=self.now,
            fetched_at=self.now,
            body_sha256=f"{number:064x}",
        )
        kept = items.keep(session, [item])
        stored = items.by_ids(session, kept.new)
        marks = Versions("r", "g", "m", "c")
        readings.save(session, [(one, _READING) for one in stored.values()], marks)
        arrival = events.ungrouped(session, 10)[0]
        joined = Joined(
            item=arrival.id,
            event=event or arrival.id,
            new=event is None,
            score=1.0,
            why="",
            copy_of=event if copy else None,
        )
        events.save_joins(session, [(arrival, joined)], self.now)
        return arrival.id
