"""Forgetting: what has been kept for long enough is deleted, and the ledger tells what went.

Each batch is one transaction with its lines in the ledger: a process that dies leaves all of a
batch or nothing. What people asked to have deleted is also noted in a file beside the database,
so that a back-up from before does not bring it back.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from config.errors import LangNgheError
from langnghe.app import App, make_folder
from langnghe.logs import logger
from langnghe.progress import progress
from langnghe.redacting import redact, told
from storage import erasing, items, leases, ledger, pruning
from storage.db import Session
from storage.erasing import REQUEST, Word
from storage.errors import forbidden
from storage.ledger import address_mark
from storage.traces import (
    Traces,
    erase_digest_mails,
    erase_former,
    erase_history,
    erase_late_digest_mails,
    in_history,
    may_change_history,
    traces,
)
from storage.wiping import wipe

log = logger(__name__)
MACHINE = "machine"
_LEASE, _LEASE_S = "retention", 120.0
#: The file of what people asked for, in the data folder.
_FILE = "forgotten.jsonl"
_NEEDED = frozenset({"item", "address", "who", "why", "at"})


class UnknownItem(LangNgheError):
    """An item that there is not, or whose words are gone already."""

    reason = "unknown-item"


class HistoryKept(LangNgheError):
    """A headline in a history that this role of the database may not change."""

    reason = "history-kept"


class Busy(LangNgheError):
    """Another process is deleting."""

    reason = "busy"


@dataclass(frozen=True, slots=True)
class Term:
    """How many days something is kept, 0 for ever, and how much of it is older."""

    name: str
    days: int
    due: int


def terms(app: App) -> list[Term]:
    """Return all terms, with what the next run would delete."""
    with app.views() as session:
        return [
            Term(name, days, work.count(session) if days else 0) for name, days, work in _works(app)
        ]


def run(app: App, who: str = MACHINE) -> dict[str, int | str]:
    """Delete what is due, and what was asked for before a back-up was restored.

    Returns how much of each kind went; a word instead where the database does not allow
    this role to delete (the audit, where it is add-only). Nothing where another process
    is at it.
    """
    done: dict[str, int | str] = {}
    with _alone(app) as mine:
        if not mine:
            return done
        done["forgotten"] = _repeat(app)
        for name, days, work in _works(app):
            if days:
                done[name] = _all(app, work, _word(app, name, days, who))
        if any(done.get(name) for name in ("forgotten", *erasing.KINDS)):
            _wipe(app)
    log.info("retention", **{name: count for name, count in done.items() if count})
    return done


def run_now(app: App, who: str) -> dict[str, int | str]:
    """Do as `run`, for a person. Raises `Busy` where another process is at it."""
    done = run(app, who)
    if not done:
        raise Busy("another process deletes just now; nothing was done here")
    return done


def forget(app: App, item: int, why: str, who: str) -> list[int]:
    """Delete the words and addresses of one item because a person asked; return its cases.

    It is not read again. Cases about it lose headline and gist, their history and made digests
    its headline, mails about them that are out their words. Raises `UnknownItem`, and
    `HistoryKept` before anything is deleted.
    """
    with app.views() as session:
        found = items.get(session, item)
    if found is None or found.url.startswith("erased:"):
        raise UnknownItem(f"item {item}: there is none, or it is deleted already")
    with app.views() as session:
        stands = traces(session, item)
        repeated = in_history(session, stands.cases, stands.titles)
        if repeated and not may_change_history(session):
            raise HistoryKept(
                f"item {item}: the history of its cases repeats its headline, and this role of the "
                "database may not change it; nothing was deleted: run this as the owner's role"
            )
        others = erasing.address_marks(session, item)
    line = {"item": item, "address": address_mark(found.url), "others": others}
    _note(app, line | {"who": who, "why": why, "at": app.clock().isoformat()})
    cases = _forget(app, item, Word(REQUEST, who, why, app.clock()))
    _wipe(app)
    return cases


def _forget(app: App, item: int, word: Word) -> list[int]:
    with app.sessions.begin() as session:
        found = traces(session, item)
        erase_digest_mails(session, redact(app, session, found))
        erasing.erase(session, [item], word)
        erasing.erase_address(session, item, word)
        erasing.erase_gists(session, item)
        erase_former(session, found)
        _erase_history(session, found)
    app.forget_groups()  # its words are in the memory of grouping as well
    return sorted(found.cases)


def _erase_history(session: Session, found: Traces) -> None:
    if not in_history(session, found.cases, found.titles):
        return
    if may_change_history(session):
        erase_history(session, found.cases, found.titles)
    else:  # after a restore; a person's own request was refused before
        cases = sorted(found.cases)
        log.warning("history keeps a headline: it is add-only for this role", cases=cases)


def _wipe(app: App) -> None:
    if not wipe(app.engine):  # another program holds the file
        log.warning("words are deleted, their bytes stay until something is deleted again")


def _repeat(app: App) -> int:
    """Delete again what was asked for, where an older back-up brought it back.

    An article that came after the back-up may stand under another number by now, or come yet:
    it is known by its addresses.
    """
    count = 0
    for line in _noted(app.settings.data_dir / _FILE):
        marks = {line["address"], *line.get("others", ())}
        with app.views() as session:
            known = marks <= ledger.refused_marks(session, marks)
            found = [] if known else erasing.standing_at(session, marks)
        if known:
            _erase_late_mails(app, marks, line)
            continue
        word = Word(REQUEST, line["who"], line["why"], app.clock())
        for item in found:
            _forget(app, item, word)
        with app.sessions.begin() as session:
            for mark in sorted(marks - ledger.refused_marks(session, marks)):
                erasing.refuse(session, line["item"], mark, word)
        count += len(found)
    return count


def _erase_late_mails(app: App, marks: set[str], line: dict[str, Any]) -> None:
    """Delete the words of mails that still waited when the article was forgotten, and are out."""
    at = datetime.fromisoformat(line["at"])
    with app.sessions.begin() as session:
        for item in erasing.erased_at(session, marks):
            found = traces(session, item)
            erasing.erase_mails(session, found.cases, before=at)
            erase_late_digest_mails(session, found, at, told)


def _noted(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            noted = json.loads(line.decode("utf-8"))
            if not isinstance(noted, dict) or not noted.keys() >= _NEEDED:
                raise ValueError("no line of ours")
            yield noted
        except ValueError:  # a disk that was full cut it
            log.error("a line of the file of what was asked for cannot be read", file=_FILE)


def _note(app: App, line: dict[str, Any]) -> None:
    make_folder(app.settings.data_dir)
    path = Path(app.settings.data_dir, _FILE)
    with path.open("a+b") as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
        if file.read(1) not in {b"", b"\n"}:  # a line that was cut must not take this one along
            file.write(b"\n")
        file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


@dataclass(frozen=True, slots=True)
class _Work:
    count: Callable[[Session], int]
    batch: Callable[[Session, Word], int]


def _works(app: App) -> Iterator[tuple[str, int, _Work]]:
    kept = app.settings.retention
    for name, days in {"item": kept.item_days, "case_item": kept.case_item_days}.items():
        before = app.clock() - timedelta(days=days)
        yield (
            name,
            days,
            _Work(partial(erasing.count, name, before), partial(erasing.erase_due, name, before)),
        )
    by_rows = {"mail": kept.mail_days, "poll": kept.log_days, "round": kept.log_days}
    for name, days in (by_rows | {"audit": kept.audit_days}).items():
        before = app.clock() - timedelta(days=days)
        yield (
            name,
            days,
            _Work(partial(pruning.count, name, before), partial(pruning.prune, name, before)),
        )


def _all(app: App, work: _Work, word: Word) -> int | str:
    done = 0
    with progress("Đang xóa thứ hết hạn") as advance:
        try:
            while True:
                with app.sessions.begin() as session:
                    if not leases.hold(session, _LEASE, app.owner, app.clock(), _LEASE_S):
                        return done
                    count = work.batch(session, word)
                if not count:
                    return done
                done += count
                advance(count)
        except Exception as error:
            if not forbidden(error):
                raise
            log.error("may not delete", rule=word.rule)
            return "cơ sở dữ liệu không cho vai trò này xóa: chạy lại bằng vai trò chủ"


def _word(app: App, name: str, days: int, who: str) -> Word:
    return Word(name, who, f"{days} days", app.clock())


@contextmanager
def _alone(app: App) -> Iterator[bool]:
    with app.sessions.begin() as session:
        taken = leases.take(session, _LEASE, app.owner, app.clock(), _LEASE_S)
    if taken is None:
        yield False
        return
    try:
        yield True
    finally:
        with app.sessions.begin() as session:
            leases.release(session, _LEASE, app.owner, app.clock())
