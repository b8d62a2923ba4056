"""Back-ups: one file with the tables, the data folder and the operator's folder; and restoring it.

The tables travel as an SQLite file whatever the database is, so that a back-up of one kind
can be restored into the other.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from config.errors import LangNgheError
from langnghe.app import App, make_folder
from storage import copying
from storage.db import Engine, healthy, migrate, open_database
from storage.errors import StorageError

FORM = 1
_TABLES, _MANIFEST = "tables.db", "manifest.json"
_DATA, _CONFIG = "data", "config"
#: Files of the data folder that the tables stand for, or that mean nothing elsewhere.
_LEFT_OUT = (".db", ".db-wal", ".db-shm", ".lock", ".part")


class BackupError(LangNgheError):
    """A back-up that cannot be made, read or restored, and why."""

    reason = "backup"


@dataclass(frozen=True, slots=True)
class Held:
    """What a back-up holds: when it was made, rows by table, and how many files."""

    made_at: str
    program: str
    rows: dict[str, int]
    files: int


def back_up(app: App, path: Path, say: copying.Say = lambda _name, _rows: None) -> Held:
    """Write a back-up to `path`, whole or not at all, readable by its owner only.

    The service may run meanwhile. It holds the keys of answer links and whatever secrets
    lie in the two folders. Raises `BackupError`.
    """
    try:
        with _workplace(path.parent) as work:
            source = open_database(f"sqlite:///{work / _TABLES}")
            copying.copy(app.engine, source, say)
            prints = copying.fingerprints(source)
            source.dispose()
            part = work / "whole.part"
            manifest = _pack(app, part, work, prints)
            part.replace(path)
    except OSError as error:
        raise BackupError(f"{path}: {error.strerror or error}") from error
    return _held(manifest)


def check(path: Path) -> Held:
    """Restore a back-up into a folder that is thrown away, and compare every file and table.

    Raises `BackupError` naming the first thing that is not as it was.
    """
    with _workplace(path.parent) as work:
        return _held(_unpacked(path, work))


def restore(path: Path, folder: Path, over: Callable[[Path], App] = App) -> Held:
    """Restore a back-up: the operator's folder into `folder`, which must be empty or new.

    Files and tables go where its settings say (`database_url`; without one an SQLite file
    in the data folder). A database or a data folder that is not empty is left alone. Where it
    fails in the middle both folders are as empty as before, so that it can be called again.
    Raises `BackupError`.
    """
    try:
        if folder.exists() and any(folder.iterdir()):
            raise BackupError(f"{folder}: not empty; a back-up is restored into a new folder")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _workplace(folder.parent) as work, ExitStack() as undo:
            manifest = _unpacked(path, work)
            undo.callback(_empty, folder, folder.exists())
            _move(work / _CONFIG, folder)
            app = over(folder)
            data = app.settings.data_dir
            _leave_living_data(data)
            undo.callback(_empty, data, data.exists())
            make_folder(data)
            _move(work / _DATA, data)
            _fill(app.engine, work / _TABLES)
            undo.pop_all()
    except OSError as error:
        raise BackupError(f"{folder}: {error.strerror or error}") from error
    return _held(manifest)


def _fill(target: Engine, file: Path) -> None:
    """Copy the tables of an SQLite file into an empty database, compare, and close both."""
    source = open_database(f"sqlite:///{file}")
    try:
        copying.copy(source, target)
        if copying.fingerprints(target) != copying.fingerprints(source):
            raise BackupError("the restored tables differ from those of the back-up")
    finally:
        source.dispose()
        target.dispose()


def move(app: App, url: str, say: copying.Say = lambda _name, _rows: None) -> dict[str, int]:
    """Copy all tables into the empty database of `url`, compare, and return rows by table.

    Raises `StorageError`; then the target is as empty as before.
    """
    target = open_database(url)
    copying.copy(app.engine, target, say)
    before, after = copying.fingerprints(app.engine), copying.fingerprints(target)
    if before != after:
        differing = ", ".join(name for name in before if before[name] != after[name])
        raise StorageError(
            f"these tables differ: {differing}; was the service writing? Empty the target first"
        )
    return {name: rows for name, (rows, _) in after.items()}


@contextmanager
def _workplace(near: Path) -> Iterator[Path]:
    """Give a folder on the same disk, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=".langnghe-", dir=near) as name:
        yield Path(name)


def _files(app: App, work: Path) -> Iterator[tuple[str, Path]]:
    """Yield the name in the back-up and the place of every file that belongs to it."""
    data = app.settings.data_dir
    for place, root in ((_DATA, data), (_CONFIG, app.folder)):
        if root is None or not root.is_dir():
            continue
        for path in sorted(root.rglob("*")):
            inner = place == _CONFIG and (path == data or data in path.parents)
            ours = work in path.parents or path.name.endswith(_LEFT_OUT)
            if path.is_file() and not path.is_symlink() and not inner and not ours:
                yield f"{place}/{path.relative_to(root).as_posix()}", path


def _held(manifest: dict[str, Any]) -> Held:
    rows = {name: int(one["rows"]) for name, one in manifest["tables"].items()}
    return Held(manifest["made_at"], manifest["program"], rows, len(manifest["files"]))


class _Heard:
    """Reads a file, and hashes what was read of it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sum = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes of the file."""
        part = self._file.read(size)
        self.sum.update(part)
        return part


def _pack(app: App, part: Path, work: Path, prints: dict[str, tuple[int, str]]) -> dict[str, Any]:
    """Write tables and files into `part`, and at its end the list of all with their hashes.

    The hashes are of the bytes that were packed: a file that the service adds to, replaces or
    deletes meanwhile is kept as it was at one moment, or not at all, and agrees with the list.
    """
    manifest: dict[str, Any] = {
        "form": FORM,
        "program": version("lang-nghe"),
        "made_at": app.clock().isoformat(),
        "tables": {name: {"rows": rows, "sum": mark} for name, (rows, mark) in prints.items()},
        "files": {},
    }
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as raw:
        # Of files that are one on the disk each is packed: a link has no bytes to be hashed.
        with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6, dereference=True) as tar:
            for name, path in ((_TABLES, work / _TABLES), *_files(app, work)):
                with suppress(FileNotFoundError):  # its time was over: it is not kept either
                    manifest["files"][name] = _add(tar, name, path)
            (work / _MANIFEST).write_text(
                json.dumps(manifest, ensure_ascii=False, indent=1), "utf-8"
            )
            tar.add(work / _MANIFEST, _MANIFEST)
        raw.flush()
        os.fsync(raw.fileno())
    return manifest


def _add(tar: tarfile.TarFile, name: str, path: Path) -> str:
    """Pack the bytes that a file has at this moment, and return their hash."""
    with path.open("rb") as file:
        heard = _Heard(file)
        tar.addfile(tar.gettarinfo(arcname=name, fileobj=file), heard)
    return heard.sum.hexdigest()


def _unpacked(path: Path, work: Path) -> dict[str, Any]:
    """Unpack a back-up, compare all that it holds with its own list, and return the list."""
    try:
        with gzip.open(path) as plain:
            with tarfile.open(fileobj=plain, mode="r:") as tar:
                tar.extractall(work, filter="data")
            while plain.read(2**20):  # to its very end, where the checksum of all stands
                pass
        manifest: dict[str, Any] = json.loads((work / _MANIFEST).read_text("utf-8"))
        files, tables = manifest["files"], manifest["tables"]
        if manifest["form"] != FORM:
            raise BackupError(
                f"{path}: of a form ({manifest['form']}) that this program cannot read"
            )
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, KeyError) as error:
        raise BackupError(f"{path}: no back-up, or a broken one ({error})") from error
    for name, mark in files.items():
        if not (work / name).is_file() or _hash(work / name) != mark:
            raise BackupError(f"{path}: {name} is missing or changed")
    _check_tables(path, work / _TABLES, tables)
    return manifest


def _check_tables(path: Path, file: Path, tables: dict[str, Any]) -> None:
    """Compare the tables with the list, and bring those of an earlier program up to date."""
    engine = open_database(f"sqlite:///{file}")
    try:
        if healthy(engine) is None:  # of this version: row by row, not only as a file
            found = copying.fingerprints(engine)
            if found != {name: (one["rows"], one["sum"]) for name, one in tables.items()}:
                raise BackupError(f"{path}: the tables are not as they were")
        migrate(engine)
    finally:
        engine.dispose()


def _leave_living_data(data: Path) -> None:
    """Raise where the settings of the back-up name a data folder that is in use."""
    if data.exists() and any(data.iterdir()):
        raise BackupError(
            f"{data}: not empty; the back-up's settings name it as data_dir: move it away first"
        )


def _move(source: Path, target: Path) -> None:
    """Move what is in a folder into an empty one, on whatever disk that is."""
    target.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        for path in source.iterdir():
            shutil.move(path, target / path.name)


def _empty(folder: Path, was_there: bool) -> None:
    """Take back what a restore that failed put into a folder, so that it can be done again.

    A folder that was there before stays: a disk may be mounted on it, or its rights be set.
    """
    if not was_there:
        shutil.rmtree(folder, ignore_errors=True)
        return
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
