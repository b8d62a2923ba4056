"""The month's figures, counted by hand beside the program; and the papers made of them."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.shared import Mm
from hostile import MARKUP
from test_render import TAGS, Page, flat

from config.settings import ZONE
from triage import month
from triage.briefing import Dossier, case_paper, happened
from triage.case import CaseOutcome, CaseState, Deadlines, Veracity
from triage.digest import Link
from triage.docx import Agency
from triage.month import Counts, Listening, MonthPack, Promises, Span, Station
from triage.monthpaper import month_paper
from triage.paper import paper_docx, render_paper
from triage.record import CaseRecord, Commitment
from triage.wording import one_line

AGENCY = Agency("Ban Tuyên giáo và Dân vận Tỉnh ủy", parent="Tỉnh ủy", code="BTGDV")


def at(day: int, hour: int = 8, of: int = 10) -> datetime:
    return datetime(2026, of, day, hour, tzinfo=ZONE)


OCTOBER = Span(at(1, 0), at(1, 0, 11), at(26, 8, 11))
CLOCKS = Deadlines(at(6, 16), at(12, 16), at(30, 16))
CASE = CaseRecord(
    case_id=1,
    event_id=1,
    title="Đường huyện xuống cấp nặng",
    gist="Mặt đường nhiều ổ voi, xe không qua được khi mưa.",
    topics=("infrastructure",),
    severity=2,
    place="xã An Định",
    unit_id="xa-a",
    unit_name="UBND xã A",
    state=CaseState.CLOSED,
    veracity=Veracity.TRUE,
    outcome=CaseOutcome.FIXED,
    opened_at=at(5),
    sent_at=at(5, 9),
    acknowledged_at=at(6, 9),
    answered_at=at(9, 9),
    closed_at=at(20),
    deadlines=CLOCKS,
    statement="Đã vá xong mặt đường.",
)
OPEN = {"acknowledged_at": None, "answered_at": None, "closed_at": None, "outcome": None}
LATE = replace(
    CASE, case_id=2, event_id=2, state=CaseState.SENT, veracity=Veracity.UNVERIFIED, **OPEN
)
EXPLAINED = replace(
    CASE, case_id=3, event_id=3, outcome=CaseOutcome.EXPLAINED, answered_at=at(14), closed_at=at(31),
    topics=("waste", "pollution"), veracity=Veracity.PARTLY, recurs_of=1,
)  # fmt: skip
WAITING = replace(
    LATE, case_id=4, event_id=4, state=CaseState.PROPOSED, sent_at=None, deadlines=None, unit_id=""
)
DROPPED = replace(LATE, case_id=5, event_id=5, state=CaseState.DISMISSED, closed_at=at(8))
OLD = replace(
    LATE, case_id=6, event_id=6, opened_at=at(3, of=9), unit_id="xa-b", unit_name="UBND xã B"
)
AFTER = replace(CASE, case_id=7, event_id=7, closed_at=at(2, of=11))
ALL = [CASE, LATE, EXPLAINED, WAITING, DROPPED, OLD, AFTER]


def hours(start: datetime, end: datetime) -> float:
    return (end - start) / timedelta(hours=1)


def test_counts():
    found = month.counts(ALL, OCTOBER, events=9, items=120)

    assert found == Counts(
        events=9, new=6, closed=2, dismissed=1, open=4, late=3, waiting=1, recurring=1, items=120
    )


def test_a_case_closed_after_the_month_was_open_at_its_end_and_no_month_before_counts_it():
    september = Span(at(1, 0, 9), at(1, 0), at(26, 8, 11))

    assert month.counts([AFTER], OCTOBER, events=0, items=0).closed == 0
    assert month.counts([AFTER], OCTOBER, events=0, items=0).open == 1
    assert month.counts([AFTER], september, events=0, items=0) == Counts()


def test_explained_is_counted_apart_from_fixed():
    closed = month.closed_in(ALL, OCTOBER)

    assert {key: count for key, count in month.outcomes(closed).items() if count} == {
        "fixed": 1,
        "explained": 1,
    }
    assert list(month.outcomes([])) == [*(one.value for one in CaseOutcome), ""]
    assert month.veracity(closed) == {"true": 1, "partly": 1}


def test_new_cases_by_main_topic():
    assert month.by_topic(ALL, OCTOBER) == {"infrastructure": 5, "waste": 1}


def test_punctuality_counts_terms_that_ran_out_and_those_met_before():
    (first, second) = month.by_unit(ALL, OCTOBER, hours)

    assert (first.unit_id, first.new, first.closed, first.open) == ("xa-a", 5, 2, 2)
    assert first.stations == (
        Station(due=4, kept=3, hours=24.0),
        Station(due=4, kept=2, hours=96.0),
        # That of 31 October came after its term, that of November too.
        Station(due=4, kept=1, hours=pytest.approx((359 + 623) / 2)),
    )
    assert (second.unit_id, second.new, second.open) == ("xa-b", 0, 1)


def test_a_term_that_has_not_come_is_neither_kept_nor_missed():
    young = replace(LATE, deadlines=Deadlines(at(6, 16), at(12, 16), at(30, 16)))
    now = replace(OCTOBER, now=at(7))

    (unit,) = month.by_unit([young], now, hours)

    assert [one.due for one in unit.stations] == [1, 0, 0]
    assert month.counts([young], now, events=0, items=0).late == 1


def test_the_top_is_what_was_decided_each_event_once():
    again = replace(CASE, case_id=8, severity=3, event_id=2)

    found = month.top([*ALL, again], OCTOBER, {3: 9.0, 1: 2.0})

    assert [case.case_id for case in found] == [8, 3, 1, 7]


def test_promises_of_the_month():
    def given(state: str, due: date) -> Commitment:
        return Commitment(1, "promise", "vá đường", "unit:xa-a", at(5), due, state)

    found = [
        given("kept", date(2026, 10, 9)),
        given("late", date(2026, 10, 9)),
        given("open", date(2026, 10, 9)),
        given("open", date(2026, 10, 31)),
        given("dropped", date(2026, 10, 9)),
    ]

    assert month.promises(found, date(2026, 10, 20)) == Promises(kept=1, late=2, dropped=1, open=1)


def test_listening_is_averaged_over_the_digests():
    stated = [{"expected": 10, "seen": 9}, {"expected": 10, "seen": 2}]

    assert month.listening(stated, 8, ("xã A",)) == Listening(2, 10.0, 5.5, 1, 8, ("xã A",))
    assert month.listening([], 0, ()) == Listening()


def pack(**over: object) -> MonthPack:
    closed = month.closed_in(ALL, OCTOBER)
    plain = MonthPack(
        first=date(2026, 10, 1),
        last=date(2026, 10, 31),
        until=date(2026, 10, 31),
        province="Vĩnh Long",
        made_at=at(2, 8, 11),
        counts=month.counts(ALL, OCTOBER, events=9, items=120),
        before=Counts(new=2, closed=2, open=1),
        outcomes=month.outcomes(closed),
        veracity=month.veracity(closed),
        topics=month.by_topic(ALL, OCTOBER),
        topics_before={"health": 2},
        units=month.by_unit(ALL, OCTOBER, hours),
        top=month.top(ALL, OCTOBER, {}),
        recurrences=(EXPLAINED,),
        promises=Promises(1, 1, 0, 2),
        listening=Listening(31, 17, 15.5, 1, 14, ("xã An Định",)),
    )
    return replace(plain, **over)  # type: ignore[arg-type]


NAMES = {"infrastructure": "Giao thông", "waste": "Rác thải", "health": "Y tế"}


def document_text(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    lines = [paragraph.text for paragraph in document.paragraphs]
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return flat(" ".join((*lines, *cells)))


def test_the_pack_tells_the_same_in_every_form():
    paper = month_paper(pack(), NAMES)
    page = Page(render_paper(paper, "html", AGENCY))
    shown = (
        page.text,
        flat(render_paper(paper, "text", AGENCY)),
        document_text(paper_docx(paper, AGENCY)),
    )

    assert page.tags <= TAGS
    for fact in (
        "lập mới 6 vụ việc (tăng 4 so với tháng trước: 2)",
        "kết thúc 2 vụ việc (bằng tháng trước: 2)",
        "1 đã khắc phục; 1 được giải thích, không phải là đã khắc phục",
        "UBND xã A",
        "3/4; 24 giờ",
        "Vụ việc số 3 lập ngày 05/10/2026 (xã An Định), tái diễn của vụ việc số 1.",
        "1 đã giữ lời, 1 trễ hẹn, 2 chưa đến ngày, 0 đã rút",
        "mỗi ngày nghe được trung bình 15,5/17 nguồn; 1 ngày nghe được dưới một nửa số nguồn",
        "“Đã giải thích” và “đã có lịch khắc phục” được đếm riêng",
    ):
        assert [fact in told for told in shown] == [True, True, True], fact
    assert all("Y tế" in told for told in shown)


def test_a_month_that_is_not_over_and_one_without_a_month_before_say_so():
    text = flat(
        render_paper(
            month_paper(pack(until=date(2026, 10, 12), before=Counts()), NAMES), "text", AGENCY
        )
    )

    assert "Tháng chưa hết: số liệu tính đến 12/10/2026." in text
    assert "Tháng trước không có dữ liệu: không so sánh được." in text


def test_an_empty_month_is_a_paper_too():
    bare = pack(
        counts=Counts(), outcomes=month.outcomes([]), veracity={}, topics={}, topics_before={},
        units=(), top=(), recurrences=(), promises=Promises(), listening=Listening(),
    )  # fmt: skip

    text = flat(render_paper(month_paper(bare, NAMES), "text", AGENCY))

    assert "Trong tháng chưa có vụ việc nào được gửi đến đơn vị." in text
    assert "Không có vụ việc tái diễn trong tháng." in text
    assert paper_docx(month_paper(bare, NAMES), AGENCY).startswith(b"PK")


def dossier(**over: object) -> Dossier:
    plain = Dossier(
        case=LATE,
        province="Vĩnh Long",
        made_at=at(15),
        day=date(2026, 10, 15),
        topics=("Giao thông",),
        first_at=at(4),
        evidence=(
            Link(
                "Báo Mẫu", "Đường huyện đầy ổ voi", "https://bao-mau.example/1", date(2026, 10, 4)
            ),
            Link("Trang Xã", "04/10/2026: đường hư", ""),
        ),
        outlets=2,
        copies=1,
        history=((at(5), "Lập vụ việc"), (at(5, 9), "Gửi: UBND xã A")),
        commitments=(
            Commitment(2, "promise", "vá ổ voi", "unit:xa-a", at(6), date(2026, 10, 12), "open"),
        ),
        why=("Mức độ 2",),
        then="UBND huyện cũ",
    )
    return replace(plain, **over)  # type: ignore[arg-type]


def brief(**over: object) -> str:
    return flat(render_paper(case_paper(dossier(**over)), "text", AGENCY))


def test_the_brief_says_what_where_since_when_asked_answered_promised_and_due():
    text = brief()

    for fact in (
        "Việc: Đường huyện xuống cấp nặng (theo phản ánh, chưa xác minh).",
        "Nơi xảy ra: xã An Định. Phản ánh từ 04/10/2026.",
        "2 nguồn độc lập, 1 bản đăng lại.",
        "Báo Mẫu: Đường huyện đầy ổ voi (04/10/2026)",
        "Đơn vị phụ trách: UBND xã A (lúc xảy ra: UBND huyện cũ).",
        "Gửi 09:00 ngày 05/10/2026",
        "Chưa nhận được kết quả xác minh.",
        "Hẹn ngày 12/10/2026 (trễ hẹn): vá ổ voi",
        "Báo đã tiếp nhận: hạn 16:00 ngày 06/10/2026; quá hạn 8 ngày.",
        "Báo cáo kết quả cuối cùng: hạn 16:00 ngày 30/10/2026; chưa đến hạn.",
        "Đang quá hạn báo đã tiếp nhận 8 ngày.",
    ):
        assert fact in text


def test_the_brief_of_a_closed_case_gives_the_confirmed_end():
    text = brief(case=CASE)

    assert "Kết luận đã xác nhận: Đã vá xong mặt đường." in text
    assert "Hiện nay: đã kết thúc, ngày 20/10/2026; kết quả: đã khắc phục." in text
    assert "đã làm 09:00 ngày 06/10/2026, đúng hạn" in text


def test_an_answer_that_nobody_confirmed_is_marked_as_such():
    answered = replace(LATE, state=CaseState.ANSWERED, proposed=Veracity.PARTLY, statement="Có hư.")

    assert "Đơn vị trả lời (đúng một phần, chờ xác nhận): Có hư." in brief(case=answered)


def test_a_case_that_was_never_sent_has_no_clock():
    text = brief(case=WAITING, commitments=())

    assert "Chưa gửi đơn vị nào." in text
    assert "Chưa có hạn: vụ việc chưa được gửi đi." in text


def test_a_long_history_is_shortened_in_the_middle():
    history = tuple((at(5) + timedelta(days=n), f"Bước {n}") for n in range(30))

    text = brief(history=history)

    assert "Bước 0 " in text
    assert "Bước 29" in text
    assert "… 22 bước khác …" in text
    assert "Bước 9 " not in text


def test_history_names_nobody():
    assert happened("closed", "Đã vá xong") == "Kết thúc: Đã vá xong"
    assert happened("opened:approved", "lý do") == "Lập vụ việc, sẽ gửi đơn vị"
    assert happened("something_new", "") == "Something_new"


def test_the_brief_as_word_is_in_the_layout_of_decree_30_with_its_links():
    content = paper_docx(case_paper(dossier()), AGENCY)
    document = Document(io.BytesIO(content))
    page = document.sections[0]
    margins = (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)
    related = document.part.rels.values()

    assert [round(side / Mm(1)) for side in margins] == [20, 20, 30, 15]
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in document.tables[0].cell(0, 1).text
    assert document.tables[0].cell(1, 1).text == "Vĩnh Long, ngày 15 tháng 10 năm 2026"
    assert [one.target_ref for one in related if one.reltype == RELATIONSHIP_TYPE.HYPERLINK] == [
        "https://bao-mau.example/1"
    ]
    assert content == paper_docx(case_paper(dossier()), AGENCY)


@pytest.mark.parametrize("evil", MARKUP)
def test_markup_stays_text_in_papers(evil):
    case = replace(LATE, title=evil, gist=evil, unit_name=evil, place=evil, statement=evil)
    link = Link(evil, evil, "javascript:alert(1)", date(2026, 10, 4))
    paper = case_paper(dossier(case=case, evidence=(link,), history=((at(5), evil),)))

    page = Page(render_paper(paper, "html", AGENCY))

    assert page.tags <= TAGS
    assert page.links == []
    assert one_line(evil) in flat(page.text)
    assert one_line(evil) in document_text(paper_docx(paper, replace(AGENCY, name=evil)))
    assert not re.search(r"[\x00-\x08\u202e]", render_paper(paper, "text", AGENCY))
