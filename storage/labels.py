"""What people said of items: it wins over every reading, and teaches the model.

The table is only ever added to. Of each field of an item the last word counts; a word that
is taken back is followed by the one before it, or by None, which says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from nlp.reading import PlaceRef, Reading, Reason, TopicScore, Where
from storage.models import EventRow, LabelRow, MembershipRow, ReadingRow
from storage.write import chunks

#: The fields of a reading that a person can speak of.
IS_ISSUE, TOPICS, SEVERITY, PLACE = "is_issue", "topics", "severity", "place"
#: The value of PLACE for what happened outside the province, where nobody said where.
ELSEWHERE: dict[str, Any] = {}
#: The rule of a reason that stands for a person's word.
PERSON = "person"
_DOUBT = "low_confidence"
_WORDS = "speech"


@dataclass(frozen=True, slots=True)
class Label:
    """A correction: what `field` of an item's reading should have been.

    `value` is a bool (is_issue), a list of topic ids, main first (topics), 1 to 3
    (severity), or the names of a place as `PlaceRef` holds them (place); None: nothing.
    `back`: it only lets the word before the last one count again.
    """

    item_id: int
    field: str
    value: Any
    who: str
    at: datetime
    back: bool = False


def correct(session: Session, label: Label) -> None:
    """Keep a correction; the event of its item becomes work for triage.

    What is said to be an issue and is in no event yet waits for grouping.
    """
    session.add(
        LabelRow(
            item_id=label.item_id,
            field=label.field,
            value={"value": label.value} | ({"back": True} if label.back else {}),
            who=label.who,
            at=label.at,
        )
    )
    session.flush()
    event = select(MembershipRow.event_id).where(MembershipRow.item_id == label.item_id)
    session.execute(update(EventRow).where(EventRow.id.in_(event)).values(stale=True))
    if label.field == IS_ISSUE:
        read = or_(ReadingRow.is_issue, ReadingRow.severity > 0)
        said = read if label.value is None else bool(label.value)
        session.execute(
            update(ReadingRow)
            .where(
                ReadingRow.item_id == label.item_id,
                ReadingRow.current,
                ReadingRow.failure.is_(None),
                ~event.exists(),
            )
            .values(ungrouped=said)
        )


def say(
    session: Session, item_ids: Iterable[int], said: Mapping[str, Any], who: str, at: datetime
) -> int:
    """Keep the same words on several items, and return how many were new."""
    ids = list(item_ids)
    known = of_items(session, ids)
    fresh = [
        Label(item, field, value, who, at)
        for item in ids
        for field, value in said.items()
        if known.get(item, {}).get(field) != value
    ]
    for label in fresh:
        correct(session, label)
    return len(fresh)


def take_back(
    session: Session, item_ids: Iterable[int], spoken: tuple[str, datetime], who: str, at: datetime
) -> int:
    """Take back what `spoken` (who, when) said of these items; return how many words.

    The word before counts again. A word that another one followed stays as it is, unless
    that one was taken back as well.
    """
    said = _spoken(session, item_ids)
    gone = 0
    for (item, field), words in said.items():
        stand = _standing(words)
        if stand and (stand[-1].who, stand[-1].at) == spoken:
            before = stand[-2].value if len(stand) > 1 else None
            correct(session, Label(item, field, before, who, at, back=True))
            gone += 1
    return gone


def _standing(words: Iterable[Label]) -> list[Label]:
    """Return the words that were not taken back, oldest first."""
    stand: list[Label] = []
    for word in words:
        if not word.back:
            stand.append(word)
        elif stand:
            stand.pop()
    return stand


def of_items(session: Session, item_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return what people last said of each of these items, by field."""
    found: dict[int, dict[str, Any]] = {}
    for (item, field), words in _spoken(session, item_ids).items():
        if words[-1].value is not None:
            found.setdefault(item, {})[field] = words[-1].value
    return found


def all_labels(session: Session) -> list[Label]:
    """Return every correction, oldest first."""
    return [_label(row) for row in session.scalars(select(LabelRow).order_by(LabelRow.id))]


def over(reading: Reading, said: Mapping[str, Any]) -> Reading:
    """Return the reading with a person's words in the place of the machine's.

    What a person said is certain: its score is 1 (0 for what is no issue), and it is held
    for no doubt. Each word stands among the reasons, under the rule `PERSON`.
    """
    if TOPICS in said:
        named = tuple(TopicScore(topic, 1.0) for topic in said[TOPICS])
        reading = _with(reading, "topic", ",".join(said[TOPICS]), topics=named)
    if IS_ISSUE in said:
        reading = _over_issue(reading, bool(said[IS_ISSUE]))
    if SEVERITY in said and said.get(IS_ISSUE, True):
        value = int(said[SEVERITY])
        reading = _with(reading, "severity", str(value), severity=value)
    return _over_place(reading, said[PLACE]) if PLACE in said else reading


def says(reading: Reading, kind: str) -> bool:
    """Say whether a person spoke of topic, issue, severity or place of a reading."""
    reasons = reading.where.reasons if kind == "place" else reading.reasons
    return any(reason.rule == PERSON and reason.kind == kind for reason in reasons)


def _over_issue(reading: Reading, issue: bool) -> Reading:
    if not issue:
        return _with(reading, "issue", "no", is_issue=False, issue_score=0.0, severity=0)
    hold = None if reading.hold and reading.hold.reason == _DOUBT else reading.hold
    flags = tuple(flag for flag in reading.flags if flag != _WORDS)
    return _with(
        reading,
        "issue",
        "yes",
        is_issue=True,
        issue_score=1.0,
        severity=max(reading.severity, 1),
        hold=hold,
        flags=flags,
    )


def _over_place(reading: Reading, value: Mapping[str, Any]) -> Reading:
    known = {ref.key: ref for ref in (*reading.where.places, *reading.where.mentions)}
    places: tuple[PlaceRef, ...] = ()
    if value:
        ref = known.get(value["key"]) or PlaceRef(**value, score=1.0, start=0, end=0)
        places = (replace(ref, score=1.0),)
    key = places[0].key if places else ""
    where = Where(
        places=places,
        mentions=reading.where.mentions,
        unit_then=key or None,
        reasons=(Reason("place", key, PERSON, 1.0), *reading.where.reasons),
    )
    hold = None if reading.hold == reading.where.hold else reading.hold
    return replace(reading, where=where, hold=hold)


def _with(reading: Reading, kind: str, value: str, **changes: Any) -> Reading:
    reasons = (Reason(kind, value, PERSON, 1.0), *reading.reasons)
    return replace(reading, reasons=reasons, **changes)


def _spoken(session: Session, item_ids: Iterable[int]) -> dict[tuple[int, str], list[Label]]:
    """Return all words on each field of these items, oldest first."""
    found: dict[tuple[int, str], list[Label]] = {}
    for part in chunks(sorted(set(item_ids))):
        query = select(LabelRow).where(LabelRow.item_id.in_(part)).order_by(LabelRow.id)
        for row in session.scalars(query):
            found.setdefault((row.item_id, row.field), []).append(_label(row))
    return found


def _label(row: LabelRow) -> Label:
    return Label(
        row.item_id, row.field, row.value["value"], row.who, row.at, bool(row.value.get("back"))
    )
