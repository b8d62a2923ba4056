"""/ban-do: open cases by commune, drawn as tiles: no boundaries are known, none are invented."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from config.places import REFORM, Level, Place
from langnghe.accounts import Right
from langnghe.app import App
from langnghe.hearing import own_places
from langnghe.web.console.guard import Answer, Desk, Visit
from langnghe.web.console.hearing import heard
from langnghe.web.console.today import is_late
from storage import overview
from storage.overview import CaseNow

#: Days that the page may be narrowed to; 0: all.
PERIODS = (0, 7, 30, 90)
#: From so many open cases on a tile has the next shade; beside it stands the number.
SHADES = (1, 2, 4, 8)


@dataclass(frozen=True, slots=True)
class Tile:
    """One unit of the map: how many cases are open there, and how many of them overdue."""

    place: Place
    open: int
    late: int
    quiet: bool

    @property
    def shade(self) -> int:
        """How dark it is: 0 for no case."""
        return sum(self.open >= least for least in SHADES)


@dataclass(frozen=True, slots=True)
class Group:
    """Tiles that lie together: of a district, former or standing."""

    name: str
    tiles: tuple[Tile, ...]
    open: int
    late: int


def routes(_: App, desk: Desk) -> list[Any]:
    """Return the route of the page."""
    return [desk.look("/ban-do", Right.LOOK, _map)]


def _map(visit: Visit) -> Answer:
    app, query = visit.app, visit.request.query_params
    now = app.clock()
    topic, old = str(query.get("chu-de", "")), query.get("don-vi") == "cu"
    days = next((one for one in PERIODS if str(one) == query.get("ngay", "")), 0)
    day = REFORM - timedelta(days=1) if old else app.today()
    with app.views() as session:
        live = overview.live(session)
        ear = heard(app, session, now)
    cases = [
        case
        for case in live
        if (not topic or topic in case.topics)
        and (not days or case.opened_at >= now - timedelta(days=days))
    ]
    placed, elsewhere = placed_on(app, cases, day)
    late = {case.case_id for case in cases if is_late(case, now)}
    found = groups(app, day, placed, late, frozenset(ear.quiet))
    wanted = str(query.get("o", ""))
    tile = next((one for group in found for one in group.tiles if one.place.key == wanted), None)
    context: dict[str, Any] = {
        "tile": tile,
        "there": placed.get(wanted, ()) if tile else (),
        "groups": found,
        "elsewhere": elsewhere,
        "ear": ear,
        "count": len(cases),
    }
    chosen: dict[str, Any] = {
        "topic": topic,
        "days": days,
        "old": old,
        "periods": PERIODS,
        "day": day,
    }
    topics = list(app.catalog.topics.values())
    return visit.page("console/map.html", topics=topics, late=late, **context, **chosen)


def placed_on(
    app: App, cases: Iterable[CaseNow], day: date
) -> tuple[Mapping[str, list[CaseNow]], list[CaseNow]]:
    """Sort cases to the units that are their place on the map of `day`; the rest have no one unit.

    A case of a district that is several communes by then belongs to none of them.
    """
    units: dict[str, str | None] = {}
    own = {place.key for place in own_places(app, day)}
    found: dict[str, list[CaseNow]] = defaultdict(list)
    rest: list[CaseNow] = []
    for case in cases:
        key = case.place_key
        if key is not None and key not in units:
            units[key] = _unit_on(app, key, day, own)
        unit = units[key] if key is not None else None
        (found[unit] if unit is not None else rest).append(case)
    return found, rest


def _unit_on(app: App, key: str, day: date, own: set[str]) -> str | None:
    if key not in app.gazetteer:
        return None
    standing = app.standing.at(key, day)
    if len(standing) != 1:
        common = app.standing.common(standing) if standing else ()
        return next((place.key for place in common if place.key in own), None)
    chain = app.gazetteer.chain(standing[0].key)
    return next((place.key for place in chain if place.key in own), None)


def groups(
    app: App,
    day: date,
    placed: Mapping[str, Sequence[CaseNow]],
    late: set[int],
    quiet: frozenset[str],
) -> list[Group]:
    """Return the units of the map of `day` by district; those with most cases first."""
    by_district: dict[str, list[Tile]] = defaultdict(list)
    names = Counter(place.name for place in own_places(app, day))
    for place in own_places(app, day):
        cases = placed.get(place.key, ())
        overdue = sum(case.case_id in late for case in cases)
        # Two communes of one name cannot be told apart by it.
        silent = place.name in quiet and names[place.name] == 1
        tile = Tile(place, len(cases), overdue, silent)
        by_district[_district(app, place, day)].append(tile)
    found = [
        Group(name, tuple(tiles), sum(t.open for t in tiles), sum(t.late for t in tiles))
        for name, tiles in by_district.items()
    ]
    return sorted(found, key=lambda group: (-group.late, -group.open, group.name))


def _district(app: App, place: Place, day: date) -> str:
    """Return the name of the district that a unit is, lies in, or was made of."""
    outer = [*app.gazetteer.chain(place.key), *app.standing.former(place.key, day)]
    return next((one.name for one in outer if one.level is Level.DISTRICT), "")
