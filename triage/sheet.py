"""Tables for spreadsheets: CSV and XLSX in which no cell can ever be a formula or a link."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

import xlsxwriter

from config.settings import ZONE

Cell = str | int | float | datetime | None
Row = Sequence[Cell]
#: A cell that begins so is taken for a formula, whatever blanks stand before it.
_FORMULA = re.compile(r"^[\s\x00-\x20\ufeff\u200b\u00a0]*[=+\-@|%＝＋－＠]|^[\t\r\n]")
#: What a spreadsheet cannot hold, and the most that fits into a cell of one.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MOST_CHARS = 32_000
_BOM = "\ufeff"
_MOST_WIDTH = 60


def harmless(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula; it begins with ' then."""
    return f"'{text}" if _FORMULA.match(text) else text


def csv_bytes(head: Sequence[str], rows: Iterable[Row]) -> bytes:
    """Return a CSV file in UTF-8 that Excel opens with its letters right.

    Text that could be a formula begins with an apostrophe; every text is quoted, so that
    a line break within it starts no cell of its own.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(head)
    for row in rows:
        writer.writerow([_csv_cell(cell) for cell in row])
    return (_BOM + written.getvalue()).encode()


def xlsx_bytes(name: str, head: Sequence[str], rows: Iterable[Row], made_at: datetime) -> bytes:
    """Return an Excel file with one sheet: same data, same bytes; text is only ever text."""
    written = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
        "default_date_format": "dd/mm/yyyy hh:mm",
    }
    with xlsxwriter.Workbook(written, options) as book:
        book.set_properties({"created": made_at.astimezone(ZONE).replace(tzinfo=None)})
        sheet = book.add_worksheet(name)
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet.write_row(0, 0, head, bold)
        sheet.freeze_panes(1, 0)
        widths = [len(title) for title in head]
        count = 0
        for number, row in enumerate(rows, 1):
            count = number
            for column, cell in enumerate(row):
                _write(sheet, number, column, cell, wrapped)
                widths[column] = max(widths[column], min(len(str(cell or "")), _MOST_WIDTH))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width + 2)
        sheet.autofilter(0, 0, count, len(head) - 1)
    return written.getvalue()


def _write(
    sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: Cell, wrapped: object
) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, str):
        sheet.write_string(row, column, _clean(cell), wrapped)
    elif isinstance(cell, datetime):
        sheet.write_datetime(row, column, cell.astimezone(ZONE).replace(tzinfo=None))
    else:
        sheet.write_number(row, column, cell)


def _csv_cell(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell.astimezone(ZONE):%Y-%m-%d %H:%M}"
    return harmless(_clean(cell)) if isinstance(cell, str) else cell


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("", text)[:_MOST_CHARS]
