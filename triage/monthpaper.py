"""The month pack as a paper, in the words of a press briefing, with plain caveats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from triage.case import CaseOutcome, Veracity
from triage.month import Counts, MonthPack, Station, UnitMonth
from triage.paper import Grid, Line, Paper, Part, lines
from triage.record import CaseRecord
from triage.wording import OUTCOME, STATE, VERACITY, day_text, severity_text

_NO_OUTCOME = "không nêu kết quả giải quyết (không đúng hoặc chưa đủ căn cứ)"


def month_paper(pack: MonthPack, topics: Mapping[str, str]) -> Paper:
    """Return the pack as a paper; `topics` gives topic ids their names."""
    return Paper(
        subject=f"Vấn đề dân sinh được phản ánh tháng {pack.first:%m/%Y}",
        province=pack.province,
        made_at=pack.made_at,
        parts=(
            Part("Tình hình chung", tuple(_summary(pack)), (_figures(pack),)),
            Part("Kết quả giải quyết", (), tuple(_ends(pack))),
            Part("Theo lĩnh vực", (), (_topics(pack, topics),)),
            Part("Đúng hạn theo đơn vị", tuple(_punctual(pack)), tuple(_units(pack))),
            Part("Sự việc nổi bật trong tháng", tuple(_cases(pack.top))),
            Part("Sự việc tái diễn", tuple(_recurring(pack.recurrences))),
            Part("Lời hứa của đơn vị", tuple(_promises(pack))),
            Part("Phạm vi đã theo dõi", tuple(_listening(pack))),
            Part("Lưu ý khi sử dụng số liệu", tuple(_caveats(pack))),
        ),
    )


def _summary(pack: MonthPack) -> Iterator[Line]:
    now, before = pack.counts, pack.before
    yield Line(
        f"Từ {day_text(pack.first)} đến {day_text(pack.until)}, trên địa bàn {pack.province}: "
        f"{now.events} sự việc được phản ánh, lập mới {now.new} vụ việc"
        f"{_against(now.new, before.new)}; kết thúc {now.closed} vụ việc"
        f"{_against(now.closed, before.closed)}; còn mở {now.open} vụ việc, "
        f"trong đó {now.late} quá hạn."
    )
    fixed, explained = (pack.outcomes.get(key, 0) for key in ("fixed", "explained"))
    yield Line(
        f"Trong số đã kết thúc: {fixed} đã khắc phục; {explained} được giải thích, "
        "không phải là đã khắc phục."
    )


def _against(now: int, before: int) -> str:
    if now == before:
        return f" (bằng tháng trước: {before})"
    word = "tăng" if now > before else "giảm"
    return f" ({word} {abs(now - before)} so với tháng trước: {before})"


def _figures(pack: MonthPack) -> Grid:
    def row(name: str, field: str) -> tuple[str, str, str]:
        return name, str(getattr(pack.counts, field)), str(getattr(pack.before, field))

    rows = (
        row("Sự việc được phản ánh", "events"),
        row("Vụ việc lập mới", "new"),
        row("– trong đó tái diễn", "recurring"),
        row("Vụ việc kết thúc", "closed"),
        row("Vụ việc bỏ, không theo dõi", "dismissed"),
        row("Vụ việc còn mở cuối tháng", "open"),
        row("– trong đó quá hạn", "late"),
        row("– trong đó chờ người quyết định", "waiting"),
        row("Tin và bài đã đọc", "items"),
    )
    return Grid("", ("Chỉ tiêu", "Tháng này", "Tháng trước"), rows, (95, 35, 35))


def _ends(pack: MonthPack) -> Iterator[Grid]:
    yield _outcomes(pack)
    if pack.veracity:
        yield _truth(pack)


def _outcomes(pack: MonthPack) -> Grid:
    names = {one.value: OUTCOME[one] for one in CaseOutcome} | {"": _NO_OUTCOME}
    rows = tuple((names[key], str(count)) for key, count in pack.outcomes.items())
    return Grid("Các vụ việc kết thúc trong tháng", ("Kết quả", "Số vụ việc"), rows, (130, 35))


def _truth(pack: MonthPack) -> Grid:
    rows = tuple((VERACITY[Veracity(key)], str(count)) for key, count in pack.veracity.items())
    return Grid("Kết luận xác minh", ("Kết luận", "Số vụ việc"), rows, (130, 35))


def _topics(pack: MonthPack, names: Mapping[str, str]) -> Grid:
    every = [*pack.topics, *(key for key in pack.topics_before if key not in pack.topics)]
    rows = tuple(
        (names.get(key, key), str(pack.topics.get(key, 0)), str(pack.topics_before.get(key, 0)))
        for key in every
    )
    head = ("Lĩnh vực chính", "Lập mới", "Tháng trước")
    return Grid("", head, rows, (105, 30, 30))


def _punctual(pack: MonthPack) -> Iterator[Line]:
    if not pack.units:
        yield Line("Trong tháng chưa có vụ việc nào được gửi đến đơn vị.")
        return
    yield Line(
        "Mỗi ô: số lần đúng hạn trên số hạn đã đến trong tháng, rồi trung vị số giờ làm việc "
        "từ khi gửi. Hạn tính theo giờ làm việc, trừ ngày nghỉ lễ."
    )


def _units(pack: MonthPack) -> Iterator[Grid]:
    if pack.units:
        head = ("Đơn vị", "Mới", "Xong", "Còn mở", "Tiếp nhận", "Xác minh", "Báo cáo")
        rows = tuple(_unit_row(unit) for unit in pack.units)
        yield Grid("", head, rows, (55, 13, 13, 15, 23, 23, 23))


def _unit_row(unit: UnitMonth) -> tuple[str, ...]:
    stations = tuple(_station(one) for one in unit.stations)
    return (unit.unit_name, str(unit.new), str(unit.closed), str(unit.open), *stations)


def _station(one: Station) -> str:
    if not one.due and one.hours is None:
        return "–"
    hours = "" if one.hours is None else f"; {one.hours:g} giờ".replace(".", ",")
    return f"{one.kept}/{one.due}{hours}"


def _cases(found: tuple[CaseRecord, ...]) -> Iterator[Line]:
    if not found:
        yield Line("Không có vụ việc mới đã qua người duyệt hoặc đã gửi đơn vị.")
    for number, case in enumerate(found, 1):
        grave = severity_text(case.severity).lower()
        yield Line(
            f"{number}) {case.title} ({case.place}): mức độ {grave}, "
            f"{VERACITY[case.veracity]}; vụ việc số {case.case_id}, "
            f"{case.unit_name or 'chưa rõ đơn vị'}, {_standing(case)}."
        )


def _standing(case: CaseRecord) -> str:
    return OUTCOME[case.outcome] if case.outcome else STATE[case.state]


def _recurring(found: tuple[CaseRecord, ...]) -> Iterator[Line]:
    if not found:
        yield Line("Không có vụ việc tái diễn trong tháng.")
    for case in found:
        yield Line(
            f"Vụ việc số {case.case_id} lập ngày {day_text(case.opened_at)} ({case.place}), "
            f"tái diễn của vụ việc số {case.recurs_of}."
        )


def _promises(pack: MonthPack) -> Iterator[Line]:
    found = pack.promises
    yield Line(
        f"Ngày hẹn rơi vào tháng này: {found.kept} đã giữ lời, {found.late} trễ hẹn, "
        f"{found.open} chưa đến ngày, {found.dropped} đã rút."
    )


def _listening(pack: MonthPack) -> Iterator[Line]:
    found = pack.listening
    yield Line(
        f"Có bản tin {found.days} ngày trong tháng; mỗi ngày nghe được trung bình "
        f"{_number(found.seen)}/{_number(found.expected)} nguồn; {found.deaf} ngày nghe được dưới "
        f"một nửa số nguồn. {found.sources} nguồn có tin trong tháng."
    )
    if found.quiet:
        shown = "; ".join(found.quiet[:20])
        more = f" và {len(found.quiet) - 20} nơi khác" if len(found.quiet) > 20 else ""
        yield Line(f"Địa bàn 30 ngày cuối không có tin nào ({len(found.quiet)}): {shown}{more}.")


def _number(value: float) -> str:
    return f"{value:g}".replace(".", ",")


def _caveats(pack: MonthPack) -> Iterator[Line]:
    yield from lines(
        "Số liệu đếm điều báo chí và trang công khai nêu, không phải mọi điều đã xảy ra: nơi "
        "ít nguồn tin thì ít được nêu.",
        "Vụ việc “theo phản ánh, chưa xác minh” chưa phải là sự thật; không trích như kết luận.",
        "“Đã giải thích” và “đã có lịch khắc phục” được đếm riêng, không tính là đã khắc phục.",
        "Đúng hạn chỉ tính các hạn đã đến; vụ việc chuyển đơn vị tính cho đơn vị đang phụ trách.",
        "Số liệu lấy theo tình trạng lúc lập báo cáo; vụ việc mở lại sau đó không còn được đếm "
        "là đã kết thúc.",
    )
    if pack.until < pack.last:
        yield Line(f"Tháng chưa hết: số liệu tính đến {day_text(pack.until)}.")
    if pack.before == Counts():
        yield Line("Tháng trước không có dữ liệu: không so sánh được.")
