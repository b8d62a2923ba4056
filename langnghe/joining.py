"""Events put together and taken apart by people, with the cases that stand on them."""

from __future__ import annotations

from langnghe.app import App
from langnghe.deciding import Actor, act
from storage import casehome, cases, merging
from storage.cases import LIVE, StoredCase
from storage.db import Session
from triage.act import Act, Kind, MoveRefused
from triage.case import CaseState

#: How far a case came: of two that turn out to be one, the one farther on goes on.
_RANK = {state: rank for rank, state in enumerate(CaseState)}
_INTO = "Gộp vào vụ việc số {}"


def join(app: App, session: Session, event: int, other: int, who: str) -> None:
    """Put `other` into `event`, with its cases; of those that are open one goes on.

    The others end as its doubles, and units that were written to about one hear that it is
    withdrawn. Raises `CannotMerge` as `merging.merge` does.
    """
    now = app.clock()
    casehome.on(session, [event, other])
    merging.merge(session, event, other, who, now)
    casehome.bring(session, event, other, who, now)
    live = cases.find(session, states=LIVE, events=[event])
    if len(live) < 2:
        return
    kept = max(live, key=lambda one: (_RANK[one.brief.state], -one.brief.case_id))
    for one in live:
        if one is not kept:
            words = _INTO.format(kept.brief.case_id)
            number = one.brief.case_id
            act(app, session, number, Act(Kind.DISMISS, words, code="duplicate"), Actor(who))


def part(app: App, session: Session, event: int, other: int, who: str) -> None:
    """Take `other` out of `event` again, with its cases, and open what ended as a double.

    One whose unit heard of the end already stays as it is: a person decides what to tell.
    So does the double of a case that stands on the same event still. Raises `CannotMerge`
    as `merging.unmerge` does.
    """
    now = app.clock()
    casehome.on(session, [event, other])
    merging.unmerge(session, other, who, now)
    casehome.send_home(session, event, other, who, now)
    for one in cases.find(session, states=(CaseState.DISMISSED,), events=[event, other]):
        kept = _double_of(session, one)
        if kept is None or kept.brief.event_id == one.brief.event_id:
            continue
        try:
            act(app, session, one.brief.case_id, Act(Kind.UNDO, "Bỏ gộp"), Actor(who))
        except MoveRefused:
            continue


def _double_of(session: Session, case: StoredCase) -> StoredCase | None:
    """Return the case that went on in the place of this one, where it ended as a double."""
    story = cases.show(session, case.brief.case_id)
    decided = [entry for entry in story.entries if "before" in entry.data] if story else []
    words = decided[-1].text if decided else ""
    number = words.removeprefix(_INTO.format(""))
    return cases.get(session, int(number)) if number != words and number.isdecimal() else None
