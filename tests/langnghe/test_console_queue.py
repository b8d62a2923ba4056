"""The queue: order, filters, many at once, two analysts, what was kept, doubts."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from console_cases import (
    OTHER_UNIT,
    UNIT,
    keep_item,
    make_event,
    reachable_units,
    rows,
    statements,
    waiting_case,
)
from console_desk import Person, heading, signed_in
from sqlalchemy import Engine, select
from web_samples import clock, count, kinds, sent_case, state

from langnghe.accounts import Role
from langnghe.app import App
from langnghe.asking import reachable
from langnghe.judging import weigh
from langnghe.web.words import english
from storage import accounts, answers, cases, triage
from storage.models import SavedFilterRow
from triage.facts import Verdict

MARKUP = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


@pytest.fixture
def app(engine: Engine, tmp_path: Path) -> App:
    return reachable_units(engine, tmp_path)


@pytest.fixture
def lan(app: App) -> Person:
    return signed_in(app, "lan", Role.ANALYST)


def seen(app: App, *numbers: int) -> list[str]:
    """Return what the boxes of a page carry: each case with the last move about it."""
    with app.views() as session:
        moves = answers.last_moves(session, numbers)
    return [f"{number}-{moves[number]}" for number in numbers]


def test_waiting_cases_come_first_the_gravest_and_oldest_on_top(app: App, lan: Person) -> None:
    light, grave, old = (
        waiting_case(app, 1, severity=1),
        waiting_case(app, 2, severity=3),
        waiting_case(app, 9, severity=3),
    )
    sent = sent_case(app, 20)
    queue = lan.get("/hang-doi")
    assert rows(queue) == [old, grave, light]
    assert "Chưa rõ địa bàn" in queue.text
    assert rows(lan.get("/hang-doi?tinh-trang=tat-ca")) == [old, grave, light, sent]
    assert rows(lan.get("/vu-viec")) == [sent, old, grave, light]
    assert rows(lan.get("/vu-viec?tinh-trang=sent")) == [sent]


def test_filters_need_no_accents_and_can_be_kept(app: App, lan: Person) -> None:
    waste = waiting_case(app, 1)
    road = waiting_case(
        app, 2, title="Cầu gỗ gãy nhịp", topics=("traffic",), place="xã Tân Hào", unit_id=OTHER_UNIT
    )
    for query, found in (
        ("tim=bai+rac", [waste]),
        ("tim=cau+go", [road]),
        (f"tim={road}+cau", [road]),
        ("noi=tan+hao", [road]),
        ("chu-de=waste", [waste]),
        (f"don-vi={OTHER_UNIT}", [road]),
        ("muc-do=3", []),
        ("tim=kh%C3%B4ng+c%C3%B3", []),
        ("qua-han=1", []),
    ):
        assert rows(lan.get(f"/hang-doi?{query}")) == found, query
    kept = lan.post(
        "/hang-doi/bo-loc", **{"name": "Rác Ba Tri", "chu-de": "waste", "noi": "ba tri"}
    )
    assert kept.headers["location"] == "/hang-doi?chu-de=waste&noi=ba+tri"
    page = lan.get("/hang-doi")
    assert '<a href="/hang-doi?chu-de=waste&amp;noi=ba+tri">Rác Ba Tri</a>' in page.text
    other = signed_in(app, "minh", Role.ANALYST)
    assert "Rác Ba Tri" not in other.get("/hang-doi").text
    number = re.search(r'name="drop" value="(\d+)"', page.text)
    assert number is not None
    other.post("/hang-doi/bo-loc", drop=number.group(1))
    assert "Rác Ba Tri" in lan.get("/hang-doi").text
    lan.post("/hang-doi/bo-loc", drop=number.group(1))
    assert "Rác Ba Tri" not in lan.get("/hang-doi").text


def test_overdue_is_what_the_clocks_say(app: App, lan: Person) -> None:
    sent = sent_case(app)
    assert rows(lan.get("/vu-viec?qua-han=1")) == []
    clock(app).now += timedelta(hours=25)
    lan.sign_in()
    late = lan.get("/vu-viec?qua-han=1")
    assert rows(late) == [sent]
    assert "quá hạn 1 giờ: báo đã tiếp nhận" in " ".join(late.text.split())


def test_fifty_a_page_with_totals(app: App, lan: Person) -> None:
    numbers = [waiting_case(app, n) for n in range(1, 53)]
    first, second = lan.get("/hang-doi"), lan.get("/hang-doi?trang=2")
    assert heading(first) == "Hàng đợi (52)"
    assert rows(first) + rows(second) == numbers[::-1]
    assert len(rows(second)) == 2
    assert rows(lan.get("/hang-doi?trang=99")) == rows(second)
    assert rows(lan.get("/hang-doi?trang=x")) == rows(first)
    assert len(rows(lan.get("/hang-doi?tim=kenh&trang=2"))) == 2


def test_many_are_approved_at_once_and_taken_back(app: App, lan: Person) -> None:
    some = [waiting_case(app, n) for n in (1, 2, 3)]
    done = lan.post("/hang-doi/lam", do="approved", cases=seen(app, *some[:2]))
    assert done.status_code == 303
    assert [state(app, one) for one in some] == ["approved", "approved", "proposed"]
    told = lan.get(done.headers["location"])
    assert f"Đã duyệt: {some[0]}, {some[1]}." in told.text
    assert 'value="undone" data-key="u"' in told.text
    lan.post("/hang-doi/lam", do="undone", cases=seen(app, *some[:2]))
    assert [state(app, one) for one in some] == ["proposed"] * 3
    assert list(kinds(app, some[0]))[-2:] == ["approved", "undone"]


def test_what_another_decided_meanwhile_is_not_overrun(app: App, lan: Person) -> None:
    first, second = waiting_case(app, 1), waiting_case(app, 2)
    done = lan.get(
        lan.post("/hang-doi/lam", do="approved", cases=seen(app, first)).headers["location"]
    )
    boxes = re.findall(r'type="hidden" name="cases" value="([\d-]+)"', done.text)
    assert boxes == seen(app, first)
    stale = seen(app, second)
    minh = signed_in(app, "minh", Role.ANALYST)
    for case in (first, second):
        path, words = f"/vu-viec/{case}/quyet-dinh", {"kind": "dismissed", "text": "Trùng"}
        assert minh.post(path, **words, code="duplicate").status_code == 303
    taken_back = lan.post("/hang-doi/lam", do="undone", cases=boxes)
    assert taken_back.status_code == 422
    assert "vừa có người khác cập nhật" in taken_back.text
    assert (
        lan.post("/hang-doi/lam", do="assigned", cases=stale, unit_id=OTHER_UNIT).status_code == 422
    )
    assert [state(app, one) for one in (first, second)] == ["dismissed", "dismissed"]


def test_a_second_click_takes_nothing_more_back(app: App, lan: Person) -> None:
    case = waiting_case(app)
    for level in ("3", "2"):
        path = f"/vu-viec/{case}/quyet-dinh"
        assert lan.post(path, kind="corrected", severity=level).status_code == 303
    lan.post("/hang-doi/lam", do="approved", cases=seen(app, case))
    boxes = seen(app, case)
    assert lan.post("/hang-doi/lam", do="undone", cases=boxes).status_code == 303
    assert lan.post("/hang-doi/lam", do="undone", cases=boxes).status_code == 422
    assert list(kinds(app, case)).count("undone") == 1


def test_a_kept_view_holds_no_name_and_no_number(app: App, lan: Person) -> None:
    words = "bà Trần Thị Hoa 0912345678"
    lan.post("/hang-doi/bo-loc", name=words, tim=words)
    with app.views() as session:
        (kept,) = session.scalars(select(SavedFilterRow))
        subjects = {line.subject for _, line in accounts.audit(session)}
    told = f"{kept.name} {kept.query} {subjects}"
    assert f"filter:{kept.id}" in subjects
    for part in ("Trần", "Hoa", "0912"):
        assert part not in told


def test_one_refusal_stops_no_other_and_what_was_typed_stays(app: App, lan: Person) -> None:
    good, nowhere = waiting_case(app, 1), waiting_case(app, 2, unit_id="", unit_name="")
    both = seen(app, good, nowhere)
    told = lan.post("/hang-doi/lam", do="approved", cases=both, text="xem kỹ", tim="kênh")
    assert told.status_code == 422
    assert "Chưa có đơn vị phụ trách" in told.text
    assert state(app, good) == "approved"
    assert 'value="xem kỹ"' in told.text
    assert f'value="{nowhere}-0" aria-label="Chọn vụ việc số {nowhere}" checked' in told.text
    both = seen(app, good, nowhere)
    wordless = lan.post("/hang-doi/lam", do="dismissed", cases=both, code="duplicate")
    assert wordless.text.count("Hãy ghi lý do bỏ vụ việc.") == 2
    lan.post("/hang-doi/lam", do="assigned", cases=seen(app, nowhere), unit_id=OTHER_UNIT)
    assert state(app, nowhere) == "approved"
    with app.views() as session:
        found = cases.get(session, nowhere)
    assert found is not None
    assert found.brief.unit_id == OTHER_UNIT
    assert lan.post("/hang-doi/lam", do="approved").status_code == 422
    assert lan.post("/hang-doi/lam", do="closed", cases=both).status_code == 400


def test_two_analysts_do_not_take_the_same_case(app: App, lan: Person) -> None:
    first, second = waiting_case(app, 1), waiting_case(app, 2)
    minh = signed_in(app, "minh", Role.ANALYST)
    lan.post("/hang-doi/lam", do="claim", cases=seen(app, first))
    assert "Bàn lan đang xem" in minh.get("/hang-doi").text
    assert "đang xem</div>" not in lan.get("/hang-doi").text
    told = minh.post("/hang-doi/lam", do="approved", cases=seen(app, first, second))
    assert told.status_code == 422
    assert "Bàn lan đang xem vụ việc này" in told.text
    assert (state(app, first), state(app, second)) == ("proposed", "approved")
    clock(app).now += timedelta(minutes=5)  # nobody is locked out for good
    assert minh.post("/hang-doi/lam", do="approved", cases=seen(app, first)).status_code == 303
    again = lan.post("/hang-doi/lam", do="approved", cases=seen(app, first))
    assert "Không thể duyệt: vụ việc đã duyệt, chờ gửi." in again.text


def test_released_claim_frees_the_case_at_once(app: App, lan: Person) -> None:
    case = waiting_case(app)
    lan.get(f"/vu-viec/{case}")  # to look is to work on it
    minh = signed_in(app, "minh", Role.ANALYST)
    assert "Bàn lan đang xem" in minh.get("/hang-doi").text
    lan.post("/hang-doi/lam", do="release", cases=seen(app, case))
    assert "đang xem</div>" not in minh.get("/hang-doi").text


def _doubt(app: App, number: int) -> int:
    found = make_event(app, keep_item(app, number, f"Nghe nói kênh hôi, lần {number}"))
    with app.sessions.begin() as session:
        facts = triage.facts(session, [found])[0]
        made = weigh(app, facts, reachable(app))
        verdict = Verdict("hold", ("Chưa chắc là vấn đề",))
        triage.save_assessment(session, facts, made.score, verdict, made.routing, app.clock(), "c")
    return found


def test_doubtful_events_wait_in_a_tab_and_become_cases(app: App, lan: Person) -> None:
    found = _doubt(app, 1)
    assert "Còn nghi ngờ</a>" not in lan.get("/hang-doi").text
    tab = lan.get("/hang-doi?xem=nghi-ngo")
    assert heading(tab) == "Còn nghi ngờ (1)"
    assert "Nghe nói kênh hôi, lần 1" in tab.text
    wordless = lan.post("/hang-doi/lap", event=str(found), text=" ")
    assert wordless.status_code == 422
    assert "Hãy ghi lý do lập vụ việc." in wordless.text
    opened = lan.post("/hang-doi/lap", event=str(found), text="Dân gọi điện báo cùng việc")
    assert opened.status_code == 303
    assert count(app.engine, "case") == 1
    assert heading(lan.get("/hang-doi?xem=nghi-ngo")) == "Còn nghi ngờ (0)"
    assert lan.post("/hang-doi/lap", event="x", text="a").status_code == 400


def test_hostile_title_stays_text(app: App, lan: Person) -> None:
    case = waiting_case(app, title=MARKUP, hold=MARKUP, place=MARKUP)
    for path in ("/hang-doi", "/vu-viec", f"/vu-viec/{case}", f"/hang-doi?tim={MARKUP}"):
        page = lan.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_who_may_not_decide_sees_and_does_nothing(app: App) -> None:
    case = waiting_case(app)
    tech = signed_in(app, "ky-thuat", Role.OPERATOR)
    page = tech.get("/hang-doi")
    assert rows(page) == [case]
    assert 'name="do"' not in page.text
    assert tech.post("/hang-doi/lam", do="approved", cases=seen(app, case)).status_code == 403
    unit = signed_in(app, "xa", Role.UNIT, UNIT)
    assert unit.get("/hang-doi").status_code == unit.get("/vu-viec").status_code == 403
    lan = signed_in(app, "lan", Role.ANALYST)
    forged = lan.browser.post("/hang-doi/lam", data={"do": "approved", "cases": f"{case}-0"})
    assert forged.status_code == 403
    assert state(app, case) == "proposed"


def test_queue_costs_few_statements_however_long(app: App, lan: Person) -> None:
    waiting_case(app, 1)
    with statements(app.engine) as few:
        lan.get("/hang-doi")
    for n in range(2, 12):
        waiting_case(app, n)
    with statements(app.engine) as many:
        lan.get("/hang-doi")
    with statements(app.engine) as searched:
        lan.get("/hang-doi?tim=kenh")
    assert len(many) == len(few) <= 20
    assert len(searched) <= 20


def test_english_by_a_switch(app: App, lan: Person) -> None:
    case = waiting_case(app)
    lan.post("/ngon-ngu", language="en", den="/hang-doi")
    assert heading(lan.get("/hang-doi")) == "Queue (1)"
    assert "History</h2>" in lan.get(f"/vu-viec/{case}").text
    words = (Path(accounts.__file__).parent.parent / "langnghe/web/templates/console").glob(
        "*.html"
    )
    used = {
        phrase
        for path in words
        if path.name.split(".")[0]
        in (
            "queue",
            "doubts",
            "case",
            "case_parts",
            "case_forms",
            "event",
            "item",
            "case_why",
            "unit_cases",
            "unit_case",
        )
        for _, phrase in re.findall(
            r"""\b(?:t|words|choose_unit|box)\((?:"\w+", )?(["'])([^"']+?)\1""",
            path.read_text("utf-8"),
        )
    }
    assert used - set(english()) == set()
