"""The step that gives open cases another unit where theirs is gone or cannot be written to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langnghe.app import App
from langnghe.asking import addresses, is_standing
from langnghe.judging import unit_name
from langnghe.lines import local_day
from langnghe.logs import logger
from storage import caselife, cases, triage
from storage.cases import StoredCase
from storage.db import Session
from triage.case import CaseState
from triage.facts import Routing

log = logger(__name__)
#: An answer that was given stands, whatever became of who gave it.
_MOVES_ON = (
    CaseState.PROPOSED,
    CaseState.APPROVED,
    CaseState.SENT,
    CaseState.ACKNOWLEDGED,
)


def hand_over(app: App) -> int:
    """Hand over every open case whose unit ceased to exist, and say how many.

    It goes to the unit that routing names today, with its clocks, and out in this very
    round; where routing holds it, it waits for a person. An approved case whose unit
    cannot be written to climbs as far as routing climbs, or waits, and says so. What waits
    for a decision goes on waiting, under the unit of today.
    """
    known = addresses(app)
    with app.views() as session:
        homeless = [
            case.brief.case_id
            for case in cases.find(session, states=_MOVES_ON)
            if _why(app, case, known)
        ]
    moved = 0
    for number in homeless:
        try:
            known = addresses(app)  # a person may have added one meanwhile
            with app.sessions.begin() as session:
                moved += _hand(app, session, number, known)
        except Exception as error:  # noqa: BLE001 (one case must not stop the others)
            log.error("case not handed over", case=number, error=repr(error))
    return moved


def _hand(app: App, session: Session, number: int, known: Mapping[str, str]) -> bool:
    """Hand one case over; False where a person settled meanwhile whose it is."""
    caselife.standing(session, number)  # held until the end: nobody acts on it meanwhile
    case = cases.get(session, number)
    if case is None or case.brief.state not in _MOVES_ON:
        return False
    if not (why := _why(app, case, known)):
        return False
    routing = _routing(app, session, case, known)
    gone = not is_standing(app, case.brief.unit_id)
    mine = gone or routing.unit_now == case.brief.unit_id
    hold = "" if routing.lead and not routing.hold and mine else f"{why} {routing.hold or ''}"
    values = _values(app, case, routing, hold.strip())
    if case.brief.state is CaseState.PROPOSED:  # whoever is to answer: a person decides first
        values |= {"state": CaseState.PROPOSED.value, "hold": hold.strip() or case.hold}
    cases.change(session, number, **values)
    data = {"from": case.brief.unit_id, "to": values["unit_id"] or None}
    words = hold.strip() or f"{why} {routing.why}"
    cases.entry(session, number, app.clock(), "machine", "handover", words, data)
    return True


def _values(app: App, case: StoredCase, routing: Routing, hold: str) -> dict[str, Any]:
    """Return the columns of a case that changes hands. No clock among them: they go on."""
    named = [unit for unit in (routing.lead,) if unit and hold]
    return {
        "state": (CaseState.PROPOSED if hold else CaseState.APPROVED).value,
        "unit_id": routing.lead or "",
        "unit_name": unit_name(app, routing.lead),
        "cooperating": list(routing.cooperating),
        "copies": list(routing.copies),
        "candidates": list(dict.fromkeys([*routing.candidates, *named])),
        "hold": hold or None,
        "reasons": [*case.brief.why[:-1], routing.why],
        "acknowledged_at": None,
        "reminded": 0,
        "escalated": 0,
    }


def _routing(app: App, session: Session, case: StoredCase, known: Mapping[str, str]) -> Routing:
    """Route a case as it stands: a place that a person corrected counts, not what was read."""
    (facts,) = triage.facts(session, [case.brief.event_id])
    return app.routes.route(
        case.place_key,
        case.brief.topics,
        local_day(facts.last_at) or app.today(),
        app.today(),
        has_contact=known.__contains__,
        flags=facts.flags,
        places=facts.places if case.place_key == facts.place else (),
    )


def _why(app: App, case: StoredCase, known: Mapping[str, str]) -> str:
    """Say why a case cannot stay where it is; "" where it can."""
    unit, name = case.brief.unit_id, case.brief.unit_name
    if not is_standing(app, unit):
        return f"{name} không còn hoạt động."
    if case.brief.state is CaseState.APPROVED and unit not in known:
        return f"{name} chưa có địa chỉ nhận thư."
    return ""
