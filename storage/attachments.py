"""Files that units send with an answer: rows in the database, bytes in the data folder by hash."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from storage.holds import Held, standing
from storage.models import AttachmentRow, DeletionRow


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that was checked and cleaned. `name` is masked and has the suffix of its type."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it is kept; its bytes lie at `path_of(folder, sha256)`."""

    id: int
    case_id: int
    entry_seq: int
    name: str
    media_type: str
    size: int
    sha256: str
    received_at: datetime
    keep_until: datetime


def path_of(folder: Path, sha256: str) -> Path:
    """Return where the bytes with this hash lie."""
    return folder / sha256[:2] / sha256


def put(folder: Path, content: bytes) -> str:
    """Write bytes, readable by this user alone, and return their hash. Harmless to repeat."""
    name = hashlib.sha256(content).hexdigest()
    path = path_of(folder, name)
    try:
        os.utime(path)  # bytes that nobody wanted any more are wanted anew: see `expire`
        return name
    except FileNotFoundError:
        pass
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{uuid.uuid4().hex}")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return name


def add(
    session: Session,
    folder: Path,
    case_id: int,
    entry_seq: int,
    files: Sequence[NewFile],
    at: datetime,
    keep: timedelta,
) -> None:
    """Keep the files that came with line `entry_seq` of a case's history, until `at` + `keep`.

    The bytes are written first: where the transaction fails after, they belong to no row
    and `expire` clears them away.
    """
    for file in files:
        session.add(
            AttachmentRow(
                case_id=case_id,
                entry_seq=entry_seq,
                name=file.name,
                media_type=file.media_type,
                size=len(file.content),
                sha256=put(folder, file.content),
                received_at=at,
                keep_until=at + keep,
            )
        )
    session.flush()


def of_case(session: Session, case_id: int) -> list[StoredFile]:
    """Return the files of a case, oldest first."""
    rows = session.scalars(
        select(AttachmentRow).where(AttachmentRow.case_id == case_id).order_by(AttachmentRow.id)
    )
    return [
        StoredFile(**{name: getattr(row, name) for name in StoredFile.__slots__}) for row in rows
    ]


def expire(session: Session, folder: Path, now: datetime, *, grace: timedelta) -> int:
    """Delete what is kept no longer, rows and bytes, and return how many files went.

    What belongs to a case that is held stays. The ledger tells of each batch of rows.

    Bytes without a row go too, once they are older than `grace`: an answer that is being
    kept just now has written its bytes before its row.
    """
    held = standing(Held.CASE, AttachmentRow.case_id)
    due = (AttachmentRow.keep_until <= now) & ~held
    ends = func.min(AttachmentRow.id), func.max(AttachmentRow.id), func.count()
    first, last, number = session.execute(select(*ends).where(due)).one()
    if number:
        session.execute(delete(AttachmentRow).where(due))
        session.add(
            DeletionRow(
                at=now, kind="attachment", key=f"{first}..{last}", number=number, sha256="",
                rule="attachment", who="machine", why="its term is over",
            )
        )  # fmt: skip
    kept = set(session.scalars(select(AttachmentRow.sha256).distinct()))
    gone = 0
    for path in folder.glob("??/*") if folder.is_dir() else ():
        if path.name not in kept and path.stat().st_mtime < (now - grace).timestamp():
            path.unlink(missing_ok=True)
            gone += 1
    return gone
