"""The stage that tells: the day's digest, made once, kept, written out and mailed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal, cast

from pydantic import TypeAdapter

from langnghe.app import App, make_folder
from langnghe.judging import gist, place_text, unit_name
from langnghe.lines import local_day
from langnghe.mailing import links
from storage import cases, digests, evidence, items, outbox, triage
from storage.cases import StoredCase
from storage.db import Session
from storage.digests import Assessed, StoredDigest
from storage.evidence import EventLine
from storage.health import health as source_health
from triage.assemble import assemble
from triage.case import Veracity
from triage.digest import Coverage, DigestData, DigestEntry, Failure, Link, Topic
from triage.docx import Agency, render_docx
from triage.facts import EventFacts
from triage.mail import digest_notice
from triage.render import render_digest

_FORM = TypeAdapter(DigestData)
_MOST_WHY = 5


def tell(app: App, day: date) -> Path:
    """Make the digest of `day` if it was not made, and return its HTML file.

    Keeping it, remembering what was told and queueing its mails is one transaction:
    a repeat tells the same and mails nothing twice.
    """
    with app.sessions.begin() as session:
        stored = digests.get(session, day)
        if stored is None:
            data = build(app, session, day)
            plain = _FORM.dump_python(data, mode="json")
            digests.save(session, StoredDigest(day, data.made_at, plain), _told(data))
            for recipient in app.settings.mail.digest_to:
                outbox.queue(session, _mail(app, data, recipient))
        else:
            data = _FORM.validate_python(stored.data)
    return _write(app, data)


def digest_bytes(app: App, day: date, form: str) -> bytes:
    """Return the digest of a day as html, text, json or docx.

    As it was told that day; if none was, as it would be told now, keeping nothing.
    """
    with app.views() as session:
        stored = digests.get(session, day)
        data = _FORM.validate_python(stored.data) if stored else build(app, session, day)
    if form == "docx":
        return render_docx(data, Agency(app.settings.agency, place=app.settings.province))
    return render_digest(data, cast(Literal["html", "text", "json"], form)).encode()


def build(app: App, session: Session, day: date) -> DigestData:
    """Put the digest of `day` together from the tables, as they stand now."""
    now = app.clock()
    events = digests.candidates(session, digests.last_before(session, day))
    lines = evidence.of_events(session, events)
    facts = {one.event_id: one for one in triage.facts(session, events)}
    assessed = digests.assessed(session, events)
    latest: dict[int, StoredCase] = {}
    for case in cases.find(session, events=events):
        latest.setdefault(case.brief.event_id, case)
    entries = [
        _entry(app, lines[event], facts[event], assessed.get(event), latest.get(event))
        for event in events
        if event in lines and event in facts
    ]
    return assemble(
        entries,
        digests.told_before(session, events, day),
        day=day,
        province=app.settings.province,
        made_at=now,
        coverage=_coverage(app, session, now),
        floor=app.catalog.policy.digest_floor,
    )


def _entry(
    app: App,
    line: EventLine,
    facts: EventFacts,
    assessed: Assessed | None,
    case: StoredCase | None,
) -> DigestEntry:
    routing = assessed.routing if assessed else {}
    lead = case.brief.unit_id if case else routing.get("lead")
    then = case.unit_then if case else routing.get("unit_then")
    main = app.catalog.topics.get(facts.topics[0]) if facts.topics else None
    held = assessed is not None and assessed.verdict == "hold"
    return DigestEntry(
        event_id=line.event_id,
        title=line.title,
        severity=facts.severity,
        last_at=line.last_at,
        case_id=case.brief.case_id if case else None,
        gist=gist(line),
        topics=tuple(_topics(app, facts.topics)),
        place=place_text(app, facts.places),
        unit_name=unit_name(app, lead) if lead else "",
        unit_then_name=unit_name(app, then) if then and then != lead else "",
        veracity=case.brief.veracity if case else Veracity.UNVERIFIED,
        state=case.brief.state if case else None,
        outcome=case.outcome if case else None,
        score=assessed.score if assessed else 0.0,
        why=tuple(_why(assessed, case))[:_MOST_WHY],
        links=tuple(_links(line)),
        outlets=len(facts.outlets),
        copies=line.copies,
        first_at=line.first_at,
        waiting_since=case.brief.opened_at if case else None,
        deadlines=case.brief.deadlines if case else None,
        hold="; ".join(assessed.reasons) if assessed and held and case is None else "",
        recurs_of=f"vụ việc số {case.brief.recurs_of}" if case and case.brief.recurs_of else "",
        counted_only=main is not None and not main.make_cases,
    )


def _topics(app: App, ids: Iterable[str]) -> Iterator[Topic]:
    for topic in ids:
        entry = app.catalog.topics.get(topic)
        yield Topic(topic, entry.name if entry else topic)


def _why(assessed: Assessed | None, case: StoredCase | None) -> Iterator[str]:
    if assessed is not None:
        yield from assessed.reasons
        if assessed.routing.get("why"):
            yield str(assessed.routing["why"])
    elif case is not None:
        yield from case.brief.why


def _links(line: EventLine) -> Iterator[Link]:
    shown = [one for one in line.evidence if not one.copy]
    for one, (outlet, title, url) in zip(shown, links(line), strict=False):
        yield Link(outlet, title, url, local_day(one.at))


def _coverage(app: App, session: Session, now: datetime) -> Coverage:
    health = source_health(session, now, app.catalog.sources.values())
    names = {entry.id: entry.name for entry in app.catalog.sources.values()}
    failed = [one for one in health if one.failures]
    return Coverage(
        expected=len(health),
        seen=sum(one.last_ok_at is not None and not one.failures for one in health),
        silent=tuple(names[one.source_id] for one in health if one.silent),
        failed=tuple(Failure(names[one.source_id], one.reason) for one in failed),
        items=items.count_since(session, now - timedelta(days=1)),
    )


def _told(data: DigestData) -> Iterator[tuple[int, str, str]]:
    where = {
        entry.event_id: section.value for section, entries in data.sections() for entry in entries
    }
    for event, fingerprint in data.told:
        yield event, where.get(event, "counted"), fingerprint


def _mail(app: App, data: DigestData, recipient: str) -> outbox.Notice:
    now = app.clock()
    domain = app.settings.mail.domain
    return digest_notice(data, recipient, now=now, not_before=now, domain=domain)


def _write(app: App, data: DigestData) -> Path:
    folder = app.settings.data_dir / "digests"
    make_folder(folder)
    path = folder / f"{data.day.isoformat()}.html"
    path.write_text(render_digest(data, "html"), "utf-8")
    path.with_suffix(".txt").write_text(render_digest(data, "text"), "utf-8")
    return path
