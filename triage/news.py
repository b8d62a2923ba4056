"""What of an event is news: the facts a digest remembers, and the words for what changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from triage.case import CaseState, Veracity
from triage.digest import DigestEntry
from triage.wording import ANSWER, STATE, VERACITY, day_text, severity_text

_OVER = (CaseState.CLOSED, CaseState.DISMISSED)


def fingerprint(entry: DigestEntry) -> str:
    """Return what of an entry is news when it changes, as a short text to store."""
    return json.dumps(_facts(entry), ensure_ascii=False, separators=(",", ":"))


def read(fingerprint: str) -> Mapping[str, object]:
    """Return the facts of a fingerprint; none if it cannot be read."""
    try:
        found = json.loads(fingerprint)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class _News:
    """An entry beside what was told of it, and which facts differ."""

    old: Mapping[str, object]
    moved: set[str]
    entry: DigestEntry


def changes(before: str, entry: DigestEntry) -> tuple[str, ...]:
    """Say in words what changed since the fingerprint `before`; nothing if it cannot be read."""
    old, now = read(before), _facts(entry)
    moved = {name for name, value in now.items() if old.get(name, value) != value}
    news = _News(old, moved, entry)
    told = (_case, _truth, _ladder, _promise, _reports, _unit)
    return tuple(words for tell in told for words in tell(news))


def told_in_full(before: str | None, entry: DigestEntry) -> bool:
    """Say whether an earlier digest told this waiting or overdue entry for the same reason."""
    if before is None:
        return False
    old, now = read(before), _facts(entry)
    return (
        bool(now["late"] or now["waits"])
        and old.get("late") == now["late"]
        and (old.get("waits") == now["waits"])
        and old.get("case") == now["case"]
    )


def _case(news: _News) -> Iterable[str]:
    if "case" in news.moved and news.entry.case_id is not None:
        yield "lập vụ việc" if news.old["case"] is None else "bùng phát lại, lập vụ việc mới"
    elif "state" in news.moved and news.entry.state is not None:
        yield _state(news, news.entry.state)


def _state(news: _News, state: CaseState) -> str:
    if "returned" in news.moved:
        return f"bị trả lại lần {news.entry.returned}"
    if news.old["state"] in _OVER and state not in _OVER:
        return "mở lại vụ việc"
    if state is CaseState.ANSWERED and news.entry.proposed is not None:
        return f"đã trả lời: {ANSWER[news.entry.proposed]} – chờ xác nhận"
    return STATE[state]


def _truth(news: _News) -> Iterable[str]:
    entry, moved = news.entry, news.moved
    # That a unit looks into it is already said by "đã tiếp nhận".
    received = "state" in moved and "case" not in moved and entry.veracity is Veracity.CHECKING
    if "veracity" in moved and not received:
        yield VERACITY[entry.veracity]
    if "proposed" in moved and "state" not in moved and entry.proposed is not None:
        yield f"đơn vị trả lời lại: {ANSWER[entry.proposed]} – chờ xác nhận"
    if "severity" in moved:
        yield f"mức độ nay là “{severity_text(entry.severity).lower()}”"


def _ladder(news: _News) -> Iterable[str]:
    if "reminded" in news.moved and news.entry.reminded:
        yield f"đã nhắc lần {news.entry.reminded}"
    if "escalated" in news.moved and news.entry.escalated:
        yield "đã báo cấp trên của đơn vị"


def _promise(news: _News) -> Iterable[str]:
    if "promise" not in news.moved or news.entry.promised is None:
        return
    day = day_text(news.entry.promised)
    if news.entry.broken:
        yield f"trễ hẹn ngày {day}"
    elif news.entry.due_today:
        yield "lời hứa đến hạn hôm nay"
    else:
        yield f"đơn vị hẹn {'lại ' if news.old['promise'] else ''}ngày {day}"


def _reports(news: _News) -> Iterable[str]:
    voices, items = news.old.get("outlets"), news.old.get("items")
    if isinstance(voices, int) and news.entry.outlets > voices:
        yield f"thêm {news.entry.outlets - voices} nguồn độc lập, nay {news.entry.outlets}"
    elif isinstance(items, int) and news.entry.items > items:
        yield f"thêm {news.entry.items - items} tin mới, nay {news.entry.items}"


def _unit(news: _News) -> Iterable[str]:
    if "unit" in news.moved and news.entry.unit_name:
        was = f"{news.old['unit']} → " if news.old["unit"] else ""
        yield f"chuyển đơn vị: {was}{news.entry.unit_name}"


def _facts(entry: DigestEntry) -> dict[str, object]:
    promise = entry.promised.isoformat() if entry.promised else ""
    promise += " late" if entry.broken else " today" if entry.due_today else ""
    return {
        "case": entry.case_id,
        "state": entry.state,
        "veracity": entry.veracity,
        "severity": entry.severity,
        "outlets": entry.outlets,
        "unit": entry.unit_name,
        "items": entry.items,
        "proposed": entry.proposed,
        "returned": entry.returned,
        "reminded": entry.reminded,
        "escalated": entry.escalated,
        "promise": promise,
        "late": entry.late.what if entry.late else "",
        "waits": bool(entry.hold) or entry.state is CaseState.PROPOSED,
    }
