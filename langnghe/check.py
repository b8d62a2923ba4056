"""Find every problem of a configuration at once, each as `file: key: what is wrong`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from config.errors import ConfigError
from config.load import load_catalog
from config.places import Level
from config.settings import SETTINGS_FILE
from crawlers.registry import check_options
from langnghe.app import App
from triage.message import is_address, is_domain


def problems(folder: Path | None) -> list[str]:
    """Return what is wrong with the operator's folder (None: the shipped defaults).

    Looks at settings, every entry, the options of sources and notifiers, the map, rival
    routing rows and the notifier that carries the mails. Connects to nothing.
    """
    try:
        app = App(folder)
    except ConfigError as error:
        # What the settings say is not known, but the other files can be looked at.
        return [*error.problems, *_problems_of(lambda: load_catalog(folder))]
    found = _problems_of(lambda: app.catalog)
    found += _problems_of(lambda: app.gazetteer)
    if found:
        return found
    return [
        *_settings(app),
        *_sources(app),
        *_units(app),
        *_problems_of(lambda: app.routes),
        *_problems_of(lambda: app.notifier),
        *_problems_of(lambda: app.calendar),
    ]


def _settings(app: App) -> Iterator[str]:
    for address in app.settings.mail.digest_to:
        if not is_address(address):
            yield f"{SETTINGS_FILE}: mail.digest_to: not an e-mail address: {address!r}"
    if not is_domain(app.settings.mail.domain):
        yield f"{SETTINGS_FILE}: mail.domain: not a domain: {app.settings.mail.domain!r}"
    if app.settings.model is not None and not app.settings.model.is_file():
        yield f"{SETTINGS_FILE}: model: no such file: {app.settings.model}"
    if app.settings.province not in _provinces(app):
        yield f"{SETTINGS_FILE}: province: no such province: {app.settings.province!r}"


def _units(app: App) -> Iterator[str]:
    codes = {place.code for place in app.gazetteer.units().values()}
    for unit in app.catalog.units.values():
        if unit.place and unit.place not in codes:
            yield f"units/{unit.id}.toml: place: no such code on the map: {unit.place!r}"
        if unit.email and not is_address(unit.email):
            yield f"units/{unit.id}.toml: email: mail cannot be sent to {unit.email!r}"
    for key, address in app.catalog.contacts.items():
        if not is_address(address):
            yield f"contacts.toml: contacts.{key}: mail cannot be sent to {address!r}"


def _provinces(app: App) -> set[str]:
    return {p.bare for p in app.gazetteer.units().values() if p.level is Level.PROVINCE}


def _sources(app: App) -> Iterator[str]:
    provinces = _provinces(app)
    for source in app.catalog.sources.values():
        if source.home and source.home not in provinces:
            yield f"sources/{source.id}.toml: home: no such province: {source.home!r}"
        wrong = [*check_options(source.type, source.options), *_here(app, source.options)]
        for problem in wrong:
            yield f"sources/{source.id}.toml: {problem}"


def _here(app: App, options: dict[str, Any]) -> Iterator[str]:
    """Tell what only this machine and this day can say of a source's options."""
    token = options.get("token_file")
    if isinstance(token, str) and token and not Path(token).is_file():
        yield "options.token_file: no such file"
    day = options.get("back_to")
    if isinstance(day, date) and day > app.today():
        yield f"options.back_to: {day} lies in the future"


def _problems_of(build: Callable[[], object]) -> list[str]:
    try:
        build()
    except ConfigError as error:
        return list(error.problems)
    return []
