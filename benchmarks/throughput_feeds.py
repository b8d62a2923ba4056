"""Feeds on loopback hosts that carry entries of a file, for `benchmarks.throughput`."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawlers.dates import read_date

if TYPE_CHECKING:
    from loopback import LoopbackWeb

SOURCES = 16
_KINDS = '["topics", "units", "routing", "holidays", "notifiers"]'
#: What has no date came a minute after the one before.
_UNDATED = datetime(2026, 6, 1, tzinfo=UTC)
_ANY = datetime(2030, 1, 1, tzinfo=UTC)


def put_feeds(web: LoopbackWeb, file: Path, number: int) -> tuple[datetime, int]:
    """Give each host its share of the entries.

    Returns the moment of the youngest entry, and how many entries there are.
    """
    from loopback import RSS, Reply

    shares: list[list[str]] = [[] for _ in range(SOURCES)]
    newest, count = datetime(2000, 1, 1, tzinfo=UTC), 0
    for row in islice(_rows(file), number):
        count += 1
        at = read_date(str(row["published"] or ""), _ANY).published
        at = at or _UNDATED + timedelta(minutes=count)
        newest = max(newest, at)
        place = count % SOURCES
        shares[place].append(_entry(row, f"http://{host(place)}/{count}.htm", at))
    for place, share in enumerate(shares):
        body = f'<rss version="2.0"><channel><title>T</title>{"".join(share)}</channel></rss>'
        web.put(f"{host(place)}/rss", Reply(body, RSS))
    return newest, count


def host(place: int) -> str:
    """Return the name of one of the hosts."""
    return f"bao{place}.example"


def make_folder(folder: Path) -> Path:
    """Write an operator's folder whose only sources are the hosts, and return it."""
    (folder / "sources").mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "langnghe.toml").write_text(f"defaults = {_KINDS}\n", "utf-8")
    for place in range(SOURCES):
        text = f'name = "Báo {place}"\ntype = "feed"\noutlet = "Báo {place}"\n[options]\n'
        text += f'url = "http://{host(place)}/rss"\narticles = false\n'
        (folder / "sources" / f"bao{place}.toml").write_text(text, "utf-8")
    return folder


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    opened = lzma.open if file.suffix == ".xz" else open
    with opened(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _entry(row: dict[str, Any], link: str, at: datetime) -> str:
    text = row.get("summary") or row.get("text") or ""
    return (
        f"<item><title>{escape(row['title'])}</title><link>{link}</link>"
        f"<description>{escape(escape(text))}</description>"
        f"<pubDate>{format_datetime(at)}</pubDate></item>"
    )
