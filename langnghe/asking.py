"""Answer questions about places and contacts that several commands ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from config.load import Catalog
from config.places import Place
from langnghe.app import App
from storage import contacts

AMBIGUOUS = "nhiều nơi cùng tên, cần người chọn"
UNKNOWN = "không tìm thấy địa bàn này"


def resolve_place(app: App, text: str, on: date) -> tuple[str | None, str, tuple[str, ...]]:
    """Find the place that a person named in words, as the map stood on the day `on`.

    People go on writing "huyện Ba Tri" after it ended: what is not on the map of the day is
    looked for on the maps before, the latest first; routing carries it to today.
    Returns its key, or None with the reason in words and the keys to choose from.
    A key is taken as it is.
    """
    if text in app.gazetteer:
        return text, "", ()
    found = list(app.gazetteer.find(text, on)) or _before(app, text, on)
    best = [place for place in found if place.level == found[0].level]
    if not best:
        return None, UNKNOWN, ()
    at_home = [place for place in best if _home(app, place.key)]
    chosen = at_home or best
    if len(chosen) > 1:
        return None, AMBIGUOUS, tuple(place.key for place in chosen)
    return chosen[0].key, "", ()


def _before(app: App, text: str, on: date) -> list[Place]:
    ends = {unit.valid_to for unit in app.gazetteer.units().values() if unit.valid_to}
    days = sorted((day for day in ends if day < on), reverse=True)
    return next((found for day in days if (found := app.gazetteer.find(text, day))), [])


def _home(app: App, key: str) -> bool:
    return any(place.bare == app.settings.province for place in app.gazetteer.chain(key))


def addresses(app: App, catalog: Catalog | None = None) -> dict[str, str]:
    """Return the e-mail address of every unit that can be written to.

    `catalog` stands in for the files of the installation, to see what others would do.
    The database wins over the files; an address that refused a mail for good is left out
    until it is confirmed or replaced, so that cases wait instead of being lost there.
    """
    known = _given(app, catalog or app.catalog)
    for unit in _bad(app, known):
        known.pop(unit, None)
    return known


def units_at(app: App, address: str) -> list[str]:
    """Return the units that are written to at `address`, also if it refused a mail."""
    return sorted(unit for unit, email in _given(app, app.catalog).items() if email == address)


def bad_addresses(app: App) -> dict[str, tuple[str, datetime, str]]:
    """Return (address, when, why) of each unit whose present address refused a mail for good."""
    return _bad(app, _given(app, app.catalog))


def _bad(app: App, given: Mapping[str, str]) -> dict[str, tuple[str, datetime, str]]:
    if not app.has_database():
        return {}
    with app.views() as session:
        failed = contacts.failed(session)
    return {unit: mark for unit, mark in failed.items() if given.get(unit) == mark[0]}


def _given(app: App, catalog: Catalog) -> dict[str, str]:
    known = {unit.id: unit.email for unit in catalog.units.values() if unit.email}
    known |= catalog.contacts
    if app.has_database():
        with app.views() as session:
            known |= contacts.addresses(session)
    return {unit: email for unit, email in known.items() if email}


def reachable(app: App) -> Callable[[str], bool]:
    """Return the test whether a unit can be written to."""
    known = addresses(app)
    return lambda unit: unit in known


def is_standing(app: App, unit_id: str) -> bool:
    """Say whether a unit is there today; one that the catalogue does not know counts as there."""
    unit = app.catalog.units.get(unit_id)
    return unit is None or unit.holds_on(app.today())
