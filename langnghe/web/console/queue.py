"""The queue: what waits for a person, decided one by one or many at once; and all cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar.exceptions import HTTPException

from langnghe.accounts import Right
from langnghe.app import App
from langnghe.opening import NotOpened, open_by_hand
from langnghe.web.console import words
from langnghe.web.console.case import decide
from langnghe.web.console.caseform import who
from langnghe.web.console.filters import SIZE, asked, find, page_number
from langnghe.web.console.guard import Answer, Desk, Form, Visit
from storage import answers, board, claims
from triage.act import Kind, MoveRefused

#: What can be done with many cases at once.
_MANY = {one.value: one for one in (Kind.APPROVE, Kind.DISMISS, Kind.ASSIGN, Kind.UNDO)}
_CLAIM, _RELEASE = "claim", "release"
_MOST = 2 * SIZE


@dataclass
class _Said:
    """What a form did: the cases that were done, and of the others why not.

    Of each case done the last move, which is what a click on "Hoàn tác" takes back.
    """

    do: str = ""
    done: dict[int, int] = field(default_factory=dict)
    refused: list[tuple[int, str]] = field(default_factory=list)


def routes(app: App, desk: Desk) -> list[Any]:
    """Return the routes of the lists."""
    return [
        desk.look("/hang-doi", Right.LOOK, partial(_queue, app)),
        desk.do("/hang-doi/lam", Right.DECIDE, partial(_many, app)),
        desk.do("/hang-doi/bo-loc", Right.LOOK, partial(_filter, app)),
        desk.do("/hang-doi/lap", Right.DECIDE, partial(_open, app)),
        desk.look("/vu-viec", Right.LOOK, partial(_list, app)),
    ]


def _queue(app: App, visit: Visit) -> Answer:
    if visit.request.query_params.get("xem") == "nghi-ngo":
        return _doubts(app, visit)
    return _shown(app, visit, asked(visit.request.query_params))


def _list(app: App, visit: Visit) -> Answer:
    return _shown(app, visit, asked(visit.request.query_params), queue=False)


def _shown(
    app: App,
    visit: Visit,
    fields: Mapping[str, str],
    *,
    queue: bool = True,
    said: _Said | None = None,
    form: Form | None = None,
) -> Answer:
    now, me, query = app.clock(), visit.me.id, visit.request.query_params
    with app.views() as session:
        found = find(app, session, fields, page_number(visit), queue=queue)
        lines = board.lines(session, found.cases, me, now)
        saved = claims.filters(session, me)
        doubts = board.count_doubts(session) if queue else 0
    return visit.page(
        "console/queue.html",
        status=422 if said and said.refused else 200,
        queue=queue,
        path="/hang-doi" if queue else "/vu-viec",
        fields=fields,
        address=urlencode(fields),
        found=found,
        lines=lines,
        saved=[(one, urlencode(asked(one.query))) for one in saved],
        doubts=doubts,
        said=said or _done(query),
        typed=dict(form) if form else {},
        chosen=set(_numbers(form.get("cases", ""))) if form else set(),
        **words.shared(app, visit.me.language),
    )


def _done(query: Mapping[str, Any]) -> _Said:
    """Return what the address says was done just before, to offer taking it back."""
    numbers = _numbers(str(query.get("so", "")).replace(".", " "))
    do = str(query.get("da", ""))
    known = do in _MANY or do in (_CLAIM, _RELEASE)
    return _Said(do, numbers) if known and numbers else _Said()


def _numbers(text: str) -> dict[int, int]:
    """Read the cases that a form or an address names, each with the last move it knew of."""
    pairs = [one.partition("-") for one in text.split()[:_MOST]]
    return {
        int(case): int(move) for case, _, move in pairs if _is_number(case) and _is_number(move)
    }


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= 15


def _many(app: App, visit: Visit, form: Form) -> Answer:
    """Do one thing with many cases, each in a transaction of its own: one refusal stops none."""
    do = form.get("do", "")
    numbers = _numbers(form.get("cases", ""))
    if do not in _MANY and do not in (_CLAIM, _RELEASE):
        raise HTTPException(status_code=400)
    said = _Said(do)
    for number, seen in numbers.items():
        try:
            _one(app, visit, number, do, {**form, "seen": str(seen)})
        except MoveRefused as error:
            said.refused.append((number, str(error)))
        else:
            said.done[number] = seen
    fields = asked(form)
    if not numbers:
        said.refused.append((0, "Chưa chọn vụ việc nào."))
    if said.refused:
        return _shown(app, visit, fields, said=said, form=form)
    with app.views() as session:
        said.done = answers.last_moves(session, said.done)
    told = {"da": do, "so": ".".join(f"{case}-{move}" for case, move in said.done.items())}
    return visit.to(f"/hang-doi?{urlencode(dict(fields) | told)}")


def _one(app: App, visit: Visit, number: int, do: str, form: Form) -> None:
    """Do it with one case, unless another works on it; to take back needs no such leave.

    Refused where somebody decided about the case since the page was shown.
    """
    if do == _RELEASE:
        with app.sessions.begin() as session:
            claims.release(session, [number], visit.me.id)
        return
    if do != Kind.UNDO.value:
        _take(app, visit, number)
    if do in _MANY:
        # A unit chosen for a transfer must not slip into an approval.
        names = ("seen", "text", "unit_id" if do == Kind.ASSIGN.value else "code")
        decide(app, visit, number, _MANY[do], {name: form.get(name, "") for name in names})


def _take(app: App, visit: Visit, number: int) -> None:
    with app.sessions.begin() as session:
        if not board.numbered(session, [number]):
            raise MoveRefused(f"Không có vụ việc số {number}.")
        now, me = app.clock(), visit.me.id
        if not claims.claim(session, [number], me, now):
            by = board.claims(session, [number], me, now).get(number, "")
            raise MoveRefused(f"{by} đang xem vụ việc này; hãy mở vụ việc nếu vẫn cần quyết định.")
        visit.note(session, "claimed", f"case:{number}")


def _filter(app: App, visit: Visit, form: Form) -> Answer:
    """Keep the view under a name, or forget one."""
    fields = asked(form)
    name = _masked(app, form.get("name", "").strip()[:60])
    with app.sessions.begin() as session:
        if _is_number(form.get("drop", "")):
            claims.drop_filter(session, visit.me.id, int(form["drop"]))
            visit.note(session, "filter_dropped", f"filter:{form['drop']}")
        elif name:
            kept = {key: _masked(app, value) for key, value in fields.items()}
            number = claims.save_filter(session, visit.me.id, name, kept)
            visit.note(session, "filter_saved", f"filter:{number}")
    return visit.to(f"/hang-doi?{urlencode(fields)}")


def _masked(app: App, words: str) -> str:
    return app.masker.mask("", words).text


def _doubts(
    app: App, visit: Visit, *, problem: str = "", form: Form | None = None, status: int = 200
) -> Answer:
    number = page_number(visit)
    with app.views() as session:
        total = board.count_doubts(session)
        found = board.doubts(session, (number - 1) * SIZE, SIZE)
        waiting = board.count(session, board.Wanted(states=board.WAITING))
    return visit.page(
        "console/doubts.html",
        status=status,
        doubts=found,
        total=total,
        waiting=waiting,
        number=number,
        last_page=max(1, -(-total // SIZE)),
        problem=problem,
        typed=dict(form) if form else {},
        **words.shared(app, visit.me.language),
    )


def _open(app: App, visit: Visit, form: Form) -> Answer:
    event = form.get("event", "")
    if not _is_number(event):
        raise HTTPException(status_code=400)
    try:
        with app.sessions.begin() as session:
            number = open_by_hand(app, session, int(event), form.get("text", ""), who(visit))
            visit.note(session, "opened", f"case:{number}", event=int(event))
    except NotOpened as error:
        return _doubts(app, visit, problem=str(error), form=form, status=422)
    return visit.to(f"/vu-viec/{number}?da=opened:proposed")
