"""Sources seen by an operator: how they are, which are due, and what one would bring now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from config.errors import ConfigError
from crawlers.item import Fetch, Outcome
from crawlers.job import DueSource, Job
from crawlers.registry import FINDER
from crawlers.round import run_round
from langnghe.app import App
from storage import health as source_health
from storage import sources

_GOOD = (Outcome.NEW, Outcome.NONE, Outcome.NOT_MODIFIED, Outcome.EMPTY)


def overview(app: App) -> Iterator[dict[str, Any]]:
    """Yield every source of the catalogue with its health; those switched off say so."""
    with app.views() as session:
        health = {
            one.source_id: one
            for one in source_health.health(session, app.clock(), app.catalog.sources.values())
        }
    for entry in app.catalog.sources.values():
        line = {"id": entry.id, "name": entry.name, "type": entry.type, "outlet": entry.outlet}
        line |= {"confidence": entry.confidence} if entry.confidence else {}
        found = health.get(entry.id)
        yield line | ({"enabled": True, **asdict(found)} if found else {"enabled": False})


def due_now(app: App) -> Iterator[dict[str, Any]]:
    """Yield the sources that a round would poll now."""
    with app.views() as session:
        found = sources.due(session, app.clock(), app.catalog.sources.values())
    for one in found:
        yield {"id": one.source_id, "name": app.catalog.sources[one.source_id].name}


def find_sources(app: App, url: str) -> Iterator[dict[str, Any]]:
    """Yield the feeds, sitemaps and sections of a site, each as a source file would name it.

    Asked for as everything else is: robots.txt, pauses, no private address. The last line
    tells how it ended. Raises `ConfigError` for what is no web address.
    """
    if not url.startswith(("http://", "https://")):
        raise ConfigError([f"{url}: -: not a web address (write https://…)"])
    due = DueSource("find", FINDER, {"url": url})
    for record in run_round(Job(app.clock(), (due,), app.limits)):
        if isinstance(record, Fetch) and record.url:
            yield {"type": record.reason, "url": record.url, "entries": record.items}
        elif isinstance(record, Fetch):
            yield {"outcome": record.outcome.value, "reason": record.reason}


def try_source(app: App, ids: Sequence[str]) -> Iterator[tuple[dict[str, Any], bool]]:
    """Poll sources now, keeping nothing; yield outcomes and masked titles, each with: is it well.

    No `ids` means all that are enabled. Raises `ConfigError` for an id there is no source for.
    """
    unknown = [name for name in ids if name not in app.catalog.sources]
    if unknown:
        raise ConfigError(f"sources/{name}.toml: -: no such source" for name in unknown)
    wanted = ids or [entry.id for entry in app.catalog.sources.values() if entry.enabled]
    entries = [app.catalog.sources[name] for name in wanted]
    due = tuple(DueSource(entry.id, entry.type, entry.options) for entry in entries)
    for record in run_round(Job(app.clock(), due, app.limits)):
        if isinstance(record, Fetch):
            line: dict[str, Any] = {
                "source": record.source_id,
                "outcome": record.outcome.value,
                "reason": record.reason,
                "url": record.url,
                "items": record.items,
            }
            yield line, record.outcome in _GOOD
        else:
            masked = app.masker.mask(record.title, "")
            when = record.published.isoformat() if record.published else None
            line = {"source": record.source_id, "title": masked.title, "published": when}
            yield line | {"url": record.url}, True
