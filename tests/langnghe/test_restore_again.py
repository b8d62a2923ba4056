"""Restoring onto another disk, and again after it failed in the middle."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from disk_torture import can_mount, small_disk
from mailroom import Clock
from sqlalchemy import text
from test_backup import NOW, office

from config.errors import LangNgheError
from langnghe.app import App
from langnghe.backup import BackupError, back_up, restore
from storage.copying import fingerprints
from storage.errors import StorageError

__all__ = ["office"]  # a fixture

PICTURE = "attachments/aa/anh.jpg"
needs_disk = pytest.mark.skipif(not can_mount(), reason="a small disk cannot be mounted here")


def kept(app: App, file: Path, settings: str) -> Path:
    """Make a back-up whose settings are these, with a key that nobody else may read."""
    assert app.folder is not None
    keys = app.settings.data_dir / "keys"
    keys.mkdir(exist_ok=True)
    (keys / "links.json").write_text("{}", "utf-8")
    (keys / "links.json").chmod(0o600)
    (app.folder / "langnghe.toml").write_text(settings, "utf-8")
    back_up(app, file)
    return file


def assert_restored(app: App, folder: Path, data: Path) -> None:
    assert (data / PICTURE).read_bytes() == b"\xff\xd8 anh"
    assert (data / "keys/links.json").stat().st_mode & 0o777 == 0o600
    assert (folder / "contacts.toml").read_text("utf-8") == "[contacts]\n"
    made = App(folder, clock=Clock(NOW))
    assert fingerprints(made.engine) == fingerprints(app.engine)
    made.engine.dispose()


@needs_disk
@pytest.mark.parametrize("inner", ["", "lang-nghe"])
def test_data_goes_to_another_disk(office: App, tmp_path: Path, inner: str) -> None:
    with small_disk(tmp_path / "disk") as disk:
        data = disk / inner
        file = kept(office, tmp_path / "b.tar.gz", f'data_dir = "{data}"\n')
        restore(file, tmp_path / "moi")
        assert_restored(office, tmp_path / "moi", data)


@needs_disk
def test_a_full_disk_is_emptied_and_the_restore_done_again(office: App, tmp_path: Path) -> None:
    large = office.settings.data_dir / "attachments" / "aa" / "lon"
    large.write_bytes(os.urandom(20 * 2**20))
    with small_disk(tmp_path / "disk") as disk:
        filler, data = disk / "day", disk / "lang-nghe"
        filler.write_bytes(bytes(50 * 2**20))
        file = kept(office, tmp_path / "b.tar.gz", f'data_dir = "{data}"\n')

        with pytest.raises(BackupError, match="No space left"):
            restore(file, tmp_path / "moi")
        assert not (tmp_path / "moi").exists()
        assert list(disk.iterdir()) == [filler]

        filler.unlink()
        restore(file, tmp_path / "moi")
        assert_restored(office, tmp_path / "moi", data)
        assert (data / "attachments/aa/lon").read_bytes() == large.read_bytes()


@pytest.mark.parametrize("there", [True, False], ids=["empty folders", "new folders"])
def test_a_database_that_is_in_use_leaves_the_folders_as_they_were(
    office: App, tmp_path: Path, there: bool
) -> None:
    url, folder, data = f"sqlite:///{tmp_path / 'khac.db'}", tmp_path / "moi", tmp_path / "tep"
    settings = f'data_dir = "{data}"\ndatabase_url = "{url}"\n'
    file = kept(office, tmp_path / "b.tar.gz", settings)
    living = App(None, clock=Clock(NOW), database_url=url, data_dir=tmp_path / "song")
    with living.engine.begin() as connection:
        connection.execute(text("INSERT INTO rate VALUES ('a', '2026-03-02', 1)"))
    for one in (folder, data) if there else ():
        one.mkdir(mode=0o700)

    with pytest.raises(StorageError, match="not empty"):
        restore(file, folder)
    assert [one.exists() and not any(one.iterdir()) for one in (folder, data)] == [there, there]

    with living.engine.begin() as connection:
        connection.execute(text("DELETE FROM rate"))
    living.engine.dispose()
    restore(file, folder)
    assert_restored(office, folder, data)


def test_settings_that_cannot_work_leave_nothing(office: App, tmp_path: Path) -> None:
    file = kept(office, tmp_path / "b.tar.gz", 'database_url = "khong-co://x"\n')
    with pytest.raises(LangNgheError):
        restore(file, tmp_path / "moi")
    assert not (tmp_path / "moi").exists()
