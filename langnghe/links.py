"""Answer links: the keys that sign them, kept in one file, and the address a unit is given."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from config.errors import ConfigError
from langnghe.app import App, make_folder
from triage.token import Key, Scope, sign

#: Where the page of an answer link lies.
PATH = "/tra-loi/"


def answer_link(app: App, case_id: int, unit_id: str, epoch: int) -> str:
    """Return the address under which `unit_id` answers a case; "" where no `public_url` is set.

    `epoch` is the case's `link_epoch`: links of an older one are revoked. The link works
    until the case closes, and no longer than `link_days`.
    """
    base = app.settings.public_url.rstrip("/")
    return f"{base}{PATH}{answer_token(app, case_id, unit_id, epoch)}" if base else ""


def answer_token(app: App, case_id: int, unit_id: str, epoch: int) -> str:
    """Return the signed part of an answer link alone."""
    expires = app.clock() + timedelta(days=app.settings.link_days)
    return sign(Scope(case_id, unit_id, epoch, expires), keys(app))


def keys(app: App) -> tuple[Key, ...]:
    """Return the keys, oldest first; the last one signs. The first call ever makes one.

    Read anew each time, so that a changed key counts at once in every process. Raises
    `ConfigError` where the file cannot be read or is not ours.
    """
    path = key_file(app)
    try:
        return _read(path)
    except FileNotFoundError:
        with _locked(path):
            if not path.exists():  # of two processes that start at once, one makes it
                _write(path, [_fresh(app.clock(), ())])
            return _read(path)


def rotate(app: App, *, drop: bool = False) -> Key:
    """Make a new key that signs from now on, and return it.

    Links signed before work on until they expire; with `drop` they end at once, for a key
    that may have leaked.
    """
    now = app.clock()
    path = key_file(app)
    keys(app)
    with _locked(path):
        old = [] if drop else [key for key in _read(path) if key.until is None or key.until > now]
        end = now + timedelta(days=app.settings.link_days)
        kept = [key if key.until else replace(key, until=end) for key in old]
        new = _fresh(now, old)
        _write(path, [*kept, new])
    return new


def key_file(app: App) -> Path:
    """Return where the keys lie."""
    return app.settings.link_keys_file or app.settings.data_dir / "keys" / "links.json"


def _fresh(now: datetime, old: Sequence[Key]) -> Key:
    # The number makes the order plain to a reader; the rest keeps a dropped id from returning.
    return Key(f"{now:%y%m%d}{len(old)}{secrets.token_hex(2)}", secrets.token_urlsafe(48))


def _read(path: Path) -> tuple[Key, ...]:
    try:
        found = tuple(_key(one) for one in json.loads(path.read_text("utf-8"))["keys"])
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ConfigError([f"{path}: -: {error.strerror}"]) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError([f"{path}: -: not a file of link keys"]) from error
    if not found:
        raise ConfigError([f"{path}: keys: none"])
    return found


def _key(plain: dict[str, Any]) -> Key:
    until = plain["until"]
    return Key(plain["id"], plain["secret"], datetime.fromisoformat(until) if until else None)


def _write(path: Path, found: list[Key]) -> None:
    """Replace the file in one step: a reader sees the old one or the new one, never a half."""
    plain = [
        {"id": key.id, "secret": key.secret, "until": key.until.isoformat() if key.until else None}
        for key in found
    ]
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump({"keys": plain}, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process at a time change the keys."""
    make_folder(path.parent)
    handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
