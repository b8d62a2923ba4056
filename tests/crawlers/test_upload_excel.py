"""Workbooks brought by hand: what Excel writes, and what a hostile archive holds (T20)."""

from __future__ import annotations

import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from loopback import NOW
from openpyxl import Workbook

from crawlers.item import Fetch, Item, Outcome
from crawlers.spiders.upload import Upload

BOMB = 250 * 2**20
WRITTEN = datetime(2026, 11, 20, 8, 30, tzinfo=NOW.tzinfo)


def _read(path: Path) -> tuple[list[Item], Fetch]:
    *items, end = Upload(path, "cu-tri", NOW).read()
    assert isinstance(end, Fetch)
    return [item for item in items if isinstance(item, Item)], end


def _petitions() -> bytes:
    """A list as a people's council writes it: a heading, dates as dates, a hidden sheet."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Kỳ họp 12"
    sheet["B1"] = "TỔNG HỢP Ý KIẾN, KIẾN NGHỊ CỦA CỬ TRI"
    sheet.append([])
    sheet.append(["STT", "Mã đơn", "Ý kiến cử tri", "Ngày gửi", "Người kiến nghị"])
    sent = WRITTEN.replace(tzinfo=None)  # a workbook knows no zones
    sheet.append([1, 7.0, "Cầu Ấp 3 hư lan can.", sent, "Nguyễn Văn Tên"])
    sheet.append([2, 8, None, None, "Trần Thị Tên"])
    other = book.create_sheet("Xã Thử")
    other.append(["Nội dung"])
    other.append(["Cống bị nghẹt, nước không thoát."])
    hidden = book.create_sheet("ẩn")
    hidden.append(["Nội dung"])
    hidden.append(["Không ai được thấy."])
    hidden.sheet_state = "hidden"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def test_petitions_are_read_from_every_sheet_that_is_shown(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(_petitions())

    items, end = _read(tmp_path / "a.xlsx")

    assert [(item.external_id, item.text) for item in items] == [
        ("7", "Cầu Ấp 3 hư lan can."),
        (items[1].external_id, "Cống bị nghẹt, nước không thoát."),
    ]
    assert items[0].published == WRITTEN
    assert end.reason == "2 tin mới trong tệp; 1 dòng bỏ vì không có nội dung"
    assert "Tên" not in repr(items)


def _repacked(change: Callable[[zipfile.ZipFile, str, bytes], None]) -> bytes:
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(_petitions())) as whole,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for name in whole.namelist():
            change(packed, name, whole.read(name))
    return written.getvalue()


def _with(name: str, content: bytes) -> Callable[[], bytes]:
    return lambda: _repacked(
        lambda packed, part, body: packed.writestr(part, content if part == name else body)
    )


def _slip() -> bytes:
    def change(packed: zipfile.ZipFile, part: str, body: bytes) -> None:
        packed.writestr(part, body)
        packed.writestr(f"../../{len(packed.namelist())}.txt", b"x")

    return _repacked(change)


def _many() -> bytes:
    written = io.BytesIO(_petitions())
    with zipfile.ZipFile(written, "a") as packed:
        for number in range(10_000):
            packed.writestr(f"xl/media/{number}.bin", b"")
    return written.getvalue()


_SHEET = "xl/worksheets/sheet1.xml"
_NS = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "'
    + b"ha" * 5000
    + b'">'
    + b"".join(
        b'<!ENTITY %s "%s">' % (new, b"&%s;" % old * 20)
        for old, new in zip((b"a", b"b", b"c", b"d"), (b"b", b"c", b"d", b"e"), strict=True)
    )
    + b"]>"
)
_CELL = b'<row r="%d"><c r="%s%d" t="inlineStr"><is><t>%s</t></is></c></row>'
_FAR = (
    b"<worksheet " + _NS + b'><dimension ref="A1:XFD1048576"/><sheetData>'
    + _CELL % (1, b"A", 1, "Nội dung".encode()) + _CELL % (1048576, b"XFD", 1048576, b"xa")
    + b"</sheetData></worksheet>"
)  # fmt: skip
_LYING = (
    b"<worksheet " + _NS + b"><sheetData>" + _CELL % (1, b"A", 1, "Nội dung".encode())
    + _CELL % (99_999_999_999, b"A", 2, b"xa") + b"</sheetData></worksheet>"
)  # fmt: skip
_EVIL = {
    "lying-row": (_with(_SHEET, _LYING), "có hơn 1048576 dòng"),
    "bomb": (_with("xl/styles.xml", bytes(BOMB)), "nội dung bung ra lớn hơn 200 MB"),
    "laughs": (
        _with(_SHEET, _LAUGHS + b"<worksheet " + _NS + b"><sheetData>&e;</sheetData></worksheet>"),
        "tệp Excel hỏng (ValueError)",
    ),
    "not-a-zip": (lambda: b"PK\x03\x04 rac", "tệp Excel hỏng (BadZipFile)"),
    "empty": (lambda: b"", "tệp Excel hỏng (BadZipFile)"),
    "no-workbook": (_with("[Content_Types].xml", b""), "tệp Excel hỏng ("),
    "broken-sheet": (_with(_SHEET, b"<worksheet><sheetData><row>"), "tệp Excel hỏng ("),
}


@pytest.mark.parametrize("name", _EVIL)
def test_hostile_workbook_is_told_in_words(tmp_path: Path, name: str) -> None:
    made, problem = _EVIL[name]
    (tmp_path / "a.xlsx").write_bytes(made())

    _, end = _read(tmp_path / "a.xlsx")

    assert end.outcome is Outcome.ERROR
    assert problem in end.reason


@pytest.mark.parametrize("made", [_slip, _many, _with(_SHEET, _FAR)])
def test_odd_archive_writes_nothing(tmp_path: Path, made: Callable[[], bytes]) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "a.xlsx").write_bytes(made())

    items, _ = _read(inner / "a.xlsx")

    assert "Cống bị nghẹt, nước không thoát." in [item.text for item in items]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [inner / "a.xlsx"]


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_packed_lines_are_read_to_the_limit_and_no_further(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    suffix = "gz" if pack is gzip.compress else "xz"
    path = tmp_path / f"a.jsonl.{suffix}"
    path.write_bytes(pack(b'{"text": "Ngap"}\n' + bytes(BOMB)))

    items, end = _read(path)

    assert [item.text for item in items] == ["Ngap"]
    assert end.reason.endswith("nội dung lớn hơn 200 MB")


def test_link_is_read_as_the_file_it_names(tmp_path: Path) -> None:
    (tmp_path / "that.xlsx").write_bytes(_petitions())
    (tmp_path / "a.xlsx").symlink_to(tmp_path / "that.xlsx")
    (tmp_path / "lac.xlsx").symlink_to(tmp_path / "khong-co.xlsx")

    assert len(_read(tmp_path / "a.xlsx")[0]) == 2
    assert _read(tmp_path / "lac.xlsx")[1].reason.startswith("không mở được tệp")
