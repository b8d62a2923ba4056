"""The digest as a Word document, filled into a template that officials can edit."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate, RichText

from config.settings import ZONE
from triage.case import CaseState
from triage.digest import DigestData, DigestEntry, Link, Tally
from triage.letter import TEMPLATE
from triage.render import SECTION_NOTES, SECTION_TITLES, quiet_places
from triage.wording import (
    ANSWER,
    OUTCOME,
    STATE,
    VERACITY,
    day_text,
    moment_text,
    one_line,
    severity_text,
    span_text,
)

_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_CAUTION = (
    "Nội dung nêu dưới đây là theo phản ánh của báo chí và trang thông tin công khai; "
    "chỉ coi là đúng khi ghi “đã xác minh”."
)
_QUIET = "Trong ngày không có sự việc mới đáng nêu."
_DEAF = "Chưa thể nói trong ngày có sự việc mới hay không: phần lớn nguồn tin không nghe được."


@dataclass(frozen=True, slots=True)
class Agency:
    """The office in whose name a report is written.

    `parent` is the office above it, `code` its letters in the number of documents,
    `place` the place in the date line (the digest's province where empty), `signer`
    the title of the one who signs. `recipients` stand under "Nơi nhận".
    """

    name: str
    parent: str = ""
    code: str = ""
    place: str = ""
    signer: str = "THỦ TRƯỞNG CƠ QUAN"
    recipients: tuple[str, ...] = ("Lãnh đạo cơ quan (để báo cáo)",)


def render_docx(data: DigestData, agency: Agency, template: Path = TEMPLATE) -> bytes:
    """Return the digest as the bytes of a `.docx`: the same bytes for the same data.

    The number and the signature are left for people to fill in. `template` is the
    shipped one or an operator's edited copy.
    """
    document = DocxTemplate(str(template))
    document.init_docx()
    document.render(_context(data, agency, document), autoescape=True)
    properties = document.docx.core_properties
    made = data.made_at.astimezone(ZONE).replace(tzinfo=None)
    properties.created = properties.modified = made
    properties.title, properties.author = one_line(data.title), one_line(agency.name)
    properties.last_modified_by, properties.language = "", "vi-VN"
    written = io.BytesIO()
    document.save(written)
    return without_clock(written.getvalue())


def dated(day: date) -> str:
    """Return a day as Decree 30 writes it: days below 10 and months 1 and 2 with a nought.

    >>> dated(date(2023, 2, 5))
    'ngày 05 tháng 02 năm 2023'
    >>> dated(date(2023, 7, 25))
    'ngày 25 tháng 7 năm 2023'
    """
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def _context(data: DigestData, agency: Agency, document: DocxTemplate) -> dict[str, Any]:
    return {
        "agency": {
            "name": one_line(agency.name).upper(),
            "parent": one_line(agency.parent).upper(),
            "code": f"-{one_line(agency.code)}" if agency.code else "",
            "signer": one_line(agency.signer).upper(),
        },
        "place": one_line(agency.place or data.province),
        "dated": dated(data.made_at.astimezone(ZONE).date()),
        "subject": f"Tổng hợp vấn đề dân sinh được phản ánh ngày {day_text(data.day)}",
        "summary": f"Ngày {day_text(data.day)}, tỉnh {one_line(data.province)}: {data.headline}.",
        "caution": _CAUTION,
        "quiet": _DEAF if data.deaf else _QUIET,
        "sections": [
            {
                "title": f"{SECTION_TITLES[section]} ({len(entries)}) – {SECTION_NOTES[section]}",
                "entries": [
                    _entry(number, entry, data, document)
                    for number, entry in enumerate(entries, start=1)
                ],
            }
            for section, entries in data.sections()
            if entries
        ]
        + list(_loop(data)),
        "tables": list(_tables(data)),
        "counted": list(_counted(data)),
        "coverage": list(_coverage(data)),
        "recipients": [one_line(recipient) for recipient in agency.recipients],
    }


def _entry(
    number: int, entry: DigestEntry, data: DigestData, document: DocxTemplate
) -> dict[str, Any]:
    return {
        "number": f"{number})",
        "title": one_line(entry.title),
        "lines": [one_line(line) for line in _lines(entry, data)],
        "links": [] if entry.brief else [_link(link, document) for link in entry.links],
    }


def _loop(data: DigestData) -> Iterator[dict[str, Any]]:
    """Yield what units owe beside their cases: days they gave, and the first word."""
    pledges = [
        f"{'Trễ hẹn' if one.late else 'Hẹn'} ngày {day_text(one.due)}: {one.unit_name}, "
        f"vụ việc số {one.case_id}. {one.text}"
        for one in data.pledges
    ]
    unheard = [
        f"{one.unit_name}: từ ngày {day_text(one.since)}, {len(one.cases)} vụ việc "
        f"(số {', '.join(map(str, one.cases))})"
        for one in data.unheard
    ]
    for title, found in (("Lời hứa và hẹn việc", pledges), ("Chưa nhận được trả lời", unheard)):
        if found:
            lines = [one_line(line) for line in found]
            entries = [
                {"number": f"{number})", "title": line, "lines": [], "links": []}
                for number, line in enumerate(lines, start=1)
            ]
            yield {"title": f"{title} ({len(found)})", "entries": entries}


def _lines(entry: DigestEntry, data: DigestData) -> Iterator[str]:
    topics = "; ".join(topic.name for topic in entry.topics)
    yield f"Địa bàn: {entry.place or 'chưa rõ'}. Mức độ: {severity_text(entry.severity).lower()}."
    if topics:
        yield f"Lĩnh vực: {topics}."
    yield f"Độ xác thực: {VERACITY[entry.veracity]}."
    if entry.gist and not entry.brief:
        yield entry.gist
    yield from _standing(entry, data)
    yield _unit(entry)
    if entry.brief:
        return
    if entry.recurs_of:
        yield f"Đã từng xảy ra: {entry.recurs_of}."
    if entry.why:
        points = f"{entry.score:.1f}".replace(".", ",")
        yield f"Vì sao nêu ({points} điểm): {'; '.join(entry.why)}."
    if entry.links:
        copies = f", {entry.copies} bản đăng lại" if entry.copies else ""
        yield f"Nguồn: {entry.outlets} nguồn độc lập{copies}:"


def _standing(entry: DigestEntry, data: DigestData) -> Iterator[str]:
    if entry.late:
        late = span_text(data.made_at - entry.late.at)
        yield f"Quá hạn {entry.late.what} {late} (hạn {moment_text(entry.late.at)})."
    elif entry.due:
        yield f"Hạn {entry.due.what}: trước {moment_text(entry.due.at)}."
    if entry.hold:
        since = f" (chờ từ {moment_text(entry.waiting_since)})" if entry.waiting_since else ""
        yield f"Cần quyết định: {entry.hold}{since}."
    if entry.changes:
        yield f"Điều mới: {'; '.join(entry.changes)}."
    if entry.proposed and entry.state is CaseState.ANSWERED:
        yield f"Đơn vị trả lời: {ANSWER[entry.proposed]} – chờ xác nhận."
    if entry.promised:
        yield f"Đơn vị hẹn ngày {day_text(entry.promised)}{' (trễ hẹn)' if entry.broken else ''}."
    if entry.outcome:
        took = f" sau {span_text(entry.took)}" if entry.took else ""
        yield f"Kết quả: {OUTCOME[entry.outcome]}{took}."


def _unit(entry: DigestEntry) -> str:
    then = entry.unit_then_name
    moved = f" (lúc xảy ra: {then})" if then and then != entry.unit_name else ""
    case = f"; vụ việc số {entry.case_id}" if entry.case_id is not None else ""
    state = f", {STATE[entry.state]}" if entry.state else ""
    return f"Đơn vị: {entry.unit_name or 'chưa rõ'}{moved}{case}{state}."


def _link(link: Link, document: DocxTemplate) -> RichText:
    day = f" ({day_text(link.day)})" if link.day else ""
    text = RichText(one_line(link.outlet))
    title = one_line(link.title, 240)
    if title or link.href:
        text.add(": ")
    if link.href:
        address = document.build_url_id(link.href)
        text.add(title or link.href, url_id=address, color="0563C1", underline=True)
    else:
        text.add(title)
    text.add(day)
    return text


def _tables(data: DigestData) -> Iterator[dict[str, Any]]:
    for title, tallies in (("Theo đơn vị", data.by_unit), ("Theo lĩnh vực", data.by_topic)):
        if tallies:
            yield {"title": title, "rows": [_row(tally) for tally in tallies]}


def _row(tally: Tally) -> dict[str, str]:
    return {
        "name": one_line(tally.name),
        "count": str(tally.count),
        "overdue": str(tally.overdue),
        "before": "" if tally.before is None else str(tally.before),
    }


def _counted(data: DigestData) -> Iterator[str]:
    if data.counted_only:
        counts = "; ".join(f"{tally.name}: {tally.count}" for tally in data.counted_only)
        yield f"Chỉ đếm, không lập vụ việc: {one_line(counts)}."
    if data.below_floor:
        yield f"{data.below_floor} sự việc nhỏ dưới ngưỡng, không nêu."


def _coverage(data: DigestData) -> Iterator[str]:
    seen = data.coverage
    yield f"Nghe được {seen.seen}/{seen.expected} nguồn, {seen.items} tin và bài trong ngày."
    failed, unusual, unsent = (
        [f"{one.source} ({one.reason})" for one in found]
        for found in (seen.failed, seen.unusual, seen.unsent)
    )
    named: Sequence[tuple[str, Sequence[str]]] = (
        ("Không đọc được", failed),
        ("Im lặng lâu hơn thường lệ", seen.silent),
        ("Số tin khác thường", unusual),
        ("Thư không gửi được, chờ người xử lý", unsent),
    )
    for what, names in named:
        if names:
            yield one_line(f"{what} ({len(names)}): {'; '.join(names)}.")
    if seen.places_without_source:
        yield one_line(f"{quiet_places(seen)}: {'; '.join(seen.places_without_source)}.")


def without_clock(content: bytes) -> bytes:
    """Return the archive with fixed times in its directory, which else holds the wall clock."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            info = zipfile.ZipInfo(name, _ZIP_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, old.read(name))
    return written.getvalue()
