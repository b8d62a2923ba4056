"""Rows of a file that a person brings: CSV, TSV, XLSX, JSON, JSONL; broken ones are named."""

from __future__ import annotations

import csv
import gzip
import io
import json
import lzma
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from crawlers.plain import decode

MAX_BYTES = 200 * 2**20
MAX_LINES = 2 * 2**30  # of JSON lines that lie there unpacked and are read one by one
MAX_FIELD = 5 * 2**20
MAX_ROWS = 2**20  # of a sheet: Excel's own limit
#: So many rows at the top of a sheet may be a heading, before the one that names the columns.
_TOP = 20
#: After so many quotes that never close, a file is no CSV.
_MOST_OPEN = 100
_END = "\ufffeend"
_KINDS = ".csv, .tsv, .xlsx, .json hoặc .jsonl"


class _TooLargeError(ValueError):
    """What a file unpacks to is more than anybody writes by hand."""


Named = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `place` in words ("dòng 3"), and its cells by column, or what is `wrong` with it."""

    place: str
    cells: dict[str, Any]
    wrong: str = ""


def read_rows(path: Path, named: Named) -> Iterator[Row]:
    """Yield the rows of a file, by its suffix.

    `named` says whether a heading names a column that matters: the first of the top rows of
    a CSV or a sheet that holds one names the columns, else the fullest of them.
    Raises `OSError` where the file cannot be opened and `ValueError` where it cannot be
    read any further; what stands before is yielded.
    """
    kind = "".join(path.suffixes[-2:]).lower()
    if kind.endswith((".jsonl", ".ndjson", ".jsonl.xz", ".jsonl.gz")):
        yield from _json_lines(path)
        return
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"tệp lớn hơn {MAX_BYTES // 2**20} MB")
    if kind.endswith((".xlsx", ".xlsm")):
        yield from _sheets(path, named)
    elif kind.endswith((".csv", ".tsv", ".txt")):
        yield from _table(_csv_rows(decode(path.read_bytes()), named), named)
    elif kind.endswith(".json"):
        yield from _json_list(decode(path.read_bytes()))
    else:
        raise ValueError(f"không đọc được loại tệp “{path.suffix}” (dùng {_KINDS})")


def _json_lines(path: Path) -> Iterator[Row]:
    """Read JSON lines one at a time, plain or packed, so that a large file needs no memory."""
    unpack: dict[str, Any] = {".xz": lzma.open, ".gz": gzip.open}
    taken, packed = 0, path.suffix.lower() in unpack
    limit = MAX_BYTES if packed else MAX_LINES
    with unpack.get(path.suffix.lower(), open)(path, "rb") as stream:
        lines = iter(lambda: stream.readline(MAX_FIELD), b"")
        try:
            for number, raw in enumerate(lines, 1):
                taken += len(raw)
                if taken > limit:
                    raise ValueError(f"nội dung lớn hơn {limit // 2**20} MB")
                if raw.strip():
                    yield _object(f"dòng {number}", raw.decode("utf-8-sig", "replace"))
        except (lzma.LZMAError, EOFError) as error:
            raise ValueError(str(error)) from error


def _object(place: str, text: str) -> Row:
    try:
        return _checked(place, json.loads(text))
    except (ValueError, RecursionError):
        return Row(place, {}, "không phải JSON")


def _checked(place: str, value: Any) -> Row:
    if isinstance(value, dict):
        return Row(place, value)
    return Row(place, {}, "phải là một đối tượng JSON")


def _json_list(text: str) -> Iterator[Row]:
    try:
        values = json.loads(text)
    except RecursionError as error:
        raise ValueError("JSON lồng nhau quá sâu") from error
    if not isinstance(values, list):
        raise ValueError("tệp .json phải là một danh sách")
    for number, value in enumerate(values, 1):
        yield _checked(f"mục {number}", value)


Cells = tuple[str, list[str], str]


def _table(rows: Iterable[Cells], named: Named) -> Iterator[Row]:
    """Give cells their columns. A column without a heading is left out."""
    rows = iter(rows)
    top = [row for row in islice(rows, _TOP) if any(row[1])]
    filled = [sum(map(bool, cells)) for _, cells, _ in top]
    fullest = filled.index(max(filled)) if filled else 0
    head = next((at for at, (_, cells, _) in enumerate(top) if any(map(named, cells))), fullest)
    names = top[head][1] if top else []
    for place, cells, wrong in chain(top[head + 1 :], rows):
        given = {name: cell for name, cell in zip(names, cells, strict=False) if name and cell}
        if wrong or any(cells):
            yield Row(place, {} if wrong else given, wrong)


def _csv_rows(text: str, named: Named) -> Iterator[Cells]:
    """Read CSV as Excel writes it; a quote that never closes costs its own line alone."""
    csv.field_size_limit(2 * MAX_BYTES)
    lines = list(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    begin, delimiter = 0, ""
    if lines and lines[0].lower().startswith("sep=") and len(lines[0].strip()) == len("sep=") + 1:
        begin, delimiter = 1, lines[0].strip()[-1]
    delimiter = delimiter or _delimiter(lines[begin : begin + _TOP], named)
    for _ in range(_MOST_OPEN):
        reader = csv.reader([*islice(lines, begin, None), "\n", _END], delimiter=delimiter)
        at, cells = begin, list[str]()
        try:
            for cells in reader:
                if any(_END in cell for cell in cells):
                    break
                yield f"dòng {at + 1}", cells, _too_long(cells)
                at = begin + reader.line_num
        except csv.Error as error:
            raise ValueError(str(error)) from error
        if cells == [_END]:
            return
        yield f"dòng {at + 1}", cells, "dấu ngoặc kép mở mà không đóng"
        begin = at + 1
    raise ValueError("quá nhiều dấu ngoặc kép mở mà không đóng")


def _delimiter(top: list[str], named: Named) -> str:
    """Return what parts the columns: that under which a top row names one that matters.

    A heading above the columns may hold any number of commas.
    """
    for one in ",;\t":
        for cells in csv.reader(top, delimiter=one):
            if len(cells) > 1 and any(map(named, cells)):
                return one
    head = next((line for line in top if line.strip()), "")
    return max(",;\t", key=head.count)


def _too_long(cells: list[str]) -> str:
    longest = max(map(len, cells), default=0)
    return f"ô dài hơn {MAX_FIELD // 2**20} MB" if longest > MAX_FIELD else ""


def _sheets(path: Path, named: Named) -> Iterator[Row]:
    """Read every sheet of a workbook that is not hidden; nothing is unpacked to disk."""
    try:
        with zipfile.ZipFile(path) as packed:
            if sum(part.file_size for part in packed.infolist()) > MAX_BYTES:
                raise _TooLargeError(f"nội dung bung ra lớn hơn {MAX_BYTES // 2**20} MB")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions that nobody needs here
            book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
            with closing(book):
                for sheet in book.worksheets:
                    if sheet.sheet_state == "visible":
                        yield from _table(_sheet_rows(sheet), named)
    except (OSError, _TooLargeError):
        raise
    except Exception as error:  # whatever a broken archive or its XML makes the library raise
        raise ValueError(f"tệp Excel hỏng ({type(error).__name__})") from error


def _sheet_rows(sheet: Any) -> Iterator[Cells]:
    sheet.reset_dimensions()  # what a file says of its own size may be a lie
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        if number > MAX_ROWS:  # a row may say that it is the hundred thousand millionth
            raise _TooLargeError(f"trang “{sheet.title}” có hơn {MAX_ROWS} dòng")
        if any(cell is not None for cell in cells):
            words = [_words(cell) for cell in cells]
            yield f"trang “{sheet.title}” dòng {number}", words, _too_long(words)


def _words(cell: object) -> str:
    if cell is None or isinstance(cell, bool):
        return ""
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
