"""A live look at the running parts: each finding says what is well, or what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from config.errors import LangNgheError
from langnghe.app import App, make_folder
from langnghe.asking import addresses
from storage import health, outbox, readings, rounds
from storage.db import healthy

_LEAST_FREE = 500 * 2**20
_LATE_MAIL = timedelta(hours=6)
_LATE_ROUND = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `what` is told in Vietnamese."""

    part: str
    ok: bool
    what: str

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as plain values, for JSON."""
        return asdict(self)


def examine(app: App) -> Iterator[Finding]:
    """Look at disk, database, model, mails, rounds, sources and contacts of an installation."""
    for part, look in _LOOKS.items():
        try:
            yield from look(app)
        except LangNgheError as error:
            yield Finding(part, False, str(error))


def _disk(app: App) -> Iterator[Finding]:
    make_folder(app.settings.data_dir)
    free = shutil.disk_usage(app.settings.data_dir).free
    yield Finding("disk", free > _LEAST_FREE, f"còn trống {free // 2**20} MB")


def _database(app: App) -> Iterator[Finding]:
    problem = healthy(app.engine)
    yield Finding("database", problem is None, problem or "dùng được, bảng đúng phiên bản")
    with app.views() as session:
        failures = readings.failures(session)
    yield Finding("reading", not failures, f"{len(failures)} tin không đọc được, đã để riêng")


def _model(app: App) -> Iterator[Finding]:
    yield Finding("model", True, f"bộ đọc {app.reader.version}")


def _mail(app: App) -> Iterator[Finding]:
    with app.views() as session:
        stuck = outbox.stuck(session, app.clock() - _LATE_MAIL)
    told = "; ".join(f"{key}: {error or state}" for key, state, error in stuck[:5])
    yield Finding("mail", not stuck, told or "không thư nào bị kẹt")
    known = addresses(app)
    standing = [unit for unit in app.catalog.units.values() if unit.holds_on(app.today())]
    without = sum(unit.id not in known for unit in standing)
    yield Finding(
        "contacts",
        without < len(standing),
        f"{len(standing) - without}/{len(standing)} đơn vị đang hoạt động có địa chỉ nhận thư",
    )


def _rounds(app: App) -> Iterator[Finding]:
    with app.views() as session:
        last = rounds.last_finished(session, "round")
        broken = rounds.unfinished(session, "round")
    late = last is None or app.clock() - last > _LATE_ROUND
    when = "chưa có lượt nào" if last is None else f"lượt gần nhất {last.isoformat()}"
    yield Finding("rounds", not late, f"{when}; {len(broken)} lượt dở dang")


def _sources(app: App) -> Iterator[Finding]:
    with app.views() as session:
        found = health.health(session, app.clock(), app.catalog.sources.values())
    for one in found:
        if one.failures or one.silent:
            words = one.reason if one.failures else "im lặng lâu hơn thường lệ"
            yield Finding(f"source {one.source_id}", False, words)
    yield Finding("sources", bool(found), f"{len(found)} nguồn đang bật")


_LOOKS: dict[str, Callable[[App], Iterator[Finding]]] = {
    "disk": _disk,
    "database": _database,
    "model": _model,
    "mail": _mail,
    "rounds": _rounds,
    "sources": _sources,
}
