"""/hom-nay: the day as the digest would tell it, live, from a few bounded queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from litestar import Response

from langnghe.accounts import Right
from langnghe.app import App
from langnghe.telling import digest_bytes
from langnghe.web.console.guard import Answer, Desk, Visit
from langnghe.web.console.hearing import heard
from storage import digests, overview
from storage.overview import CaseNow
from triage.case import CaseState
from triage.digest import next_due
from triage.wording import STATE

_DAY = timedelta(days=1)
#: Rows of one list; what is beyond is counted, and stands in the queue.
MOST = 40
FILES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html; charset=utf-8",
}
#: What was last done to a case, in words.
DONE = {
    "approved": "đã duyệt",
    "assigned": "chuyển đơn vị khác",
    "corrected": "sửa nội dung",
    "sent": "đã gửi đơn vị",
    "sent_back": "yêu cầu trả lời lại",
    "reopened": "mở lại",
    "amended": "sửa kết luận",
    "note": "có ghi chú",
    "undone": "hoàn tác",
    "acknowledged": "đơn vị đã tiếp nhận",
    "not_ours": "đơn vị báo không thuộc thẩm quyền",
    "answered": "đơn vị đã trả lời",
    "progress": "đơn vị báo tiến độ",
    "reminded": "đã nhắc",
    "escalated": "đã báo cấp trên",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A case in one of the lists: `why` says in one line why it stands there."""

    case: CaseNow
    why: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One list of the page; `count` may be more than its rows."""

    key: str
    title: str
    note: str
    rows: Sequence[Row]
    count: int


def routes(_: App, desk: Desk) -> list[Any]:
    """Return the routes of the page and of the digest's files."""
    return [
        desk.look("/hom-nay", Right.LOOK, _today),
        desk.look("/hom-nay/ban-tin/{form:str}", Right.LOOK, _file),
    ]


def _today(visit: Visit) -> Answer:
    app = visit.app
    now = app.clock()
    with app.views() as session:
        told = digests.last_before(session, app.today())
        since = max(told, now - 7 * _DAY) if told else now - _DAY
        live = overview.live(session)
        touched = overview.touched(session, since)
        ended = overview.ended(session, since, MOST)
        events, more = overview.unasked(session, since, MOST // 2)
        ear = heard(app, session, now)
    lists = lists_of(live, touched, ended, since, now)
    context: dict[str, Any] = {
        "lists": lists,
        "events": events,
        "events_count": more,
        "ear": ear,
        "since": since,
    }
    return visit.page("console/today.html", now=now, open_count=len(live), **context)


def lists_of(
    live: Sequence[CaseNow],
    touched: dict[int, str],
    ended: Sequence[CaseNow],
    since: datetime,
    now: datetime,
) -> tuple[Listed, ...]:
    """Sort cases into the lists of the page; what is new is not told as changed too."""
    late = [Row(one, _late(one), due(one)) for one in live if is_late(one, now)]
    late.sort(key=lambda row: row.at or now)
    proposed = [one for one in live if one.state is CaseState.PROPOSED]
    new = [one for one in live if one.opened_at >= since and one.state is not CaseState.PROPOSED]
    fresh = {one.case_id for one in new}
    changed = [
        Row(one, DONE.get(touched[one.case_id], STATE[one.state]))
        for one in live
        if one.case_id in touched and one.case_id not in fresh
    ]
    return (
        _listed("qua-han", "Quá hạn", "Đơn vị chưa làm đúng hạn của vụ việc.", late),
        _listed(
            "cho",
            "Chờ quyết định",
            "Chưa gửi cho đơn vị nào; cần người xem và quyết định.",
            [Row(one, one.hold or one.why) for one in proposed],
        ),
        _listed("moi", "Vụ việc mới", "Lập từ sau bản tin trước.", [Row(o, o.why) for o in new]),
        _listed("dien-bien", "Có diễn biến", "Có việc mới từ sau bản tin trước.", changed),
        _listed(
            "xong",
            "Đã kết thúc",
            "Kết thúc từ sau bản tin trước.",
            [Row(one, "đã kết thúc", one.closed_at) for one in ended],
        ),
    )


def due(case: CaseNow) -> datetime | None:
    """Return when the clock that runs for the unit runs out."""
    found = next_due(case.state, case.deadlines)
    return found.at if found else None


def is_late(case: CaseNow, now: datetime) -> bool:
    """Say whether the unit let a clock run out."""
    at = due(case)
    return at is not None and at < now


def count_late(cases: Iterable[CaseNow], now: datetime) -> int:
    """Return of how many cases a clock ran out."""
    return sum(is_late(one, now) for one in cases)


def _late(case: CaseNow) -> str:
    found = next_due(case.state, case.deadlines)
    return f"chưa {found.what}" if found else ""


def _listed(key: str, title: str, note: str, rows: Sequence[Row]) -> Listed:
    return Listed(key, title, note, rows[:MOST], len(rows))


def _file(visit: Visit) -> Answer:
    form = str(visit.request.path_params["form"])
    if form not in FILES:
        return visit.to("/hom-nay")
    day = visit.app.today()
    with visit.app.sessions.begin() as session:
        visit.note(session, "digest_exported", day.isoformat(), form=form)
    name = f"ban-tin-{day.isoformat()}.{form}"
    return Response(
        digest_bytes(visit.app, day, form),
        media_type=FILES[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
