"""Notifier type `outbox`: every notice becomes an `.eml` file in a folder.

The default of a fresh installation: nothing leaves the machine, and any mail program
opens the files.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

from config.catalog import Strict
from config.settings import ZONE
from triage.message import PlainAddress, build_message
from triage.notice import DeliveryDeferred, Fault, Notice
from triage.wording import one_line


class Options(Strict):
    """What an operator writes: the folder, and as whom the mails are written."""

    folder: Path = Path("outbox")
    sender: PlainAddress = "langnghe@langnghe.invalid"
    sender_name: str = "Lắng Nghe"
    reply_to: PlainAddress | None = None


class Notifier:
    """Writes into one folder, which it makes when it is missing."""

    def __init__(self, options: Options, base: Path = Path()) -> None:
        self._options = options
        self.folder = base / options.folder

    def send(self, notice: Notice) -> None:
        """Write `notice` whole or not at all; the same notice again replaces its own file.

        Raises `DeliveryDeferred` when the folder cannot be written or the disk is full,
        `DeliveryFailed` when the notice cannot be a mail (see `build_message`).
        """
        options = self._options
        message = build_message(
            notice,
            options.sender,
            sender_name=options.sender_name,
            reply_to=options.reply_to or "",
        )
        self._keep(file_name(notice), message.as_bytes())

    @property
    def where(self) -> str:
        """The folder, for messages to the operator."""
        return str(self.folder)

    def probe(self) -> None:
        """Try to write into the folder and take it back. Raises `DeliveryDeferred`."""
        name = f".probe-{os.getpid()}"
        self._keep(name, b"")
        (self.folder / name).unlink(missing_ok=True)

    def _keep(self, name: str, content: bytes) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _write_whole(self.folder / name, content)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise DeliveryDeferred(f"outbox folder: {reason}", Fault.SERVER, "folder") from error


def file_name(notice: Notice) -> str:
    """Return the name of the file of `notice`: the day, its key readably, its key exactly."""
    day = f"{notice.created_at.astimezone(ZONE):%Y-%m-%d}"
    readable = re.sub(r"[^a-z0-9]+", "-", one_line(notice.key).lower()).strip("-")[:60].strip("-")
    exact = hashlib.sha256(notice.key.encode("utf-8", "replace")).hexdigest()[:12]
    return "-".join(part for part in (day, readable, exact) if part) + ".eml"


def _write_whole(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name, too, survives a power cut
    finally:
        os.close(folder)
