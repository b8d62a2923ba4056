"""What people do with a case becomes what is known of its items, in the same transaction.

What each act says:

- CORRECT: the topics, severity and place that it sets.
- DISMISS as "not_an_issue": no issue. As "elsewhere": the place named, or that it lies
  outside the province. Other dismissals (duplicate, handled, other) say nothing of the text.
- CLOSE and AMEND as true or partly true: an issue, about the topics of the case. As false
  they say nothing: a report that proved untrue was still an issue raised, which somebody
  had to verify; a reader that learnt to pass over such reports would pass over true ones.
- UNDO takes back what the undone act said, and REOPEN what the dismissal said: the word
  before counts again.

Words are kept of the reports that are no copies, of the present outbreak only: an event may
last for years, and nobody looked at what it was before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from config.gazetteer import Gazetteer
from langnghe.app import App
from nlp.place_answer import Answer
from storage import cases, evidence, labels
from storage.cases import StoredCase
from storage.db import Session
from storage.labels import ELSEWHERE, IS_ISSUE, PLACE, SEVERITY, TOPICS
from storage.triage import RECENT
from triage.act import Act, Change, Kind
from triage.case import CaseState, Veracity

_CONFIRMS = (Veracity.TRUE, Veracity.PARTLY)
_TEACHING = (Kind.CORRECT, Kind.DISMISS, Kind.CLOSE, Kind.AMEND)


def learn(
    app: App, session: Session, case: StoredCase, done: tuple[Act, Change], who: str, now: datetime
) -> int:
    """Keep what an act on `case`, as it stood before, says of its items; return how many words.

    `done` is what was asked, with what it changed.
    """
    asked, change = done
    if asked.kind is Kind.UNDO or _reopens_dismissed(case, asked):
        return _unlearn(session, case, asked.kind, who, now)
    said = words(app.gazetteer, case, asked, change)
    if not said:
        return 0
    return labels.say(session, _reports(session, case), said, who, now)


def words(gazetteer: Gazetteer, case: StoredCase, asked: Act, change: Change) -> Mapping[str, Any]:
    """Return what an act says, by field of a reading; nothing for most acts."""
    if asked.kind is Kind.CORRECT:
        said = {name: change.values[name] for name in (TOPICS, SEVERITY) if name in change.values}
        key = change.values.get("place_key")
        return said | ({PLACE: names_of(gazetteer, key)} if key else {})
    if asked.kind is Kind.DISMISS:
        code = change.data.get("code")
        if code == "not_an_issue":
            return {IS_ISSUE: False}
        if code == "elsewhere":
            key = asked.place_key
            return {PLACE: names_of(gazetteer, key) if key else ELSEWHERE}
        return {}
    if asked.kind in (Kind.CLOSE, Kind.AMEND):
        confirmed = Veracity(change.values["veracity"]) in _CONFIRMS
        return {IS_ISSUE: True, TOPICS: list(case.brief.topics)} if confirmed else {}
    return {}


def names_of(gazetteer: Gazetteer, key: str) -> dict[str, Any]:
    """Return the names of a place in the form that a label keeps."""
    place = gazetteer.get(key)
    ref = asdict(Answer(gazetteer, place.valid_from, None).ref(place, 1.0, 0, 0))
    return {name: value for name, value in ref.items() if name not in ("score", "start", "end")}


def _reopens_dismissed(case: StoredCase, asked: Act) -> bool:
    return asked.kind is Kind.REOPEN and case.brief.state is CaseState.DISMISSED


def _unlearn(session: Session, case: StoredCase, kind: Kind, who: str, now: datetime) -> int:
    """Take back what the act said that was just undone, or the dismissal that was reopened."""
    story = cases.show(session, case.brief.case_id)
    lines = {line.seq: line for line in story.entries} if story else {}
    if kind is Kind.UNDO:
        undone = lines[lines[max(lines)].data["undoes"]]
    else:
        dropped = [line for line in lines.values() if line.kind == Kind.DISMISS.value]
        undone = dropped[-1]
    if undone.kind not in _TEACHING:
        return 0
    items = _reports(session, case)
    return labels.take_back(session, items, (undone.who, undone.at), who, now)


def _reports(session: Session, case: StoredCase) -> list[int]:
    """Return the reports of the present outbreak that are no copies."""
    line = evidence.of_events(session, [case.brief.event_id]).get(case.brief.event_id)
    if line is None:
        return []
    since = min(line.last_at, case.brief.opened_at) - RECENT
    return [one.item_id for one in line.evidence if not one.copy and one.at >= since]
