"""Read the catalogue: shipped entries, then the operator's folder, which wins file by file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, ValidationError

from config.catalog import (
    Email,
    HolidayYear,
    NotifierEntry,
    PolicyEntry,
    RoutingFile,
    Slug,
    SourceEntry,
    Strict,
    TopicEntry,
    UnitEntry,
)
from config.errors import ConfigError
from config.settings import KINDS, SETTINGS_FILE, problems_of
from config.toml import parse_toml

T = TypeVar("T", bound=Strict)
SHIPPED = Path(__file__).parent / "defaults"
_MODELS: Mapping[str, type[Strict]] = {
    "sources": SourceEntry,
    "topics": TopicEntry,
    "units": UnitEntry,
    "routing": RoutingFile,
    "holidays": HolidayYear,
    "notifiers": NotifierEntry,
}
_ALSO_ALLOWED = {SETTINGS_FILE, "policy.toml", "contacts.toml", "landmarks", "data", "README.md"}


class Contacts(Strict):
    """`contacts.toml`: seeds of the contact table, unit id to e-mail address."""

    contacts: dict[Slug, Email] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything the files say. `hash` changes when any of it does; it marks every decision."""

    sources: Mapping[str, SourceEntry]
    topics: Mapping[str, TopicEntry]
    units: Mapping[str, UnitEntry]
    routing: Mapping[str, RoutingFile]
    holidays: Mapping[int, HolidayYear]
    notifiers: Mapping[str, NotifierEntry]
    policy: PolicyEntry
    contacts: Mapping[str, str]
    hash: str


def load_catalog(folder: Path | None, defaults: Sequence[str] = KINDS) -> Catalog:
    """Read all entries. `defaults` are the kinds taken from the package as well.

    Raises `ConfigError` naming every problem as `file: key: what is wrong`: unknown
    keys and files, TOML that cannot be read, references to units or topics that are
    not there.
    """
    files = _Files()
    if folder is not None:
        files.problems.extend(_unknown_files(folder))
    found: dict[str, dict[str, Any]] = {
        kind: files.entries(kind, _files(kind, folder, shipped=kind in defaults)) for kind in KINDS
    }
    policy = files.single("policy.toml", PolicyEntry, folder) or PolicyEntry()
    contacts = files.single("contacts.toml", Contacts, folder) or Contacts()
    files.problems.extend(_dangling(found, contacts))
    if files.problems:
        raise ConfigError(files.problems)
    return Catalog(
        sources=found["sources"],
        topics=found["topics"],
        units=found["units"],
        routing=found["routing"],
        holidays={entry.year: entry for entry in found["holidays"].values()},
        notifiers=found["notifiers"],
        policy=policy,
        contacts=contacts.contacts,
        hash=files.digest.hexdigest()[:16],
    )


def load_routing(folder: Path, catalog: Catalog) -> dict[str, RoutingFile]:
    """Read a folder of nothing but routing files, to stand in the place of a catalogue's own.

    Raises `ConfigError` as `load_catalog` does; units and topics are the catalogue's.
    """
    files = _Files()
    routing = files.entries("routing", {path.stem: path for path in sorted(folder.glob("*.toml"))})
    known = {"routing": routing, "units": catalog.units, "topics": catalog.topics}
    files.problems.extend(_dangling(known, Contacts()))
    if files.problems:
        raise ConfigError(files.problems)
    return routing


def _files(kind: str, folder: Path | None, *, shipped: bool) -> dict[str, Path]:
    """Map entry ids to files; the operator's file replaces the shipped one of the same name."""
    homes = ([SHIPPED / kind] if shipped else []) + ([folder / kind] if folder else [])
    return {path.stem: path for home in homes for path in sorted(home.glob("*.toml"))}


class _Files:
    """Reads entry files, and keeps what is wrong with them and what they said."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.digest = hashlib.sha256()

    def entries(self, kind: str, files: Mapping[str, Path]) -> dict[str, Any]:
        """Read one kind of entry; those with problems are left out."""
        model = _MODELS[kind]
        read = {
            name: self.read(path, f"{kind}/{path.name}", model, name)
            for name, path in sorted(files.items())
        }
        return {name: entry for name, entry in read.items() if entry is not None}

    def single(self, name: str, model: type[T], folder: Path | None) -> T | None:
        """Read the operator's file of this name, else the shipped one, else None."""
        homes = [home for home in (folder, SHIPPED) if home is not None]
        path = next((home / name for home in homes if (home / name).is_file()), None)
        return None if path is None else self.read(path, name, model)

    def read(self, path: Path, shown: str, model: type[T], name: str = "") -> T | None:
        """Read one file as `model`, or note what is wrong with it and return None."""
        try:
            content = path.read_bytes()
            values = parse_toml(content)
        except (OSError, ValueError) as error:
            self.problems.append(f"{shown}: -: {error}")
            return None
        self.digest.update(shown.encode() + b"\0" + content + b"\0")
        if name and values.setdefault("id", name) != name:
            self.problems.append(f"{shown}: id: the file name says {name!r}")
            return None
        try:
            return model.model_validate(values)
        except ValidationError as error:
            self.problems.extend(problems_of(error, shown))
            return None


def _unknown_files(folder: Path) -> Iterator[str]:
    """Yield what lies in the folder and would never be read: most often a typing error."""
    for path in sorted(folder.iterdir()):
        if path.name not in _ALSO_ALLOWED and path.name not in KINDS and path.name[0] != ".":
            yield f"{path.name}: -: not a file or folder this program reads"


def _dangling(found: Mapping[str, Mapping[str, Any]], contacts: Contacts) -> Iterator[str]:
    units, topics = found["units"], found["topics"]
    for name, file in found["routing"].items():
        for number, row in enumerate(file.rows):
            for field in ("lead", "cooperating", "copies"):
                named = getattr(row, field)
                for unit in (named,) if isinstance(named, str) else named:
                    if "{place}" not in unit and unit not in units:
                        yield f"routing/{name}.toml: rows.{number}.{field}: no unit {unit!r}"
            for topic in row.topics:
                if topic not in topics:
                    yield f"routing/{name}.toml: rows.{number}.topics: no topic {topic!r}"
    for unit in contacts.contacts:
        if unit not in units:
            yield f"contacts.toml: contacts.{unit}: no such unit"
