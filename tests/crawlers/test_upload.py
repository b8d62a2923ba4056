"""Files brought by hand: Vietnamese and English headers, Excel's habits, broken rows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from loopback import NOW

from crawlers.item import Fetch, Item, Outcome
from crawlers.spiders.upload import Options, Upload


def _read(
    path: Path, known: frozenset[str] = frozenset(), **columns: str
) -> tuple[list[Item], Fetch]:
    *items, end = Upload(path, "don-thu", NOW, known=known, columns=columns).read()
    assert isinstance(end, Fetch)
    return [item for item in items if isinstance(item, Item)], end


VIETNAMESE = """Mã phiếu;Tiêu đề;Nội dung phản ánh;Ngày gửi;Người gửi
P-01;Đường ngập;Đường vào ấp An Hòa ngập sâu.;23/11/2026 08:00;Nguyễn Văn Tên
P-02;;"Cầu gãy
nhịp giữa.";;Trần Thị Tên
P-03;;;24/11/2026;Ai Đó
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_vietnamese_csv_as_excel_writes_it(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "phieu.csv"
    path.write_bytes(VIETNAMESE.encode(encoding))

    items, end = _read(path)

    assert [(item.external_id, item.title, item.text) for item in items] == [
        ("P-01", "Đường ngập", "Đường vào ấp An Hòa ngập sâu."),
        ("P-02", "Cầu gãy", "Cầu gãy\nnhịp giữa."),
    ]
    assert items[0].url == f"urn:langnghe:don-thu:P-01:{items[0].body_sha256[:32]}"
    assert items[0].published is not None
    assert items[0].published.isoformat() == "2026-11-23T08:00:00+07:00"
    assert items[1].date_note.startswith("missing")
    assert (end.outcome, end.items) == (Outcome.NEW, 2)
    assert end.reason == "2 tin mới trong tệp; 1 dòng bỏ vì không có nội dung"


def test_nobody_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "phieu.csv"
    path.write_text(VIETNAMESE)

    assert "Tên" not in repr(_read(path))


def test_export_of_page_posts_keeps_counts(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(
        "Facebook Id,User Name,Post Created,Likes,Comments,Shares,URL,Message\n"
        '12,ai_do,2026-11-20 08:00:00 ICT,"1,234",5,n/a,https://www.facebook.com/12/posts/3,Ngập\n'
    )

    [item], _ = _read(path)

    assert item.url == "https://www.facebook.com/12/posts/3"
    assert item.engagement == {"reactions": 1234, "comments": 5}
    assert item.published is not None


def test_jsonl_of_the_feed_stream_and_json_lists(tmp_path: Path) -> None:
    row = {"link": "https://bao.vn/a?utm_source=x", "title": "Đê vỡ", "summary": "<p>Ngập</p>",
           "published": "2026-11-20T08:00:00+07:00", "source": "Báo"}  # fmt: skip
    lines, listed = tmp_path / "a.jsonl", tmp_path / "a.json"
    lines.write_text(
        json.dumps(row) + "\n\n" + json.dumps(row | {"title": "", "summary": ""}) + "\n"
    )
    listed.write_text(json.dumps([row]))

    items, end = _read(lines)

    assert [(item.url, item.title, item.text) for item in items] == [
        ("https://bao.vn/a", "Đê vỡ", "Ngập")
    ]
    assert end.reason == "1 tin mới trong tệp; 1 dòng bỏ vì không có nội dung"
    assert _read(listed)[0] == items


def test_reading_a_file_twice_gives_nothing_new(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("Nội dung\nĐường ngập sâu\n")
    items, _ = _read(path)

    again, end = _read(path, known=frozenset(item.url for item in items))

    assert (again, end.outcome, end.reason) == ([], Outcome.NONE, "tệp không có tin mới")


_NONE = "tệp không có tin nào"
_LINE = "tệp có 1 dòng hỏng (dòng 2: phải là một đối tượng JSON); 1 tin mới"
_KIND = (
    "không đọc được tệp: không đọc được loại tệp “.exe” (dùng .csv, .tsv, .xlsx, .json hoặc .jsonl)"
)
_COLUMN = "không nhận ra cột nội dung nào (các cột: “id”, “x”); 1 dòng bỏ vì không có nội dung"
_OPEN = "tệp có 1 dòng hỏng (dòng 3: dấu ngoặc kép mở mà không đóng); 2 tin mới"
_DEEP = "tệp có 1 dòng hỏng (dòng 2: không phải JSON); 2 tin mới"
_LIST = "tệp có 1 dòng hỏng (mục 2: phải là một đối tượng JSON); 1 tin mới"
_LONG = "tệp có 1 dòng hỏng (dòng 2: ô dài hơn 5 MB); 1 tin mới"


@pytest.mark.parametrize(
    ("name", "content", "outcome", "reason"),
    [
        ("a.csv", "", Outcome.EMPTY, _NONE),
        ("a.csv", "id;text\n", Outcome.EMPTY, _NONE),
        ("a.csv", "id;x\n1;2\n", Outcome.ERROR, _COLUMN),
        ("a.csv", "BÁO CÁO;\n\nid;x\n1;2\n", Outcome.ERROR, _COLUMN),
        ("a.csv", "ÔNG, BÀ, CÔ, BÁC\nid;text\n1;Ngập, sâu\n", Outcome.NEW, "1 tin mới trong tệp"),
        ("a.csv", "sep=;\nid;text\n1;Ngập\n", Outcome.NEW, "1 tin mới trong tệp"),
        ("a.csv", "BÁO CÁO;\n\nid;text\n1;Ngập\n", Outcome.NEW, "1 tin mới trong tệp"),
        ("a.csv", 'id;text\n1;một\n2;"hai\n3;ba\n', Outcome.ERROR, _OPEN),
        ("a.csv", f"text\n{'x' * (5 * 2**20 + 1)}\nhai\n", Outcome.ERROR, _LONG),
        ("a.json", '[{"text": "một"}, 3]', Outcome.ERROR, _LIST),
        ("a.json", "[" * 100_000, Outcome.ERROR, "không đọc được tệp: JSON lồng nhau quá sâu"),
        ("a.json", "{}", Outcome.ERROR, "không đọc được tệp: tệp .json phải là một danh sách"),
        ("a.jsonl", f'{{"text": "a"}}\n{"[" * 100_000}\n{{"text": "b"}}', Outcome.ERROR, _DEEP),
        ("a.jsonl", '{"text": "một"}\n[1]\n', Outcome.ERROR, _LINE),
        ("a.exe", "x", Outcome.ERROR, _KIND),
    ],
)
def test_files_that_hold_nothing_or_break_off(
    tmp_path: Path, name: str, content: str, outcome: Outcome, reason: str
) -> None:
    (tmp_path / name).write_text(content)

    _, end = _read(tmp_path / name)

    assert (end.outcome, end.reason) == (outcome, reason)


def test_missing_and_huge_files_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        _read(tmp_path / "khong-co.csv")[1].reason
        == "không mở được tệp (No such file or directory)"
    )
    monkeypatch.setattr("crawlers.table.MAX_BYTES", 3)
    (tmp_path / "to.csv").write_text("id;text\n1;x\n")
    assert _read(tmp_path / "to.csv")[1].reason == "không đọc được tệp: tệp lớn hơn 0 MB"


def test_own_names_of_columns_go_first(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Vấn đề,Nội dung,Ghi chú\nĐường ngập sâu,x,y\n")

    [item], end = _read(path, text="VẤN ĐỀ")

    assert (item.text, end.items) == ("Đường ngập sâu", 1)


def test_column_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no column 'author'"):
        Options(columns={"author": "Người gửi"})


@pytest.mark.parametrize("heading", ["Tên", "Họ tên", "Người gửi", "Địa chỉ"])
def test_columns_of_people_are_not_read(tmp_path: Path, heading: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{heading},Nội dung\nTám Hạnh,Đường ngập\n")

    [item], _ = _read(path)

    assert "Hạnh" not in repr(item)


def test_whole_numbers_and_days_are_read_as_spreadsheets_write_them(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Nội dung,Ngày,Comments,Shares\nĐường ngập,46341,12.0,1.234\n")

    [item], _ = _read(path)

    assert item.engagement == {"comments": 12, "shares": 1234}
    assert item.published is not None
    assert item.published.date().isoformat() == "2026-11-15"
