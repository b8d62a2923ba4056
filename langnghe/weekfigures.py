"""The weekly figures of an installation, as text, JSON or a page."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import date, datetime, time
from typing import Any

from config.settings import ZONE
from langnghe.app import App
from storage import figures
from triage.render import render
from triage.station import WORDS, Station
from triage.weekly import Ended, Share, Week, weekly

_WEEK = re.compile(r"(\d{4})-W(\d{2})")
LEG_WORDS = {
    "sent": "Phát hiện → gửi đơn vị",
    "received": "Gửi → đơn vị tiếp nhận",
    "answered": "Tiếp nhận → trả lời",
    "closed": "Trả lời → kết thúc",
}
CODE_WORDS = {
    "not_an_issue": "không phải vấn đề",
    "duplicate": "trùng vụ việc khác",
    "handled": "đã được xử lý",
    "elsewhere": "ngoài địa bàn",
    "other": "lý do khác",
}


#: Nothing was listened to before.
_FIRST_YEAR = 1997


def monday_of(week: str, today: date) -> date:
    """Return the first day of an ISO week ("2026-W47"); of the last whole one for "".

    Raises ValueError for anything else.
    """
    if not week:
        year, number, _ = today.isocalendar()
        this = date.fromisocalendar(year, number, 1)
        return date.fromordinal(this.toordinal() - 7)
    parts = _WEEK.fullmatch(week)
    if parts is None:
        raise ValueError(f"{week!r} is no week: write it as 2026-W47")
    found = date.fromisocalendar(int(parts[1]), int(parts[2]), 1)
    if not _FIRST_YEAR <= found.year <= today.year:
        raise ValueError(f"{week!r}: no figures are kept of that week")
    return found


def figures_of(app: App, monday: date) -> Week:
    """Count the figures of the week that begins on `monday`."""
    start = datetime.combine(monday, time(), ZONE)
    end = datetime.combine(date.fromordinal(monday.toordinal() + 7), time(), ZONE)
    with app.views() as session:
        cases = figures.cases_touched(session, start, end)
        misses = figures.misses_noted(session, start, end)
    return weekly(cases, misses, start, app.calendar.hours_between)


def shown(app: App, week: Week, form: str) -> str:
    """Return the figures as "text", "json" or "html"."""
    if form == "json":
        return json.dumps(machine_form(week), ensure_ascii=False, indent=1, default=str) + "\n"
    topics = {topic.id: topic.name for topic in app.catalog.topics.values()}
    context = {
        "week": week,
        "label": week.start.astimezone(ZONE).strftime("%G-W%V"),
        "province": app.settings.province,
        "topics": topics,
        "legs": LEG_WORDS,
        "codes": CODE_WORDS,
        "stations": {station.value: words for station, words in WORDS.items()},
        "known": Station.KNOWN.value,
        "percent": percent,
    }
    return render("weekly.html" if form == "html" else "weekly.txt", context)


def machine_form(week: Week) -> dict[str, Any]:
    """Return the figures as plain values; shares that rest on too few are null."""
    plain = asdict(week) | {"week": week.start.astimezone(ZONE).strftime("%G-W%V")}
    plain["ended"] = _plain_ended(week.ended)
    plain["units"] = [_plain_ended(one) for one in week.units]
    plain["topics"] = [_plain_ended(one) for one in week.topics]
    plain["wrong_unit"], plain["recall"] = _plain(week.wrong_unit), _plain(week.recall)
    return plain


def percent(share: Share) -> str:
    """Return a share in words: "83 % (5/6)"; "quá ít (2/3)" where it rests on too few."""
    if not share.whole:
        return "chưa có"
    told = "quá ít" if share.value is None else f"{100 * share.value:.0f} %"
    return f"{told} ({share.part}/{share.whole})"


def _plain(share: Share) -> dict[str, Any]:
    return asdict(share) | {"value": share.value}


def _plain_ended(one: Ended) -> dict[str, Any]:
    return asdict(one) | {"precision": _plain(one.precision)}
