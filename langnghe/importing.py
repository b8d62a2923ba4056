"""Bring a file of items in, through the same masking and keeping as crawled ones."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path

from config.catalog import SourceEntry
from crawlers.spiders.upload import read_upload
from langnghe.app import App
from langnghe.collect import keep_all
from langnghe.progress import progress
from langnghe.report import Report, RoundReport
from langnghe.rounds import understand


def import_file(
    app: App,
    file: Path,
    source: str,
    *,
    limit: int | None = None,
    read: bool = True,
    say: Callable[[str], object] = lambda _: None,
) -> RoundReport:
    """Keep the items of `file` under the source id `source`; then read and group them.

    A source of that id in the catalogue gives outlet and home; otherwise the host of
    each item's address counts as its outlet. Repeating an import adds nothing. `say`
    is told how the file ended: how many items, and what could not be read.
    """
    entry = app.catalog.sources.get(source) or SourceEntry(
        id=source, name="Nhập tay", type="upload", kind="other"
    )
    now = app.clock()
    found = read_upload(file, entry.id, now)
    records = found if limit is None else islice(found, limit)
    with progress("Đang nhập", limit) as advance:
        keeper, fetches = keep_all(app, records, entry, advance)
    failed = sum(fetch.outcome.value == "error" for fetch in fetches)
    for fetch in fetches:
        say(fetch.reason)
    kept = Report("import", sum(keeper.notes.values()), failed, dict(keeper.notes))
    return RoundReport((kept, *understand(app).stages)) if read else RoundReport((kept,))
