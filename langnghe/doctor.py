"""A live look at the running parts: each finding says what is well, or what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from importlib.util import find_spec
from typing import Any

from config.errors import LangNgheError
from langnghe.alarm import WORDS
from langnghe.app import App, make_folder, write_whole
from langnghe.asking import addresses, bad_addresses
from langnghe.hearing import why_unheard
from langnghe.writing import try_tables
from storage import deadletters, health, outbox, readings, rounds
from storage.db import healthy
from storage.errors import trouble
from triage.notice import DeliveryError

_LEAST_FREE = 500 * 2**20
_LATE_MAIL = timedelta(hours=6)
_LATE_ROUND = timedelta(hours=2)
_MOST_TOLD = 5
#: What an operator does next depends on how far the mail got.
_STEPS = {
    "connect": "không kết nối được máy chủ thư: xem host, port, tường lửa",
    "hello": "máy chủ thư không chịu làm việc với máy này",
    "tls": "không mã hóa được đường truyền: xem security, ca_file, chứng thư của máy chủ",
    "login": "không đăng nhập được: xem user và mật khẩu",
    "folder": "không ghi được vào thư mục thư",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `what` is told in Vietnamese."""

    part: str
    ok: bool
    what: str

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as plain values, for JSON."""
        return asdict(self)


def examine(app: App, parts: Collection[str] = ()) -> Iterator[Finding]:
    """Look at disk, database, model, the way of the mails, rounds, sources and contacts.

    Or only at those named.
    """
    for part, look in _LOOKS.items():
        if parts and part not in parts:
            continue
        try:
            yield from look(app)
        except LangNgheError as error:
            yield Finding(part, False, str(error))


def _disk(app: App) -> Iterator[Finding]:
    make_folder(app.settings.data_dir)
    free = shutil.disk_usage(app.settings.data_dir).free
    yield Finding("disk", free > _LEAST_FREE, f"còn trống {free // 2**20} MB")
    yield _writing(app)


def _writing(app: App) -> Finding:
    """Write to the tables and to the data folder, and take it back."""
    try:
        write_whole(app.settings.data_dir / ".doctor", bytes(2**16))
        (app.settings.data_dir / ".doctor").unlink()
        try_tables(app)
    except Exception as error:
        if found := trouble(error):
            return Finding("writing", ok=False, what=WORDS[found])
        raise
    return Finding("writing", ok=True, what="ghi được vào thư mục dữ liệu và cơ sở dữ liệu")


def _database(app: App) -> Iterator[Finding]:
    problem = healthy(app.engine)
    yield Finding("database", problem is None, problem or "dùng được, bảng đúng phiên bản")
    with app.views() as session:
        failures = readings.failures(session)
    yield Finding("reading", not failures, f"{len(failures)} tin không đọc được, đã để riêng")


def _model(app: App) -> Iterator[Finding]:
    chosen = app.chosen
    if chosen.fault:
        told = f"mô hình hỏng, đang dùng mô hình kèm theo ({chosen.reader.version}): {chosen.fault}"
        yield Finding("model", False, told)
        return
    which = "kèm theo" if chosen.wanted is None else f"tệp {chosen.wanted}"
    yield Finding("model", True, f"bộ đọc {chosen.reader.version}, mô hình {which}")


def _mail(app: App) -> Iterator[Finding]:
    try:
        app.notifier.probe()
        yield Finding("mail way", True, f"gửi thư được qua {app.notifier.where}")
    except DeliveryError as error:
        words = _STEPS.get(error.step, "không gửi thư được")
        yield Finding("mail way", False, f"{words} ({app.notifier.where}): {error}")
    with app.views() as session:
        left = deadletters.undelivered(session)
        waiting = outbox.waiting(session, app.clock(), app.clock() - _LATE_MAIL)
    told = "; ".join(f"{one.key}: {one.error}" for one in left[:_MOST_TOLD])
    words = f"{len(left)} thư không gửi được, chờ người xử lý (langnghe mails list): {told}"
    yield Finding("mail failed", not left, words if left else "không thư nào bị trả lại")
    told = "; ".join(f"{key}: {error or 'chưa gửi'}" for key, error in waiting[:_MOST_TOLD])
    words = f"{len(waiting)} thư bị kẹt: {told}"
    yield Finding("mail", not waiting, words if waiting else "không thư nào bị kẹt")


def _contacts(app: App) -> Iterator[Finding]:
    known, bad = addresses(app), bad_addresses(app)
    standing = [unit for unit in app.catalog.units.values() if unit.holds_on(app.today())]
    without = sum(unit.id not in known for unit in standing)
    yield Finding(
        "contacts",
        2 * without <= len(standing),
        f"{len(standing) - without}/{len(standing)} đơn vị đang hoạt động có địa chỉ nhận thư"
        + (f"; {without} đơn vị chưa có: vụ việc của họ chuyển lên cấp trên" if without else ""),
    )
    for unit, (address, _, why) in bad.items():
        yield Finding(f"contact {unit}", False, f"{address} không nhận thư: {why}")


def _rounds(app: App) -> Iterator[Finding]:
    with app.views() as session:
        last = rounds.last_finished(session, "round")
        broken = rounds.unfinished(session, "round")
    late = last is None or app.clock() - last > _LATE_ROUND
    when = "chưa có lượt nào" if last is None else f"lượt gần nhất {last.isoformat()}"
    yield Finding("rounds", not late, f"{when}; {len(broken)} lượt dở dang")


def _sources(app: App) -> Iterator[Finding]:
    with app.views() as session:
        enabled = [entry for entry in app.catalog.sources.values() if entry.enabled]
        found = health.health(session, app.clock(), enabled)
    for one in found:
        if not one.heard or one.silent:
            words = "im lặng lâu hơn thường lệ" if one.heard else why_unheard(one)
            yield Finding(f"source {one.source_id}", False, words)
    heard = sum(one.heard for one in found)
    words = f"nghe được {heard}/{len(found)} nguồn đang bật"
    yield Finding("sources", 2 * heard >= len(found) > 0, words)


def _broker(app: App) -> Iterator[Finding]:
    if not app.settings.cluster.broker_url:
        return
    if find_spec("celery") is None:
        yield Finding("broker", False, "thiếu phần cài thêm lang-nghe[cluster]")
        return
    from langnghe.cluster.broker import Broker

    depths = Broker(app.settings.cluster).asked()
    if depths is None:
        yield Finding("broker", False, "không hỏi được RabbitMQ: xem cluster.broker_url")
        return
    waiting, dead = sum(depths.values()) - depths.get("dead", 0), depths.get("dead", 0)
    words = f"RabbitMQ trả lời; {waiting} lời nhắc đang chờ, {dead} lời nhắc bị bỏ riêng"
    yield Finding("broker", dead == 0, words)


_LOOKS: dict[str, Callable[[App], Iterator[Finding]]] = {
    "disk": _disk,
    "database": _database,
    "broker": _broker,
    "model": _model,
    "mail": _mail,
    "contacts": _contacts,
    "rounds": _rounds,
    "sources": _sources,
}
