"""Events put together and taken apart by people, with the cases that stand on them."""

from __future__ import annotations

from langnghe.app import App
from langnghe.deciding import Actor, act
from storage import cases, merging
from storage.cases import LIVE, StoredCase
from storage.db import Session
from triage.act import Act, Kind, MoveRefused
from triage.case import CaseState

#: How far a case came: of two that turn out to be one, the one farther on goes on.
_RANK = {state: rank for rank, state in enumerate(CaseState)}
_INTO = "Gộp vào vụ việc số {}"


def join(app: App, session: Session, event: int, other: int, who: str) -> None:
    """Put `other` into `event`; of their open cases one goes on, the others end as its doubles.

    Units that were written to about a double hear that it is withdrawn. Raises
    `CannotMerge` as `merging.merge` does.
    """
    merging.merge(session, event, other, who, app.clock())
    live = cases.find(session, states=LIVE, events=[event, other])
    if len(live) < 2:
        return
    kept = max(live, key=lambda one: (_RANK[one.brief.state], -one.brief.case_id))
    for one in live:
        if one is not kept:
            words = _INTO.format(kept.brief.case_id)
            number = one.brief.case_id
            act(app, session, number, Act(Kind.DISMISS, words, code="duplicate"), Actor(who))


def part(app: App, session: Session, event: int, other: int, who: str) -> None:
    """Take `other` out of `event` again, and open the case that ended as a double.

    One whose unit heard of the end already stays as it is: a person decides what to tell.
    Raises `CannotMerge` as `merging.unmerge` does.
    """
    merging.unmerge(session, other, who, app.clock())
    for one in cases.find(session, states=(CaseState.DISMISSED,), events=[event, other]):
        if not _ended_as_double(session, one):
            continue
        try:
            act(app, session, one.brief.case_id, Act(Kind.UNDO, "Bỏ gộp"), Actor(who))
        except MoveRefused:
            continue


def _ended_as_double(session: Session, case: StoredCase) -> bool:
    story = cases.show(session, case.brief.case_id)
    decided = [entry for entry in story.entries if "before" in entry.data] if story else []
    return bool(decided) and decided[-1].text.startswith(_INTO.format(""))
