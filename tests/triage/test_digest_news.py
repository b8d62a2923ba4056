"""A digest over days: full once, then a line; changes in words; short enough for a mail."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hostile import MARKUP
from test_render import Page, flat
from triage_samples import (
    ALL,
    CLOCKS,
    CLOSED,
    COVERAGE,
    DAY,
    HELD,
    LATE,
    MOVED,
    NEW,
    NOW,
    OPEN,
    WASTE,
    at,
    digest,
)

from triage.assemble import assemble, changes, fingerprint
from triage.case import CaseOutcome, CaseState, Veracity
from triage.digest import Coverage, Failure, Pledge, Tally, Topic, Unheard
from triage.mail import digest_notice
from triage.render import FULL, MAIL_BYTES, fit_mail, render_digest
from triage.selection import select

NEXT = NOW + timedelta(days=1)
PLEDGES = (
    Pledge(9, "ubnd-tp", "UBND thành phố Bến Tre", "thay nắp hố ga", date(2023, 7, 28), False),
    Pledge(12, "ubnd-ba-tri", "UBND huyện Ba Tri", "che bạt bãi rác", date(2023, 7, 21), True),
)
UNHEARD = (Unheard("ubnd-ba-tri", "UBND huyện Ba Tri", at(20), (12, 14), (WASTE.name,)),)


def on(made_at, *entries, told, **more):
    return assemble(
        entries,
        told,
        day=made_at.date(),
        province="Bến Tre",
        made_at=made_at,
        coverage=COVERAGE,
        floor=2.0,
        **more,
    )


def shown(data):
    return render_digest(data, "html"), render_digest(data, "text")


@pytest.mark.parametrize("entry", [LATE, HELD], ids=["overdue", "waiting"])
def test_what_lasts_is_told_in_full_once_and_in_a_line_afterwards(entry):
    first = on(NOW, entry, told={})
    second = on(NEXT, entry, told=dict(first.told))
    third = on(NEXT + timedelta(days=9), entry, told=dict(second.told))

    told = [(one.overdue or one.waiting)[0] for one in (first, second, third)]
    assert [one.brief for one in told] == [False, True, True]
    for html, text in (shown(second), shown(third)):
        assert entry.title in html
        assert entry.title in text
        assert "Vì sao nêu" not in text
        assert "Đã nêu đầy đủ trước đây (1)" in text


def test_the_line_says_for_how_many_days_it_is_overdue():
    data = on(NOW, LATE, told=dict(on(NOW - timedelta(days=2), LATE, told={}).told))

    for text in shown(data):
        assert re.search("quá hạn báo đã tiếp nhận 4 ngày", text, re.IGNORECASE)


def test_the_next_clock_that_runs_out_is_told_in_full_again():
    known = dict(on(NOW, LATE, told={}).told)
    answered = replace(LATE, state=CaseState.ACKNOWLEDGED)

    data = on(at(28), answered, told=known)

    assert [entry.brief for entry in data.overdue] == [False]
    assert data.overdue[0].changes == ("đơn vị đã tiếp nhận",)


def test_news_of_what_is_overdue_stands_on_its_line():
    known = dict(on(NOW, LATE, told={}).told)

    data = on(NEXT, replace(LATE, reminded=2, outlets=4), told=known)

    assert data.overdue[0].brief
    for text in shown(data):
        assert "đã nhắc lần 2; thêm 1 nguồn độc lập, nay 4" in flat(text)


def test_many_that_are_overdue_still_are_grouped_by_unit():
    units = ("UBND A", "UBND B")
    entries = [
        replace(LATE, event_id=n, case_id=n, title=f"Việc {n}", unit_name=units[n % 3 == 0])
        for n in range(9)
    ]
    known = dict(on(NOW, *entries, told={}).told)

    data = on(NEXT, *entries, told=known)

    assert [(name, len(found)) for name, found in data.overdue_again] == [
        ("UBND A", 6),
        ("UBND B", 3),
    ]
    html, text = shown(data)
    assert "UBND A (6):" in text
    assert "UBND A (6)" in html
    assert all(text.count(f"Việc {n}\n") == html.count(f">Việc {n}<") == 1 for n in range(9))


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ({"state": CaseState.SENT}, {"state": CaseState.ACKNOWLEDGED}, "đơn vị đã tiếp nhận"),
        (
            {"state": CaseState.SENT, "veracity": Veracity.UNVERIFIED},
            {"state": CaseState.ACKNOWLEDGED, "veracity": Veracity.CHECKING},
            "đơn vị đã tiếp nhận",
        ),
        (
            {"state": CaseState.SENT},
            {"state": CaseState.ANSWERED, "proposed": Veracity.PARTLY},
            "đã trả lời: đúng một phần – chờ xác nhận",
        ),
        (
            {"state": CaseState.ANSWERED, "proposed": Veracity.PARTLY},
            {"state": CaseState.ANSWERED, "proposed": Veracity.TRUE},
            "đơn vị trả lời lại: đúng – chờ xác nhận",
        ),
        (
            {"state": CaseState.SENT, "returned": 1},
            {"state": CaseState.PROPOSED, "returned": 2},
            "bị trả lại lần 2",
        ),
        (
            {"unit_name": "UBND huyện Ba Tri"},
            {"unit_name": "UBND xã An Hiệp"},
            "chuyển đơn vị: UBND huyện Ba Tri → UBND xã An Hiệp",
        ),
        ({"unit_name": ""}, {"unit_name": "UBND xã A"}, "chuyển đơn vị: UBND xã A"),
        ({"reminded": 1}, {"reminded": 3}, "đã nhắc lần 3"),
        ({"escalated": 0}, {"escalated": 1}, "đã báo cấp trên của đơn vị"),
        ({}, {"promised": date(2023, 8, 1)}, "đơn vị hẹn ngày 01/08/2023"),
        (
            {"promised": date(2023, 7, 30)},
            {"promised": date(2023, 8, 1)},
            "đơn vị hẹn lại ngày 01/08/2023",
        ),
        (
            {"promised": date(2023, 7, 25)},
            {"promised": date(2023, 7, 25), "due_today": True},
            "lời hứa đến hạn hôm nay",
        ),
        (
            {"promised": date(2023, 7, 24)},
            {"promised": date(2023, 7, 24), "broken": True},
            "trễ hẹn ngày 24/07/2023",
        ),
        ({"items": 2}, {"items": 5}, "thêm 3 tin mới, nay 5"),
        ({"state": CaseState.CLOSED}, {"state": CaseState.APPROVED}, "mở lại vụ việc"),
        ({"reminded": 2}, {"reminded": 0}, ""),
    ],
)
def test_each_change_has_its_words(before, now, words):
    plain = replace(OPEN, state=CaseState.SENT)

    told = changes(fingerprint(replace(plain, **before)), replace(plain, **before | now))

    assert told == ((words,) if words else ())


def test_assemble_sees_that_a_promised_day_has_come_and_gone():
    kept = replace(OPEN, promised=DAY)

    today = on(NOW, kept, told={4: fingerprint(kept)})
    tomorrow = on(NEXT, kept, told=dict(today.told))
    after = on(NEXT + timedelta(days=1), kept, told=dict(tomorrow.told))

    assert today.changed[0].changes == ("lời hứa đến hạn hôm nay",)
    assert tomorrow.changed[0].changes == ("trễ hẹn ngày 25/07/2023",)
    assert [entry.event_id for entry in after.carried] == [4]
    assert "hẹn ngày 25/07/2023 (TRỄ HẸN)" in flat(render_digest(after, "text"))


def test_a_promise_of_a_closed_case_is_not_broken():
    done = replace(CLOSED, promised=date(2023, 7, 1))

    assert not on(NOW, done, told={}).resolved[0].broken


def test_what_was_put_right_says_how_long_it_took_and_comes_first():
    fixed = replace(
        CLOSED,
        event_id=50,
        title="Nước máy đã ngọt trở lại",
        outcome=CaseOutcome.FIXED,
        waiting_since=at(10, 7),
        closed_at=at(22, 11),
        statement="Đã súc xả đường ống.",
    )

    data = on(NOW, CLOSED, fixed, told={})

    assert [entry.event_id for entry in data.resolved] == [50, 5]
    html, text = shown(data)
    assert "Đã giải quyết xong (1)" in text
    assert "đã khắc phục sau 12 ngày 4 giờ" in flat(text)
    assert "đã khắc phục sau 12 ngày 4 giờ" in Page(html).text
    assert text.count("đã khắc phục") == 1


def test_an_answer_is_not_yet_the_truth():
    answered = replace(
        MOVED, veracity=Veracity.CHECKING, proposed=Veracity.TRUE, statement="Có việc này."
    )

    html, text = shown(on(NOW, answered, told={7: fingerprint(replace(MOVED, outlets=1))}))

    for told in (Page(html).text, flat(text)):
        assert "Đơn vị trả lời: đúng – chờ xác nhận" in told
        assert "đã xác minh: đúng" not in told


def test_promises_and_units_not_heard_from_name_cases_by_number_only():
    data = on(NOW, LATE, OPEN, told={}, pledges=PLEDGES, unheard=UNHEARD)

    assert [pledge.late for pledge in data.pledges] == [True, False]
    html, text = shown(data)
    for told in (Page(html).text, flat(text)):
        assert re.search("trễ hẹn ngày 21/07/2023", told, re.IGNORECASE)
        assert "Hẹn ngày 28/07/2023" in told
        assert "UBND huyện Ba Tri: từ 20/07/2023, 2 vụ việc (số 12, 14)" in told
        assert told.count(LATE.title) == 1
        assert told.count(OPEN.title) == 1


def test_charts_stand_beside_the_week_before():
    before = on(NOW - timedelta(days=7), NEW, told={})

    data = on(NOW, NEW, LATE, told={}, week_before=before)

    assert data.by_topic[0] == Tally("Giao thông, cầu đường, điện, nước sạch", 1, 0, 1)
    assert Tally("Rác thải, vệ sinh môi trường", 1, 1, 0) in data.by_topic
    html, text = shown(data)
    assert "tuần trước 0" in html
    assert "1 (1 trễ), tuần trước 0" in text
    assert all("tuần trước" not in told for told in shown(digest()))


def test_quiet_places_and_dead_mails_are_said():
    quiet = Coverage(
        expected=2,
        seen=2,
        places_without_source=tuple(f"xã {n}" for n in range(30)),
        places=48,
        quiet_days=30,
        unsent=COVERAGE.failed,
        unusual=(Failure("Báo Ít", "3 tin, thường ngày 40"),),
    )
    html, text = shown(replace(digest(), coverage=quiet))

    for told in (Page(html).text, flat(text)):
        assert "Địa bàn 30 ngày qua không có tin nào (30/48): xã 0, " in told
        assert "xã 19 và 10 nơi khác" in told
        assert "Thư không gửi được, chờ người xử lý (2)" in told
        assert "Số tin khác thường (1): " in told
        assert "Báo Ít (3 tin, thường ngày 40)" in told


def crowd(count):
    states = (CaseState.SENT, CaseState.ACKNOWLEDGED, CaseState.PROPOSED, CaseState.CLOSED, None)
    for n in range(count):
        state = states[n % 5]
        yield replace(
            LATE,
            event_id=n,
            case_id=None if state is None else n,
            title=f"Việc số {n}: rác ùn ở nhiều nơi, xe chở rác không vào được",
            unit_name=f"Ủy ban nhân dân xã {n % 60}",
            state=state,
            outcome=CaseOutcome.FIXED if n % 10 == 3 else None,
            deadlines=CLOCKS if n % 2 else replace(CLOCKS, acknowledge=at(30)),
            links=LATE.links * 3,
            score=n % 9 + 3,
        )


@pytest.mark.parametrize("count", [0, 40, 400, 3000])
def test_the_mail_is_never_cut_off_and_says_what_it_leaves_out(count):
    entries = list(crowd(count))
    known = {entry.event_id: fingerprint(entry) for entry in entries if entry.event_id % 3}
    data = on(NOW, *entries, told=known, pledges=PLEDGES * 200, unheard=UNHEARD * 200)

    made = digest_notice(data, "a@b.example", now=NOW, not_before=NOW, domain="b.example")

    assert len(made.html.encode()) <= MAIL_BYTES
    assert ("Thư đã rút gọn" in made.text) is (fit_mail(data) is not FULL)
    titles = Counter(re.findall(r"Việc số \d+:", made.html))
    assert set(titles.values()) <= {1}
    if count:
        assert "xem đủ ở trang bản tin hoặc bản Word" in made.text


def test_the_page_and_the_mail_of_a_small_day_are_the_same():
    made = digest_notice(digest(), "a@b.example", now=NOW, not_before=NOW, domain="b.example")

    assert made.html == render_digest(digest(), "html")


@pytest.mark.parametrize("evil", MARKUP)
def test_markup_in_the_small_sections_comes_out_as_text(evil):
    pledge = Pledge(1, "u", evil, evil, DAY, True)
    html, _ = shown(
        on(
            NOW,
            replace(LATE, statement=evil),
            told={},
            pledges=(pledge,),
            unheard=(Unheard("u", evil, at(1), (1,)),),
        )
    )

    assert not {"script", "img", "svg", "iframe"} & Page(html).tags


class TestSelection:
    """What one reader asked for."""

    def test_everything_is_the_digest_itself(self):
        data = digest()
        assert select(data) is data

    def test_a_topic_keeps_its_events_its_bars_and_the_coverage(self):
        data = on(NOW, *ALL, told={}, pledges=PLEDGES, unheard=UNHEARD)

        part = select(data, [WASTE])

        kept = [entry.event_id for _, found in part.sections() for entry in found]
        assert sorted(kept) == [1, 5, 7]
        assert [tally.name for tally in part.by_topic] == [WASTE.name]
        assert part.coverage == data.coverage
        assert part.counted_only == ()
        assert part.unheard == UNHEARD
        assert part.pledges == ()
        assert part.scope == f"lĩnh vực {WASTE.name}"

    def test_topic_and_unit_must_both_fit(self):
        entries = (
            replace(LATE, unit_id="a"),
            replace(MOVED, unit_id="b"),
            replace(NEW, unit_id="a"),
        )

        part = select(on(NOW, *entries, told={}), [WASTE], [("a", "Đơn vị A")])

        assert [entry.event_id for _, found in part.sections() for entry in found] == [1]

    def test_nothing_of_interest_is_a_short_mail_that_says_so_with_the_coverage(self):
        part = select(digest(), [Topic("education", "Giáo dục")])

        html, text = shown(part)

        assert part.headline == "không có sự việc mới thuộc phần đã đăng ký"
        assert len(text.splitlines()) < 30
        for told in (Page(html).text, flat(text)):
            assert "Bản tin theo phần đã đăng ký: lĩnh vực Giáo dục." in told
            assert "Hôm nay không có sự việc mới thuộc phần đã đăng ký." in told
            assert "22/24" in told
