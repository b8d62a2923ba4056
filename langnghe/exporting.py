"""Cases as rows of a table that a spreadsheet opens safely."""

from __future__ import annotations

from collections.abc import Iterator

from config.settings import ZONE
from langnghe.app import App
from storage import cases
from triage.wording import STATE, VERACITY, severity_text

_HEAD = (
    "Số",
    "Ngày lập",
    "Tiêu đề",
    "Chủ đề",
    "Mức độ",
    "Địa bàn",
    "Đơn vị",
    "Trạng thái",
    "Xác minh",
    "Hạn xác minh",
    "Tái diễn của",
)
#: A cell that begins so is taken for a formula by spreadsheets.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def case_rows(app: App) -> Iterator[tuple[str, ...]]:
    """Yield the head and one row a case, oldest first; no cell can be taken for a formula."""
    yield _HEAD
    names = {topic.id: topic.name for topic in app.catalog.topics.values()}
    with app.views() as session:
        found = cases.find(session)
    for case in reversed(found):
        brief = case.brief
        due = brief.deadlines.verify.astimezone(ZONE) if brief.deadlines else None
        row = (
            str(brief.case_id),
            f"{brief.opened_at.astimezone(ZONE):%d/%m/%Y}",
            brief.title,
            "; ".join(names.get(topic, topic) for topic in brief.topics),
            severity_text(brief.severity),
            brief.place,
            brief.unit_name,
            STATE[brief.state],
            VERACITY[brief.veracity],
            f"{due:%d/%m/%Y %H:%M}" if due else "",
            str(brief.recurs_of or ""),
        )
        yield tuple(harmless(cell) for cell in row)


def harmless(cell: str) -> str:
    """Return `cell` so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
