"""What people and units do with a case: checked, masked, kept with who and when, undone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from langnghe.app import App
from langnghe.asking import is_standing, reachable
from langnghe.judging import place_text, unit_name
from langnghe.lines import local_day
from langnghe.teaching import learn
from storage import caselife, cases
from storage.cases import StoredCase
from storage.db import Session
from triage.act import BY_UNIT, Act, Change, Kind, MoveRefused
from triage.case import CaseState
from triage.moves import move

_NOT_SENT = (CaseState.PROPOSED, CaseState.APPROVED)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person of the committee by role name, or a unit under its link.

    `who` is what the history shows ("analyst:…", "unit:ubnd-…"); `unit_id` is set for a
    unit, which may only do what units do, and only with its own case.
    """

    who: str
    unit_id: str = ""


def act(app: App, session: Session, case_id: int, asked: Act, actor: Actor) -> Change:
    """Do something with a case in the caller's transaction, and return what it changed.

    Words are masked before they are kept. Raises `MoveRefused`, in Vietnamese, for a case
    that does not exist, is another unit's, or is not where the act needs it.
    """
    stands = caselife.standing(session, case_id)
    stored = cases.get(session, case_id)
    if stands is None or stored is None:
        raise MoveRefused(f"Không có vụ việc số {case_id}.")
    if actor.unit_id:
        _check_unit(actor, asked, stands.unit_id)
    now = app.clock()
    if asked.kind is Kind.UNDO:
        kind = caselife.undo(session, case_id, now, actor.who, _masked(app, asked.text))
        change = Change(Kind.UNDO, {}, asked.text, {"undone": kind})
        learn(app, session, stored, (asked, change), actor.who, now)
        return change
    asked = _complete(app, asked)
    if asked.kind in (Kind.APPROVE, Kind.ASSIGN):
        _check_address(app, asked.unit_id or stands.unit_id)
    change = move(stands, asked, now)
    if asked.kind is Kind.CORRECT and stored.brief.state in _NOT_SENT:
        change = _rerouted(app, stored, change)
    caselife.keep(session, case_id, stands.state, change, now, actor.who)
    if not actor.unit_id:  # what a unit says counts when a person confirms it
        learn(app, session, stored, (asked, change), actor.who, now)
    return change


def _check_unit(actor: Actor, asked: Act, unit_id: str) -> None:
    if asked.kind not in BY_UNIT:
        raise MoveRefused("Đơn vị không thể thực hiện việc này.")
    if actor.unit_id != unit_id:
        raise MoveRefused(
            "Vụ việc đã được chuyển cho đơn vị khác; đường dẫn này không còn hiệu lực."
        )


def _check_address(app: App, unit_id: str) -> None:
    """A case must not be sent to where no mail goes: it would wait unseen."""
    if not unit_id:
        return
    name = unit_name(app, unit_id)
    if not is_standing(app, unit_id):
        raise MoveRefused(f"{name} không còn hoạt động: hãy chọn đơn vị khác.")
    if not reachable(app)(unit_id):
        raise MoveRefused(f"{name} chưa có địa chỉ thư: hãy thêm địa chỉ hoặc chọn đơn vị khác.")


def _complete(app: App, asked: Act) -> Act:
    """Check what was named against the catalogue and the map, add names, mask the words."""
    if asked.unit_id and asked.unit_id not in app.catalog.units:
        raise MoveRefused(f"Không có đơn vị {asked.unit_id!r}.")
    for topic in asked.topics or ():
        if topic not in app.catalog.topics:
            raise MoveRefused(f"Không có chủ đề {topic!r}.")
    if asked.place_key is not None and asked.place_key not in app.gazetteer:
        raise MoveRefused(f"Không có địa bàn {asked.place_key!r}.")
    return replace(
        asked,
        text=_masked(app, asked.text),
        unit_name=unit_name(app, asked.unit_id) if asked.unit_id else _masked(app, asked.unit_name),
        place=place_text(app, (asked.place_key,)) if asked.place_key else "",
    )


def _rerouted(app: App, case: StoredCase, change: Change) -> Change:
    """Let a corrected place or topic name the unit anew, while nobody was written to."""
    place = change.values.get("place_key", case.place_key)
    topics = change.values.get("topics", list(case.brief.topics))
    if "place_key" not in change.values and "topics" not in change.values:
        return change
    on = local_day(case.brief.opened_at) or app.today()
    routing = app.routes.route(place, topics, on, app.today(), has_contact=reachable(app))
    values = {
        "unit_id": routing.lead or "",
        "unit_name": unit_name(app, routing.lead),
        "cooperating": list(routing.cooperating),
        "copies": list(routing.copies),
        "candidates": list(routing.candidates),
    }
    if routing.lead is None:
        values |= {"state": CaseState.PROPOSED.value, "hold": routing.hold or routing.why}
    return replace(change, values={**change.values, **values}, data={"routing": routing.why})


def _masked(app: App, text: str) -> str:
    return app.masker.mask("", text).text if text.strip() else ""
