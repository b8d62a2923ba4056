"""The one mail of a round to a unit: what it holds, in which order, and what it never holds."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from hostile import ADDRESSES, MARKUP
from test_render import TAGS, Page, flat
from triage_samples import BRIEF, CLOCKS, LETTERHEAD, NOW, at

from triage.case import CaseOutcome, CaseState, Veracity
from triage.digest import Due
from triage.roundmail import End, Ending, Fresh, Letter, News, Owed, Role, round_notice

UNIT, TO = "UBND huyện Ba Tri", "vanphong@batri.example"
KEY = "round:ubnd-huyen-ba-tri:20230725T070000"
SECOND = replace(BRIEF, case_id=15, title="Ao tôm đổi màu", severity=2, links=(), recurs_of=None)
LATE = Owed(SECOND, Due("báo đã tiếp nhận", at(20, 15)), step=2)
NEW = Fresh(BRIEF, Role.LEAD, "Phân công cho mọi chủ đề tại huyện Ba Tri.")
OVER = Ending(
    replace(SECOND, case_id=7, state=CaseState.CLOSED, veracity=Veracity.TRUE),
    End.CLOSED,
    CaseOutcome.EXPLAINED,
    "Đã phủ bạt.",
)


def mail(*parts, links=None, letterhead=LETTERHEAD, unit=UNIT):
    letter = Letter(unit, TO, parts, links or {})
    return round_notice(letter, key=KEY, now=NOW, not_before=NOW, letterhead=letterhead)


def shown(made) -> list[str]:
    """The words of both forms."""
    return [Page(made.html).text, flat(made.text)]


def test_all_that_a_unit_is_told_in_a_round_is_one_mail_in_the_order_of_what_presses():
    helped = Fresh(replace(SECOND, case_id=21), Role.COPY)
    news = News(replace(SECOND, case_id=18), graver=True)

    made = mail(OVER, helped, news, NEW, LATE)

    assert made.key == KEY
    assert (made.kind, mail(LATE).kind) == ("cases", "round")
    assert made.case_ids == (7, 12, 15, 18, 21)
    assert (made.recipient, made.created_at, made.not_before) == (TO, NOW, NOW)
    assert made.subject == (
        "[Lắng Nghe] KHẨN: 1 vụ việc quá hạn, 1 cần xác minh, 1 có tin mới, 1 để biết, "
        "1 kết thúc – hạn 27/07/2023"
    )
    titles = [
        "quá hạn, nhắc việc",
        "vụ việc mới cần xác minh",
        "tin mới về vụ việc đang mở",
        "để phối hợp, để biết",
        "kết thúc và đính chính",
        "cách trả lời",
    ]
    for words in shown(made):
        found = [words.lower().index(title) for title in titles]
        assert found == sorted(found)
    assert Page(made.html).tags <= TAGS


def test_sections_without_anything_are_left_out():
    made = mail(NEW)

    for words in shown(made):
        assert "vụ việc mới cần xác minh" in words.lower()
        assert "nhắc việc" not in words.lower()
        assert "đính chính" not in words.lower()


def test_the_message_id_follows_from_the_key():
    assert mail(NEW).message_id == mail(LATE).message_id
    assert re.fullmatch(r"<[0-9a-f]{32}@langnghe\.invalid>", mail(NEW).message_id)


def test_a_mail_that_says_nothing_is_refused():
    with pytest.raises(ValueError, match="something to say"):
        mail()


def test_the_subject_names_the_earliest_day_and_is_urgent_only_when_the_unit_must_act():
    sooner = replace(SECOND, case_id=16, deadlines=replace(CLOCKS, verify=at(26)))
    grave_elsewhere = Fresh(BRIEF, Role.COPY)

    assert mail(Fresh(SECOND, Role.LEAD)).subject == (
        "[Lắng Nghe] 1 vụ việc cần xác minh – hạn 27/07/2023"
    )
    assert mail(Fresh(SECOND, Role.LEAD), Fresh(sooner, Role.LEAD)).subject == (
        "[Lắng Nghe] 2 vụ việc cần xác minh – hạn 26/07/2023"
    )
    assert mail(grave_elsewhere).subject == "[Lắng Nghe] 1 vụ việc để biết"
    assert mail(News(BRIEF, graver=True)).subject == "[Lắng Nghe] KHẨN: 1 vụ việc có tin mới"


def test_page_and_text_twin_tell_what_is_asked_by_when_why_and_how():
    facts = [
        "Kính gửi: UBND huyện Ba Tri",
        "Bãi rác An Hiệp bốc mùi",
        "Nước rỉ rác chảy ra kênh và ao tôm.",
        "xã An Hiệp, huyện Ba Tri, tỉnh Bến Tre",
        "theo phản ánh, chưa xác minh",
        "Rác thải, vệ sinh môi trường",
        "trước 15:00 ngày 20/07/2023",
        "trước 10:00 ngày 27/07/2023",
        "trước 17:00 ngày 31/07/2023",
        "Vì sao gửi đến đơn vị: Phân công cho mọi chủ đề tại huyện Ba Tri.",
        "Vì sao thành vụ việc: 3 nguồn độc lập",
        "Báo Mẫu: Rác ùn ở An Hiệp",
        "Trang Ba Tri: Mùi hôi từ bãi rác (19/07/2023)",
        "Đã từng xảy ra: vụ việc số 4",
        "không thuộc trách nhiệm của đơn vị",
        "đúng một phần",
        "Ban Tuyên giáo Bến Tre",
        "xin không tìm hay xử lý người phản ánh",
    ]

    for words in shown(mail(NEW)):
        assert [fact for fact in facts if fact not in words] == []


def test_press_articles_have_links_and_fanpage_posts_have_none():
    made = mail(NEW)

    assert Page(made.html).links == ["https://bao-mau.example/rac"]
    assert re.findall(r"https?://\S+", made.text) == ["https://bao-mau.example/rac"]


def test_the_signed_link_is_a_button_and_a_line():
    link = "https://langnghe.example/tra-loi/abc.def"
    made = mail(NEW, links={12: link})

    assert Page(made.html).links == ["https://bao-mau.example/rac", link]
    assert f"Trả lời vụ việc số 12:\n  {link}\n" in made.text
    assert "không cần tài khoản" in made.text
    assert "Trả lời thư này" not in made.text


def test_without_a_link_the_unit_answers_by_mail():
    made = mail(NEW, letterhead=replace(LETTERHEAD, reply_to="tra-loi@tinh.example"))

    for words in shown(made):
        assert "Trả lời thư này (gửi về tra-loi@tinh.example)" in words


@pytest.mark.parametrize(
    ("role", "asked"), [(Role.COOPERATING, "để phối hợp"), (Role.COPY, "để biết")]
)
def test_those_who_help_or_know_are_not_asked_to_answer(role, asked):
    made = mail(Fresh(BRIEF, role), links={12: "https://langnghe.example/tra-loi/abc"})

    assert made.subject == f"[Lắng Nghe] 1 vụ việc {asked}"
    for words in shown(made):
        assert "Đơn vị chủ trì: UBND huyện Ba Tri" in words
        assert f"Gửi đến đơn vị: {asked}" in words
        assert "cách trả lời" not in words.lower()
        assert "trước 10:00" not in words
    assert "tra-loi" not in made.text + made.html


def test_a_reminder_tells_what_is_owed_how_late_and_the_promise_that_passed():
    late = replace(LATE, promise="Phủ bạt xong", promised=date(2023, 7, 21))

    made = mail(late)

    assert made.subject == "[Lắng Nghe] 1 vụ việc quá hạn"
    for words in shown(made):
        assert "hạn báo đã tiếp nhận 4 ngày 16 giờ (hạn 15:00 ngày 20/07/2023)" in words.lower()
        assert "Đã qua ngày hẹn: 21/07/2023: “Phủ bạt xong”" in words
        assert "nhắc lần 2" in words


def test_an_answer_that_does_not_do_is_asked_for_again_in_the_analysts_words():
    made = mail(Owed(SECOND, again="Cho biết lượng rác còn lại"))

    assert made.subject == "[Lắng Nghe] 1 vụ việc cần trả lời lại"
    for words in shown(made):
        assert "Đề nghị trả lời lại: Cho biết lượng rác còn lại" in words


def test_an_escalation_names_the_silent_unit_and_asks_nobody_to_answer_for_it():
    made = mail(
        replace(LATE, silent="UBND xã An Đức"), unit="UBND tỉnh", links={15: "https://a.vn"}
    )

    assert made.subject == "[Lắng Nghe] 1 vụ việc cấp dưới chưa trả lời"
    for words in shown(made):
        assert "UBND xã An Đức chưa trả lời." in words
        assert "cách trả lời" not in words.lower()
    assert "https://a.vn" not in made.text + made.html


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (CaseOutcome.FIXED, "Kết quả: đã khắc phục"),
        (CaseOutcome.EXPLAINED, "Kết quả: đã giải thích, không có việc phải khắc phục"),
        (CaseOutcome.SCHEDULED, "Kết quả: đã có lịch khắc phục, chưa xong"),
        (None, "Kết luận: đã xác minh: đúng"),
    ],
)
def test_a_closing_tells_truth_outcome_and_answer(outcome, said):
    made = mail(replace(OVER, outcome=outcome))

    assert made.subject == "[Lắng Nghe] 1 vụ việc kết thúc"
    for words in shown(made):
        assert said in words
        assert "Nội dung được xác nhận: Đã phủ bạt." in words
        assert "đã xác minh: đúng" in words


def test_a_withdrawal_says_so_and_not_that_anything_was_found():
    made = mail(Ending(SECOND, End.WITHDRAWN, why="trùng với vụ việc khác"))

    for words in shown(made):
        assert "Kết quả: rút, không theo dõi tiếp (trùng với vụ việc khác)" in words
        assert "Kết luận" not in words


def test_a_correction_says_what_it_replaces():
    made = mail(replace(OVER, end=End.CORRECTED))

    assert made.subject == "[Lắng Nghe] 1 vụ việc được đính chính"
    for words in shown(made):
        assert "thay cho thư kết thúc đã gửi trước đây" in words


def test_a_false_report_ends_in_a_correction_and_in_no_name():
    false = replace(BRIEF, state=CaseState.CLOSED, veracity=Veracity.FALSE)
    made = mail(Ending(false, End.CLOSED, statement="Bãi rác đã đóng từ tháng 5."))

    assert made.subject == "[Lắng Nghe] 1 vụ việc được đính chính"
    for words in shown(made):
        assert "Đính chính: điều được phản ánh là không đúng." in words
        assert "xin không tìm hay xử lý người phản ánh" in words
        assert "Báo Mẫu" not in words
        assert "Trang Ba Tri" not in words


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
    made = mail(
        Owed(brief, promise=evil, promised=date(2023, 7, 1), again=evil),
        Owed(brief, LATE.due, silent=evil),
        Fresh(brief, Role.LEAD, evil, evil),
        Fresh(brief, Role.COPY, evil, evil),
        News(brief),
        Ending(brief, End.CLOSED, statement=evil),
        Ending(brief, End.WITHDRAWN, why=evil),
        unit=evil,
        links={12: evil},
        letterhead=replace(LETTERHEAD, agency=evil, reply_to=evil),
    )

    assert Page(made.html).tags <= TAGS
    assert set(Page(made.html).links) <= {"https://a.example/x"}
    assert all(char.isprintable() or char == "\n" for char in made.text)


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_plain_web_addresses_become_links(address):
    brief = replace(BRIEF, links=(("Báo Mẫu", "Tin", address),))

    made = mail(Fresh(brief, Role.LEAD), links={12: address})

    assert Page(made.html).links == []
    assert "CÁCH TRẢ LỜI" in made.text
