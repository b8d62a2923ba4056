"""The mails that triage makes: one for a unit and a round, with what, by when, why and how."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, time

import pytest
from hostile import ADDRESSES, MARKUP
from test_render import TAGS, Page, flat
from triage_samples import BRIEF, CLOCKS, LETTERHEAD, NOW, at, digest

from config.catalog import PolicyEntry
from config.settings import ZONE
from triage.case import CaseOutcome, CaseState, Veracity
from triage.mail import (
    cases_notice,
    closing_notice,
    digest_notice,
    quiet_until,
    reminder_notice,
)
from triage.render import render_digest

UNIT, TO = "UBND huyện Ba Tri", "vanphong@batri.example"
SECOND = replace(BRIEF, case_id=15, title="Ao tôm đổi màu", severity=2, links=(), recurs_of=None)
TIMES = {"now": NOW, "not_before": NOW, "letterhead": LETTERHEAD}


def cases(*briefs, unit=UNIT, **over):
    given = {"round_id": "2023-07-25T07", **TIMES} | over
    return cases_notice(unit, TO, briefs or (SECOND, BRIEF), **given)


def test_all_cases_of_a_round_go_in_one_mail():
    made = cases()

    assert made.key == "cases:ubnd-huyen-ba-tri:2023-07-25T07"
    assert made.kind == "cases"
    assert made.recipient == TO
    assert made.case_ids == (12, 15)
    assert made.subject == "[Lắng Nghe] KHẨN: 2 vụ việc cần xác minh – hạn 27/07/2023"
    assert (made.created_at, made.not_before) == (NOW, NOW)


def test_the_message_id_follows_from_the_key():
    assert cases().message_id == cases(BRIEF).message_id
    assert cases().message_id != cases(round_id="khác").message_id
    assert re.fullmatch(r"<[0-9a-f]{32}@langnghe\.invalid>", cases().message_id)


def test_the_subject_names_the_earliest_day_and_is_urgent_only_when_it_is():
    sooner = replace(SECOND, case_id=16, deadlines=replace(CLOCKS, verify=at(26)))

    assert cases(SECOND).subject == "[Lắng Nghe] 1 vụ việc cần xác minh – hạn 27/07/2023"
    assert cases(SECOND, sooner).subject == "[Lắng Nghe] 2 vụ việc cần xác minh – hạn 26/07/2023"
    assert cases(replace(SECOND, deadlines=None)).subject == "[Lắng Nghe] 1 vụ việc cần xác minh"


def facts() -> list[str]:
    return [
        "Kính gửi: UBND huyện Ba Tri",
        "Bãi rác An Hiệp bốc mùi",
        "Ao tôm đổi màu",
        "Nước rỉ rác chảy ra kênh và ao tôm.",
        "xã An Hiệp, huyện Ba Tri, tỉnh Bến Tre",
        "theo phản ánh, chưa xác minh",
        "Rác thải, vệ sinh môi trường",
        "trước 15:00 ngày 20/07/2023",
        "trước 10:00 ngày 27/07/2023",
        "trước 17:00 ngày 31/07/2023",
        "Vì sao gửi đến đơn vị: dòng phân công số 3",
        "địa bàn và lĩnh vực này thuộc trách nhiệm của UBND huyện Ba Tri",
        "3 nguồn độc lập",
        "Báo Mẫu: Rác ùn ở An Hiệp",
        "Trang Ba Tri: Mùi hôi từ bãi rác (19/07/2023)",
        "Đã từng xảy ra: vụ việc số 4",
        "không thuộc trách nhiệm của đơn vị",
        "đúng một phần",
        "Ban Tuyên giáo Bến Tre",
        "xin không tìm hay xử lý người phản ánh",
    ]


def test_page_and_text_twin_tell_what_is_asked_by_when_why_and_how():
    made = cases(why_you={12: "dòng phân công số 3"})
    page, text = Page(made.html), flat(made.text)

    assert [fact for fact in facts() if fact not in page.text] == []
    assert [fact for fact in facts() if fact not in text] == []
    assert page.tags <= TAGS


def test_press_articles_have_links_and_fanpage_posts_have_none():
    made = cases(BRIEF)

    assert Page(made.html).links == ["https://bao-mau.example/rac"]
    assert re.findall(r"https?://\S+", made.text) == ["https://bao-mau.example/rac"]


def test_the_signed_link_is_a_button_and_a_line():
    link = "https://langnghe.example/tra-loi/abc.def"
    made = cases(BRIEF, answer_links={12: link})

    assert Page(made.html).links == ["https://bao-mau.example/rac", link]
    assert f"Trả lời vụ việc số 12:\n  {link}\n" in made.text
    assert "không cần tài khoản" in made.text
    assert "Trả lời thư này" not in made.text


def test_without_a_link_the_unit_answers_by_mail():
    letterhead = replace(LETTERHEAD, reply_to="tra-loi@tinh.example")
    made = cases(letterhead=letterhead)

    assert "Trả lời thư này (gửi về tra-loi@tinh.example)" in flat(made.text)
    assert "Trả lời thư này (gửi về tra-loi@tinh.example)" in Page(made.html).text


@pytest.mark.parametrize(("role", "asked"), [("cooperating", "để phối hợp"), ("copy", "để biết")])
def test_those_who_help_or_know_are_not_asked_to_answer(role, asked):
    made = cases(unit="Sở TN&MT", role=role, unit_id="so-tnmt")

    assert made.key == f"cases-{role}:so-tnmt:2023-07-25T07"
    assert made.subject == f"[Lắng Nghe] 2 vụ việc {asked}"
    assert "Đơn vị chủ trì: UBND huyện Ba Tri" in made.text
    assert "CÁCH TRẢ LỜI" not in made.text
    assert "trước 10:00" not in made.text + made.html


def test_a_mail_without_a_case_is_refused():
    with pytest.raises(ValueError, match="needs a case"):
        cases_notice(UNIT, TO, (), round_id="r", **TIMES)


@pytest.mark.parametrize("evil", MARKUP)
def test_markup_in_a_case_comes_out_as_text(evil):
    brief = replace(
        BRIEF,
        title=evil,
        gist=evil,
        place=evil,
        unit_name=evil,
        topics=(evil,),
        why=(evil,),
        links=((evil, evil, "https://a.example/x"), (evil, evil, evil)),
    )
    letterhead = replace(LETTERHEAD, agency=evil, reply_to=evil)
    common = {**TIMES, "letterhead": letterhead}
    made = (
        cases(brief, unit=evil, letterhead=letterhead, why_you={12: evil}, answer_links={12: evil}),
        reminder_notice(evil, TO, [brief], round_id="r", escalated_from=evil, **common),
        closing_notice(evil, TO, brief, outcome=None, statement=evil, **common),
    )

    for one in made:
        assert Page(one.html).tags <= TAGS
        assert set(Page(one.html).links) <= {"https://a.example/x"}
        assert all(char.isprintable() or char == "\n" for char in one.text)


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_plain_web_addresses_become_links(address):
    brief = replace(BRIEF, links=(("Báo Mẫu", "Tin", address),))

    made = cases(brief, answer_links={12: address})

    assert Page(made.html).links == []
    assert "CÁCH TRẢ LỜI" in made.text


def test_a_reminder_tells_what_is_owed_and_how_late():
    acknowledged = replace(SECOND, state=CaseState.ACKNOWLEDGED)

    made = reminder_notice(UNIT, TO, [acknowledged, BRIEF], round_id="r2", step=2, **TIMES)

    assert made.key == "reminder:ubnd-huyen-ba-tri:r2"
    assert made.kind == "reminder"
    assert made.subject == "[Lắng Nghe] Nhắc lần 2: 1 vụ việc quá hạn"
    assert made.case_ids == (12, 15)
    for shown in (flat(made.text), Page(made.html).text):
        assert "hạn báo đã tiếp nhận 4 ngày 16 giờ (hạn 15:00 ngày 20/07/2023)" in shown.lower()
        assert "trả lời kết quả xác minh trước 10:00 ngày 27/07/2023" in shown


def test_a_reminder_before_the_clock_ends_says_so():
    made = reminder_notice(
        UNIT, TO, [replace(BRIEF, state=CaseState.ACKNOWLEDGED)], round_id="r", **TIMES
    )

    assert made.subject == "[Lắng Nghe] Nhắc lần 1: 1 vụ việc sắp đến hạn"


def test_an_escalation_goes_to_the_level_above_and_names_the_silent_unit():
    made = reminder_notice(
        "UBND tỉnh", "vp@tinh.example", [BRIEF], round_id="r", escalated_from=UNIT, **TIMES
    )

    assert made.key == "escalation:ubnd-huyen-ba-tri:r:vp@tinh.example"
    assert made.kind == "escalation"
    assert made.subject == "[Lắng Nghe] UBND huyện Ba Tri chưa trả lời: 1 vụ việc quá hạn"
    assert "Kính gửi: UBND tỉnh" in made.text


def test_nobody_is_reminded_of_nothing():
    closed = replace(BRIEF, state=CaseState.CLOSED)

    with pytest.raises(ValueError, match="running clock"):
        reminder_notice(UNIT, TO, [closed], round_id="r", **TIMES)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (CaseOutcome.FIXED, "Kết quả: đã khắc phục"),
        (CaseOutcome.EXPLAINED, "Kết quả: đã giải thích, không có việc phải khắc phục"),
        (CaseOutcome.SCHEDULED, "Kết quả: đã có lịch khắc phục, chưa xong"),
        (None, "Kết quả: rút, không theo dõi tiếp"),
    ],
)
def test_a_closing_tells_the_outcome(outcome, said):
    brief = replace(BRIEF, state=CaseState.CLOSED, veracity=Veracity.TRUE)

    made = closing_notice(UNIT, TO, brief, outcome=outcome, statement="Đã phủ bạt.", **TIMES)

    assert made.key == f"closing:12:{TO}"
    assert made.subject == "[Lắng Nghe] Vụ việc số 12 đã kết thúc: Bãi rác An Hiệp bốc mùi"
    for shown in (flat(made.text), Page(made.html).text):
        assert said in shown
        assert "Trả lời đã được xác nhận: Đã phủ bạt." in shown
        assert "đã xác minh: đúng" in shown


def test_a_correction_is_another_mail_and_says_so():
    made = closing_notice(UNIT, TO, BRIEF, outcome=CaseOutcome.FIXED, correction=1, **TIMES)

    assert made.key == f"closing:12:{TO}:correction-1"
    assert made.subject == "[Lắng Nghe] Đính chính vụ việc số 12: Bãi rác An Hiệp bốc mùi"
    assert "thay cho thư kết thúc đã gửi" in flat(made.text)


def test_the_digest_goes_to_one_reader_once_a_day():
    data = digest()

    made = digest_notice(data, TO, now=NOW, not_before=NOW, domain="langnghe.invalid")

    assert made.key == f"digest:2023-07-25:{TO}"
    assert made.kind == "digest"
    assert made.subject == (
        "[Lắng Nghe] 25/07/2023: 1 vụ việc quá hạn, 1 sự việc mới, 1 có diễn biến, "
        "1 chờ quyết định, 1 đã kết thúc"
    )
    assert (made.text, made.html) == (render_digest(data, "text"), render_digest(data, "html"))


def policy(start: str, end: str) -> PolicyEntry:
    return PolicyEntry(quiet_from=time.fromisoformat(start), quiet_to=time.fromisoformat(end))


@pytest.mark.parametrize(
    ("now", "hours", "expected"),
    [
        (at(25, 19, 59), ("20:00", "07:00"), at(25, 19, 59)),
        (at(25, 20), ("20:00", "07:00"), at(26, 7)),
        (at(25, 23, 59), ("20:00", "07:00"), at(26, 7)),
        (at(25, 0), ("20:00", "07:00"), at(25, 7)),
        (at(25, 6, 59), ("20:00", "07:00"), at(25, 7)),
        (at(25, 7), ("20:00", "07:00"), at(25, 7)),
        (at(31, 22), ("20:00", "07:00"), datetime(2023, 8, 1, 7, tzinfo=ZONE)),
        (at(25, 12), ("11:30", "13:00"), at(25, 13)),
        (at(25, 13), ("11:30", "13:00"), at(25, 13)),
        (at(25, 3), ("00:00", "00:00"), at(25, 3)),
        (datetime(2023, 7, 25, 14, tzinfo=UTC), ("20:00", "07:00"), at(26, 7)),
    ],
)
def test_quiet_hours(now, hours, expected):
    assert quiet_until(now, policy(*hours)) == expected
    assert quiet_until(now, policy(*hours), urgent=True) == now
