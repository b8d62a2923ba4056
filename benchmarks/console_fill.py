"""Fill an empty database as a year of listening would: items, events, cases, mails, audit.

Everything is made up from a few words and the same in every run. Texts are shorter than in
life (about 900 characters), their number is not.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, Table, insert, text

from config.catalog import UnitEntry
from config.places import Place
from langnghe.app import App
from nlp.normalise import fold
from storage.models import Base

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
TODAY = NOW.date()
YEAR, DAY, HOUR = timedelta(days=365), timedelta(days=1), timedelta(hours=1)
WORDS = (
    "người dân phản ánh đường hư hỏng ngập nước rác thải bốc mùi hôi kênh mương xã huyện "
    "cầu cống trường học trạm y tế nước mặn sạt lở bờ sông ủy ban kiểm tra xử lý đề nghị "
    "bà con tuyến lộ ấp chợ bến phà khu dân cư nhiều tháng nay chưa được khắc phục"
).split()
FOLDED = [fold(word) for word in WORDS]
OUTLETS = 40
#: Of a hundred items so many tell of a problem; of these, one in six begins an event.
ISSUES, EACH = 30, 6
_STATES = ("proposed",) * 5 + ("approved",) + ("sent",) * 2 + ("acknowledged", "answered")
_BATCH = 2_000
Rows = Iterator[dict[str, Any]]


@dataclass(frozen=True)
class Size:
    """How much is made. Events follow from items: 5,000 of 100,000."""

    items: int = 100_000
    open_cases: int = 500
    closed_cases: int = 1_500
    audit: int = 50_000

    @property
    def issues(self) -> int:
        """Items that belong to an event."""
        return self.items * ISSUES // 100

    @property
    def events(self) -> int:
        """Events."""
        return self.issues // EACH


@dataclass
class Maker:
    """Makes the rows of one database."""

    app: App
    size: Size
    rng: random.Random = field(default_factory=lambda: random.Random(1))

    def __post_init__(self) -> None:
        self.topics = sorted(self.app.catalog.topics)
        self.units = [
            (unit, place)
            for unit in self.app.catalog.units.values()
            if unit.level == "xa" and (place := self.app.gazetteer.by_code(unit.place, TODAY))
        ]
        self.sources = list(self.app.catalog.sources) + [
            f"bao-{number}" for number in range(OUTLETS)
        ]
        self.members: list[tuple[int, int]] = []
        self.firsts: dict[int, int] = {}
        self._group()

    def _group(self) -> None:
        """Deal the issues out to events that run at the same time; one late event is huge."""
        begun: list[int] = []
        hot = 0
        for number in range(self.size.issues):
            item = self.item_of(number)
            if number % EACH == 0:
                begun.append(item)
                hot = item if number * 100 // self.size.issues == 96 and not hot else hot
                event = item
            elif hot and self.rng.random() < 0.4:
                event = hot
            else:
                event = self.rng.choice(begun[-15:])
            self.members.append((item, event))
            self.firsts.setdefault(event, item)
        self.events = begun

    def item_of(self, issue: int) -> int:
        """Return the id of the item that tells of the n-th problem."""
        return issue * 100 // ISSUES + 1

    def at(self, item: int) -> datetime:
        """Return when an item was published."""
        return NOW - YEAR * (self.size.items - item) / self.size.items - HOUR

    def title(self, item: int) -> str:
        """Return the title of an item."""
        words = random.Random(item).choices(WORDS, k=11)
        return " ".join(words).capitalize()

    def unit(self, event: int) -> tuple[UnitEntry, Place]:
        """Return the unit that an event belongs to, and its place."""
        return self.units[event * 7919 % len(self.units)]

    def topic(self, event: int) -> str:
        """Return the main topic of an event."""
        return self.topics[event * 31 % len(self.topics)]

    def items(self) -> Rows:
        """Yield the items."""
        for item in range(1, self.size.items + 1):
            source = self.sources[item * 13 % len(self.sources)]
            yield {
                "id": item,
                "source_id": source,
                "outlet": source,
                "kind": "facebook" if item % 7 == 0 else "press",
                "url": f"https://{source}.example/tin/{item}",
                "external_id": f"guid-{item}",
                "published": self.at(item),
                "date_note": "",
                "fetched_at": self.at(item) + HOUR / 2,
                "engagement": {},
                "first_sha256": f"{item:064x}",
                "current_version": 1,
                "read_version": 1,
                "indexed_version": 1,
            }

    def versions(self) -> Rows:
        """Yield the texts."""
        for item in range(1, self.size.items + 1):
            body = " ".join(random.Random(-item).choices(WORDS, k=170))
            yield {
                "item_id": item,
                "number": 1,
                "seen_at": self.at(item),
                "title": self.title(item),
                "text": body,
                "text_sha256": f"{item:064x}",
                "body_sha256": f"{item:064x}",
                "http_status": 200,
                "summary_only": False,
            }

    def words(self) -> Rows:
        """Yield the folded words of the items, as the index holds them."""
        for item in range(1, self.size.items + 1):
            title = random.Random(item).choices(FOLDED, k=11)
            body = random.Random(-item).choices(FOLDED, k=170)
            yield {"item": item, "words": " ".join(title + body)}

    def readings(self) -> Rows:
        """Yield one reading of each item."""
        events = dict(self.members)
        for item in range(1, self.size.items + 1):
            event = events.get(item)
            topics = [{"topic": self.topic(event), "score": 0.9}] if event else []
            yield {
                "item_id": item,
                "item_version": 1,
                "reader_version": "r1",
                "current": True,
                "ungrouped": False,
                "is_issue": event is not None,
                "issue_score": 0.9 if event else 0.1,
                "severity": 1 + item % 3 if event else 0,
                "topics": topics,
                "places": [self._place(event)] if event else [],
                "mentions": [],
                "place_hold": None,
                "place_reasons": [],
                "hold": None,
                "flags": [],
                "reasons": [
                    {
                        "kind": "issue",
                        "value": "1",
                        "rule": "w",
                        "weight": 1.0,
                        "start": 0,
                        "end": 9,
                    }
                ],
                "unit_then": self.unit(event)[0].id if event else None,
                "unit_now": self.unit(event)[0].id if event else None,
                "failure": None,
                "tries": 0,
                "gazetteer_version": "g",
                "model_version": "m",
                "config_hash": "c",
            }

    def _place(self, event: int) -> dict[str, Any]:
        _, place = self.unit(event)
        plain = {"province": None, "district": None, "commune": None}
        said = {"name": place.name, "level": "commune", "score": 0.9, "start": 0, "end": 4}
        return {"key": place.key, **said, **plain}

    def event_rows(self) -> Rows:
        """Yield the events."""
        last = {event: item for item, event in self.members}
        for event in self.events:
            yield {
                "id": event,
                "title": self.title(event),
                "first_at": self.at(event),
                "last_at": self.at(last[event]),
                "last_item_id": last[event],
                "merged_into": None,
                "stale": False,
            }

    def memberships(self) -> Rows:
        """Yield which item is of which event; every third repeats the first."""
        for number, (item, event) in enumerate(self.members):
            copied = number % 3 == 1 and item != event
            yield {
                "item_id": item,
                "event_id": event,
                "at": self.at(item),
                "score": 0.8,
                "why": "giống tiêu đề",
                "copy_of": event if copied else None,
                "by": "machine",
                "joined_at": self.at(item) + HOUR,
            }

    def assessments(self) -> Rows:
        """Yield what triage said of each event."""
        for number, event in enumerate(self.events):
            yield {
                "event_id": event,
                "last_item_id": event,
                "score": round(2 + number % 97 / 10, 2),
                "parts": [
                    {
                        "name": "severity",
                        "value": 2.0,
                        "weight": 1.0,
                        "points": 2.0,
                        "why": "mức 2",
                    }
                ],
                "verdict": ("hold", "digest", "mail", "nothing")[number % 4],
                "reasons": ["mức độ 2", "ba nguồn độc lập"],
                "routing": None,
                "at": self.at(event),
                "config_hash": "c",
            }

    def cased(self) -> Iterator[tuple[int, int, str]]:
        """Yield (case, event, state), the newest events' cases open."""
        most = min(len(self.events), self.size.open_cases + self.size.closed_cases)
        for number, event in enumerate(self.events[-most:], 1):
            if number > most - self.size.open_cases:
                yield number, event, _STATES[number % len(_STATES)]
            else:
                yield number, event, "closed" if number % 4 else "dismissed"

    def cases(self) -> Rows:
        """Yield the cases."""
        for number, event, state in self.cased():
            yield self._case(number, event, state)

    def _case(self, number: int, event: int, state: str) -> dict[str, Any]:
        (unit, place), at = self.unit(event), self.at(event) + 2 * HOUR
        sent = state not in ("proposed", "approved", "dismissed")
        done = state in ("closed", "answered")
        return {
            "id": number,
            "event_id": event,
            "episode": 1,
            "state": state,
            "outcome": "fixed" if state == "closed" else None,
            "veracity": "true" if state == "closed" else "unverified",
            "title": self.title(event),
            "gist": self.title(event + 1),
            "topics": [self.topic(event)],
            "severity": 1 + number % 3,
            "place_key": place.key,
            "place": place.name,
            "unit_id": unit.id,
            "unit_name": unit.name,
            "unit_then": unit.id,
            "unit_now": unit.id,
            "cooperating": [],
            "copies": [],
            "hold": "nơi chưa rõ" if state == "proposed" and number % 3 == 0 else None,
            "candidates": [],
            "reasons": ["mức độ 2", f"theo địa bàn: {unit.name}"],
            "opened_at": at,
            "sent_at": at + HOUR if sent else None,
            "acknowledged_at": at + 8 * HOUR if done or state == "acknowledged" else None,
            "answered_at": at + 4 * DAY if done else None,
            "closed_at": at + 6 * DAY if state in ("closed", "dismissed") else None,
            "ack_due": at + DAY if sent else None,
            "verify_due": at + 5 * DAY if sent else None,
            "final_due": at + 20 * DAY if sent else None,
            "recurs_of": None,
            "proposed_veracity": "true" if state == "answered" else None,
            "proposed_outcome": None,
            "statement": "Đã kiểm tra, có thật." if done else "",
            "returned": 0,
            "reminded": number % 2,
            "reminded_at": at + 3 * DAY if number % 2 else None,
            "escalated": 0,
            "link_epoch": 0,
            "config_hash": "c",
            "gazetteer_version": "g",
            "model_version": "m",
        }

    def entries(self) -> Rows:
        """Yield the history of the cases: four lines each, two for what waits."""
        told = ("opened:approved", "sent", "acknowledged", "answered")
        for number, event, state in self.cased():
            kinds = told if state not in ("proposed", "approved") else ("opened:proposed", "note")
            for seq, kind in enumerate(kinds, 1):
                yield {
                    "case_id": number,
                    "seq": seq,
                    "at": self.at(event) + seq * 3 * HOUR,
                    "who": "machine",
                    "kind": kind,
                    "text": "Đã xem.",
                    "data": {},
                }

    def notices(self) -> Rows:
        """Yield the mails of what was sent."""
        for number, event, state in self.cased():
            if state in ("proposed", "approved", "dismissed"):
                continue
            at = self.at(event) + 3 * HOUR
            yield {
                "key": f"case:{number}",
                "kind": "case",
                "recipient": self.unit(event)[0].id,
                "subject": self.title(event),
                "text": self.title(event) * 10,
                "html": self.title(event) * 20,
                "message_id": f"<{number}@langnghe.example>",
                "created_at": at,
                "not_before": at,
                "state": "sent",
                "owner": None,
                "lease_until": None,
                "attempts": 1,
                "next_at": at,
                "last_error": None,
                "sent_at": at,
            }

    def notice_cases(self) -> Rows:
        """Yield which mail tells of which case."""
        for number, _, state in self.cased():
            if state not in ("proposed", "approved", "dismissed"):
                yield {"notice_key": f"case:{number}", "case_id": number}

    def audit(self) -> Rows:
        """Yield lines of the audit of a quarter."""
        for number in range(self.size.audit):
            yield {
                "at": NOW - DAY * 90 * (self.size.audit - number) / self.size.audit,
                "who": f"account:người-{number % 12}",
                "action": ("looked", "decided", "signed_in", "exported")[number % 4],
                "subject": f"case:{1 + number % 2000}",
                "detail": {},
            }

    def fetches(self) -> Rows:
        """Yield thirty days of fetches, hourly."""
        for hour in range(30 * 24):
            for number, source in enumerate(self.sources):
                bad = (hour + number) % 50 == 0
                yield {
                    "round_id": None,
                    "source_id": source,
                    "url": "",
                    "outcome": "timeout" if bad else "new",
                    "reason": "timeout" if bad else "",
                    "http_status": None if bad else 200,
                    "items": 0 if bad else 3,
                    "at": NOW - HOUR * (30 * 24 - hour),
                }

    def source_states(self) -> Rows:
        """Yield how the last poll of each source went."""
        for number, source in enumerate(self.sources):
            yield {
                "source_id": source,
                "etag": "",
                "last_modified": "",
                "cursor": "",
                "last_poll_at": NOW - HOUR,
                "last_ok_at": NOW - HOUR,
                "last_new_at": NOW - HOUR * (1 + number),
                "failures": number % 5,
                "next_at": NOW + HOUR,
                "disabled": False,
                "note": "",
            }


def fill(engine: Engine, app: App, size: Size) -> dict[str, int]:
    """Fill an empty, migrated database, and return how many rows each table got."""
    maker = Maker(app, size)
    made: Mapping[str, Iterable[dict[str, Any]]] = {
        "item": maker.items(),
        "item_version": maker.versions(),
        "reading": maker.readings(),
        "event": maker.event_rows(),
        "membership": maker.memberships(),
        "assessment": maker.assessments(),
        "case": maker.cases(),
        "case_entry": maker.entries(),
        "notice": maker.notices(),
        "notice_case": maker.notice_cases(),
        "audit": maker.audit(),
        "fetch": maker.fetches(),
        "source_state": maker.source_states(),
    }
    with engine.begin() as connection:
        counts = {
            name: _put(connection, insert(Base.metadata.tables[name]), rows)
            for name, rows in made.items()
        }
        postgres = engine.dialect.name == "postgresql"
        words = (
            "INSERT INTO item_search (item_id, words) VALUES (:item, to_tsvector('simple', :words))"
            if postgres
            else "INSERT INTO item_search (rowid, words) VALUES (:item, :words)"
        )
        counts["item_search"] = _put(connection, text(words), maker.words())
        if postgres:
            _go_on(connection, ("item", "case"))
    return counts


def _put(connection: Connection, statement: Any, rows: Iterable[dict[str, Any]]) -> int:
    count, left = 0, iter(rows)
    while part := list(islice(left, _BATCH)):
        connection.execute(statement, part)
        count += len(part)
    return count


def _go_on(connection: Connection, tables: Iterable[str]) -> None:
    """Let the next number of a table come after those that were given."""
    for name in tables:
        table: Table = Base.metadata.tables[name]
        quoted = f'"{table.name}"'
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{quoted}', 'id'), (SELECT max(id) FROM {quoted}))"  # noqa: S608
            )
        )
