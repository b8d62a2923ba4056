"""Who is told what in a round: once, together, and in the transaction that marks it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from letter_samples import (
    COPY,
    DISTRICT,
    HELPER,
    LEAD,
    OTHER,
    QUEUE,
    START,
    Office,
)
from sqlalchemy import Engine

from config.settings import ZONE
from langnghe import correspond as stage
from langnghe import handing
from storage import cases, commitments
from triage.act import Kind, MoveRefused
from triage.case import CaseOutcome, CaseState, Veracity

HOUR = timedelta(hours=1)
FIXED: dict[str, Any] = {"veracity": Veracity.TRUE, "outcome": CaseOutcome.FIXED}


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return Office(engine, tmp_path)


def shared_case(office: Office, **over: Any) -> int:
    return office.case(cooperating=(HELPER,), copies=(COPY, LEAD), **over)


def test_new_case_reaches_who_answers_who_helps_and_who_only_knows(office: Office) -> None:
    number = shared_case(office)

    mails = office.round()

    assert {mail.unit: mail.subject for mail in mails} == {
        LEAD: "[Lắng Nghe] 1 vụ việc cần xác minh – hạn 09/03/2026",
        HELPER: "[Lắng Nghe] 1 vụ việc để phối hợp",
        COPY: "[Lắng Nghe] 1 vụ việc để biết",
    }
    story = office.story(number)
    assert story.case.brief.state is CaseState.SENT
    sent = story.entries[-1]
    assert (sent.kind, sent.data["unit"]) == ("sent", LEAD)
    assert sorted(sent.data["notices"]) == sorted(mail.key for mail in mails)


def test_only_the_unit_that_answers_gets_the_link(office: Office) -> None:
    shared_case(office)

    linked = {mail.unit for mail in office.round() if "/tra-loi/" in mail.text}

    assert linked == {LEAD}


def test_why_a_case_is_one_does_not_repeat_why_it_is_this_units(office: Office) -> None:
    office.case()

    words = office.round()[0].flat

    assert words.count("Phân công cho mọi chủ đề tại xã An Hiệp.") == 1
    assert "Vì sao thành vụ việc: mức độ 2" in words


def test_stage_that_repeats_says_nothing_twice(office: Office) -> None:
    number = shared_case(office)
    office.news(number)
    first = office.round(name="r1")
    history = office.kinds(number)

    assert office.round(name="r1") == []
    assert office.later(minutes=15) == []

    assert len(first) == 3
    assert office.kinds(number) == history


def test_unit_is_written_to_once_a_round_whatever_comes_up_in_it(office: Office) -> None:
    office.case()
    office.round(name="r1")
    second = shared_case(office)

    assert office.round(name="r1") == [], "its helpers wait with it"
    told = office.round(START + 15 * HOUR / 60, name="r2")

    assert {mail.unit for mail in told} == {LEAD, HELPER, COPY}
    assert office.kinds(second).count("sent") == 1


def test_all_that_concerns_a_unit_is_one_mail(office: Office) -> None:
    late, closed, open_ = office.case(), office.case(), office.case()
    office.round()
    office.unit_acts(open_, Kind.ACKNOWLEDGE)
    office.act(closed, Kind.CLOSE, "Đã dọn.", **FIXED)
    office.news(open_)
    office.case()
    shared_case(office, unit_id=OTHER, unit_name="UBND xã Ba Tri")
    office.case(unit_id=OTHER, copies=(LEAD,))

    mails = [mail for mail in office.later(days=2) if mail.unit == LEAD]

    (mail,) = mails
    assert mail.subject == (
        "[Lắng Nghe] 1 vụ việc quá hạn, 1 cần xác minh, 1 có tin mới, 2 để biết, 1 kết thúc"
        " – hạn 11/03/2026"
    )
    assert office.kinds(late)[-1] == "reminded"


def test_in_quiet_hours_only_what_is_urgent_is_written_and_the_rest_is_one_mail(
    office: Office,
) -> None:
    night = datetime(2026, 3, 2, 22, tzinfo=ZONE)
    office.now = night
    calm = office.case()
    grave = office.case(severity=3, copies=(COPY,))

    told = {mail.unit: mail.not_before for mail in office.round()}

    morning = datetime(2026, 3, 3, 7, tzinfo=ZONE)
    assert told == {LEAD: night, COPY: morning}
    assert office.story(grave).case.brief.state is CaseState.SENT
    assert office.later(hours=2) == []
    office.case()
    (mail,) = office.round(morning)
    assert mail.subject == "[Lắng Nghe] 2 vụ việc cần xác minh – hạn 09/03/2026"
    clocks = office.story(calm).case.brief.deadlines
    assert clocks is not None
    assert clocks.acknowledge == datetime(2026, 3, 3, 17, tzinfo=ZONE), "counted from the morning"


def test_unit_that_takes_a_case_over_gets_time_to_say_so_and_the_old_days(office: Office) -> None:
    number = office.case()
    office.round()
    before = office.story(number).case.brief.deadlines
    office.now += 26 * HOUR
    office.unit_acts(number, Kind.NOT_OURS, "Bãi rác nằm bên xã Ba Tri.")
    office.act(number, Kind.ASSIGN, "Đúng là bên Ba Tri.", unit_id=OTHER)

    (mail,) = office.later(minutes=15)

    after = office.story(number).case.brief.deadlines
    assert before is not None
    assert after is not None
    assert (mail.unit, after.verify, after.final) == (OTHER, before.verify, before.final)
    assert after.acknowledge > office.now > before.acknowledge
    assert "giao cho Ủy ban nhân dân xã Ba Tri, tỉnh Vĩnh Long: Đúng là bên Ba Tri." in mail.flat
    assert "Chuyển từ đơn vị khác: hạn xác minh và báo cáo giữ nguyên." in mail.flat


def test_case_that_is_opened_again_begins_with_new_clocks(office: Office) -> None:
    number = office.case()
    office.round()
    before = office.story(number).case.brief.deadlines
    office.act(number, Kind.CLOSE, "Đã dọn.", **FIXED)
    office.later(days=1)
    office.act(number, Kind.REOPEN, "Lại chảy.")

    (mail,) = office.later(days=3)

    after = office.story(number).case.brief.deadlines
    assert before is not None
    assert after is not None
    assert after.verify > before.verify
    assert "được mở lại" in mail.flat


def test_case_whose_mail_never_arrived_begins_with_new_clocks(office: Office) -> None:
    number = office.case()
    (lost,) = office.round()
    before = office.story(number).case.brief.deadlines
    with office.app.sessions.begin() as session:
        data = {"notice": lost.key}
        cases.entry(session, number, office.now, "machine", "undeliverable", "550", data)
        cases.change(session, number, state="proposed", sent_at=None)
    office.act(number, Kind.APPROVE)

    (mail,) = office.later(days=2)

    after = office.story(number).case.brief.deadlines
    assert before is not None
    assert after is not None
    assert after.verify > before.verify
    assert "giữ nguyên" not in mail.flat.split("CÁCH TRẢ LỜI")[0]


def test_decision_taken_back_before_the_round_leaves_no_trace_of_mail(office: Office) -> None:
    number = office.case(state=CaseState.PROPOSED)
    office.act(number, Kind.APPROVE)
    office.act(number, Kind.UNDO, "Nhầm vụ.")

    assert office.round() == []
    assert "sent" not in office.kinds(number)


def test_new_evidence_is_told_once_without_copies_and_says_that_it_is_graver(
    office: Office,
) -> None:
    number = shared_case(office)
    office.round()
    first, second = office.news(number), office.news(number, severity=3)
    copied = office.news(number, copy=True)

    told = {mail.unit: mail for mail in office.later(minutes=15)}

    assert set(told) == {LEAD, HELPER}
    for mail in told.values():
        assert first in mail.text
        assert second in mail.text
        assert copied not in mail.text
        assert "Mức độ tăng: nghiêm trọng" in mail.flat
    office.news(number, copy=True)
    assert office.later(minutes=15) == []
    third = office.news(number)
    (again, _) = office.later(minutes=15)
    assert third in again.text
    assert first not in again.text
    assert "Mức độ tăng" not in again.flat


def test_answer_that_does_not_do_is_asked_for_again_once(office: Office) -> None:
    number = office.case()
    office.round()
    office.unit_acts(number, Kind.ANSWER, "Đã xem.", veracity=Veracity.TRUE)
    office.act(number, Kind.SEND_BACK, "Cho biết ai dọn và khi nào.")

    (mail,) = office.later(minutes=15)

    assert "Đề nghị trả lời lại: Cho biết ai dọn và khi nào." in mail.flat
    assert office.later(minutes=15) == []


class TestReminders:
    """What is owed, and who hears of it."""

    def test_silence_climbs_until_somebody_acknowledges(self, office: Office) -> None:
        office.contact(QUEUE)
        number = office.case()
        office.round()
        office.later(hours=7)
        told = [
            sorted(mail.unit for mail in office.later(days=1) if mail.kind != "waiting")
            for _ in range(9)
        ]

        alone, both, weekend = [[LEAD]], [[QUEUE, LEAD]], [[]]
        assert told == 2 * alone + 2 * both + 2 * weekend + 3 * both
        office.unit_acts(number, Kind.ACKNOWLEDGE)
        (mail,) = office.later(days=1)
        assert office.kinds(number).count("escalated") == 5
        assert mail.unit == LEAD, "received, but not verified in time: the ladder begins anew"
        assert "nhắc lần 1" in mail.flat

    def test_acknowledged_and_forgotten_is_reminded_of_from_the_first_step(
        self, office: Office
    ) -> None:
        number = office.case()
        office.round()
        office.unit_acts(number, Kind.ACKNOWLEDGE)

        assert office.later(days=4) == []
        (mail,) = office.round(datetime(2026, 3, 10, 9, tzinfo=ZONE))

        assert "QUÁ HẠN trả lời kết quả xác minh" in mail.flat
        assert "đơn vị đã tiếp nhận; nhắc lần 1" in mail.flat

    def test_answer_waits_for_people_and_not_for_the_unit(self, office: Office) -> None:
        number = office.case()
        office.round()
        office.unit_acts(number, Kind.ANSWER, "Đúng.", veracity=Veracity.TRUE)

        mails = office.round(datetime(2026, 3, 4, 9, 30, tzinfo=ZONE))

        assert [mail.kind for mail in mails] == ["waiting"]
        assert "1 vụ việc đã trả lời, chờ xác nhận" in mails[0].subject

    def test_promise_that_passed_is_named_and_marked_late(self, office: Office) -> None:
        number = office.case()
        office.round()
        office.unit_acts(number, Kind.PROGRESS, "Phủ bạt xong.", due=date(2026, 3, 4))

        assert office.round(datetime(2026, 3, 4, 15, tzinfo=ZONE)) == []
        (mail,) = office.round(datetime(2026, 3, 5, 8, tzinfo=ZONE))

        assert "Đã qua ngày hẹn: 04/03/2026: “Phủ bạt xong.”" in mail.flat
        with office.app.views() as session:
            assert commitments.open_promises(session, [number]) == []
        assert office.later(days=1) == []

    def test_promise_put_off_in_time_is_not_held_against_the_unit(self, office: Office) -> None:
        number = office.case()
        office.round()
        office.unit_acts(number, Kind.PROGRESS, "Phủ bạt xong.", due=date(2026, 3, 4))
        office.now += 24 * HOUR
        office.unit_acts(number, Kind.PROGRESS, "Mưa, lùi lại.", due=date(2026, 3, 20))

        assert office.round(datetime(2026, 3, 5, 8, tzinfo=ZONE)) == []
        with office.app.views() as session:
            left = commitments.open_promises(session, [number])
        assert [one.text for one in left] == ["Mưa, lùi lại."]

    def test_two_weeks_with_tet_in_them(self, office: Office) -> None:
        office.contact(QUEUE)
        office.now = datetime(2026, 2, 11, 9, tzinfo=ZONE)
        silent, grave = office.case(), office.case(severity=3)
        office.case(state=CaseState.PROPOSED)
        said: list[tuple[date, str]] = []
        for hours in range(0, 15 * 24, 2):
            at = datetime(2026, 2, 11, 9, tzinfo=ZONE) + hours * HOUR
            said += [(at.date(), mail.key) for mail in office.round(at)]

        days = {day for day, _ in said}
        assert days == {
            *(date(2026, 2, day) for day in (11, 12, 13)),
            *(date(2026, 2, day) for day in (23, 24, 25, 26)),
        }, "nothing from Saturday 14 to Sunday 22 February"
        for number in (silent, grave):
            reminded = [
                entry.at.astimezone(ZONE).date()
                for entry in office.story(number).entries
                if entry.kind == "reminded"
            ]
            assert len(reminded) == len(set(reminded))
            assert reminded != []
        assert len({key for _, key in said}) == len(said)


class TestPeopleWait:
    """What waits for the committee's own people."""

    def test_they_are_told_once_a_working_day_the_oldest_first(self, office: Office) -> None:
        office.case(state=CaseState.PROPOSED, hold="chưa rõ địa bàn")
        assert office.later(hours=5) == []
        office.now += 2 * HOUR
        office.case(state=CaseState.PROPOSED)

        (mail,) = office.round(datetime(2026, 3, 3, 9, 30, tzinfo=ZONE))

        assert mail.subject == "[Lắng Nghe] 1 vụ việc chờ duyệt"
        assert "Vì sao chờ: chưa rõ địa bàn" in mail.flat
        assert office.later(hours=1) == []
        (next_day,) = office.later(days=1)
        assert next_day.subject == "[Lắng Nghe] 2 vụ việc chờ duyệt"

    def test_time_alone_forwards_nothing(self, office: Office) -> None:
        number = office.case(state=CaseState.PROPOSED)

        mails = [mail for _ in range(40) for mail in office.later(days=1)]

        assert {mail.kind for mail in mails} == {"waiting"}
        assert office.story(number).case.brief.state is CaseState.PROPOSED


class TestEndings:
    """Who began hearing of a case hears its end."""

    def test_closing_reaches_all_who_were_told_once(self, office: Office) -> None:
        number = shared_case(office)
        office.round()
        office.act(
            number,
            Kind.CLOSE,
            "Chỉ là bùn, đã giải thích.",
            veracity=Veracity.PARTLY,
            outcome=CaseOutcome.EXPLAINED,
        )

        told = {mail.unit: mail for mail in office.later(minutes=15)}

        assert set(told) == {LEAD, HELPER, COPY}
        for mail in told.values():
            assert "đã giải thích, không có việc phải khắc phục" in mail.flat
            assert "đã xác minh: đúng một phần" in mail.flat
        assert office.later(minutes=15) == []

    def test_unit_that_gave_the_case_away_hears_its_end_too(self, office: Office) -> None:
        number = office.case()
        office.round()
        office.unit_acts(number, Kind.NOT_OURS, "Bên Ba Tri.")
        office.act(number, Kind.ASSIGN, "Bên Ba Tri.", unit_id=OTHER)
        office.later(minutes=15)
        office.act(number, Kind.CLOSE, "Đã dọn.", **FIXED)

        assert {mail.unit for mail in office.later(minutes=15)} == {LEAD, OTHER}

    def test_correction_reaches_all_who_got_the_closing(self, office: Office) -> None:
        number = shared_case(office)
        office.round()
        office.act(number, Kind.CLOSE, "Đã dọn.", **FIXED)
        office.later(minutes=15)
        office.act(number, Kind.AMEND, "Không phải bãi rác này.", veracity=Veracity.FALSE)

        told = {mail.unit: mail for mail in office.later(minutes=15)}

        assert set(told) == {LEAD, HELPER, COPY}
        for mail in told.values():
            assert "Đính chính" in mail.flat
            assert "không đúng" in mail.flat
            assert "Báo A" not in mail.flat
        assert office.later(minutes=15) == []

    def test_correction_taken_back_before_the_round_is_not_told(self, office: Office) -> None:
        number = office.case()
        office.round()
        office.act(number, Kind.CLOSE, "Đã dọn.", **FIXED)
        office.later(minutes=15)
        office.act(number, Kind.AMEND, "Nhầm.", veracity=Veracity.FALSE)
        office.act(number, Kind.UNDO, "Không nhầm.")

        assert office.later(minutes=15) == []

    def test_case_dismissed_after_sending_is_withdrawn(self, office: Office) -> None:
        number = shared_case(office)
        office.round()
        office.act(number, Kind.DISMISS, "Trùng vụ 7 của ông trực ca trước.", code="duplicate")

        told = office.later(minutes=15)

        assert {mail.unit for mail in told} == {LEAD, HELPER, COPY}
        for mail in told:
            assert "rút, không theo dõi tiếp (trùng với vụ việc khác)" in mail.flat
            assert "trực ca trước" not in mail.flat

    def test_case_that_nobody_was_told_of_ends_in_silence(self, office: Office) -> None:
        number = office.case(state=CaseState.PROPOSED)
        office.act(number, Kind.DISMISS, "Quảng cáo.", code="not_an_issue")

        assert office.round() == []

    def test_closing_waits_for_the_end_of_the_quiet_hours(self, office: Office) -> None:
        number = office.case(severity=3)
        office.round()
        office.act(number, Kind.CLOSE, "Đã dọn.", **FIXED)

        assert office.round(datetime(2026, 3, 2, 23, tzinfo=ZONE)) == []
        assert len(office.round(datetime(2026, 3, 3, 7, tzinfo=ZONE))) == 1


class TestHandover:
    """Cases whose unit is gone, or cannot be written to."""

    def test_case_of_a_unit_that_ended_goes_on_with_its_heir(self, office: Office) -> None:
        office.contact(DISTRICT)
        office.now = datetime(2025, 6, 24, 9, tzinfo=ZONE)
        number = office.case(unit_id=DISTRICT, unit_name="UBND huyện Ba Tri", place_key="29161@")
        assert [mail.unit for mail in office.round()] == [DISTRICT]
        before = office.story(number).case.brief.deadlines

        (mail,) = office.round(datetime(2025, 7, 1, 9, tzinfo=ZONE))

        story = office.story(number)
        assert mail.unit == LEAD
        assert office.kinds(number)[-2:] == ["handover", "sent"]
        assert "UBND huyện Ba Tri không còn hoạt động." in story.entries[-2].text
        after = story.case.brief.deadlines
        assert before is not None
        assert after is not None
        # The district's term ends that very morning: its heir gets one of its own.
        assert before.verify < after.acknowledge < after.verify
        assert after.final == before.final

    def test_heir_without_an_address_leaves_it_to_a_person(self, office: Office) -> None:
        office.contact(DISTRICT)
        office.now = datetime(2025, 6, 24, 9, tzinfo=ZONE)
        number = office.case(unit_id=DISTRICT, unit_name="UBND huyện Ba Tri", place_key=None)
        office.round()

        assert office.round(datetime(2025, 7, 1, 7, tzinfo=ZONE)) == []

        held = office.story(number).case
        assert held.brief.state is CaseState.PROPOSED
        assert "không còn hoạt động" in (held.hold or "")
        assert "chưa rõ địa bàn" in (held.hold or "")

    def test_what_waits_for_a_decision_waits_under_the_heir(self, office: Office) -> None:
        office.contact(DISTRICT)
        office.now = datetime(2025, 6, 24, 9, tzinfo=ZONE)
        number = office.case(
            unit_id=DISTRICT,
            unit_name="UBND huyện Ba Tri",
            place_key="29161@",
            state=CaseState.PROPOSED,
            hold="chỉ một nguồn",
        )

        assert office.round(datetime(2025, 7, 1, 9, tzinfo=ZONE)) == []

        waiting = office.story(number).case
        assert (waiting.brief.state, waiting.brief.unit_id) == (CaseState.PROPOSED, LEAD)
        assert waiting.hold == "chỉ một nguồn"
        assert office.kinds(number)[-1] == "handover"
        office.round(datetime(2025, 7, 2, 9, tzinfo=ZONE))
        assert office.kinds(number).count("handover") == 1

    def test_whose_a_person_made_it_meanwhile_it_stays(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        office.contact(DISTRICT)
        office.now = datetime(2025, 6, 24, 9, tzinfo=ZONE)
        number = office.case(unit_id=DISTRICT, unit_name="UBND huyện Ba Tri", place_key="29161@")
        why, people = handing._why, [lambda: office.act(number, Kind.ASSIGN, "giao", unit_id=OTHER)]

        def why_then_assign(*asked: Any) -> str:
            """Find the case homeless, as the stage does; then a person gives it away."""
            found = why(*asked)
            if people:
                people.pop()()
            return found

        monkeypatch.setattr(handing, "_why", why_then_assign)
        (mail,) = office.round(datetime(2025, 7, 1, 9, tzinfo=ZONE))

        assert mail.unit == OTHER
        assert office.kinds(number)[-2:] == ["assigned", "sent"]
        assert office.report.notes["handed_over"] == 0

    def test_a_unit_that_ended_is_given_nothing(self, office: Office) -> None:
        office.contact(DISTRICT)
        number = office.case(state=CaseState.PROPOSED)

        for kind in (Kind.APPROVE, Kind.ASSIGN):
            with pytest.raises(MoveRefused, match="không còn hoạt động"):
                office.act(number, kind, unit_id=DISTRICT)

    def test_answer_that_was_given_stands_when_its_unit_ends(self, office: Office) -> None:
        office.contact(DISTRICT)
        office.now = datetime(2025, 6, 24, 9, tzinfo=ZONE)
        number = office.case(unit_id=DISTRICT, unit_name="UBND huyện Ba Tri", place_key="29161@")
        office.round()
        office.unit_acts(number, Kind.ANSWER, "Đúng.", veracity=Veracity.TRUE)

        office.round(datetime(2025, 7, 1, 9, tzinfo=ZONE))

        assert office.story(number).case.brief.state is CaseState.ANSWERED

    def test_approved_case_of_a_unit_without_an_address_climbs_or_says_why_it_waits(
        self, office: Office
    ) -> None:
        silent = "ubnd-xa-tan-hao"
        number = office.case(unit_id=silent, unit_name="UBND xã Tân Hào")

        assert office.round() == []

        held = office.story(number).case
        assert held.brief.state is CaseState.PROPOSED
        assert held.hold == "UBND xã Tân Hào chưa có địa chỉ nhận thư."
        assert LEAD in held.candidates

    def test_what_routing_says_climbs_where_it_can(self, office: Office) -> None:
        office.contact(QUEUE)
        office.case(place_key="29125@2025-07-01", unit_id=_unit_at(office, "29125"))

        (mail,) = office.round()

        assert mail.unit == QUEUE


def _unit_at(office: Office, code: str) -> str:
    units = office.app.catalog.units.values()
    return next(one.id for one in units if one.place == code and one.holds_on(office.app.today()))


def test_letter_that_cannot_be_written_does_not_stop_the_others(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = shared_case(office), office.case(unit_id=OTHER, unit_name="UBND xã Ba Tri")
    written = stage.round_notice

    def fails_for_one(letter: Any, **values: Any) -> Any:
        if letter.recipient.startswith(HELPER):
            raise RuntimeError("no ink")
        return written(letter, **values)

    monkeypatch.setattr(stage, "round_notice", fails_for_one)
    assert [mail.unit for mail in office.round()] == [OTHER]
    assert (office.report.failed, office.kinds(sound)[-1]) == (1, "sent")
    monkeypatch.undo()

    assert {mail.unit for mail in office.later(minutes=15)} == {LEAD, HELPER, COPY}
    assert office.kinds(broken).count("sent") == 1
