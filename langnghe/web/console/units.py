"""/don-vi: who is written to where, who answers for what, and a dry run of routing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from litestar.exceptions import HTTPException
from pydantic import TypeAdapter, ValidationError

from config.catalog import Email, RouteRow, UnitEntry
from langnghe.accounts import Right
from langnghe.app import App
from langnghe.asking import reachable, resolve_place
from langnghe.judging import unit_name
from langnghe.web.console.guard import Answer, Desk, Form, Visit
from langnghe.web.console.today import count_late, due, is_late
from storage import contacts, overview
from storage.contacts import Contact
from triage.facts import Routing

_EMAIL: TypeAdapter[str] = TypeAdapter(Email)
_LONGEST_EMAIL = 254


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a unit is written to now: the address, who gave it, and whether it takes mail."""

    email: str
    source: str
    confirmed_at: datetime | None
    failed_at: datetime | None
    failure: str


@dataclass(frozen=True, slots=True)
class Line:
    """A unit on the page."""

    unit: UnitEntry
    reach: Reach
    open: int
    late: int


@dataclass(frozen=True, slots=True)
class Asked:
    """The dry run's question as it was typed, and its answer or what is wrong with it."""

    place: str = ""
    topic: str = ""
    on: str = ""
    problem: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    routing: Routing | None = None


def routes(_: App, desk: Desk) -> list[Any]:
    """Return the routes of the list, of one unit and of its address."""
    return [
        desk.look("/don-vi", Right.LOOK, _list),
        desk.look("/don-vi/{unit:str}", Right.LOOK, _unit),
        desk.do("/don-vi/{unit:str}/dia-chi", Right.OPERATE, _confirm),
    ]


def _list(visit: Visit) -> Answer:
    app = visit.app
    now, today = app.clock(), app.today()
    with app.views() as session:
        known = contacts.every(session)
        live = overview.live(session)
    by_unit = defaultdict(list)
    for case in live:
        by_unit[case.unit_id].append(case)
    lines = [
        Line(
            unit,
            reach_of(app, unit, known.get(unit.id)),
            len(by_unit[unit.id]),
            count_late(by_unit[unit.id], now),
        )
        for unit in app.catalog.units.values()
        if unit.holds_on(today) or by_unit[unit.id]
    ]
    lines.sort(key=lambda one: (-one.late, -one.open, not one.reach.failed_at, one.unit.name))
    without = sum(not one.reach.email and not one.unit.queue for one in lines)
    context: dict[str, Any] = {
        "asked": _dry_run(visit),
        "topics": app.catalog.topics.values(),
        "without": without,
    }
    return visit.page("console/units.html", lines=lines, today=today, **context)


def reach_of(app: App, unit: UnitEntry, kept: Contact | None) -> Reach:
    """Return where a unit is written to: what was confirmed here wins over the files."""
    seeded = app.catalog.contacts.get(unit.id) or unit.email or ""
    if kept is not None and kept.confirmed_at is not None:
        return Reach(kept.email, kept.source, kept.confirmed_at, kept.failed_at, kept.failure)
    if kept is not None and kept.email == seeded:
        return Reach(seeded, "files", None, kept.failed_at, kept.failure)
    return Reach(seeded, "files" if seeded else "", None, None, "")


def _dry_run(visit: Visit) -> Asked:
    """Answer "place, topic and day: who?" as routing would, keeping nothing."""
    app, query = visit.app, visit.request.query_params
    place, topic, on = (
        str(query.get(name, "")).strip()[:200] for name in ("dia-ban", "chu-de", "ngay")
    )
    asked = Asked(place, topic, on)
    if not place and not topic:
        return Asked(on=app.today().isoformat())
    try:
        day = date.fromisoformat(on)
    except ValueError:
        return replace(asked, problem="Ngày không đúng.")
    if not place or topic not in app.catalog.topics:
        return replace(asked, problem="Hãy điền địa bàn và chọn chủ đề.")
    key, hold, candidates = resolve_place(app, place, day)
    if key is None:
        return replace(asked, problem=hold, choices=tuple(_named(app, candidates)))
    routing = app.routes.route(key, [topic], day, app.today(), has_contact=reachable(app))
    return replace(asked, routing=routing, choices=tuple(_named(app, [key])))


def _named(app: App, keys: tuple[str, ...] | list[str]) -> Iterator[tuple[str, str]]:
    for key in keys[:20]:
        chain = app.gazetteer.chain(key)
        yield key, ", ".join(place.name for place in chain)


def _unit(visit: Visit, *, status: int = 200, typed: str = "", problem: str = "") -> Answer:
    app, unit = visit.app, _entry(visit)
    with app.views() as session:
        kept = contacts.every(session).get(unit.id)
        live = [case for case in overview.live(session) if case.unit_id == unit.id]
    now = app.clock()
    cases = sorted(((is_late(case, now), due(case), case) for case in live), key=lambda c: not c[0])
    reach = reach_of(app, unit, kept)
    context = {"unit": unit, "reach": reach, "cases": cases, "rows": list(_rows(app, unit))}
    shown = {"typed": typed or reach.email, "problem": problem, "namer": _namer(app)}
    return visit.page("console/unit.html", status=status, **context, **shown)


def _namer(app: App) -> Any:
    return lambda unit: unit_name(app, unit) if unit in app.catalog.units else unit


def _rows(app: App, unit: UnitEntry) -> Iterator[tuple[str, RouteRow]]:
    """Yield (file, row) of each row of routing that names the unit or its place."""
    for entry in app.catalog.routing.values():
        for row in entry.rows:
            named = {row.lead, *row.cooperating, *row.copies}
            if unit.id in named or (unit.place and row.place == unit.place):
                yield entry.id, row


def _entry(visit: Visit) -> UnitEntry:
    found = visit.app.catalog.units.get(str(visit.request.path_params["unit"]))
    if found is None:
        raise HTTPException(status_code=404)
    return found


def _confirm(visit: Visit, form: Form) -> Answer:
    """Set or confirm the address of a unit; an empty one switches its mail off."""
    unit, typed = _entry(visit), form.get("email", "").strip()
    try:
        email = _EMAIL.validate_python(typed[: _LONGEST_EMAIL + 1]) if typed else ""
    except ValidationError:
        email = None
    if email is None or len(typed) > _LONGEST_EMAIL or not typed.isprintable():
        return _unit(visit, status=422, typed=typed, problem="Địa chỉ e-mail không đúng.")
    with visit.app.sessions.begin() as session:
        contacts.confirm(session, unit.id, email, visit.me.login, visit.app.clock())
        visit.note(session, "contact_confirmed", unit.id, email=email)
    return visit.to(f"/don-vi/{unit.id}")
