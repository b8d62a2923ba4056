"""Source type `upload`: items from a file brought by hand, with no network."""

from __future__ import annotations

import asyncio
import hashlib
import re
import unicodedata
from collections.abc import AsyncIterator, Container, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from config.marks import cut_marks
from crawlers.dates import read_date
from crawlers.item import Fetch, Item, Outcome
from crawlers.job import DueSource
from crawlers.plain import plain_text, plain_title
from crawlers.table import Row, read_rows
from crawlers.urls import canonical
from crawlers.web import Web

MAX_TEXT = 100_000  # characters
MAX_TITLE = 500
#: What spreadsheets make of a whole number and of a day (1982 to 2064), and their day nought.
_WHOLE = re.compile(r"\.0+$")
_SERIAL = re.compile(r"[3-5]\d{4}(?:\.\d+)?")
_EPOCH = date(1899, 12, 30)
#: Broken lines that are named; the others are counted.
_TOLD = 5
#: No count has more digits; and so many rows are read before others get their turn.
_DIGITS, _ROWS = 12, 100
# Headers as folded by `_fold`; the first that a row has wins. No column of a person is read.
COLUMNS = {
    "id": ("id", "ma", "ma phieu", "ma don", "so phieu", "post id", "facebook id", "guid"),
    "url": ("url", "link", "lien ket", "duong dan", "permalink", "permalink url"),
    "title": ("title", "tieu de", "chu de", "trich yeu"),
    "text": ("text", "noi dung", "message", "body", "description", "mo ta", "summary", "content",
             "noi dung phan anh", "noi dung kien nghi", "y kien", "y kien cu tri",
             "kien nghi", "phan anh"),
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
    `langnghe import`. `columns` names the file's own columns, where none of the usual
    names fits: `text = "Ý kiến của cử tri"`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = ""
    columns: dict[str, str] = Field(default_factory=dict)

    @field_validator("columns")
    @classmethod
    def _are_known(cls, columns: dict[str, str]) -> dict[str, str]:
        if unknown := columns.keys() - COLUMNS.keys() - COUNTS.keys():
            known = ", ".join((*COLUMNS, *COUNTS))
            raise ValueError(f"no column {min(unknown)!r} (there are {known})")
        return columns


async def poll(due: DueSource, options: Options, web: Web) -> AsyncIterator[Item | Fetch]:
    """Yield what the file holds and is not known yet; nothing, where it is what it was.

    The cursor is the hash of the file that was last read to its end without a fault. Of a
    long file only the newest rows are known, the others would be new at every poll.
    """
    if not options.path:
        reason = "nguồn nhập tay: dùng lệnh langnghe import"
        yield Fetch(due.id, Outcome.NONE, reason, web.now)
        return
    path = Path(options.path)
    mark = await asyncio.to_thread(_mark, path, options.columns)
    if mark and mark == due.cursor:
        reason = "tệp không đổi từ lần trước"
        yield Fetch(due.id, Outcome.NOT_MODIFIED, reason, web.now, cursor=mark)
        return
    file = Upload(path, due.id, web.now, known=due.known, columns=options.columns)
    records = file.read()
    # In a thread, a few rows at a time: meanwhile the downloads of all others go on.
    while some := await asyncio.to_thread(lambda: list(islice(records, _ROWS))):
        for record in some:
            if isinstance(record, Fetch) and record.outcome in (Outcome.NEW, Outcome.NONE):
                yield replace(record, cursor=mark)
            else:
                yield record


def _mark(path: Path, columns: Mapping[str, str]) -> str:
    """Return what tells a file and how it is to be read from any other, "" where it is none."""
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256")
    except OSError:
        return ""  # reading it tells why
    digest.update(repr(sorted(columns.items())).encode())
    return digest.hexdigest()


class Upload:
    """A file brought by hand, and what was understood of it.

    Columns are known by name, in Vietnamese or English, in any case, with or without
    accents (see `COLUMNS`); what `columns` says of the file's own names goes first.
    `used` tells, for each field, which column of the file it was taken from.
    """

    def __init__(
        self,
        path: Path,
        source_id: str,
        fetched_at: datetime,
        *,
        known: Container[str] = frozenset(),
        columns: Mapping[str, str] | None = None,
    ) -> None:
        self._path, self._source, self._now, self._known = path, source_id, fetched_at, known
        own = {field: _fold(name) for field, name in (columns or {}).items()}
        self._names = {
            field: tuple(dict.fromkeys((*([own[field]] if field in own else []), *names)))
            for field, names in (COLUMNS | COUNTS).items()
        }
        self.used: dict[str, str] = {}
        self._columns: dict[str, None] = {}
        #: Rows that were read, without words, and new; lines that are no rows.
        self._seen = self._empty = self._taken = 0
        self._broken: list[str] = []

    @property
    def unused(self) -> list[str]:
        """The columns of the file that nothing was taken from, in their order."""
        return [name for name in self._columns if name not in self.used.values()]

    def read(self) -> Iterator[Item | Fetch]:
        """Yield an item for each row, then one Fetch.

        Rows without words are skipped and counted, rows whose item is known are left out.
        A line that is no row makes the Fetch an error that names it; the others are read.
        A row without a link is known by its content, and by its id where the title is the
        same, so that reading a file twice gives the same items. Nothing is raised for a
        file that cannot be read, and one in which no column is known is an error: the Fetch
        says so.
        """
        place, problem = "", ""
        try:
            for row in read_rows(self._path, self._matters):
                place = row.place
                self._seen += 1
                if row.wrong:
                    self._broken.append(f"{row.place}: {row.wrong}")
                elif (item := self._tried(row)) and item.url not in self._known:
                    self._taken += 1
                    yield item
        except OSError as error:
            problem = f"không mở được tệp ({error.strerror or type(error).__name__})"
        except ValueError as error:
            problem = f"tệp hỏng sau {place}: {error}" if place else f"không đọc được tệp: {error}"
        outcome, reason = self._ending(problem)
        skipped = f"; {self._empty} dòng bỏ vì không có nội dung" if self._empty else ""
        yield Fetch(self._source, outcome, reason + skipped, self._now, items=self._taken)

    def _matters(self, heading: str) -> bool:
        return _fold(heading) in (*self._names["text"], *self._names["title"])

    def _ending(self, problem: str) -> tuple[Outcome, str]:
        whole = self._seen - len(self._broken)
        if not problem and whole and not self.used.keys() & {"text", "title"}:
            given = ", ".join(f"“{name[:40]}”" for name in [*self._columns][:_TOLD])
            problem = f"không nhận ra cột nội dung nào (các cột: {given or 'không có'})"
        if self._broken and not problem:
            more = len(self._broken) - _TOLD
            rest = f" và {more} dòng khác" if more > 0 else ""
            lines = "; ".join(self._broken[:_TOLD])
            problem = f"tệp có {len(self._broken)} dòng hỏng ({lines}{rest}); {self._taken} tin mới"
        if problem:
            return Outcome.ERROR, problem
        if self._taken:
            return Outcome.NEW, f"{self._taken} tin mới trong tệp"
        if self._seen > self._empty:
            return Outcome.NONE, "tệp không có tin mới"
        return Outcome.EMPTY, "tệp không có tin nào"

    def _tried(self, row: Row) -> Item | None:
        """Return what a row says; whatever is wrong with it costs it alone."""
        try:
            return self._item(row.cells)
        except (ValueError, OverflowError) as error:
            self._broken.append(f"{row.place}: không đọc được ({type(error).__name__})")
            return None

    def _item(self, raw: dict[str, Any]) -> Item | None:
        row = {_fold(name): (name, value) for name, value in raw.items()}
        cell = {field: self._cell(field, row) for field in self._names}
        self._columns |= dict.fromkeys(raw)
        text = plain_text(cell["text"])[:MAX_TEXT]
        title = plain_title(cell["title"])[:MAX_TITLE] or text.partition("\n")[0][:120]
        if not title:
            self._empty += 1
            return None
        digest = hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()
        identity, url = cell["id"][:200], canonical(cell["url"])
        dated = read_date(_day(cell["published"]), self._now)
        counts = {
            name: _WHOLE.sub("", cell[name]).replace(",", "").replace(".", "") for name in COUNTS
        }
        return Item(
            source_id=self._source,
            # Two lists may number their rows alike: an id alone is no identity.
            url=url or f"urn:langnghe:{self._source}:{identity or 'tin'}:{digest[:32]}",
            external_id=identity or url or digest[:32],
            title=title,
            text=text,
            published=dated.published,
            fetched_at=self._now,
            body_sha256=digest,
            date_note=dated.note,
            engagement={
                name: int(count)
                for name, count in counts.items()
                if count.isdecimal() and len(count) <= _DIGITS
            },
        )

    def _cell(self, field: str, row: dict[str, tuple[str, Any]]) -> str:
        for folded in self._names[field]:
            name, value = row.get(folded, ("", None))
            if isinstance(value, str | int) and str(value).strip():
                self.used.setdefault(field, name)
                return str(value).strip()
        return ""


def _day(cell: str) -> str:
    """Return a date as text, also where a spreadsheet kept it as a number of days."""
    if not _SERIAL.fullmatch(cell):
        return cell
    return (_EPOCH + timedelta(days=int(cell.partition(".")[0]))).isoformat()


def _fold(header: str) -> str:
    """Fold a column's name: case, accents, đ, underscores and white space do not count."""
    plain = unicodedata.normalize("NFD", cut_marks(header.casefold())).replace("đ", "d")
    letters = "".join(" " if c in "_-\ufeff" else c for c in plain if not unicodedata.combining(c))
    return " ".join(letters.split())
