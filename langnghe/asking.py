"""Answer questions about places and contacts that several commands ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from langnghe.app import App
from storage import contacts

AMBIGUOUS = "nhiều nơi cùng tên, cần người chọn"
UNKNOWN = "không tìm thấy địa bàn này"


def resolve_place(app: App, text: str, on: date) -> tuple[str | None, str, tuple[str, ...]]:
    """Find the place that a person named in words, as the map stood on the day `on`.

    Returns its key, or None with the reason in words and the keys to choose from.
    A key is taken as it is.
    """
    if text in app.gazetteer:
        return text, "", ()
    found = list(app.gazetteer.find(text, on))
    best = [place for place in found if place.level == found[0].level]
    if not best:
        return None, UNKNOWN, ()
    at_home = [place for place in best if _home(app, place.key)]
    chosen = at_home or best
    if len(chosen) > 1:
        return None, AMBIGUOUS, tuple(place.key for place in chosen)
    return chosen[0].key, "", ()


def _home(app: App, key: str) -> bool:
    return any(place.bare == app.settings.province for place in app.gazetteer.chain(key))


def addresses(app: App) -> dict[str, str]:
    """Return the e-mail address of every unit that has one; the database wins over the files."""
    files = {unit.id: unit.email for unit in app.catalog.units.values() if unit.email}
    files |= app.catalog.contacts
    if not app.has_database():
        return files
    with app.views() as session:
        return files | contacts.addresses(session)


def reachable(app: App) -> Callable[[str], bool]:
    """Return the test whether a unit can be written to."""
    known = addresses(app)
    return lambda unit: unit in known
