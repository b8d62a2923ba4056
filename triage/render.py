"""Show a digest or a mail: Jinja's home in triage.

HTML templates escape everything; plain-text twins hold the same facts. Addresses other
than http and https never become links.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from config.settings import ZONE
from triage.digest import Coverage, DigestData, Link, Section
from triage.wording import (
    ANSWER,
    OUTCOME,
    STATE,
    VERACITY,
    day_text,
    http_only,
    late_text,
    moment_text,
    one_line,
    severity_text,
    span_text,
)

Format = Literal["html", "text", "json"]
TEMPLATES = Path(__file__).parent / "templates"
#: Marks the machine form; raised when a key changes its meaning.
JSON_FORM = 1
_WIDTH = 76

SECTION_TITLES: Mapping[Section, str] = {
    Section.OVERDUE: "Quá hạn",
    Section.NEW: "Sự việc mới",
    Section.WAITING: "Chờ quyết định",
    Section.CHANGED: "Có diễn biến",
    Section.RESOLVED: "Đã kết thúc",
    Section.CARRIED: "Đang theo dõi",
}
SECTION_NOTES: Mapping[Section, str] = {
    Section.OVERDUE: "Đơn vị chưa làm đúng hạn của vụ việc.",
    Section.NEW: "Lần đầu được nêu.",
    Section.WAITING: "Chưa gửi cho đơn vị nào; cần người xem và quyết định.",
    Section.CHANGED: "Đã nêu trước đây, nay có điều mới.",
    Section.RESOLVED: "Kết thúc từ sau bản tin trước.",
    Section.CARRIED: "Vụ việc còn mở, trong hạn, chưa có gì mới.",
}


@dataclass(frozen=True, slots=True)
class Cap:
    """The most of each kind that a shortened digest shows; None: all of it.

    `cards` and `rows` count in each section, `units` the groups of what is still overdue,
    `links` those of one event, `bars` those of one chart.
    """

    cards: int | None = None
    rows: int | None = None
    units: int | None = None
    links: int | None = None
    bars: int | None = None


FULL = Cap()
#: Gmail cuts a mail off at 102 kB; this leaves room for what servers add.
MAIL_BYTES = 90_000
_CAPS = (
    FULL,
    Cap(25, 40, 30, 4, 40),
    Cap(15, 20, 20, 3, 25),
    Cap(9, 12, 12, 3, 15),
    Cap(5, 8, 8, 2, 12),
    Cap(3, 5, 5, 2, 10),
    Cap(2, 3, 3, 1, 8),
)


def render_digest(data: DigestData, form: Format, cap: Cap = FULL, console: str = "") -> str:
    """Return the digest as an HTML page for a mail, its plain-text twin, or JSON.

    `console` is the address of the pages, for a mail; without it there is no link.
    """
    if form == "json":
        return json.dumps(machine_form(data), ensure_ascii=False, indent=1) + "\n"
    context = {"data": data, "titles": SECTION_TITLES, "notes": SECTION_NOTES, "cap": cap}
    context["console"] = console
    return render("digest.html" if form == "html" else "digest.txt", context)


def fit_mail(data: DigestData) -> Cap:
    """Return how much of a digest fits into a mail that no program cuts off: all of it if it can.

    The weightiest of each section stay; what is left out is counted where it stood.
    """
    for cap in _CAPS:
        if len(render_digest(data, "html", cap).encode()) <= MAIL_BYTES:
            return cap
    return _CAPS[-1]


def render(template: str, context: Mapping[str, Any]) -> str:
    """Return a shipped template filled in; a name it does not know is an error."""
    shown = _ENVIRONMENT.get_template(template).render(context)
    # Tags that print nothing leave their lines behind.
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", shown)).strip() + "\n"


def machine_form(data: DigestData) -> dict[str, Any]:
    """Return the digest as plain values for `json.dumps`: instants as ISO 8601 of Viet Nam."""
    shown: dict[str, Any] = plain(data)
    del shown["told"]
    head = {"form": JSON_FORM, "title": data.title, "headline": data.headline, "quiet": data.quiet}
    return head | shown


def plain(value: Any) -> Any:
    """Return dataclasses, tuples, enums and instants as what `json.dumps` takes."""
    if isinstance(value, Link):
        return {
            "outlet": value.outlet,
            "title": value.title,
            "url": value.href or None,
            "day": plain(value.day),
        }
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(ZONE).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def _wrap(text: str, indent: int = 0, first: str = "") -> str:
    """Fold `text` to the width of a text mail; words, and so addresses, stay whole."""
    pad = " " * indent
    return "\n".join(
        textwrap.wrap(
            one_line(text),
            _WIDTH,
            initial_indent=first or pad,
            subsequent_indent=pad,
            break_long_words=False,
            break_on_hyphens=False,
        )
    )


def quiet_places(coverage: Coverage) -> str:
    """Say what is known of the places nobody reported from, and how many they are."""
    count = len(coverage.places_without_source)
    if not coverage.quiet_days:
        return f"Địa bàn chưa có nguồn nào ({count})"
    return f"Địa bàn {coverage.quiet_days} ngày qua không có tin nào ({count}/{coverage.places})"


def environment(folder: Path) -> Environment:
    """Return what fills in the templates of `folder`: HTML escaped, unknown names an error."""
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "line": one_line,
        "day": day_text,
        "moment": moment_text,
        "span": span_text,
        "ago": late_text,
        "quiet_places": quiet_places,
        "severity": severity_text,
        "href": http_only,
        "fold": _wrap,
    }
    made.globals |= {
        "ANSWER": ANSWER,
        "OUTCOME": OUTCOME,
        "STATE": STATE,
        "VERACITY": VERACITY,
    }
    return made


_ENVIRONMENT = environment(TEMPLATES)
