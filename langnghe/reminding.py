"""Reminders: what a unit owes, who above it is told, and what became of its promises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from langnghe.desk import Desk, Mark, Plan
from langnghe.history import last, latest, standing
from storage.commitments import Commitment
from storage.correspondence import CaseFile
from triage.case import CaseState
from triage.ladder import rungs
from triage.promise import Promised, PromiseState, became
from triage.remind import Awaited, Reminder, may_remind, remind
from triage.roundmail import Owed, Part
from triage.wording import day_text

_OWING = (CaseState.SENT, CaseState.ACKNOWLEDGED)


def reminder(desk: Desk, file: CaseFile) -> Plan:
    """Remind the unit, and tell the rung of the ladder that has been reached."""
    brief, app = file.case.brief, desk.app
    unit = app.catalog.units.get(brief.unit_id)
    if brief.state not in _OWING or unit is None:
        return Plan(file)
    above = rungs(
        unit,
        app.catalog.units.values(),
        app.gazetteer,
        file.case.place_key,
        app.today(),
        desk.boxes.__contains__,
    )
    awaited = Awaited(
        brief.state,
        brief.severity,
        brief.deadlines,
        file.reminded,
        file.escalated,
        file.reminded_at,
    )
    found = remind(awaited, desk.now, app.catalog.policy, app.calendar, len(above))
    broken = _broken_promise(desk, file)
    return _owed(desk, file, found, broken, above)


def _owed(
    desk: Desk,
    file: CaseFile,
    found: Reminder | None,
    broken: Commitment | None,
    above: tuple[str, ...],
) -> Plan:
    brief, again = file.case.brief, _asked_again(desk, file)
    if found is None and broken is None and not again:
        return Plan(file)
    owed = Owed(
        brief,
        due=found.due if found else None,
        step=found.step if found else 0,
        promise=broken.text if broken else "",
        promised=broken.due if broken else None,
        again=again,
    )
    lead = brief.unit_id
    parts: list[tuple[str, Part]] = [(lead, owed)] if lead in desk.boxes else []
    if found and found.rung:
        silent = replace(owed, silent=brief.unit_name, promise="", promised=None, again="")
        parts.append((above[found.rung - 1], silent))
    if not parts:
        return Plan(file)
    values: dict[str, Any] = {"reminded_at": desk.now} if found or broken else {}
    if found:
        values |= {"reminded": found.step, "escalated": found.rung}
    marks = tuple(_owed_marks(desk, owed, found, parts))
    settled = ((broken.id, PromiseState.LATE),) if broken else ()
    return Plan(file, tuple(parts), values, marks, settled)


def _owed_marks(
    desk: Desk, owed: Owed, found: Reminder | None, parts: Sequence[tuple[str, Part]]
) -> Iterator[Mark]:
    lead = tuple(unit for unit, _ in parts if unit == owed.brief.unit_id)
    if found:
        yield Mark("reminded", f"Nhắc lần {found.step}: {found.due.what}", lead)
    if owed.promised:
        words = f"Quá ngày hẹn {day_text(owed.promised)}: {owed.promise}"
        yield Mark("reminded", words, lead, {"promised": owed.promised.isoformat()})
    if owed.again:
        yield Mark("asked_again", owed.again, lead)
    if found and found.rung:
        unit = parts[-1][0]
        data = {"unit": unit, "rung": found.rung}
        yield Mark("escalated", desk.app.catalog.units[unit].name, (unit,), data)


def settled(desk: Desk, file: CaseFile) -> Iterator[tuple[int, PromiseState]]:
    """Yield the promises of which it is known what became, without a word to the unit."""
    for one in desk.promises.get(file.case.brief.case_id, ()):
        state = _became(desk, file, one)
        silently = state is PromiseState.LATE and file.case.brief.state not in _OWING
        if silently or state in (PromiseState.KEPT, PromiseState.DROPPED):
            yield one.id, state


def _broken_promise(desk: Desk, file: CaseFile) -> Commitment | None:
    """Return the first promise to be reminded of now."""
    brief, app = file.case.brief, desk.app
    if not may_remind(brief.severity, file.reminded_at, desk.now, app.calendar):
        return None
    made = desk.promises.get(brief.case_id, ())
    late = (one for one in made if _became(desk, file, one) is PromiseState.LATE)
    return next(late, None)


def _became(desk: Desk, file: CaseFile, one: Commitment) -> PromiseState:
    brief = file.case.brief
    promised = Promised(
        by=one.by,
        made_at=one.made_at,
        due=one.due,
        state=brief.state,
        unit_id=brief.unit_id,
        outcome=file.case.outcome,
        answered_at=file.answered_at,
        replaced_at=one.replaced_at,
    )
    return became(promised, desk.app.today())


def _asked_again(desk: Desk, file: CaseFile) -> str:
    """Return what an analyst wants to know again and the unit was not yet told of."""
    entries = standing(file.entries)
    asked = latest(entries, lambda entry: entry.kind == "sent_back")
    since = last(entries, "sent", "asked_again", "answered")
    late = asked is None or asked.seq < since or not desk.may_go(file.case.brief.severity)
    return "" if late or asked is None else asked.text
