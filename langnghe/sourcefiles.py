"""Source files made from a list of feeds, and lists made from the sources."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from config.catalog import SourceEntry
from config.errors import ConfigError
from crawlers.opml import Outline, read_opml, write_opml
from crawlers.urls import canonical, site
from langnghe.app import App
from nlp.normalise import fold

_MOST_NAME, _MOST_ID = 120, 60


def export_opml(app: App) -> bytes:
    """Return the feeds among the sources, those switched off too, as OPML."""
    feeds = [
        Outline(entry.name, str(entry.options["url"]))
        for entry in app.catalog.sources.values()
        if entry.type == "feed" and entry.options.get("url")
    ]
    return write_opml(feeds, f"Lắng Nghe – {app.settings.province}")


def import_opml(app: App, file: Path, *, dry_run: bool) -> Iterator[dict[str, str]]:
    """Write a source file for each feed of a list that is no source yet; yield each with its fate.

    They go into `sources/` of the operator's folder; existing files are left alone.
    Raises `ConfigError` where there is no folder, or the file is no OPML.
    """
    if app.folder is None:
        raise ConfigError(["-: -: no operator's folder to write into (see: langnghe init)"])
    try:
        feeds = read_opml(file.read_bytes())
    except OSError as error:
        raise ConfigError([f"{file}: -: {error.strerror}"]) from error
    except ValueError as error:
        raise ConfigError([f"{file}: -: {error}"]) from error
    known = {_address(entry) for entry in app.catalog.sources.values()}
    taken = set(app.catalog.sources)
    for feed in feeds:
        if canonical(feed.url) in known:
            yield {"url": feed.url, "outcome": "known"}
            continue
        name = _free(_slug(feed), taken)
        taken.add(name)
        if not dry_run:
            _write(app.folder / "sources" / f"{name}.toml", feed)
        yield {"url": feed.url, "outcome": "new", "id": name, "name": feed.title[:_MOST_NAME]}


def _address(entry: SourceEntry) -> str:
    return canonical(str(entry.options.get("url", "")))


def _slug(feed: Outline) -> str:
    host = site(feed.url)
    called = feed.title if feed.title != feed.url else urlsplit(feed.url).path
    return re.sub(r"[^a-z0-9]+", "-", fold(f"{host} {called}"))[:_MOST_ID].strip("-") or "nguon"


def _free(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    return next(f"{name}-{n}" for n in range(2, 10_000) if f"{name}-{n}" not in taken)


def _write(path: Path, feed: Outline) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        f"name = {_quoted(feed.title[:_MOST_NAME])}",
        'type = "feed"',
        "# Tên tòa soạn: tin của cùng một tòa soạn chỉ tính là một tiếng nói.",
        f"outlet = {_quoted(site(feed.url))}",
        "every_minutes = 30",
        "",
        "[options]",
        f"url = {_quoted(feed.url)}",
    ]
    with path.open("x", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def _quoted(text: str) -> str:
    """Return a TOML string: JSON's escapes are TOML's, but for one character that JSON leaves."""
    return json.dumps(" ".join(text.split()), ensure_ascii=False).replace("\x7f", "\\u007f")
