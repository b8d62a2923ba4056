"""The stage that decides: what an event weighs, who answers, and what becomes of its case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from config.places import Level
from langnghe.app import App
from langnghe.asking import reachable
from langnghe.gathering import Room, gathering
from langnghe.lines import local_day
from langnghe.quieting import Hush, wake
from langnghe.recurring import remember, settle_broken
from langnghe.report import Report
from storage import caselife, cases, events, triage
from storage.cases import NewCase, StoredCase
from storage.db import Session
from storage.erasing import ERASED
from storage.evidence import EventLine
from triage.case import CaseState
from triage.facts import EventFacts, Routing, Score, Verdict
from triage.moves import afresh
from triage.open import Opening, Step, decide
from triage.policy import HOLD, MAIL, NOTHING, judge
from triage.quiet import GREAT
from triage.route import NO_PLACE, OUTSIDE
from triage.score import score
from triage.title import plainest

_BATCH = 100
#: So often all that waits may be changed while it is judged; then it waits for the next round.
_MOST_VAIN = 3
_GIST_CHARS = 280


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that was decided about one event at one moment."""

    facts: EventFacts
    score: Score
    routing: Routing
    verdict: Verdict
    opening: Opening


def judge_events(app: App) -> Report:
    """Judge every event with something new in it, one transaction an event.

    What a silence kept quiet until now, or a great case that was dismissed, is new too. One
    process judges at a time. What a person changes meanwhile is left, and judged anew.
    """
    notes: Counter[str] = Counter()
    with gathering(app) as room:
        if room is None:
            return Report("judge", 0, 0, {"elsewhere": 1})
        return Report("judge", _judge_all(app, room, notes), 0, dict(notes))


def _judge_all(app: App, room: Room, notes: Counter[str]) -> int:
    has_contact = reachable(app)
    if woken := wake(app):
        notes["woken"] = woken
    hush = Hush(app)
    done, vain = 0, 0
    while vain < _MOST_VAIN:
        before = done
        with app.views() as session:
            waiting = triage.unassessed(session, _BATCH)
        if not waiting:
            break
        for facts in waiting:
            judgement = weigh(app, facts, has_contact, hush.reason(facts))
            with app.sessions.begin() as session:
                room.keep(session)
                if line := triage.unchanged(session, facts):
                    _apply(app, session, judgement, _named(session, line))
            if line is None:
                notes["overtaken"] += 1
                continue
            if facts.severity >= GREAT and judgement.opening.step is not Step.NONE:
                hush.refresh(facts)  # a great case of this round speaks for what follows in it
            notes[judgement.verdict.action] += 1
            notes[f"case_{judgement.opening.step.value}"] += 1
            done += 1
        vain = 0 if done > before else vain + 1
    return done


def weigh(
    app: App,
    facts: EventFacts,
    has_contact: Callable[[str], bool],
    hushed: str | None = None,
) -> Judgement:
    """Decide about one event, changing nothing: the same facts give the same answer.

    `hushed` says in words what keeps the event from raising an alarm by itself.
    """
    now, policy = app.clock(), app.catalog.policy
    weight = score(facts, policy.weights, now=now)
    routing = app.routes.route(
        facts.place,
        facts.topics,
        local_day(facts.last_at) or app.today(),
        app.today(),
        has_contact=has_contact,
        flags=facts.flags,
        places=facts.places,
    )
    verdict = judge(facts, weight, routing, policy, app.catalog.topics, hushed=hushed)
    elsewhere = _elsewhere(app, facts, routing)
    if elsewhere:
        verdict = Verdict(NOTHING, (elsewhere,))
    return Judgement(facts, weight, routing, verdict, decide(facts, verdict, now, policy))


def _elsewhere(app: App, facts: EventFacts, routing: Routing) -> str:
    """Say why an event is not this province's at all; "" where it is or may be."""
    if facts.elsewhere:
        return "Người có trách nhiệm đã xác định: xảy ra ngoài địa bàn theo dõi"
    if routing.hold and routing.hold.startswith(OUTSIDE):
        return "Xảy ra ngoài địa bàn theo dõi"
    local = {source.outlet for source in app.catalog.sources.values() if source.home}
    if (
        routing.hold
        and routing.hold.startswith(NO_PLACE)
        and not facts.candidates
        and not local & set(facts.outlets)
    ):
        return "Báo toàn quốc, không nêu nơi nào"
    return ""


def _apply(app: App, session: Session, found: Judgement, line: EventLine) -> None:
    now, facts = app.clock(), found.facts
    seen = triage.last_judged(session, facts.event_id)
    triage.save_assessment(
        session, facts, found.score, found.verdict, found.routing, now, app.catalog.hash
    )
    step, number = found.opening.step, found.opening.case_id
    if step in (Step.OPEN, Step.PROPOSE):
        _open(app, session, found, line)
    elif number is not None and step is Step.REOPEN:
        _reopen(app, session, found, number)
    elif number is not None and step is Step.ATTACH:
        _attach(app, session, found, line, seen)


def _open(app: App, session: Session, found: Judgement, line: EventLine) -> None:
    """Open a case; where the problem returned, with what is remembered of the last one."""
    last, new = found.opening.recurs_of, new_case(app, found, line)
    memory = remember(app, session, last)
    # The sentence that says why this unit stays the last one.
    reasons = (*new.reasons[:-1], *memory.words, *new.reasons[-1:])
    number = cases.open_case(session, replace(new, reasons=reasons))
    if number is not None and last is not None:
        settle_broken(app, session, memory, last, number)


def _named(session: Session, line: EventLine) -> EventLine:
    """Give an event the plainest name that its original press reports offer."""
    originals = [one for one in line.evidence if not one.copy and one.title != ERASED]
    press = [one.title for one in originals if one.kind == "press"]
    title = plainest(press) or plainest([one.title for one in originals]) or line.title
    if title != line.title:
        events.rename(session, line.event_id, title)
    return replace(line, title=title)


def new_case(app: App, found: Judgement, line: EventLine) -> NewCase:
    """Return the case that a judgement opens or proposes."""
    facts, routing = found.facts, found.routing
    state = CaseState.PROPOSED if found.opening.step is Step.PROPOSE else CaseState.APPROVED
    return NewCase(
        event_id=facts.event_id,
        episode=found.opening.episode,
        state=state,
        title=line.title,
        gist=gist(line),
        topics=facts.topics,
        severity=facts.severity,
        place_key=facts.place,
        place=place_text(app, facts.places),
        unit_id=routing.lead or "",
        unit_name=unit_name(app, routing.lead),
        opened_at=app.clock(),
        unit_then=routing.unit_then,
        unit_now=routing.unit_now,
        cooperating=routing.cooperating,
        copies=routing.copies,
        hold="; ".join(found.verdict.reasons) if state is CaseState.PROPOSED else None,
        candidates=routing.candidates or facts.candidates,
        reasons=(*found.verdict.reasons, routing.why),
        recurs_of=found.opening.recurs_of,
        config_hash=app.catalog.hash,
        gazetteer_version=app.gazetteer.version,
        model_version=app.reader.version,
    )


def _reopen(app: App, session: Session, found: Judgement, number: int) -> None:
    state = CaseState.PROPOSED if found.opening.held else CaseState.APPROVED
    cases.change(session, number, state=state.value, **afresh())
    cases.entry(session, number, app.clock(), "machine", "reopened", found.opening.why)


def _attach(app: App, session: Session, found: Judgement, line: EventLine, seen: int) -> None:
    """Add new evidence to the open case, and let it move the case where it may.

    Items up to `seen` are not new: an event is also judged again because a person
    corrected it, or because the rules changed. A proposal that a person has had in hand
    waits for a person.
    """
    number = found.opening.case_id
    case = cases.get(session, number) if number is not None else None
    if case is None or number is None:
        return
    facts = found.facts
    newest = max(line.evidence, key=lambda one: one.item_id)
    if newest.item_id > seen:
        data = {"item": newest.item_id, "severity": facts.severity}
        cases.entry(session, number, app.clock(), "machine", "evidence", newest.title, data)
    if facts.confirmed and facts.severity > case.brief.severity:
        cases.change(session, number, severity=facts.severity)
    stands = caselife.standing(session, number)
    untouched = stands and not stands.was_sent and not caselife.in_hand(session, number)
    # What came back from a unit, or waits for a word on who takes it over, is for a person.
    if case.brief.state is CaseState.PROPOSED and untouched:
        _propose_again(app, session, found, case)
        cases.change(session, number, title=line.title)


def _propose_again(app: App, session: Session, found: Judgement, case: StoredCase) -> None:
    """Let what is known by now replace the proposal; send it where nothing holds it any more."""
    if found.verdict.action == MAIL:
        kind, words = "approved", "; ".join(found.verdict.reasons)
    else:
        kind, words = "proposed", "; ".join((*found.verdict.reasons, found.routing.why))
    _move(app, session, found, case, (kind, words))


def _move(
    app: App, session: Session, found: Judgement, case: StoredCase, why: tuple[str, str]
) -> None:
    """Give the case the unit and place that are right now, and say why in its history."""
    routing, facts, number = found.routing, found.facts, case.brief.case_id
    held = found.verdict.action == HOLD or routing.lead is None or routing.hold is not None
    held = held or why[0] == "proposed"  # what is not to be mailed today stays a proposal
    state = CaseState.PROPOSED if held else CaseState.APPROVED
    cases.change(
        session,
        number,
        state=state.value,
        unit_id=routing.lead or "",
        unit_name=unit_name(app, routing.lead),
        topics=list(facts.topics),
        place=place_text(app, facts.places),
        place_key=facts.place,
        hold="; ".join(found.verdict.reasons) if held else None,
        candidates=list(routing.candidates or facts.candidates),
        cooperating=list(routing.cooperating),
        copies=list(routing.copies),
        reasons=[*found.verdict.reasons, routing.why],
    )
    data = {"from": case.brief.unit_id, "to": routing.lead}
    cases.entry(session, number, app.clock(), "machine", why[0], why[1], data)


def gist(line: EventLine) -> str:
    """Return the beginning of the first original text, cut at a sentence where there is one."""
    text = " ".join(line.evidence[0].text.split())
    if len(text) <= _GIST_CHARS:
        return text
    cut = text[:_GIST_CHARS]
    stop = max(cut.rfind(". "), cut.rfind("! "), cut.rfind("? "))
    return cut[: stop + 1] if stop > _GIST_CHARS // 3 else cut.rsplit(" ", 1)[0] + "…"


def place_text(app: App, keys: tuple[str, ...]) -> str:
    """Say places in words: "xã An Hiệp, huyện Ba Tri; xã An Đức, huyện Ba Tri"."""
    told = []
    for key in keys[:3]:
        names = [place.name for place in app.gazetteer.chain(key)]
        levels = [place.level for place in app.gazetteer.chain(key)]
        shown = [
            name
            for name, level in zip(names, levels, strict=True)
            if level is not Level.PROVINCE or len(names) == 1
        ]
        told.append(", ".join(shown))
    return "; ".join(dict.fromkeys(told)) or "chưa rõ địa bàn"


def unit_name(app: App, unit_id: str | None) -> str:
    """Return the name of a unit; words where there is none."""
    unit = app.catalog.units.get(unit_id or "")
    return unit.name if unit else "chưa rõ đơn vị"
