"""Which open cases of an installation would change hands under another routing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.errors import ConfigError
from config.gazetteer import Gazetteer
from config.load import load_routing
from config.settings import KINDS, SETTINGS_FILE
from langnghe.app import App
from langnghe.asking import addresses
from langnghe.lines import local_day
from storage import cases, triage
from storage.cases import StoredCase
from triage.facts import EventFacts, Routing
from triage.handover import RoutedCase, handovers
from triage.route import RouteTable


@dataclass(frozen=True, slots=True)
class Rules:
    """One routing to compare: its rows, its map, and who can be reached under it."""

    table: RouteTable
    places: Gazetteer
    known: Collection[str]

    @property
    def reachable(self) -> Callable[[str], bool]:
        """The test whether a unit can be written to."""
        return self.known.__contains__


@dataclass(frozen=True, slots=True)
class Difference:
    """What a new routing would do: the lines to print, and of how many open cases.

    `unplaced` are cases whose place is missing on one of the two maps: they cannot be
    compared, and a person has to look.
    """

    lines: tuple[dict[str, Any], ...]
    unplaced: tuple[int, ...]
    cases: int


def difference(app: App, old: Path, new: Path) -> Difference:
    """Compare two operator's folders, or two folders of routing files, on the open cases.

    Raises `ConfigError` for a folder that is not there or does not hold together.
    """
    before, after = rules(app, old), rules(app, new)
    with app.views() as session:
        live = cases.find(session, states=cases.LIVE)
        found = triage.facts(session, sorted({case.brief.event_id for case in live}))
    facts = {one.event_id: one for one in found}
    stored = {case.brief.case_id: case for case in live}
    routed = [_routed(app, case, facts.get(case.brief.event_id)) for case in reversed(live)]
    on_both = [case for case in routed if _placed(case, before) and _placed(case, after)]
    moved = handovers(
        before.table,
        after.table,
        on_both,
        app.today(),
        before.reachable,
        new_contact=after.reachable,
    )
    lines = tuple(_line(stored[one.case_id], one.old, one.new) for one in moved)
    missing = {case.case_id for case in routed} - {case.case_id for case in on_both}
    return Difference(lines, tuple(sorted(missing)), len(live))


def rules(app: App, folder: Path) -> Rules:
    """Read an operator's folder, or a folder of routing files over the present catalogue."""
    if not folder.is_dir():
        raise ConfigError([f"{folder}: -: no such folder"])
    if _is_operators(folder):
        other = App(folder)
        return Rules(other.routes, other.gazetteer, addresses(app, other.catalog))
    routing = load_routing(folder, app.catalog)
    if not routing:
        raise ConfigError([f"{folder}: -: neither an operator's folder nor routing files"])
    names = {topic.id: topic.name for topic in app.catalog.topics.values()}
    table = RouteTable(app.catalog.units.values(), routing.values(), app.gazetteer, names)
    return Rules(table, app.gazetteer, addresses(app))


def _is_operators(folder: Path) -> bool:
    marks = (SETTINGS_FILE, "contacts.toml", "policy.toml", *KINDS)
    return any((folder / name).exists() for name in marks)


def _routed(app: App, case: StoredCase, facts: EventFacts | None) -> RoutedCase:
    """Return a case as routing sees it: what people corrected, else what was read."""
    since = facts.last_at if facts else case.brief.opened_at
    return RoutedCase(
        case_id=case.brief.case_id,
        place=case.place_key,
        topics=case.brief.topics,
        on=local_day(since) or app.today(),
        flags=facts.flags if facts else (),
        places=facts.places if facts else (),
    )


def _placed(case: RoutedCase, under: Rules) -> bool:
    keys: Iterator[str] = (key for key in (case.place, *case.places) if key is not None)
    return all(key in under.places for key in keys)


def _line(case: StoredCase, old: Routing, new: Routing) -> dict[str, Any]:
    return {
        "case": case.brief.case_id,
        "state": case.brief.state.value,
        "title": case.brief.title,
        "place": case.place_key,
        "unit": case.brief.unit_id or None,
        "old": _side(old),
        "new": _side(new),
    }


def _side(routing: Routing) -> dict[str, Any]:
    return {
        "lead": routing.lead,
        "cooperating": list(routing.cooperating),
        "copies": list(routing.copies),
        "hold": routing.hold,
        "rule": routing.rule,
        "why": routing.why,
    }
