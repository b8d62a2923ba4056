"""The stage that writes: one mail to each unit a round, and one a day to those who decide.

What there is to say is found in the tables: in the states, the clocks and the history. A
mail and what it marks are one transaction, so that a round may be killed or repeated at any
moment, and nothing is lost or told twice.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from langnghe.app import App
from langnghe.asking import addresses
from langnghe.desk import Desk, Plan
from langnghe.handing import hand_over
from langnghe.history import put_by
from langnghe.judging import unit_name
from langnghe.letters import plan, wants_evidence
from langnghe.links import answer_link
from langnghe.logs import logger
from langnghe.mailing import letterhead
from langnghe.report import Report
from storage import cases, commitments, correspondence, evidence, outbox
from storage.correspondence import CaseFile
from storage.db import Session
from triage.case import CaseState
from triage.mail import Waiting, quiet_until, waiting_notice
from triage.notice import Notice, round_key
from triage.remind import waits_too_long
from triage.roundmail import Letter, Part, round_notice

log = logger(__name__)
#: What makes a case wait for a person anew.
_PUT_BACK = ("not_ours", "reopened", "handover")


def correspond(app: App, round_id: str) -> Report:
    """Write what every unit has to be told now, in one mail each, and mark it as told.

    A unit that was written to in this round already waits for the next one, with all cases
    that concern it.
    """
    notes: Counter[str] = Counter(mails=0, handed_over=hand_over(app))
    known = addresses(app)
    with app.sessions.begin() as session:
        desk, files = _desk(app, session, known)
        plans, strange = _plans(desk, files)
        plans = _not_written_yet(session, desk, plans, round_id)
        notices, plans, failed = _compose(desk, plans, round_id)
        for notice in notices.values():
            outbox.queue(session, notice)
        for one in plans:
            notes.update(_keep(session, desk, one, notices))
    notes["mails"] += len(notices)
    notes["waiting"] += remind_people(app)
    done = sum(bool(one.parts) for one in plans)
    return Report("correspond", done, failed + strange, dict(notes))


def remind_people(app: App) -> int:
    """Write to the committee's people what waits for them too long, once a working day.

    Returns how many mails that made. What waits is never forwarded by time alone.
    """
    now, policy, calendar = app.clock(), app.catalog.policy, app.calendar
    readers = app.settings.mail.digest_to
    if not readers or not calendar.is_working_time(now) or quiet_until(now, policy) > now:
        return 0
    with app.sessions.begin() as session:
        late = [
            (file.case.brief.state, one)
            for file in correspondence.waiting(session)
            if waits_too_long((one := _waiting(file)).since, now, policy, calendar)
        ]
        if not late:
            return 0
        return sum(
            outbox.queue(session, _waiting_mail(app, session, late, reader)) for reader in readers
        )


def _waiting_mail(
    app: App, session: Session, late: Sequence[tuple[CaseState, Waiting]], reader: str
) -> Notice:
    """Make a reader's mail; what waited too long when the last one was made is told already."""
    last = outbox.last_queued(session, "waiting", reader)
    known = late
    if last is not None:
        policy, calendar = app.catalog.policy, app.calendar
        known = [
            (state, replace(one, told=waits_too_long(one.since, last, policy, calendar)))
            for state, one in late
        ]
    return waiting_notice(
        [one for state, one in known if state is CaseState.PROPOSED],
        [one for state, one in known if state is CaseState.ANSWERED],
        reader,
        day=app.today(),
        now=app.clock(),
        letterhead=letterhead(app),
    )


def _desk(app: App, session: Session, known: Mapping[str, str]) -> tuple[Desk, list[CaseFile]]:
    now, today = app.clock(), app.today()
    files = correspondence.to_write(session)
    numbers = [file.case.brief.case_id for file in files]
    events = [file.case.brief.event_id for file in files if wants_evidence(file)]
    promises = defaultdict(list)
    for one in commitments.open_promises(session, numbers):
        promises[one.case_id].append(one)
    units = app.catalog.units
    desk = Desk(
        app=app,
        now=now,
        boxes={
            unit: address
            for unit, address in known.items()
            if unit in units and units[unit].holds_on(today)
        },
        urgent_only=quiet_until(now, app.catalog.policy) > now,
        lines=evidence.of_events(session, events),
        promises=promises,
        told=correspondence.told(session, numbers),
        mails=correspondence.posted(session, {key for one in files for key in _put_by(one)}),
    )
    return desk, files


def _put_by(file: CaseFile) -> tuple[str, ...]:
    found = put_by(file.entries)
    return (found[1],) if found else ()


def _plans(desk: Desk, files: Sequence[CaseFile]) -> tuple[list[Plan], int]:
    """Return what the cases have to say, and of how many that could not be found out."""
    found, failed = [], 0
    for file in files:
        try:
            made = plan(desk, file)
        except Exception as error:  # noqa: BLE001 (one case must not stop the others)
            log.error("case not written about", case=file.case.brief.case_id, error=repr(error))
            failed += 1
            continue
        if made:
            found.append(made)
    return found, failed


def _not_written_yet(
    session: Session, desk: Desk, plans: Sequence[Plan], round_id: str
) -> list[Plan]:
    keys = {round_key(unit, round_id): unit for unit in desk.boxes}
    busy = {keys[key] for key in correspondence.written(session, keys)}
    return [one for one in plans if not one.units & busy]


def _compose(
    desk: Desk, plans: Sequence[Plan], round_id: str
) -> tuple[dict[str, Notice], list[Plan], int]:
    """Make the mail of every unit, and return the mails by unit with the plans they carry out.

    A mail that cannot be made must not stop the others: its cases wait, and are counted.
    """
    left, failed = list(plans), 0
    while True:
        letters: dict[str, list[tuple[CaseFile, Part]]] = defaultdict(list)
        for one in left:
            for unit, part in one.parts:
                letters[unit].append((one.file, part))
        made: dict[str, Notice] = {}
        broken = set()
        for unit in sorted(letters):
            try:
                made[unit] = _notice(desk, unit, letters[unit], round_id)
            except Exception as error:  # noqa: BLE001 (one letter must not stop the others)
                log.error("letter not written", unit=unit, error=repr(error))
                broken.add(unit)
        if not broken:
            return made, left, failed
        failed += len(broken)
        left = [one for one in left if not one.units & broken]


def _notice(desk: Desk, unit: str, told: Sequence[tuple[CaseFile, Part]], round_id: str) -> Notice:
    app = desk.app
    letter = Letter(
        unit_name=unit_name(app, unit),
        recipient=desk.boxes[unit],
        parts=tuple(part for _, part in told),
        answer_links=_answer_links(app, unit, [file for file, _ in told]),
    )
    return round_notice(
        letter,
        key=round_key(unit, round_id),
        now=desk.now,
        not_before=quiet_until(desk.now, app.catalog.policy, urgent=letter.urgent),
        letterhead=letterhead(app),
    )


def _answer_links(app: App, unit: str, files: Sequence[CaseFile]) -> dict[int, str]:
    """Return the links under which the unit answers its own open cases."""
    found = {}
    for file in files:
        brief = file.case.brief
        if brief.unit_id == unit and brief.state in cases.LIVE:
            found[brief.case_id] = answer_link(app, brief.case_id, unit, file.link_epoch)
    return {number: link for number, link in found.items() if link}


def _keep(session: Session, desk: Desk, plan: Plan, notices: Mapping[str, Notice]) -> Counter[str]:
    """Write what a plan changes, with the keys of its mails, and count its lines."""
    number = plan.file.case.brief.case_id
    if plan.values:
        cases.change(session, number, **plan.values)
    for mark in plan.marks:
        keys = [notices[unit].key for unit in mark.units]
        data = {"notices": keys, "units": list(mark.units)} | dict(mark.data)
        cases.entry(session, number, desk.now, "machine", mark.kind, mark.text, data)
    for promise, state in plan.settled:
        commitments.settle(session, promise, state.value, desk.now, "machine")
    return Counter(mark.kind for mark in plan.marks)


def _waiting(file: CaseFile) -> Waiting:
    """Return since when a case waits for a person, and why."""
    brief = file.case.brief
    if brief.state is CaseState.ANSWERED:
        return Waiting(brief, file.answered_at or brief.opened_at)
    back = [entry.at for entry in file.entries if entry.kind in _PUT_BACK]
    return Waiting(brief, max(back, default=brief.opened_at), file.case.hold or "")
