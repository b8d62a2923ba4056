"""Read the map's files: the table of units, landmarks and aliases, ours and the operator's."""

from __future__ import annotations

import csv
import gzip
import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import Field, ValidationError

from config.catalog import Period, Slug
from config.errors import ConfigError
from config.gazetteer_names import bare_name, split_name, tidy_name
from config.places import BEGINNING, Level, Place, place_key

DATA = Path(__file__).with_name("gazetteer")
TABLES = ("units.tsv.gz", "landmarks.csv", "aliases.csv")


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name of a unit. With `home` it counts only in a source of that province."""

    name: str
    keys: tuple[str, ...]
    home: str = ""


@dataclass(frozen=True, slots=True)
class Landmark:
    """A landmark as its file gives it: `within` are codes or keys of units."""

    id: str
    name: str
    kind: str
    within: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    valid_from: date = BEGINNING
    valid_to: date | None = None


class LandmarkEntry(Period):
    """An operator's landmark, `landmarks/ID.toml`.

    `within` lists the units it lies in, as a code ("29161": the latest unit of that
    code) or as a key ("29161@": the one of that period); where they later merged,
    the landmark follows. `aliases` are other names, as people write them.
    """

    id: Slug
    name: str = Field(min_length=2)
    kind: str = "landmark"
    within: tuple[str, ...] = Field(min_length=1)
    aliases: tuple[str, ...] = ()


def fingerprint(folder: Path | None) -> str:
    """Return twelve hex digits that change with any byte of the map's files."""
    digest = hashlib.sha256()
    paths = [DATA / name for name in TABLES]
    for path in [*paths, *_entries(folder)]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def read_units() -> dict[str, Place]:
    """Return all units of all periods by key, wider ones first."""
    units: dict[str, Place] = {}
    level_of = {level.value: level for level in Level}
    names = cache(bare_name)
    day = cache(_day)
    lines = gzip.decompress((DATA / "units.tsv.gz").read_bytes()).decode().splitlines()
    for line in lines[1:]:
        level, code, name, parent, start, end, successors = line.split("\t")
        key = f"{code}@{start}"
        units[key] = Place(
            key,
            code,
            name,
            names(name),
            level_of[level],
            parent or None,
            day(start) or BEGINNING,
            day(end),
            tuple(successors.split()),
        )
    return units


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def read_landmarks(folder: Path | None) -> list[Landmark]:
    """Return the shipped landmarks and the operator's, who wins by id."""
    found = {row["id"]: _shipped(row) for row in _table("landmarks.csv")}
    problems: list[str] = []
    for path in _entries(folder):
        entry = _entry(path, problems)
        if entry:
            found[entry.id] = Landmark(
                entry.id,
                tidy_name(entry.name),
                entry.kind,
                entry.within,
                tuple(map(tidy_name, entry.aliases)),
                entry.valid_from or BEGINNING,
                entry.valid_to,
            )
    if problems:
        raise ConfigError(problems)
    return list(found.values())


def _shipped(row: dict[str, str]) -> Landmark:
    return Landmark(
        row["id"],
        tidy_name(row["name"]),
        row["kind"],
        tuple(row["within"].split("|")),
        tuple(tidy_name(alias) for alias in row["aliases"].split("|") if alias),
        _day(row["valid_from"]) or BEGINNING,
        _day(row["valid_to"]),
    )


def read_aliases(by_code: dict[str, list[Place]]) -> list[Alias]:
    """Return other names of units; a code without a period means all its periods."""
    found = []
    for row in _table("aliases.csv"):
        of = row["of"]
        keys = tuple(p.key for p in by_code[of.split("@")[0]] if of in (p.key, p.code))
        found.append(Alias(tidy_name(row["alias"]), keys, row["home"]))
    return found


def _table(name: str) -> Iterable[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _entries(folder: Path | None) -> list[Path]:
    return sorted((folder / "landmarks").glob("*.toml")) if folder else []


def _entry(path: Path, problems: list[str]) -> LandmarkEntry | None:
    """Return the entry of one file, or None with its problems noted."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return LandmarkEntry.model_validate({"id": path.stem, **content})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{path}: {error}")
    except ValidationError as error:
        for found in error.errors():
            key = ".".join(map(str, found["loc"]))
            problems.append(f"{path}: {key}: {found['msg']}")
    return None


def landmark_place(landmark: Landmark, within: tuple[str, ...]) -> Place:
    """Return the landmark as a place of the map, in the units `within`."""
    return Place(
        place_key(landmark.id, landmark.valid_from),
        landmark.id,
        landmark.name,
        split_name(landmark.name)[1],
        Level.LANDMARK,
        None,
        landmark.valid_from,
        landmark.valid_to,
        within=within,
        aliases=landmark.aliases,
    )


def with_aliases(units: dict[str, Place], aliases: Iterable[Alias]) -> None:
    """Write the aliases that hold everywhere into the units."""
    for alias in aliases:
        for key in alias.keys if not alias.home else ():
            units[key] = replace(units[key], aliases=(*units[key].aliases, alias.name))
