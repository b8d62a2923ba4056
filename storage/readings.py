"""Readings: what is still to be read, what was read, and what could not be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from nlp.reading import Hold, PlaceRef, Reading, Reason, TopicScore, Where
from storage import labels
from storage.items import StoredItem
from storage.models import EventRow, ItemRow, MembershipRow, ReadingRow
from storage.write import chunks, put

#: After so many failures an item is set aside until a newer reader comes.
MAX_TRIES = 3
_KEY = ("item_id", "reader_version")


@dataclass(frozen=True, slots=True)
class Versions:
    """Under which rules a reading was made."""

    reader: str
    gazetteer: str
    model: str
    config: str


def save(session: Session, read: Sequence[tuple[StoredItem, Reading]], marks: Versions) -> None:
    """Keep readings as the ones that count, and mark their items as read.

    What is or may be an issue and is in no event yet waits for grouping; where it is in
    one, triage looks at that event again. A person's word on that comes first; what is
    kept is what the reader read.
    """
    if not read:
        return
    ids = [item.id for item, _ in read]
    _retire(session, ids)
    member = _events_of(session, ids)
    said = labels.of_items(session, ids)
    rows = [
        _row(item, reading, marks)
        | {
            "ungrouped": item.id not in member
            and waits(labels.over(reading, said.get(item.id, {})))
        }
        for item, reading in read
    ]
    put(session, ReadingRow, rows, _KEY)
    _mark_read(session, [item for item, _ in read])
    touched = sorted(set(member.values()))
    for part in chunks(touched):
        session.execute(update(EventRow).where(EventRow.id.in_(part)).values(stale=True))


def waits(reading: Reading) -> bool:
    """Say whether a reading belongs into an event: what is an issue, and what may be one.

    What is held because it may be an issue has a severity too: a person must see it.
    """
    return reading.is_issue or reading.severity > 0


def save_failure(
    session: Session, item: StoredItem, marks: Versions, failure: str, *, for_good: bool = False
) -> None:
    """Note that an item could not be read; after `MAX_TRIES`, or `for_good`, it is set aside.

    What is set aside stays visible, and a newer reader tries it again.
    """
    tries = 1 + (
        session.scalar(
            select(ReadingRow.tries).where(
                ReadingRow.item_id == item.id, ReadingRow.reader_version == marks.reader
            )
        )
        or 0
    )
    _retire(session, [item.id])
    row = _marks(item, marks) | _NOTHING | {"failure": failure, "tries": tries, "current": True}
    put(session, ReadingRow, [row], _KEY)
    if for_good or tries >= MAX_TRIES:
        _mark_read(session, [item])


def failures(session: Session, limit: int = 100) -> list[tuple[int, str, int]]:
    """Return (item id, reason, tries) of items that could not be read, newest first."""
    query = (
        select(ReadingRow.item_id, ReadingRow.failure, ReadingRow.tries)
        .where(ReadingRow.failure.is_not(None), ReadingRow.current)
        .order_by(ReadingRow.item_id.desc())
        .limit(limit)
    )
    return [(item, failure or "", tries) for item, failure, tries in session.execute(query)]


def get(session: Session, item_id: int) -> Reading | None:
    """Return the reading of an item that counts, people's words over it; None without one."""
    return by_items(session, [item_id]).get(item_id)


def by_items(
    session: Session, ids: Iterable[int], instead: Mapping[int, Reading] | None = None
) -> dict[int, Reading]:
    """Return the readings that count, by item, with what people said of them over it.

    `instead` are readings to take in the place of the kept ones.
    """
    wanted = list(ids)
    read = as_read(session, wanted)
    read |= {item: instead[item] for item in wanted if item in instead} if instead else {}
    said = labels.of_items(session, read)
    return {item: labels.over(one, said.get(item, {})) for item, one in read.items()}


def as_read(session: Session, ids: Iterable[int]) -> dict[int, Reading]:
    """Return the readings that count as the machine made them, whatever people said since."""
    found = {}
    for part in chunks(list(ids)):
        query = select(ReadingRow).where(
            ReadingRow.item_id.in_(part), ReadingRow.current, ReadingRow.failure.is_(None)
        )
        for row in session.scalars(query):
            found[row.item_id] = _reading(row)
    return found


_NOTHING: dict[str, Any] = {
    "ungrouped": False,
    "is_issue": False,
    "issue_score": 0.0,
    "severity": 0,
    "topics": [],
    "places": [],
    "mentions": [],
    "place_hold": None,
    "place_reasons": [],
    "hold": None,
    "flags": [],
    "reasons": [],
    "unit_then": None,
    "unit_now": None,
}


def _marks(item: StoredItem, marks: Versions) -> dict[str, Any]:
    return {
        "item_id": item.id,
        "item_version": item.version,
        "reader_version": marks.reader,
        "gazetteer_version": marks.gazetteer,
        "model_version": marks.model,
        "config_hash": marks.config,
    }


def _row(item: StoredItem, reading: Reading, marks: Versions) -> dict[str, Any]:
    where = reading.where
    return _marks(item, marks) | {
        "current": True,
        "failure": None,
        "tries": 0,
        "is_issue": reading.is_issue,
        "issue_score": reading.issue_score,
        "severity": reading.severity,
        "topics": [_plain(topic) for topic in reading.topics],
        "places": [_plain(place) for place in where.places],
        "mentions": [_plain(place) for place in where.mentions],
        "place_hold": _plain_hold(where.hold),
        "place_reasons": [_plain(reason) for reason in where.reasons],
        "hold": _plain_hold(reading.hold),
        "flags": list(reading.flags),
        "reasons": [_plain(reason) for reason in reading.reasons],
        "unit_then": where.unit_then,
        "unit_now": where.unit_now,
    }


def _plain(one: TopicScore | PlaceRef | Reason | Hold) -> dict[str, Any]:
    """Return its fields; `asdict` would copy each value deeply, at ten times the cost."""
    return {name: getattr(one, name) for name in one.__slots__}


def _plain_hold(hold: Hold | None) -> dict[str, Any] | None:
    return None if hold is None else _plain(hold)


def _hold(values: dict[str, Any] | None) -> Hold | None:
    return None if values is None else Hold(values["reason"], tuple(values["candidates"]))


def _reading(row: ReadingRow) -> Reading:
    where = Where(
        places=tuple(PlaceRef(**place) for place in row.places),
        mentions=tuple(PlaceRef(**place) for place in row.mentions),
        unit_then=row.unit_then,
        unit_now=row.unit_now,
        hold=_hold(row.place_hold),
        reasons=tuple(Reason(**reason) for reason in row.place_reasons),
    )
    return Reading(
        version=row.reader_version,
        topics=tuple(TopicScore(**topic) for topic in row.topics),
        is_issue=row.is_issue,
        issue_score=row.issue_score,
        severity=row.severity,
        where=where,
        hold=_hold(row.hold),
        flags=tuple(row.flags),
        reasons=tuple(Reason(**reason) for reason in row.reasons),
    )


def _retire(session: Session, ids: Sequence[int]) -> None:
    """Let no older reading of these items count."""
    for part in chunks(list(ids)):
        session.execute(
            update(ReadingRow)
            .where(ReadingRow.item_id.in_(part), or_(ReadingRow.current, ReadingRow.ungrouped))
            .values(current=False, ungrouped=False)
        )


def _mark_read(session: Session, items: Sequence[StoredItem]) -> None:
    """Note which text was read; one that changed meanwhile stays to be read."""
    by_version: dict[int, list[int]] = {}
    for item in items:
        by_version.setdefault(item.version, []).append(item.id)
    for version, ids in by_version.items():
        for part in chunks(ids):
            session.execute(
                update(ItemRow).where(ItemRow.id.in_(part)).values(read_version=version)
            )


def _events_of(session: Session, ids: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for part in chunks(list(ids)):
        query = select(MembershipRow.item_id, MembershipRow.event_id)
        rows = session.execute(query.where(MembershipRow.item_id.in_(part)))
        found |= dict(rows.tuples().all())
    return found
