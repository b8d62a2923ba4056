"""Cases, events and items as tables that a spreadsheet opens safely."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from config.settings import ZONE
from langnghe.app import App
from langnghe.digesting import topics_of
from langnghe.judging import place_text
from langnghe.logs import logger
from storage import evidence, reporting, triage
from storage.db import Session
from triage.record import CaseRecord
from triage.sheet import Row, csv_bytes, xlsx_bytes
from triage.wording import OUTCOME, STATE, VERACITY, http_only, severity_text

log = logger(__name__)
_LONG_AGO, _FAR = date(1970, 1, 1), date(9000, 1, 1)
_PAGE = 500


class What(StrEnum):
    """What can be exported."""

    CASES = "cases"
    EVENTS = "events"
    ITEMS = "items"


class Form(StrEnum):
    """The forms of an export."""

    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class Period:
    """The days an export covers, both included; None: open."""

    first: date | None = None
    last: date | None = None

    @property
    def start(self) -> datetime:
        """The first instant."""
        day = self.first or _LONG_AGO
        return datetime(day.year, day.month, day.day, tzinfo=ZONE)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        day = (self.last or _FAR) + timedelta(days=1)
        return datetime(day.year, day.month, day.day, tzinfo=ZONE)


_CASES = (
    "Số",
    "Ngày lập",
    "Tiêu đề",
    "Chủ đề",
    "Mức độ",
    "Địa bàn",
    "Đơn vị",
    "Trạng thái",
    "Xác minh",
    "Kết quả",
    "Ngày gửi",
    "Ngày tiếp nhận",
    "Ngày trả lời",
    "Ngày kết thúc",
    "Hạn xác minh",
    "Hạn báo cáo",
    "Số lần trả lại",
    "Số lần nhắc",
    "Tái diễn của",
    "Kết luận",
)
_EVENTS = (
    "Số",
    "Tiêu đề",
    "Chủ đề",
    "Mức độ",
    "Địa bàn",
    "Tin đầu",
    "Tin cuối",
    "Số tin",
    "Nguồn độc lập",
    "Bản đăng lại",
    "Số vụ việc",
)
_ITEMS = (
    "Số",
    "Nguồn",
    "Loại",
    "Tiêu đề",
    "Đăng lúc",
    "Đọc lúc",
    "Sự việc",
    "Là vấn đề",
    "Mức độ",
    "Chủ đề",
    "Địa bàn",
    "Địa chỉ",
)


def export_bytes(app: App, what: What, form: Form, period: Period, who: str) -> bytes:
    """Return a table as the bytes of a file, and log who took what and how much of it.

    Cases are those opened in the period, events those with a report in it, items those
    fetched in it; oldest first. Texts are masked as they are everywhere; of a fanpage
    post no address is given.
    """
    head, rows = {
        What.CASES: (_CASES, _cases),
        What.EVENTS: (_EVENTS, _events),
        What.ITEMS: (_ITEMS, _items),
    }[what]
    with app.views() as session:
        found = list(rows(app, session, period))
    # Data leaves the system: written whatever the level of the log.
    log.warning(
        "export",
        who=who,
        what=what.value,
        form=form.value,
        rows=len(found),
        first=str(period.first or ""),
        last=str(period.last or ""),
    )
    if form is Form.CSV:
        return csv_bytes(head, found)
    return xlsx_bytes(what.value, head, found, app.clock())


def _cases(app: App, session: Session, period: Period) -> Iterator[Row]:
    for case in reporting.records_opened(session, period.start, period.end):
        yield _case(app, case)


def _case(app: App, case: CaseRecord) -> Row:
    clocks = case.deadlines
    return (
        case.case_id,
        case.opened_at,
        case.title,
        _topics(app, case.topics),
        severity_text(case.severity),
        case.place,
        case.unit_name,
        STATE[case.state],
        VERACITY[case.veracity],
        OUTCOME[case.outcome] if case.outcome else "",
        case.sent_at,
        case.acknowledged_at,
        case.answered_at,
        case.closed_at,
        clocks.verify if clocks else None,
        clocks.final if clocks else None,
        case.returned,
        case.reminded,
        case.recurs_of,
        case.statement,
    )


def _events(app: App, session: Session, period: Period) -> Iterator[Row]:
    numbers = reporting.events_active(session, period.start, period.end)
    for begin in range(0, len(numbers), _PAGE):
        part = numbers[begin : begin + _PAGE]
        lines = evidence.of_events(session, part)
        for facts in triage.facts(session, part):
            line = lines[facts.event_id]
            yield (
                facts.event_id,
                line.title,
                _topics(app, facts.topics),
                severity_text(facts.severity),
                place_text(app, facts.places),
                line.first_at,
                line.last_at,
                facts.items,
                len(facts.outlets),
                line.copies,
                facts.cases,
            )


def _items(app: App, session: Session, period: Period) -> Iterator[Row]:
    for item in reporting.items_read(session, period.start, period.end):
        yield (
            item.item_id,
            item.outlet,
            item.kind,
            item.title,
            item.published,
            item.fetched_at,
            item.event_id,
            "có" if item.is_issue else "không",
            severity_text(item.severity) if item.is_issue else "",
            _topics(app, item.topics),
            place_text(app, item.places) if item.places else "",
            "" if item.kind == "fanpage" else http_only(item.url),
        )


def _topics(app: App, ids: tuple[str, ...]) -> str:
    return "; ".join(topic.name for topic in topics_of(app, ids))
