"""Back-ups: equal when restored, into either kind of database; broken ones refused; the move."""

from __future__ import annotations

import gzip
import json
import tarfile
import zlib
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
from mailroom import Clock, a_case
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from config.settings import ZONE
from langnghe.app import App
from langnghe.backup import BackupError, back_up, check, move, restore
from langnghe.cli import app as command
from langnghe.joining import join
from storage import cases
from storage.copying import fingerprints
from storage.db import healthy
from storage.errors import StorageError

NOW = datetime(2026, 3, 2, 9, tzinfo=ZONE)


@pytest.fixture
def office(tmp_path: Path) -> App:
    folder = tmp_path / "tinh"
    folder.mkdir()
    (folder / "langnghe.toml").write_text('data_dir = "data"\n', "utf-8")
    (folder / "contacts.toml").write_text("[contacts]\n", "utf-8")
    app = App(folder, clock=Clock(NOW))
    one, other, third = (a_case(app, number) for number in (1, 2, 3))
    with app.sessions.begin() as session:
        cases.change(session, third, recurs_of=one)
        stored = {number: cases.get(session, number) for number in (one, other)}
        events = [found.brief.event_id for found in stored.values() if found]
        join(app, session, events[1], events[0], "analyst:lan")  # points to a later event
    kept = app.settings.data_dir / "attachments" / "aa"
    kept.mkdir(parents=True)
    (kept / "anh.jpg").write_bytes(b"\xff\xd8 anh")
    return app


def test_what_is_restored_equals_what_was_kept(office: App, tmp_path: Path) -> None:
    file = tmp_path / "kho" / "ban-sao.tar.gz"
    file.parent.mkdir()

    held = back_up(office, file)
    again = restore(file, tmp_path / "moi")

    made = App(tmp_path / "moi", clock=Clock(NOW))
    assert held == again == check(file)
    assert (held.rows["case"], held.rows["item"], held.files >= 4) == (3, 3, True)
    assert fingerprints(made.engine) == fingerprints(office.engine)
    assert (made.settings.data_dir / "attachments/aa/anh.jpg").read_bytes() == b"\xff\xd8 anh"
    assert (tmp_path / "moi" / "contacts.toml").read_text("utf-8") == "[contacts]\n"
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_tables_move_to_the_other_database_and_on_from_there(office: App, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM rate"))
    url = engine.url.render_as_string(hide_password=False)

    rows = move(office, url)

    assert rows["case"] == 3
    assert fingerprints(engine) == fingerprints(office.engine)
    # New rows are numbered after those that came.
    assert office.folder is not None
    there = App(office.folder, clock=Clock(NOW), database_url=url)
    assert a_case(there, 4) == 4
    with pytest.raises(StorageError, match="not empty"):
        move(office, url)


def test_words_are_found_again_after_a_restore(office: App, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    back_up(office, file)
    restore(file, tmp_path / "moi")
    made = App(tmp_path / "moi", clock=Clock(NOW))

    with made.views() as session:
        waiting = session.scalar(text("SELECT count(*) FROM item WHERE indexed_version = 0"))
    assert waiting == 3


@pytest.mark.parametrize("kind", ["cut", "changed", "empty", "other", "file", "tables"])
def test_a_broken_back_up_is_refused_and_nothing_is_left(
    office: App, tmp_path: Path, kind: str
) -> None:
    file = tmp_path / "b.tar.gz"
    back_up(office, file)
    whole = file.read_bytes()
    if kind == "cut":
        file.write_bytes(whole[: len(whole) // 2])
    elif kind == "changed":
        file.write_bytes(whole[:200] + bytes([whole[200] ^ 255]) + whole[201:])
    elif kind == "empty":
        file.write_bytes(b"")
    elif kind == "other":
        file.write_bytes(b"PK\x03\x04 not a back-up")
    else:
        _edit(file, "data/attachments/aa/anh.jpg" if kind == "file" else "tables.db")
    for work in (lambda: check(file), lambda: restore(file, tmp_path / "moi")):
        with pytest.raises(BackupError):
            work()
    assert not (tmp_path / "moi").exists() or not any((tmp_path / "moi").iterdir())
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".lang")) == []


def test_a_changed_byte_anywhere_is_seen(office: App, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    back_up(office, file)
    whole = file.read_bytes()
    seen = 0
    # Not the time, flags and system that the head of a gzip file names: nothing is read of it.
    for at in range(10, len(whole), len(whole) // 60):
        damaged = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        if _unzipped(damaged) == gzip.decompress(whole):
            continue  # a run that is copied from elsewhere in the file, where the same stands
        file.write_bytes(damaged)
        with pytest.raises(BackupError):
            check(file)
        seen += 1
    assert seen > 50


def _unzipped(content: bytes) -> bytes | None:
    with suppress(OSError, EOFError, zlib.error):
        return gzip.decompress(content)
    return None


def _edit(file: Path, name: str) -> None:
    """Change one file inside a back-up, as a disk that forgets does."""
    folder = file.parent / "mo"
    with tarfile.open(file) as tar:
        tar.extractall(folder, filter="data")
        names = tar.getnames()
    body = bytearray((folder / name).read_bytes())
    body[-1] ^= 1
    (folder / name).write_bytes(body)
    with tarfile.open(file, "w:gz") as tar:
        for one in names:
            tar.add(folder / one, one)


def test_a_back_up_that_climbs_out_of_its_folder_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    (tmp_path / "x").write_text("x")
    with tarfile.open(file, "w:gz") as tar:
        tar.add(tmp_path / "x", "../ra-ngoai")

    with pytest.raises(BackupError):
        restore(file, tmp_path / "moi")
    assert not (tmp_path.parent / "ra-ngoai").exists()


def test_restore_leaves_what_is_there(office: App, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    back_up(office, file)
    (tmp_path / "moi").mkdir()
    (tmp_path / "moi" / "cua-toi").write_text("x")

    with pytest.raises(BackupError, match="not empty"):
        restore(file, tmp_path / "moi")
    assert [path.name for path in (tmp_path / "moi").iterdir()] == ["cua-toi"]


def test_restore_leaves_a_data_folder_that_is_in_use(office: App, tmp_path: Path) -> None:
    living, file = tmp_path / "song", tmp_path / "b.tar.gz"
    assert office.folder is not None
    (office.folder / "langnghe.toml").write_text(f'data_dir = "{living}"\n', "utf-8")
    back_up(office, file)
    living.mkdir()
    (living / "forgotten.jsonl").write_text("{}\n", "utf-8")

    with pytest.raises(BackupError, match=f"{living}: not empty"):
        restore(file, tmp_path / "moi")
    assert (living / "forgotten.jsonl").read_text("utf-8") == "{}\n"
    assert not (tmp_path / "moi").exists()

    living.rename(tmp_path / "cũ")
    restore(file, tmp_path / "moi")
    assert (living / "attachments/aa/anh.jpg").exists()


def test_a_place_that_cannot_be_written_to_is_a_line(office: App, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="khong-co"):
        back_up(office, tmp_path / "khong-co" / "b.tar.gz")


def test_the_commands(office: App, tmp_path: Path) -> None:
    def call(*words: str | Path) -> object:
        result = CliRunner().invoke(command, ["-c", str(office.folder), *map(str, words)])
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    made = call("backup", tmp_path / "b.tar.gz")
    restored = call("restore", tmp_path / "b.tar.gz", tmp_path / "moi")
    moved = call("move", "--to", f"sqlite:///{tmp_path / 'khac.db'}")

    assert made["verified"] is True  # type: ignore[index]
    assert restored["rows"] == made["rows"]  # type: ignore[index]
    assert moved["tables"]["case"] == 3  # type: ignore[index]
    assert healthy(App(tmp_path / "moi").engine) is None
