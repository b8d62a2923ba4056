"""Papers made from the tables: the month pack, and the brief of a case."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from config.errors import ConfigError
from config.settings import ZONE
from langnghe.app import App
from langnghe.digesting import press_links, topics_of
from langnghe.hearing import own_places, quiet_places
from langnghe.judging import unit_name
from langnghe.telling import agency
from storage import cases, digests, evidence, reporting
from storage.cases import CaseStory
from storage.db import Session
from triage import month
from triage.briefing import Dossier, case_paper, happened
from triage.month import Listening, MonthPack, Span
from triage.monthpaper import month_paper
from triage.paper import Paper, paper_docx, render_paper
from triage.record import CaseRecord
from triage.render import plain


def month_bytes(app: App, of: str, form: str) -> bytes:
    """Return the pack of a month ("2026-10") as html, text, docx or json.

    Raises `ConfigError` for what is no month, or one that has not begun.
    """
    first = _first(of)
    if first > app.today():
        raise ConfigError([f"--of: {of} has not begun"])
    with app.views() as session:
        pack = month_pack(app, session, first)
    if form == "json":
        return (json.dumps(plain(pack), ensure_ascii=False, indent=1) + "\n").encode()
    names = {topic.id: topic.name for topic in app.catalog.topics.values()}
    return paper_bytes(app, month_paper(pack, names), form)


def case_bytes(app: App, number: int, form: str) -> bytes | None:
    """Return the brief of a case as html, text or docx; None where there is no such case."""
    with app.views() as session:
        story = cases.show(session, number)
        found = None if story is None else dossier(app, session, story)
    return None if found is None else paper_bytes(app, case_paper(found), form)


def paper_bytes(app: App, paper: Paper, form: str) -> bytes:
    """Return a paper in a form: "docx", "html" or "text"."""
    if form == "docx":
        return paper_docx(paper, agency(app))
    return render_paper(paper, "html" if form == "html" else "text", agency(app)).encode()


def month_pack(app: App, session: Session, first: date) -> MonthPack:
    """Put a month's pack together, its cases as they stood at the end of the month."""
    now = app.clock()
    span, before = _span(first, now), _span(_previous(first), now)
    records = reporting.records_between(session, span.start, span.end, seen=span.end)
    earlier = reporting.records_between(session, before.start, before.end, seen=before.end)
    closed = month.closed_in(records, span)
    last = span.end.astimezone(ZONE).date() - timedelta(days=1)
    seen = min(span.end, now)
    events = [case.event_id for case in records]
    scores = {key: one.score for key, one in digests.assessed(session, events).items()}
    due = reporting.commitments(session, due_from=first, due_to=last)
    return MonthPack(
        first=first,
        last=last,
        until=min(last, app.today()),
        province=app.settings.province,
        made_at=now,
        counts=_counts(session, records, span),
        before=_counts(session, earlier, before),
        outcomes=month.outcomes(closed),
        veracity=month.veracity(closed),
        topics=month.by_topic(records, span),
        topics_before=month.by_topic(earlier, before),
        units=month.by_unit(records, span, app.calendar.hours_between),
        top=month.top(records, span, scores),
        recurrences=tuple(
            case for case in records if case.recurs_of and span.holds(case.opened_at)
        ),
        promises=month.promises(
            [one for one in due if one.kind == "promise"], seen.astimezone(ZONE).date()
        ),
        listening=_listening(app, session, span, first, last),
    )


def _listening(app: App, session: Session, span: Span, first: date, last: date) -> Listening:
    seen = min(span.end, span.now)
    asked = own_places(app, seen.astimezone(ZONE).date())
    return month.listening(
        reporting.coverage_between(session, first, last),
        len(reporting.items_by_source(session, span.start, span.end)),
        tuple(place.name for place in quiet_places(app, session, seen, asked)),
    )


def dossier(app: App, session: Session, story: CaseStory) -> Dossier:
    """Gather what the brief of a case is written from."""
    case = reporting.records(session, [story.case.brief.case_id])[story.case.brief.case_id]
    root = reporting.roots(session, [case.event_id]).get(case.event_id, case.event_id)
    line = evidence.of_events(session, [root])[root]
    originals = [one for one in line.evidence if not one.copy]
    then = story.case.unit_then
    return Dossier(
        case=case,
        province=app.settings.province,
        made_at=app.clock(),
        day=app.today(),
        topics=tuple(topic.name for topic in topics_of(app, case.topics)),
        first_at=line.first_at,
        evidence=tuple(press_links(line, len(originals))),
        outlets=len({one.outlet for one in originals}),
        copies=line.copies,
        history=tuple(_history(story)),
        commitments=tuple(reporting.commitments(session, case_ids=[case.case_id])),
        why=story.case.brief.why,
        then=unit_name(app, then) if then and then != case.unit_id else "",
    )


def _history(story: CaseStory) -> Iterator[tuple[datetime, str]]:
    for entry in story.entries:
        yield entry.at, happened(entry.kind, entry.text)


def _counts(session: Session, records: list[CaseRecord], span: Span) -> month.Counts:
    return month.counts(
        records,
        span,
        events=reporting.events_begun(session, span.start, span.end),
        items=sum(reporting.items_by_source(session, span.start, span.end).values()),
    )


def _span(first: date, now: datetime) -> Span:
    following = (first + timedelta(days=32)).replace(day=1)
    start, end = (datetime(day.year, day.month, 1, tzinfo=ZONE) for day in (first, following))
    return Span(start, end, now)


def _previous(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def _first(of: str) -> date:
    try:
        return date.fromisoformat(f"{of}-01")
    except ValueError as error:
        raise ConfigError([f"--of: {of!r} is no month such as 2026-10"]) from error
