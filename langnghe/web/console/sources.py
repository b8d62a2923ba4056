"""/nguon-tin: the sources, how they do in words, their switch, and a fetch to try one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from litestar.exceptions import HTTPException

from config.catalog import SourceEntry
from crawlers.item import Fetch, Outcome
from crawlers.job import DueSource, Job
from crawlers.round import run_round
from langnghe.accounts import Right
from langnghe.app import App
from langnghe.web.console.guard import Answer, Desk, Form, Visit
from storage import sources
from storage.db import Session
from storage.health import SourceHealth
from triage.wording import one_line

#: A fetch to try a source ends after so many seconds, and shows so many titles.
TRY_SECONDS, TRY_TITLES = 25.0, 10
_NOTE = 200
WORDS = {
    Outcome.NEW: "có tin mới",
    Outcome.NONE: "trả lời, không có tin mới",
    Outcome.NOT_MODIFIED: "trả lời, không đổi từ lần trước",
    Outcome.BLOCKED: "trang không cho máy đọc",
    Outcome.NOT_A_FEED: "không còn là nguồn tin đọc được",
    Outcome.EMPTY: "trả lời nhưng trống",
    Outcome.TIMEOUT: "quá lâu không trả lời",
    Outcome.ERROR: "lỗi khi lấy tin",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A source on the page. `state` is one of off, failing, silent, new, well."""

    entry: SourceEntry
    health: SourceHealth
    state: str
    words: str


class _Rhythms:
    """The usual pauses of the sources, asked for again after `LASTS`: it takes a while."""

    LASTS = timedelta(minutes=15)

    def __init__(self) -> None:
        self._kept: tuple[datetime, Mapping[str, timedelta]] | None = None

    def now(self, session: Session, now: datetime) -> Mapping[str, timedelta]:
        """Return the usual pause of each source that has one."""
        kept = self._kept
        if kept is None or not kept[0] <= now < kept[0] + self.LASTS:
            kept = self._kept = (now, sources.rhythms(session, now))
        return kept[1]


def routes(_: App, desk: Desk) -> list[Any]:
    """Return the routes of the page and of its two forms."""
    rhythms = _Rhythms()
    return [
        desk.look("/nguon-tin", Right.LOOK, lambda visit: _list(visit, rhythms)),
        desk.do("/nguon-tin/{source:str}/bat-tat", Right.OPERATE, _switch),
        desk.do("/nguon-tin/{source:str}/thu", Right.OPERATE, _try),
    ]


def _list(visit: Visit, rhythms: _Rhythms) -> Answer:
    app = visit.app
    now = app.clock()
    entries = list(app.catalog.sources.values())
    with app.views() as session:
        found = sources.health(session, now, entries, rhythms.now(session, now))
    shown = [_shown(entry, health) for entry, health in zip(entries, found, strict=True)]
    order = ("failing", "silent", "new", "well", "off")
    shown.sort(key=lambda one: (order.index(one.state), one.entry.name))
    counts = {state: sum(one.state == state for one in shown) for state in order}
    return visit.page("console/sources.html", sources=shown, counts=counts)


def _shown(entry: SourceEntry, health: SourceHealth) -> Shown:
    if not health.enabled:
        words = "tắt trong tệp cấu hình" if not entry.enabled else "đã tắt tại đây"
        return Shown(entry, health, "off", words)
    known = bool(health.outcome)
    words = WORDS[Outcome(health.outcome)] if known else "chưa lấy lần nào"
    if health.failures:
        return Shown(entry, health, "failing", words)
    if health.silent:
        return Shown(
            entry, health, "silent", "trả lời, nhưng không có tin mới lâu hơn hẳn thường lệ"
        )
    return Shown(entry, health, "well" if known else "new", words)


def _entry(visit: Visit) -> SourceEntry:
    found = visit.app.catalog.sources.get(str(visit.request.path_params["source"]))
    if found is None:
        raise HTTPException(status_code=404)
    return found


def _switch(visit: Visit, form: Form) -> Answer:
    """Switch a source on or off here; one that its file switches off stays off."""
    entry = _entry(visit)
    on = form.get("on") == "1"
    words = visit.app.masker.mask("", form.get("note", "")[:_NOTE]).text
    with visit.app.sessions.begin() as session:
        sources.switch(session, entry.id, on=on, note=one_line(words))
        visit.note(session, "source_on" if on else "source_off", entry.id, note=one_line(words))
    return visit.to("/nguon-tin")


def _try(visit: Visit, _: Form) -> Answer:
    """Poll a source now and show what it brings; nothing is kept but the line of the audit."""
    app, entry = visit.app, _entry(visit)
    with app.sessions.begin() as session:
        visit.note(session, "source_tried", entry.id)
    limits = replace(app.limits, round_timeout=TRY_SECONDS, max_articles=TRY_TITLES)
    due = DueSource(entry.id, entry.type, entry.options)
    titles: list[tuple[str, str, datetime | None]] = []
    poll: Fetch | None = None
    for record in run_round(Job(app.clock(), (due,), limits)):
        if not isinstance(record, Fetch):
            if len(titles) < TRY_TITLES:
                masked = app.masker.mask(record.title, "")
                titles.append((masked.title, record.url, record.published))
        elif not record.url:
            poll = record
    words = WORDS[poll.outcome] if poll else WORDS[Outcome.ERROR]
    context: dict[str, Any] = {"entry": entry, "poll": poll, "titles": titles, "words": words}
    return visit.page("console/source_try.html", **context)
