"""Source type `upload`: items from a CSV or JSONL file brought by hand, with no network."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import lzma
import unicodedata
from collections.abc import AsyncIterator, Container, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from crawlers.dates import read_date
from crawlers.item import Fetch, Item, Outcome
from crawlers.job import DueSource
from crawlers.plain import decode, plain_text, plain_title
from crawlers.urls import canonical
from crawlers.web import Web

MAX_BYTES = 200 * 2**20
MAX_UNPACKED = 2 * 2**30
MAX_FIELD = 5 * 2**20
MAX_TEXT = 100_000  # characters
MAX_TITLE = 500
#: Broken lines that are named; the others are counted.
_TOLD = 5
# Headers as folded by `_fold`; the first that a row has wins. No column of a person is read.
COLUMNS = {
    "id": ("id", "ma", "ma phieu", "ma don", "so", "so phieu", "post id", "facebook id", "guid"),
    "url": ("url", "link", "lien ket", "dia chi", "duong dan", "permalink", "permalink url"),
    "title": ("title", "tieu de", "ten", "chu de", "trich yeu"),
    "text": ("text", "noi dung", "message", "body", "description", "mo ta", "summary", "content",
             "noi dung phan anh", "noi dung kien nghi"),
    "published": ("published", "ngay", "ngay dang", "thoi gian", "ngay gui", "ngay tiep nhan",
                  "created time", "post created", "publish time", "date"),
}  # fmt: skip
COUNTS = {
    "comments": ("comments", "binh luan", "so binh luan"),
    "shares": ("shares", "chia se", "so chia se"),
    "reactions": ("reactions", "total interactions", "cam xuc", "likes"),
}


class Options(BaseModel):
    """What an operator writes for a source of this type.

    `path` is a file that is read at each poll; empty means that files come by
    `langnghe import`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = ""


async def poll(due: DueSource, options: Options, web: Web) -> AsyncIterator[Item | Fetch]:
    """Yield what the file holds and is not known yet."""
    if not options.path:
        reason = "nguồn nhập tay: dùng lệnh langnghe import"
        yield Fetch(due.id, Outcome.NONE, reason, web.now)
        return
    for record in read_upload(Path(options.path), due.id, web.now, known=due.known):
        yield record


def read_upload(
    path: Path, source_id: str, fetched_at: datetime, *, known: Container[str] = frozenset()
) -> Iterator[Item | Fetch]:
    """Yield an item for each row of a .csv, .tsv, .jsonl or .json file, then one Fetch.

    Column names are Vietnamese or English, in any case, with or without accents (see
    `COLUMNS`). Rows without words are skipped and counted, rows whose item is in `known`
    are left out. A line that is no row makes the Fetch an error that names it; the others
    are read. A row without a link is known by its id, else by its content, so that
    reading a file twice gives the same items. Nothing is raised for a file that cannot
    be read: the Fetch says why.
    """
    seen = empty = taken = 0
    broken: list[str] = []
    try:
        for row in _rows(path):
            seen += 1
            if isinstance(row, str):
                broken.append(f"dòng {seen}: {row}")
                continue
            item = _item(row, source_id, fetched_at)
            empty += item is None
            if item is not None and item.url not in known:
                taken += 1
                yield item
        problem = ""
    except OSError as error:
        problem = f"không mở được tệp ({error.strerror or type(error).__name__})"
    except (ValueError, csv.Error, lzma.LZMAError, EOFError) as error:
        problem = f"tệp hỏng từ dòng {seen + 1}: {error}"
    if broken and not problem:
        problem = f"{_broken(broken)}; {taken} tin mới"
    outcome, reason = _ending(problem, taken, seen > empty)
    skipped = f"; {empty} dòng bỏ vì không có nội dung" if empty else ""
    yield Fetch(source_id, outcome, reason + skipped, fetched_at, items=taken)


def _broken(lines: list[str]) -> str:
    more = f" và {len(lines) - _TOLD} dòng khác" if len(lines) > _TOLD else ""
    return f"tệp có {len(lines)} dòng hỏng ({'; '.join(lines[:_TOLD])}{more})"


def _ending(problem: str, taken: int, any_words: bool) -> tuple[Outcome, str]:
    if problem:
        return Outcome.ERROR, problem
    if taken:
        return Outcome.NEW, f"{taken} tin mới trong tệp"
    if any_words:
        return Outcome.NONE, "tệp không có tin mới"
    return Outcome.EMPTY, "tệp không có tin nào"


def _rows(path: Path) -> Iterator[dict[str, Any] | str]:
    """Yield rows; for a line that is none, what is wrong with it."""
    kind = "".join(path.suffixes[-2:]).lower()
    if kind.endswith((".jsonl", ".ndjson", ".jsonl.xz", ".jsonl.gz")):
        yield from _line_rows(path)
        return
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"tệp lớn hơn {MAX_BYTES // 2**20} MB")
    text = decode(path.read_bytes())
    if kind.endswith((".csv", ".tsv", ".txt")):
        yield from _csv_rows(text)
    elif kind.endswith(".json"):
        yield from _json_rows(text)
    else:
        raise ValueError(f"không đọc được loại tệp “{path.suffix}” (dùng .csv hoặc .jsonl)")


def _line_rows(path: Path) -> Iterator[dict[str, Any] | str]:
    """Read JSON lines one at a time, plain or packed, so that a large file needs no memory."""
    unpack: dict[str, Any] = {".xz": lzma.open, ".gz": gzip.open}
    with unpack.get(path.suffix.lower(), open)(path, "rb") as stream:
        taken = 0
        for raw in iter(lambda: stream.readline(MAX_FIELD), b""):
            taken += len(raw)
            if taken > MAX_UNPACKED:
                raise ValueError(f"nội dung lớn hơn {MAX_UNPACKED // 2**20} MB")
            if raw.strip():
                yield _line_row(raw)


def _line_row(raw: bytes) -> dict[str, Any] | str:
    try:
        row = json.loads(raw.decode("utf-8-sig", "replace"))
    except ValueError:
        return "không phải JSON"
    return row if isinstance(row, dict) else "phải là một đối tượng JSON"


def _csv_rows(text: str) -> Iterator[dict[str, Any]]:
    csv.field_size_limit(MAX_FIELD)
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter):
        yield {key: value for key, value in row.items() if isinstance(key, str) and value}


def _json_rows(text: str) -> Iterator[dict[str, Any]]:
    values = json.loads(text)
    if not isinstance(values, list):
        raise ValueError("tệp .json phải là một danh sách")
    yield from (one for one in values if isinstance(one, dict))


def _item(raw: dict[str, Any], source_id: str, now: datetime) -> Item | None:
    row = {_fold(key): value for key, value in raw.items()}
    text = plain_text(_cell(row, COLUMNS["text"]))[:MAX_TEXT]
    title = plain_title(_cell(row, COLUMNS["title"]))[:MAX_TITLE] or text.partition("\n")[0][:120]
    if not title:
        return None
    digest = hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()
    identity = _cell(row, COLUMNS["id"])[:200]
    url = canonical(_cell(row, COLUMNS["url"]))
    dated = read_date(_cell(row, COLUMNS["published"]), now)
    return Item(
        source_id=source_id,
        url=url or f"urn:langnghe:{source_id}:{identity or digest[:32]}",
        external_id=identity or url or digest[:32],
        title=title,
        text=text,
        published=dated.published,
        fetched_at=now,
        body_sha256=digest,
        date_note=dated.note,
        engagement={
            name: int(count)
            for name, columns in COUNTS.items()
            if (count := _cell(row, columns).replace(",", "").replace(".", "")).isdecimal()
        },
    )


def _cell(row: dict[str, Any], columns: tuple[str, ...]) -> str:
    for name in columns:
        value = row.get(name)
        if isinstance(value, str | int) and str(value).strip():
            return str(value).strip()
    return ""


def _fold(header: str) -> str:
    """Fold a column's name: case, accents, đ, underscores and white space do not count."""
    plain = unicodedata.normalize("NFD", header.casefold()).replace("đ", "d")
    letters = "".join(" " if c in "_-\ufeff" else c for c in plain if not unicodedata.combining(c))
    return " ".join(letters.split())
