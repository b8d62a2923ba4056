"""Find every problem of a configuration at once, each as `file: key: what is wrong`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from config.errors import ConfigError
from crawlers.registry import check_options
from langnghe.app import App


def problems(folder: Path | None) -> list[str]:
    """Return what is wrong with the operator's folder (None: the shipped defaults).

    Looks at settings, every entry, the options of sources and notifiers, the map, rival
    routing rows and the notifier that carries the mails. Connects to nothing.
    """
    try:
        app = App(folder)
    except ConfigError as error:
        return list(error.problems)
    found = _problems_of(lambda: app.catalog)
    found += _problems_of(lambda: app.gazetteer)
    if found:
        return found
    return [
        *_sources(app),
        *_problems_of(lambda: app.routes),
        *_problems_of(lambda: app.notifier),
        *_problems_of(lambda: app.calendar),
    ]


def _sources(app: App) -> Iterator[str]:
    for source in app.catalog.sources.values():
        for problem in check_options(source.type, source.options):
            yield f"sources/{source.id}.toml: {problem}"


def _problems_of(build: Callable[[], object]) -> list[str]:
    try:
        build()
    except ConfigError as error:
        return list(error.problems)
    return []
