"""What another reader would make of the last days: a suggestion, nothing is changed.

Items of the time are read again; for every event that they touch, the judgement on the kept
readings is set beside the judgement on the new ones, people's words over both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from langnghe.app import App
from langnghe.asking import reachable
from langnghe.judging import Judgement, weigh
from langnghe.lines import local_day
from langnghe.progress import progress
from langnghe.stages import read_item
from nlp.reader import Reader
from nlp.reading import Reading
from storage import evidence, labels, lessons, readings, triage
from storage.db import Session
from storage.items import StoredItem
from triage.policy import HOLD, MAIL

_BATCH = 100
#: Verdicts that open a case.
_CASE = (MAIL, HOLD)


@dataclass(frozen=True, slots=True)
class Shift:
    """One event, or one item in no event (`event` None), that would be judged otherwise.

    `kind` is "gains" (would become a case), "loses" (would be none) or "moves" (stays what
    it is, with another topic, place, severity or verdict). `before` and `after` say what.
    """

    kind: str
    event: int | None
    item: int | None
    title: str
    before: dict[str, Any]
    after: dict[str, Any]


def compare(app: App, reader: Reader, since: datetime) -> Iterator[Shift]:
    """Yield what `reader` would change of everything published since, by event."""
    has_contact = reachable(app)
    changed: dict[int, Reading] = {}
    events: set[int] = set()
    with app.views() as session:
        with progress("Đang đọc lại") as advance:
            for batch in lessons.read_since(session, since):
                for item, old, event in batch:
                    new = _again(app, reader, item)
                    if _told(new) == _told(old):
                        continue
                    if event is not None:
                        events.add(event)
                        changed[item.id] = new
                    elif readings.waits(new):
                        yield from _alone(app, session, item, new, has_contact)
                advance(len(batch))
        ordered = sorted(events)
        for start in range(0, len(ordered), _BATCH):
            yield from _shifts(app, session, ordered[start : start + _BATCH], changed, has_contact)


def _again(app: App, reader: Reader, item: StoredItem) -> Reading:
    return read_item(app, reader, item, local_day(item.fetched_at) or app.today())


def _shifts(
    app: App,
    session: Session,
    events: Sequence[int],
    changed: dict[int, Reading],
    has_contact: Callable[[str], bool],
) -> Iterator[Shift]:
    both = zip(triage.facts(session, events), triage.facts(session, events, changed), strict=True)
    for kept, other in both:
        before, after = weigh(app, kept, has_contact), weigh(app, other, has_contact)
        if (kind := _kind(_summary(before), _summary(after))) is not None:
            yield Shift(kind, kept.event_id, None, kept.title, _summary(before), _summary(after))


def _alone(
    app: App,
    session: Session,
    item: StoredItem,
    new: Reading,
    has_contact: Callable[[str], bool],
) -> Iterator[Shift]:
    """Judge an item that would now be an issue as if it were an event of its own."""
    said = labels.of_items(session, [item.id]).get(item.id, {})
    one = evidence.Evidence(
        item.id,
        item.source_id,
        item.outlet,
        item.kind,
        item.url,
        item.title,
        item.text,
        item.at,
        False,
        item.text_sha256,
    )
    line = evidence.EventLine(item.id, item.title, item.at, item.at, item.id, (one,))
    facts = triage.of_line(line, {item.id: labels.over(new, said)})
    after = _summary(weigh(app, facts, has_contact))
    if after["verdict"] in _CASE:
        yield Shift("gains", None, item.id, item.title, {"verdict": "no issue"}, after)


def _kind(before: dict[str, Any], after: dict[str, Any]) -> str | None:
    had, has = before["verdict"] in _CASE, after["verdict"] in _CASE
    if had != has:
        return "gains" if has else "loses"
    return "moves" if before != after else None


def _summary(found: Judgement) -> dict[str, Any]:
    facts = found.facts
    return {
        "verdict": found.verdict.action,
        "topics": list(facts.topics),
        "severity": facts.severity,
        "place": facts.place,
        "unit": found.routing.lead,
    }


def _told(reading: Reading) -> tuple[Any, ...]:
    """Return what of a reading triage goes by."""
    return (
        reading.is_issue,
        reading.issue_score,
        reading.severity,
        reading.topics,
        tuple((place.key, place.score) for place in reading.where.places),
        reading.where.hold,
        reading.flags,
    )
