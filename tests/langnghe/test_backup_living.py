"""Back-ups of a service at work: what changes while it is packed is kept as of one moment."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from test_backup import office

from langnghe.app import App, write_whole
from langnghe.backup import back_up, check, restore

__all__ = ["office"]  # a fixture


@contextmanager
def at_work(app: App) -> Iterator[list[int]]:
    """Let a thread add lines, turn keys, edit settings and delete files as long as the block runs."""
    data, ended, begun = app.settings.data_dir, threading.Event(), threading.Event()
    assert app.folder is not None
    settings, done = app.folder / "contacts.toml", [0]

    def work() -> None:
        for number in count():
            with (data / "forgotten.jsonl").open("a", encoding="utf-8") as file:
                file.write(f'{{"number": {number}}}\n')
            write_whole(data / "keys" / "links.json", b"k" * (number % 90 + 1))
            write_whole(settings, f"[contacts]  # {number}\n".encode())
            (data / "attachments" / "aa" / f"{number % 7}.tmp").write_bytes(b"x")
            (data / "attachments" / "aa" / f"{number % 7}.tmp").unlink()
            done[0] = number
            begun.set()
            if ended.is_set():
                return

    (data / "keys").mkdir(exist_ok=True)
    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert begun.wait(60)
        yield done
    finally:
        ended.set()
        thread.join()


def test_a_back_up_made_while_files_change_is_restored(office: App, tmp_path: Path) -> None:
    large = office.settings.data_dir / "attachments" / "aa" / "lon"
    large.write_bytes(os.urandom(20 * 2**20))  # takes a while, before and after the others
    file = tmp_path / "b.tar.gz"

    with at_work(office) as done:
        before = done[0]
        held = back_up(office, file)
        assert done[0] > before, "it did work meanwhile"

    assert check(file) == held
    restore(file, tmp_path / "moi")
    lines = (tmp_path / "moi/data/forgotten.jsonl").read_text("utf-8").splitlines()
    assert len(lines) >= before
    assert (tmp_path / "moi/contacts.toml").read_text("utf-8").startswith("[contacts]  # ")
    assert (tmp_path / "moi/data/attachments/aa/lon").read_bytes() == large.read_bytes()


def test_one_file_under_two_names_is_kept_under_both(office: App, tmp_path: Path) -> None:
    kept = office.settings.data_dir / "attachments/aa"
    (kept / "khac.jpg").hardlink_to(kept / "anh.jpg")
    file = tmp_path / "b.tar.gz"

    assert back_up(office, file) == check(file)
    restore(file, tmp_path / "moi")
    for name in ("anh.jpg", "khac.jpg"):
        assert (tmp_path / "moi/data/attachments/aa" / name).read_bytes() == b"\xff\xd8 anh"
