"""Opening a case by hand: of an event that the machine only showed."""

from __future__ import annotations

from dataclasses import replace

from config.errors import LangNgheError
from langnghe.app import App
from langnghe.asking import reachable
from langnghe.judging import new_case, weigh
from storage import cases, evidence, silences, triage
from storage.db import Session
from triage.open import Opening, Step


class NotOpened(LangNgheError):
    """No case can be opened of this event; says why in Vietnamese."""

    reason = "not_opened"


def open_by_hand(app: App, session: Session, event_id: int, why: str, who: str) -> int:
    """Propose a case of an event in the caller's transaction, and return its number.

    It waits for approval as any proposal does: the one who opens names no unit. The reason
    is masked. Raises `NotOpened` where there is no such event or its case is open.
    """
    words = app.masker.mask("", why).text.strip() if why.strip() else ""
    if not words:
        raise NotOpened("Hãy ghi lý do lập vụ việc.")
    if not silences.is_event(session, event_id):
        raise NotOpened(f"Không có sự việc số {event_id}.")
    facts = triage.facts(session, [event_id])[0]
    if facts.open_case is not None:
        raise NotOpened(f"Sự việc này đã có vụ việc đang mở số {facts.open_case}.")
    found = weigh(app, facts, reachable(app))
    episode = max(facts.cases, facts.last_episode) + 1
    opening = Opening(Step.PROPOSE, episode, words, recurs_of=facts.last_closed_case)
    new = new_case(
        app, replace(found, opening=opening), evidence.of_events(session, [event_id])[event_id]
    )
    new = replace(new, hold=words, reasons=(words, found.routing.why))
    number = cases.open_case(session, new, who)
    if number is None:
        raise NotOpened("Người khác vừa lập vụ việc của sự việc này.")
    return number
