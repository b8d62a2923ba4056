"""Show a digest or a mail: Jinja's home in triage.

HTML templates escape everything; plain-text twins hold the same facts. Addresses other
than http and https never become links.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from config.settings import ZONE
from triage.digest import DigestData, Link, Section
from triage.wording import (
    OUTCOME,
    STATE,
    VERACITY,
    day_text,
    http_only,
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


def render_digest(data: DigestData, form: Format) -> str:
    """Return the digest as an HTML page for a mail, its plain-text twin, or JSON."""
    if form == "json":
        return json.dumps(machine_form(data), ensure_ascii=False, indent=1) + "\n"
    context = {"data": data, "titles": SECTION_TITLES, "notes": SECTION_NOTES}
    return render("digest.html" if form == "html" else "digest.txt", context)


def render(template: str, context: Mapping[str, Any]) -> str:
    """Return a shipped template filled in; a name it does not know is an error."""
    shown = _ENVIRONMENT.get_template(template).render(context)
    # Tags that print nothing leave their lines behind.
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", shown)).strip() + "\n"


def machine_form(data: DigestData) -> dict[str, Any]:
    """Return the digest as plain values for `json.dumps`: instants as ISO 8601 of Viet Nam."""
    plain: dict[str, Any] = _plain(data)
    del plain["told"]
    head = {"form": JSON_FORM, "title": data.title, "headline": data.headline, "quiet": data.quiet}
    return head | plain


def _plain(value: Any) -> Any:
    if isinstance(value, Link):
        return {
            "outlet": value.outlet,
            "title": value.title,
            "url": value.href or None,
            "day": _plain(value.day),
        }
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
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


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "line": one_line,
        "day": day_text,
        "moment": moment_text,
        "span": span_text,
        "severity": severity_text,
        "href": http_only,
        "fold": _wrap,
    }
    environment.globals |= {"OUTCOME": OUTCOME, "STATE": STATE, "VERACITY": VERACITY}
    return environment


_ENVIRONMENT = _environment()
