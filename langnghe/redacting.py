"""Taking the words of one article out of the digests that were made with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from config.settings import ZONE
from langnghe import telling
from langnghe.app import App
from storage import digests
from storage.db import Session
from storage.erasing import ERASED
from storage.traces import Traces
from triage.digest import DigestData, DigestEntry, Section


def redact(app: App, session: Session, traces: Traces) -> list[date]:
    """Take an article out of all kept digests and their files; return the days of those changed.

    Its events stay, without name, gist and reasons, and without the links to the article.
    Files are written before the transaction ends: if it fails, asking again does all of it.
    """
    changed = []
    for kept in digests.since(session, traces.since.astimezone(ZONE).date()):
        if not (traces.events | traces.former) & told(kept.data):
            continue
        data = telling.of_plain(kept.data)
        parts: dict[str, Any] = {
            name.value: tuple(_without(traces, one) for one in getattr(data, name.value))
            for name in Section
        }
        clean = replace(data, **parts)
        if clean != data:
            digests.rewrite(session, kept.day, telling.as_plain(clean))
            _rewrite_files(app, clean)
            changed.append(kept.day)
    return changed


def told(digest: Mapping[str, Any]) -> set[int]:
    """Return the events that a kept digest tells of."""
    return {one["event_id"] for name in Section for one in digest.get(name.value, ())}


def _without(traces: Traces, entry: DigestEntry) -> DigestEntry:
    if entry.event_id not in traces.events | traces.former:
        return entry
    links = tuple(
        one
        for one in entry.links
        if one.url not in traces.addresses and one.title not in traces.titles
    )
    if entry.event_id in traces.former and not traces.tells(entry.title, entry.gist):
        return replace(entry, links=links)  # it is told of by the words of others
    return replace(entry, title=ERASED, gist="", why=(), links=links)


def _rewrite_files(app: App, data: DigestData) -> None:
    """Write the files of a digest anew, unless somebody took them away."""
    if telling.file_of(app, data.day).exists():
        telling.write_files(app, data)
