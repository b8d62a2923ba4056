"""What one case has to say in one round: which unit is told what, and what is then noted.

Nothing is written here: a plan is made from the case, its history and the moment, and is
kept by `langnghe.correspond` in the transaction that queues its mails.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from langnghe.desk import Desk, Mark, Plan
from langnghe.history import (
    how_it_came,
    last,
    standing,
    told_of,
    was_reached,
    why_withdrawn,
    why_you,
)
from langnghe.leaving import late_start, on_its_way
from langnghe.mailing import links
from langnghe.reminding import reminder, settled
from storage.casehome import JOINED
from storage.correspondence import CaseFile
from triage.case import CaseBrief, CaseState
from triage.deadline import deadlines, taken_over
from triage.roundmail import End, Ending, Fresh, News, Part, Role

_OPEN = (CaseState.SENT, CaseState.ACKNOWLEDGED, CaseState.ANSWERED)


def plan(desk: Desk, file: CaseFile) -> Plan | None:
    """Return what a case has to say, or None where that is nothing."""
    state = file.case.brief.state
    made = Plan(file, settled=tuple(settled(desk, file)))
    if state is CaseState.APPROVED:
        made = made.and_also(_first(desk, file))
    elif state in _OPEN:
        owed = late_start(desk, file)
        if not (owed.marks or on_its_way(desk, file)):
            owed = reminder(desk, file)
        made = made.and_also(owed).and_also(_news(desk, file))
    else:
        made = made.and_also(_ending(desk, file))
    return made if made.parts or made.marks or made.settled else None


def wants_evidence(file: CaseFile) -> bool:
    """Say whether the evidence of a case is asked for: it is new, or has something new."""
    if file.case.brief.state is CaseState.APPROVED:
        return True
    news = last(file.entries, "evidence", JOINED) > last(file.entries, "sent", "evidence_sent")
    return file.case.brief.state in _OPEN and news


def _first(desk: Desk, file: CaseFile) -> Plan:
    """Tell the unit of its case, and those who help or only know.

    Clocks that run already go on, see `taken_over`.
    """
    case, brief = file.case, file.case.brief
    if brief.unit_id not in desk.boxes or not desk.may_go(brief.severity):
        return Plan(file)
    before = brief.deadlines if was_reached(file.entries) else None
    clocks = deadlines(brief.severity, desk.now, desk.app.catalog.policy, desk.app.calendar)
    if before is not None:
        clocks = taken_over(before, clocks)
    line = desk.lines[brief.event_id]
    shown = replace(
        brief, state=CaseState.SENT, deadlines=clocks, links=links(line), why=brief.why[:-1]
    )
    roles = ((Role.COOPERATING, case.cooperating), (Role.COPY, case.copies))
    whom = {brief.unit_id: Role.LEAD}
    for role, units in roles:
        whom |= {unit: role for unit in units if unit in desk.boxes and unit not in whom}
    kept = before is not None and (before.verify, before.final) == (clocks.verify, clocks.final)
    why, note = why_you(file), how_it_came(file, kept=kept)
    parts = tuple((unit, Fresh(shown, role, why, note)) for unit, role in whom.items())
    values = {
        "state": CaseState.SENT.value,
        "sent_at": desk.now,
        "ack_due": clocks.acknowledge,
        "verify_due": clocks.verify,
        "final_due": clocks.final,
        "reminded": 0,
        "escalated": 0,
    }
    data = {"unit": brief.unit_id, "taken_over": before is not None}
    data |= _known(brief, (one.item_id for one in line.evidence))
    return Plan(file, parts, values, (Mark("sent", brief.unit_name, tuple(whom), data),))


def _news(desk: Desk, file: CaseFile) -> Plan:
    """Tell those who work on an open case what came since they were last told of it."""
    brief = file.case.brief
    line = desk.lines.get(brief.event_id)
    if line is None:
        return Plan(file)
    parts: dict[str, Part] = {}
    items: set[int] = set()
    for unit in (brief.unit_id, *file.case.cooperating):
        told = told_of(file, unit)
        if not told or unit not in desk.boxes or unit in parts:
            continue
        seen = {item for entry in told for item in entry.data.get("items", ())}
        new = tuple(one for one in line.evidence if not one.copy and one.item_id not in seen)
        graver = brief.severity > told[-1].data.get("severity", brief.severity)
        if new and desk.may_go(brief.severity if graver else 0):
            shown = replace(brief, links=links(replace(line, evidence=new)))
            role = Role.LEAD if unit == brief.unit_id else Role.COOPERATING
            parts[unit] = News(shown, role, graver)
            items |= {one.item_id for one in new}
    if not parts:
        return Plan(file)
    mark = Mark("evidence_sent", f"{len(items)} tin mới", tuple(parts), _known(brief, items))
    return Plan(file, tuple(parts.items()), {}, (mark,))


def _ending(desk: Desk, file: CaseFile) -> Plan:
    """Tell everybody who was told of a case that it is over, or what is put right of it."""
    brief, entries = file.case.brief, standing(file.entries)
    ended = last(entries, "closing_sent")
    if desk.urgent_only:
        return Plan(file)
    if last(entries, "sent") > ended:
        end = End.WITHDRAWN if brief.state is CaseState.DISMISSED else End.CLOSED
    elif brief.state is CaseState.CLOSED and last(entries, "amended") > ended:
        end = End.CORRECTED
    else:
        return Plan(file)
    part = Ending(brief, end, file.case.outcome, file.statement)
    if end is End.WITHDRAWN:
        part = Ending(brief, end, why=why_withdrawn(entries))
    units = [unit for unit in desk.told.get(brief.case_id, ()) if unit in desk.boxes]
    mark = Mark("closing_sent", end.value, tuple(units))
    return Plan(file, tuple((unit, part) for unit in units), {}, (mark,))


def _known(brief: CaseBrief, items: Iterable[int]) -> dict[str, Any]:
    """Return what the unit knows after this mail, for the next one to go on from."""
    return {"items": sorted(items), "severity": brief.severity}
