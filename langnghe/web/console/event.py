"""The page of one event: its items in order, put together with another or taken apart."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from litestar.exceptions import HTTPException

from langnghe.accounts import Right
from langnghe.app import App
from langnghe.joining import join, part
from langnghe.web.console import words
from langnghe.web.console.caseform import who
from langnghe.web.console.guard import Answer, Desk, Form, Visit
from storage import board, evidence, merging, suggestions
from storage.db import Session
from storage.merging import CannotMerge
from storage.sightings import sightings
from storage.suggestions import NO, YES

#: What is said where events cannot be put together or taken apart.
_CANNOT = {
    "merge": "Không gộp được: cần số của một sự việc khác, chưa bị gộp vào đâu.",
    "split": "Không tách được tin mở đầu của sự việc; hãy tách các tin khác ra.",
    "unmerge": "Sự việc này không còn được gộp; hãy tải lại trang.",
}
DONE = {
    "merge": "Đã gộp",
    "split": "Đã tách",
    "unmerge": "Đã bỏ gộp",
    "yes": "Đã gộp",
    "no": "Đã ghi: hai sự việc khác nhau",
}
_MOST_ITEMS = 300
Work = Callable[[Session, int, int, str], None]


def routes(app: App, desk: Desk) -> list[Any]:
    """Return the routes of one event."""
    path = "/su-viec/{number:str}"

    def split(session: Session, number: int, item: int, by: str) -> None:
        merging.split(session, number, item, by, app.clock())

    def unmerge(session: Session, number: int, other: int, by: str) -> None:
        inner = suggestions.head(session, other)
        if inner is None or inner.merged_into != number:
            raise CannotMerge(f"event {other} is not merged into {number}")
        part(app, session, number, other, by)

    return [
        desk.look(path, Right.LOOK, partial(_shown, app)),
        desk.do(f"{path}/gop", Right.DECIDE, partial(_changed, app, "merge", partial(join, app))),
        desk.do(f"{path}/tach", Right.DECIDE, partial(_changed, app, "split", split)),
        desk.do(f"{path}/bo-gop", Right.DECIDE, partial(_changed, app, "unmerge", unmerge)),
        desk.do(f"{path}/goi-y", Right.DECIDE, partial(_answered, app)),
    ]


def _shown(
    app: App, visit: Visit, *, problem: str = "", form: Form | None = None, status: int = 200
) -> Answer:
    number = visit.number()
    with app.views() as session:
        head = suggestions.head(session, number)
        if head is None:
            raise HTTPException(status_code=404)
        line = evidence.of_events(session, [number])[number]
        items = sorted(line.evidence, key=lambda one: (one.at, one.item_id))
        inner = suggestions.merged(session, number)
        context = {
            "head": head,
            "line": line,
            "items": items[:_MOST_ITEMS],
            "seen": sightings(session, [one.item_id for one in items[:_MOST_ITEMS]]),
            "inner": inner,
            "cases": board.of_events(session, [number, *(one.event_id for one in inner)]),
            "asked": suggestions.open_suggestions(session, number),
            "changes": merging.history(session, number),
        }
    with app.sessions.begin() as session:
        visit.note(session, "looked", f"event:{number}")
    return visit.page(
        "console/event.html",
        status=status,
        problem=problem,
        typed=dict(form) if form else {},
        did=DONE.get(visit.request.query_params.get("da", ""), ""),
        **context,
        **words.shared(app, visit.me.language),
    )


def _changed(app: App, action: str, work: Work, visit: Visit, form: Form) -> Answer:
    number, other = visit.number(), form.get("other", "").strip()
    try:
        if not other.isdecimal() or len(other) > 15:
            raise CannotMerge(f"{other!r} is no number")
        with app.sessions.begin() as session:
            work(session, number, int(other), who(visit))
            visit.note(session, action, f"event:{number}", other=int(other))
    except CannotMerge:
        return _shown(app, visit, problem=_CANNOT[action], form=form, status=422)
    return visit.to(f"/su-viec/{number}?da={action}")


def _answered(app: App, visit: Visit, form: Form) -> Answer:
    """Take the answer to "is it the same?": yes puts the other event into this one."""
    number, other, said = visit.number(), form.get("other", ""), form.get("said", "")
    if not other.isdecimal() or len(other) > 15 or said not in (YES, NO):
        raise HTTPException(status_code=400)
    try:
        with app.sessions.begin() as session:
            if not suggestions.answer(session, number, int(other), said, who(visit)):
                raise CannotMerge("nobody asks that any more")
            if said == YES:
                join(app, session, number, int(other), who(visit))
            visit.note(session, f"suggestion_{said}", f"event:{number}", other=int(other))
    except CannotMerge:
        return _shown(app, visit, problem=_CANNOT["merge"], form=form, status=422)
    return visit.to(f"/su-viec/{number}?da={said}")
