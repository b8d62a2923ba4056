"""Bring a file of items in, through the same masking and keeping as crawled ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from config.catalog import SourceEntry
from crawlers.item import Item
from crawlers.spiders.upload import Upload
from langnghe.app import App
from langnghe.collect import keep_all
from langnghe.progress import progress
from langnghe.report import Report, RoundReport
from langnghe.rounds import understand

#: Items of a preview, and characters of each.
_SHOWN, _SHOWN_TEXT = 5, 300


def import_file(
    app: App,
    file: Path,
    source: str,
    *,
    limit: int | None = None,
    read: bool = True,
    columns: Mapping[str, str] | None = None,
    say: Callable[[str], object] = lambda _: None,
) -> RoundReport:
    """Keep the items of `file` under the source id `source`; then read and group them.

    A source of that id in the catalogue gives outlet and home; otherwise the host of
    each item's address counts as its outlet. Repeating an import adds nothing. `columns`
    names the file's own columns where the usual names do not fit. `say` is told how the
    file ended: how many items, and what could not be read.
    """
    entry = app.catalog.sources.get(source) or SourceEntry(
        id=source, name="Nhập tay", type="upload", kind="other"
    )
    found = Upload(file, entry.id, app.clock(), columns=columns).read()
    records = found if limit is None else islice(found, limit)
    with progress("Đang nhập", limit) as advance:
        keeper, fetches = keep_all(app, records, entry, advance)
    failed = sum(fetch.outcome.value == "error" for fetch in fetches)
    for fetch in fetches:
        say(fetch.reason)
    kept = Report("import", sum(keeper.notes.values()), failed, dict(keeper.notes))
    return RoundReport((kept, *understand(app).stages)) if read else RoundReport((kept,))


def preview(
    app: App, file: Path, source: str, columns: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Say what an import of `file` would bring, and keep nothing.

    Tells which column each field is taken from and which are not used, how the file
    ends, and the first items, masked, as they would be kept.
    """
    upload = Upload(file, source, app.clock(), columns=columns)
    shown = list[dict[str, Any]]()
    end = None
    for record in upload.read():
        if not isinstance(record, Item):
            end = record
        elif len(shown) < _SHOWN:
            masked = app.masker.mask(record.title, record.text)
            published = record.published and record.published.isoformat()
            shown.append(
                {
                    "title": masked.title,
                    "text": masked.text[:_SHOWN_TEXT],
                    "published": published,
                    "date_note": record.date_note,
                    "url": record.url,
                    "counts": record.engagement,
                }
            )
    return {
        "columns": upload.used,
        "unused": upload.unused,
        "first": shown,
        "items": end.items if end else 0,
        "ends": end.reason if end else "",
        "failed": end is None or end.outcome.value == "error",
    }
