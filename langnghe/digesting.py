"""Events, cases and promises of the tables as the digest tells them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from langnghe.app import App
from langnghe.judging import gist, place_text, unit_name
from langnghe.lines import local_day
from langnghe.mailing import links
from storage import cases, digests, evidence, reporting, triage
from storage.cases import LIVE, StoredCase
from storage.db import Session
from storage.digests import Assessed
from storage.evidence import EventLine
from triage.case import CaseState
from triage.digest import OPEN, DigestEntry, Link, Pledge, Topic, Unheard
from triage.facts import EventFacts
from triage.record import CaseRecord, Commitment

_MOST_WHY = 4
#: A promise is named so many days ahead, today included.
_AHEAD = timedelta(days=6)


def entries(app: App, session: Session, numbers: Sequence[int]) -> list[DigestEntry]:
    """Return these events as entries; what was merged into another event is told as that one."""
    merged = reporting.roots(session, numbers)
    events = sorted({merged.get(event, event) for event in numbers})
    lines = evidence.of_events(session, events)
    facts = {one.event_id: one for one in triage.facts(session, events)}
    assessed = digests.assessed(session, events)
    chosen = _chosen(cases.find(session, events=sorted({*numbers, *events})), merged)
    found = [case.brief.case_id for case in chosen.values()]
    records = reporting.records(session, found)
    pending = reporting.commitments(session, case_ids=found, pending=True)
    standing = _standing(pending, records)
    promised = {one.case_id: one.due for one in standing if one.kind == "promise"}
    return [
        _Telling(app, lines[event], facts[event], assessed.get(event)).entry(
            chosen.get(event), records, promised
        )
        for event in events
        if event in lines and event in facts and lines[event].evidence
    ]


def pledges(app: App, session: Session, day: date) -> Iterator[Pledge]:
    """Yield the days that were given for live cases: of the coming week, and those gone by."""
    live = {one.case_id: one for one in reporting.live_records(session)}
    pending = reporting.commitments(session, case_ids=sorted(live), pending=True)
    for one in _standing(pending, live):
        if one.due <= day + _AHEAD:
            case = live[one.case_id]
            name, late = unit_name(app, case.unit_id), one.late_on(day)
            topics = _names(app, case.topics)
            yield Pledge(case.case_id, case.unit_id, name, one.text, one.due, late, topics)


def _standing(
    pending: Iterable[Commitment], cases: Mapping[int, CaseRecord]
) -> Iterator[Commitment]:
    """Yield what still binds: of a case's promises the last one, unless an answer followed it."""
    promised: dict[int, Commitment] = {}
    for one in sorted(pending, key=lambda one: one.made_at):
        if one.kind != "promise":
            yield one
            continue
        answered = cases[one.case_id].answered_at
        if answered is None or answered <= one.made_at:
            promised[one.case_id] = one
    yield from promised.values()


def unheard(app: App, session: Session, now: datetime) -> Iterator[Unheard]:
    """Yield the units that let the time to acknowledge a case go by without a word."""
    waiting: dict[str, list[CaseRecord]] = defaultdict(list)
    for case in reporting.live_records(session):
        if case.state is CaseState.SENT and case.deadlines and case.deadlines.acknowledge < now:
            waiting[case.unit_id].append(case)
    for unit, found in waiting.items():
        topics = {topic for case in found for topic in case.topics}
        yield Unheard(
            unit,
            unit_name(app, unit),
            min(case.sent_at or case.opened_at for case in found),
            tuple(case.case_id for case in found),
            _names(app, sorted(topics)),
        )


def _names(app: App, topics: Iterable[str]) -> tuple[str, ...]:
    return tuple(topic.name for topic in topics_of(app, topics))


def topics_of(app: App, ids: Iterable[str]) -> Iterator[Topic]:
    """Yield topics with their names; one that is no longer in the catalogue keeps its id."""
    for topic in ids:
        entry = app.catalog.topics.get(topic)
        yield Topic(topic, entry.name if entry else topic)


def _chosen(found: Iterable[StoredCase], merged: dict[int, int]) -> dict[int, StoredCase]:
    """Return the one case of each event that is told: open before live before the newest."""
    best: dict[int, StoredCase] = {}
    for case in found:
        event = merged.get(case.brief.event_id, case.brief.event_id)
        if event not in best or _claim(case) > _claim(best[event]):
            best[event] = case
    return best


def _claim(case: StoredCase) -> tuple[bool, bool, int]:
    return case.brief.state in OPEN, case.brief.state in LIVE, case.brief.case_id


class _Telling:
    """One event with all that is known of it, about to be told."""

    def __init__(
        self, app: App, line: EventLine, facts: EventFacts, assessed: Assessed | None
    ) -> None:
        self.app, self.line, self.facts, self.assessed = app, line, facts, assessed

    def entry(
        self, case: StoredCase | None, records: dict[int, CaseRecord], promised: dict[int, date]
    ) -> DigestEntry:
        app, line, facts = self.app, self.line, self.facts
        routing = self.assessed.routing if self.assessed else {}
        lead = case.brief.unit_id if case else routing.get("lead")
        then = case.unit_then if case else routing.get("unit_then")
        main = app.catalog.topics.get(facts.topics[0]) if facts.topics else None
        record = records.get(case.brief.case_id) if case else None
        plain = DigestEntry(
            event_id=line.event_id,
            title=line.title,
            severity=max(facts.severity, case.brief.severity) if case else facts.severity,
            last_at=line.last_at,
            gist=gist(line),
            topics=tuple(topics_of(app, case.brief.topics if case else facts.topics)),
            place=case.brief.place if case else place_text(app, facts.places),
            unit_id=lead or "",
            unit_name=unit_name(app, lead) if lead else "",
            unit_then_name=unit_name(app, then) if then and then != lead else "",
            score=self.assessed.score if self.assessed else 0.0,
            why=tuple(self._why(case))[:_MOST_WHY],
            links=tuple(press_links(line)),
            outlets=len(facts.outlets),
            items=facts.items,
            copies=line.copies,
            first_at=line.first_at,
            hold=self._hold(case),
            recurs_of=_recurs(case),
            counted_only=main is not None and not main.make_cases and case is None,
        )
        return _with_case(plain, record, promised) if record else plain

    def _why(self, case: StoredCase | None) -> Iterator[str]:
        if self.assessed is None:
            yield from case.brief.why if case else ()
            return
        parts = sorted(self.assessed.parts, key=lambda part: -part["points"])
        yield from (part["why"] for part in parts if part["points"] > 0 and part["name"] != "reach")

    def _hold(self, case: StoredCase | None) -> str:
        if case is not None:
            held = case.brief.state is CaseState.PROPOSED
            return (case.hold or "; ".join(case.brief.why)) if held else ""
        if self.assessed is None or self.assessed.verdict != "hold":
            return ""
        return "; ".join(self.assessed.reasons)


def _with_case(plain: DigestEntry, record: CaseRecord, promised: dict[int, date]) -> DigestEntry:
    answered = record.state is CaseState.ANSWERED
    return replace(
        plain,
        case_id=record.case_id,
        state=record.state,
        outcome=record.outcome,
        veracity=record.veracity,
        waiting_since=record.opened_at,
        closed_at=record.closed_at,
        deadlines=record.deadlines,
        proposed=record.proposed if answered else None,
        statement=record.statement,
        returned=record.returned,
        reminded=record.reminded,
        escalated=record.escalated,
        promised=promised.get(record.case_id) if record.state in OPEN else None,
    )


def _recurs(case: StoredCase | None) -> str:
    return f"vụ việc số {case.brief.recurs_of}" if case and case.brief.recurs_of else ""


def press_links(line: EventLine, most: int = 6) -> Iterator[Link]:
    """Yield the original reports; of a fanpage post its day stands in the gist already."""
    shown = [one for one in line.evidence if not one.copy]
    for one, (outlet, title, url) in zip(shown, links(line, most), strict=False):
        yield Link(outlet, title, url, local_day(one.at) if url else None)
