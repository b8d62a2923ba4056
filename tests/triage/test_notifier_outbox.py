"""The outbox folder: whole files or none, one for each key, and a clear word when it cannot."""

from __future__ import annotations

import email
import subprocess
import sys
from email.policy import SMTP
from pathlib import Path

import pytest
from triage_samples import at, notice

from config.catalog import NotifierEntry
from config.errors import ConfigError
from triage.notice import DeliveryDeferred, DeliveryFailed, Fault
from triage.notifiers import build_notifier, notifier_types
from triage.notifiers.outbox import file_name

NAME = "2023-07-25-cases-ubnd-huyen-ba-tri-2023-07-20-8ac5fc0a53ab.eml"


def outbox(base: Path, folder: str = "outbox"):
    options = {"folder": folder}
    return build_notifier(NotifierEntry(id="outbox", type="outbox", options=options), base)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_file_name_is_the_registry():
    assert notifier_types() == ["outbox", "smtp"]


def test_an_unknown_type_is_told_with_those_there_are():
    with pytest.raises(ConfigError) as raised:
        build_notifier(NotifierEntry(id="fax", type="fax"))

    assert raised.value.problems == (
        "notifiers/fax.toml: type: no notifier type 'fax' (there are outbox, smtp)",
    )


def test_a_notice_becomes_a_file_that_mail_programs_open(tmp_path):
    outbox(tmp_path).send(notice())

    assert files(tmp_path / "outbox") == [NAME]
    read = email.message_from_bytes((tmp_path / "outbox" / NAME).read_bytes(), policy=SMTP)
    assert read["Subject"] == notice().subject
    assert read["From"] == "Lắng Nghe <langnghe@langnghe.invalid>"
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]


def test_the_same_notice_again_is_the_same_file(tmp_path):
    sender = outbox(tmp_path)
    sender.send(notice())
    before = (tmp_path / "outbox" / NAME).read_bytes()

    sender.send(notice())

    assert files(tmp_path / "outbox") == [NAME]
    assert (tmp_path / "outbox" / NAME).read_bytes() == before


def test_keys_that_read_alike_have_files_of_their_own(tmp_path):
    sender = outbox(tmp_path)
    keys = ("a:b", "a-b", "A:b", "a/../b", "a\nb", "ấ:b", "", "." * 300)

    for key in keys:
        sender.send(notice(key=key))

    assert len(files(tmp_path / "outbox")) == len(keys)
    assert files(tmp_path) == ["outbox"]


def test_the_day_in_the_name_is_viet_nams():
    assert file_name(notice(created_at=at(31, 23, 59))).startswith("2023-07-31-")


@pytest.mark.parametrize("folder", ["file", "file/below"])
def test_a_folder_that_cannot_be_made_defers(tmp_path, folder):
    (tmp_path / "file").write_text("")

    with pytest.raises(DeliveryDeferred, match=r"outbox folder: (File exists|Not a directory)"):
        outbox(tmp_path, folder).send(notice())


def test_a_device_instead_of_a_folder_defers():
    with pytest.raises(DeliveryDeferred, match="outbox folder: "):
        outbox(Path("/"), "dev/full").send(notice())


def test_a_full_disk_defers_and_leaves_nothing_half_written(tmp_path):
    # A limit on the size of files stops the write where a full disk would: part-way.
    program = (
        "import resource, sys; from pathlib import Path\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "from test_notifier_outbox import outbox; from triage_samples import notice\n"
        "from triage.notice import DeliveryDeferred\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
        "try: outbox(Path(sys.argv[1])).send(notice(text='x' * 9000))\n"
        "except DeliveryDeferred as error: print(error)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), str(Path(__file__).parent)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "outbox folder: File too large\n"
    assert files(tmp_path / "outbox") == []


def test_the_folder_can_be_tried_without_a_mail(tmp_path):
    outbox(tmp_path).probe()
    assert files(tmp_path / "outbox") == []
    (tmp_path / "outbox").rmdir()
    (tmp_path / "outbox").write_text("")

    with pytest.raises(DeliveryDeferred) as raised:
        outbox(tmp_path).probe()

    assert (raised.value.fault, raised.value.step) == (Fault.SERVER, "folder")


def test_space_that_comes_back_lets_the_same_notice_through(tmp_path):
    (tmp_path / "outbox").write_text("")
    sender = outbox(tmp_path)
    with pytest.raises(DeliveryDeferred):
        sender.send(notice())
    (tmp_path / "outbox").unlink()

    sender.send(notice())

    assert files(tmp_path / "outbox") == [NAME]


def test_a_notice_that_cannot_be_a_mail_fails_and_writes_nothing(tmp_path):
    with pytest.raises(DeliveryFailed):
        outbox(tmp_path).send(notice(recipient="a@b.vn\r\nBcc: x@y.vn"))

    assert files(tmp_path) == []


def test_bad_options_name_the_file_and_the_key():
    entry = NotifierEntry(id="outbox", type="outbox", options={"sender": "x", "fodler": "y"})

    with pytest.raises(ConfigError) as raised:
        build_notifier(entry)

    assert [line.split(":")[:2] for line in raised.value.problems] == [
        ["notifiers/outbox.toml", " options.sender"],
        ["notifiers/outbox.toml", " options.fodler"],
    ]
