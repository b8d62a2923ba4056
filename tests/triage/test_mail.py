"""The mails to the committee's own people, and the hours in which no mail goes out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest
from hostile import MARKUP
from test_render import TAGS, Page, flat
from triage_samples import BRIEF, DAY, LETTERHEAD, NOW, at, digest

from config.catalog import PolicyEntry
from config.settings import ZONE
from triage.case import CaseState
from triage.mail import Waiting, digest_notice, quiet_until, waiting_notice
from triage.render import render_digest

TO = "vanphong@batri.example"
TIMES = {"day": DAY, "now": NOW, "letterhead": LETTERHEAD}
PROPOSED = replace(BRIEF, state=CaseState.PROPOSED)


def test_what_waits_is_told_in_one_mail_the_oldest_first():
    newer = Waiting(replace(PROPOSED, case_id=15, title="Ao tôm đổi màu"), at(24, 9))
    older = Waiting(PROPOSED, at(20, 9), "chưa rõ địa bàn")
    answered = Waiting(replace(BRIEF, case_id=9, state=CaseState.ANSWERED), at(22, 9))

    made = waiting_notice([newer, older], [answered], TO, **TIMES)

    assert made.key == f"waiting:2023-07-25:{TO}"
    assert made.kind == "waiting"
    assert made.case_ids == (9, PROPOSED.case_id, 15)
    assert made.for_units == ()
    assert made.subject == ("[Lắng Nghe] 2 vụ việc chờ duyệt, 1 vụ việc đã trả lời, chờ xác nhận")
    for shown in (Page(made.html).text, flat(made.text)):
        assert "Chờ từ: 09:00 ngày 20/07/2023 (4 ngày 22 giờ)" in shown
        assert "Vì sao chờ: chưa rõ địa bàn" in shown
        assert shown.index("ngày 20/07/2023") < shown.index("ngày 24/07/2023")
        assert "Không vụ việc nào tự chuyển đi" in shown


def test_what_was_told_before_is_named_in_a_line_and_then_counted():
    old = [
        Waiting(replace(PROPOSED, case_id=n, severity=1 + n % 3), at(3, 9), "một nguồn", told=True)
        for n in range(1, 9)
    ]
    new = Waiting(replace(PROPOSED, case_id=15), at(24, 9), "chưa rõ địa bàn")

    made = waiting_notice([*old, new], [], TO, **TIMES)

    assert made.subject == "[Lắng Nghe] 9 vụ việc chờ duyệt"
    assert made.case_ids == (1, 2, 4, 5, 8, 15), "those of which it repeats words"
    for shown in (Page(made.html).text, flat(made.text)):
        assert "Đã nhắc trước đây, vẫn còn chờ (8):" in shown
        assert "… và 3 vụ việc khác." in shown
        assert [n for n in range(1, 9) if f"Số {n} [" in shown] == [1, 2, 4, 5, 8]
        assert shown.index("Số 2 [") < shown.index("Số 1 [")
        assert shown.count("Vì sao chờ") == 1
        assert "hang-doi" not in shown


def test_mails_to_the_committee_lead_to_the_pages_where_there_are_any():
    letterhead = replace(LETTERHEAD, console="https://ln.example/noi-bo")
    made = waiting_notice([Waiting(PROPOSED, NOW)], [], TO, **(TIMES | {"letterhead": letterhead}))
    told = digest_notice(
        digest(), TO, now=NOW, not_before=NOW, domain="d", console="https://ln.example/noi-bo"
    )

    assert Page(made.html).links == ["https://ln.example/noi-bo/hang-doi"]
    assert "https://ln.example/noi-bo/hang-doi" in made.text
    assert "https://ln.example/noi-bo/hom-nay" in Page(told.html).links
    assert "https://ln.example/noi-bo/hom-nay" in told.text


def test_a_mail_about_nothing_that_waits_is_refused():
    with pytest.raises(ValueError, match="nothing waits"):
        waiting_notice([], [], TO, **TIMES)


@pytest.mark.parametrize("evil", MARKUP)
def test_markup_in_what_waits_comes_out_as_text(evil):
    brief = replace(PROPOSED, title=evil, place=evil, unit_name=evil)

    made = waiting_notice([Waiting(brief, NOW, evil)], [], TO, **TIMES)

    assert Page(made.html).tags <= TAGS
    assert Page(made.html).links == []
    assert all(char.isprintable() or char == "\n" for char in made.text)


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
