"""Words that several pages of the console say: of decisions, of reasons, of lengths of time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from langnghe.app import App
from langnghe.asking import addresses
from langnghe.why import NOTICE_STATE
from triage.act import DISMISSALS
from triage.case import Veracity
from triage.digest import next_due
from triage.entrywords import ENTRY
from triage.wording import OUTCOME, SEVERITY, STATE, VERACITY, span_text

TRUTHS: Mapping[Veracity, str] = {
    Veracity.TRUE: "Đúng",
    Veracity.PARTLY: "Đúng một phần",
    Veracity.FALSE: "Không đúng",
    Veracity.UNDECIDED: "Chưa đủ căn cứ",
}
DISMISSED: Mapping[str, str] = dict(
    zip(
        DISMISSALS,
        ("Không phải vấn đề", "Trùng vụ việc khác", "Đã giải quyết", "Không thuộc địa bàn", "Khác"),
        strict=True,
    )
)
COMMITMENTS: Mapping[str, str] = {
    "promise": "Lời hứa",
    "dialogue": "Đối thoại",
    "press": "Họp báo",
    "task": "Nhiệm vụ",
    "check": "Kiểm tra",
}
#: What was just done, said on the page that comes after a form.
DONE: Mapping[str, str] = {
    "approved": "Đã duyệt",
    "dismissed": "Đã bỏ",
    "assigned": "Đã chuyển đơn vị",
    "corrected": "Đã sửa",
    "closed": "Đã kết thúc",
    "sent_back": "Đã yêu cầu trả lời lại",
    "reopened": "Đã mở lại",
    "amended": "Đã đính chính",
    "note": "Đã ghi chú",
    "undone": "Đã hoàn tác",
    "claim": "Đã nhận xem",
    "release": "Đã thôi xem",
    "opened:proposed": "Đã lập vụ việc",
    "commitment": "Đã ghi hẹn",
    "commitment_settled": "Đã ghi kết quả hẹn",
    "commitment_reopened": "Đã hoàn tác kết quả hẹn",
}
SETTLED: Mapping[str, str] = {
    "open": "còn hạn",
    "kept": "đã xong",
    "late": "trễ hẹn",
    "dropped": "bỏ",
}


def shared(app: App, lang: str) -> dict[str, Any]:
    """Return what the templates of cases and events need besides their own."""
    return {
        "now": app.clock(),
        "today": app.today(),
        "state_words": STATE,
        "veracity_words": VERACITY,
        "outcome_words": OUTCOME,
        "severity_words": SEVERITY,
        "truths": TRUTHS,
        "dismissals": DISMISSED,
        "commitment_words": COMMITMENTS,
        "settled_words": SETTLED,
        "kind_words": ENTRY,
        "done_words": DONE,
        "notice_words": NOTICE_STATE,
        "topics": app.catalog.topics,
        "units": units(app),
        "due_of": next_due,
        "span": span_in(lang),
        "who_text": who_text,
    }


def units(app: App) -> tuple[tuple[str, str], ...]:
    """Return (id, name) of the units of today that can be written to, by name."""
    known, today = addresses(app), app.today()
    found = [unit for unit in app.catalog.units.values() if unit.id in known]
    named = [(unit.id, unit.name) for unit in found if unit.holds_on(today)]
    return tuple(sorted(named, key=lambda one: one[1]))


def span_in(lang: str) -> Callable[[datetime, datetime], str]:
    """Return what says how long it is from one instant to another, in two parts at most."""

    def say(start: datetime, end: datetime) -> str:
        words = span_text(abs(end - start) or timedelta(minutes=1))
        if lang != "en":
            return words
        for vietnamese, english in (("ngày", "d"), ("giờ", "h"), ("phút", "min")):
            words = words.replace(vietnamese, english)
        return words

    return say


def who_text(who: str) -> str:
    """Return who did something as the history shows it."""
    return "máy" if who == "machine" else who.replace(":", ": ", 1)
