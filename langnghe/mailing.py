"""The stages that write to units: approved cases become notices, notices leave the outbox."""

from __future__ import annotations

import os
import socket
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from config.settings import ZONE
from langnghe.app import App
from langnghe.asking import addresses
from langnghe.judging import unit_name
from langnghe.logs import logger
from langnghe.report import Report
from storage import cases, evidence, outbox
from storage.cases import StoredCase
from storage.db import Session
from storage.evidence import EventLine
from storage.outbox import ClaimedNotice
from triage.case import CaseBrief, CaseState
from triage.deadline import deadlines
from triage.mail import Letterhead, Role, cases_notice, quiet_until
from triage.notice import DeliveryDeferred, DeliveryFailed, Notice

log = logger(__name__)
#: A sender that has not reported back after this many seconds is taken for dead.
_LEASE_S = 300
_BATCH = 20
#: A case of this severity is mailed in quiet hours too.
_URGENT = 3
_MOST_LINKS = 6


def letterhead(app: App) -> Letterhead:
    """Return in whose name mails speak."""
    names = {topic.id: topic.name for topic in app.catalog.topics.values()}
    return Letterhead(app.settings.mail.domain, agency=app.settings.agency, topics=names)


def queue_cases(app: App, round_id: str) -> Report:
    """Put the approved cases of each unit into one notice, and start their clocks.

    Notice, state and history are one transaction a unit: a case is marked as sent if
    and only if its mail is in the outbox. Cases of a unit without an address wait.
    """
    known = addresses(app)
    notes: Counter[str] = Counter(mails=0, cases=0, without_address=0)
    with app.views() as session:
        approved = cases.find(session, states=[CaseState.APPROVED])
    by_unit: dict[str, list[StoredCase]] = defaultdict(list)
    for case in approved:
        by_unit[case.brief.unit_id].append(case)
    for unit_id in sorted(by_unit):
        if unit_id not in known:
            notes["without_address"] += len(by_unit[unit_id])
            continue
        with app.sessions.begin() as session:
            mails = _send_unit(app, session, by_unit[unit_id], known, round_id)
        notes["mails"] += mails
        notes["cases"] += len(by_unit[unit_id])
    return Report("queue", notes["cases"], 0, dict(notes))


def _send_unit(
    app: App, session: Session, found: list[StoredCase], known: dict[str, str], round_id: str
) -> int:
    now = app.clock()
    lines = evidence.of_events(session, [case.brief.event_id for case in found])
    briefs = [_sent_brief(app, case, lines[case.brief.event_id], now) for case in found]
    unit = briefs[0].unit_id
    notices = [_notice(app, unit, known[unit], briefs, round_id, now, "lead")]
    notices += _others(app, found, briefs, known, round_id, now)
    queued = [notice for notice in notices if outbox.queue(session, notice)]
    for brief in briefs:
        cases.change(session, brief.case_id, state=CaseState.SENT.value, sent_at=now)
        if brief.deadlines:
            cases.set_deadlines(session, brief.case_id, brief.deadlines)
        keys = [notice.key for notice in queued if brief.case_id in notice.case_ids]
        data = {"notices": keys}
        cases.entry(session, brief.case_id, now, "machine", "sent", brief.unit_name, data)
    return len(queued)


def _others(
    app: App,
    found: list[StoredCase],
    briefs: list[CaseBrief],
    known: dict[str, str],
    round_id: str,
    now: datetime,
) -> list[Notice]:
    """Return the notices to those who help and those who only know, one a unit and role."""
    roles: tuple[tuple[Role, str], ...] = (("cooperating", "cooperating"), ("copy", "copies"))
    notices = []
    for role, field in roles:
        told: dict[str, list[CaseBrief]] = defaultdict(list)
        for case, brief in zip(found, briefs, strict=True):
            for unit in getattr(case, field):
                if unit in known and unit != brief.unit_id:
                    told[unit].append(brief)
        notices += [
            _notice(
                app, unit, known[unit], told[unit], f"{round_id}:{briefs[0].unit_id}", now, role
            )
            for unit in sorted(told)
        ]
    return notices


def _notice(
    app: App,
    unit: str,
    address: str,
    briefs: list[CaseBrief],
    round_id: str,
    now: datetime,
    role: Role,
) -> Notice:
    urgent = role == "lead" and any(brief.severity >= _URGENT for brief in briefs)
    return cases_notice(
        unit_name(app, unit),
        address,
        briefs,
        round_id=round_id,
        now=now,
        not_before=quiet_until(now, app.catalog.policy, urgent=urgent),
        letterhead=letterhead(app),
        why_you={brief.case_id: brief.why[-1] for brief in briefs if brief.why},
        role=role,
        unit_id=unit,
    )


def _sent_brief(app: App, case: StoredCase, line: EventLine, now: datetime) -> CaseBrief:
    return replace(
        case.brief,
        state=CaseState.SENT,
        deadlines=deadlines(case.brief.severity, now, app.catalog.policy, app.calendar),
        links=links(line),
    )


def links(line: EventLine) -> tuple[tuple[str, str, str], ...]:
    """Return the evidence as (outlet, title, address); of a fanpage post page, day and gist."""
    shown = []
    for one in [one for one in line.evidence if not one.copy][:_MOST_LINKS]:
        if one.kind == "fanpage":
            words = " ".join(one.text.split())
            day = f"{one.at.astimezone(ZONE):%d/%m/%Y}"
            shown.append((one.outlet, f"{day}: {words[:160]}{'…' if len(words) > 160 else ''}", ""))
        else:
            shown.append((one.outlet, one.title, one.url))
    return tuple(shown)


def deliver(app: App) -> Report:
    """Send what is due in the outbox; each notice is claimed before and marked after.

    A notice that cannot go now is tried again after a growing while; one that never
    can, or that failed for too long, is set aside for a person.
    """
    owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    notes: Counter[str] = Counter(sent=0, deferred=0, failed=0)
    while True:
        with app.sessions.begin() as session:
            claimed = outbox.claim(session, app.clock(), owner, _LEASE_S, _BATCH)
        if not claimed:
            return Report("deliver", notes["sent"], notes["failed"], dict(notes))
        for notice in claimed:
            notes[_deliver_one(app, notice, owner)] += 1


def _deliver_one(app: App, claimed: ClaimedNotice, owner: str) -> str:
    notice, now = claimed.notice, app.clock()
    try:
        app.notifier.send(notice)
    except DeliveryDeferred as error:
        again = now + _patience(app.settings.retry_minutes, claimed.attempts)
        hopeless = now - notice.created_at > timedelta(hours=app.settings.give_up_hours)
        with app.sessions.begin() as session:
            if hopeless:
                outbox.failed(session, notice.key, owner, str(error))
            else:
                outbox.deferred(session, notice.key, owner, str(error), again)
        log.warning("notice not delivered", key=notice.key, reason=error.reason)
        return "failed" if hopeless else "deferred"
    except DeliveryFailed as error:
        with app.sessions.begin() as session:
            outbox.failed(session, notice.key, owner, str(error))
        log.error("notice set aside", key=notice.key, reason=error.reason)
        return "failed"
    with app.sessions.begin() as session:
        outbox.sent(session, notice.key, owner, now)
    return "sent"


def _patience(minutes: Iterable[int], attempts: int) -> timedelta:
    """Return how long to wait before the next try: the last step is repeated."""
    steps = list(minutes) or [60]
    return timedelta(minutes=steps[min(max(attempts, 1), len(steps)) - 1])
