"""What the console refuses, in whose words, and what one account never sees of another."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from console_cases import reachable_units
from console_desk import PASSWORD, Person, heading, signed_in
from sqlalchemy import Engine
from test_answer_page import Forms, post
from web_samples import DAY, NOW, OTHER_UNIT, UNIT, client, link, sent_case, state

from langnghe import accounts
from langnghe.accounts import Role
from langnghe.answering import view
from langnghe.app import App
from langnghe.deciding import Actor, act
from langnghe.links import answer_token
from storage import accounts as stored
from storage import answers, attachments, cases
from storage.attachments import NewFile
from triage.act import Act, Kind
from triage.case import Veracity


@pytest.fixture
def app(engine: Engine, tmp_path: Path) -> App:
    return reachable_units(engine, tmp_path)


def _do(app: App, case: int, asked: Act, who: str, unit: str = "") -> None:
    with app.sessions.begin() as session:
        act(app, session, case, asked, Actor(who, unit))


def _send(app: App, case: int) -> None:
    """Mark a case as sent to its unit, as a round does."""
    with app.sessions.begin() as session:
        cases.change(session, case, state="sent", sent_at=NOW)
        cases.entry(session, case, NOW, "machine", "sent", "", {})


def test_a_new_unit_sees_no_words_and_no_files_of_the_one_before(app: App) -> None:
    case = sent_case(app)
    due = (NOW + 9 * DAY).date()
    _do(app, case, Act(Kind.PROGRESS, "Nội bộ xã: chờ kinh phí", due=due), f"unit:{UNIT}", UNIT)
    with app.sessions.begin() as session:
        seq = answers.last_seq(session, case)
        new = [NewFile("bien-ban.pdf", "application/pdf", b"%PDF")]
        folder = app.settings.data_dir / "attachments"
        attachments.add(session, folder, case, seq, new, NOW, 9 * DAY)
        (kept,) = attachments.of_case(session, case)
    first = signed_in(app, "xa-a", Role.UNIT, UNIT)
    assert "chờ kinh phí" in first.get(f"/don-vi-cua-toi/{case}").text
    assert first.get(f"/don-vi-cua-toi/{case}/tep/{kept.id}").status_code == 200

    _do(app, case, Act(Kind.ASSIGN, "Đúng địa bàn", unit_id=OTHER_UNIT), "analyst:lan")
    _send(app, case)
    other = signed_in(app, "xa-b", Role.UNIT, OTHER_UNIT)
    page = other.get(f"/don-vi-cua-toi/{case}")
    assert page.status_code == 200
    assert "chờ kinh phí" not in page.text
    assert "bien-ban" not in page.text
    assert other.get(f"/don-vi-cua-toi/{case}/tep/{kept.id}").status_code == 404
    assert view(app, answer_token(app, case, OTHER_UNIT, 0)).linked.promises == ()


def test_a_form_that_was_taken_is_told_so_after_the_case_ended(app: App) -> None:
    case = sent_case(app)
    address = link(app, case)
    with client(app) as browser:
        forms = Forms(browser.get(address))
        typed = {"text": "Đã kiểm tra, đúng", "veracity": "true"}
        assert post(browser, address, "answered", forms=forms, **typed).status_code == 303
        _do(app, case, Act(Kind.CLOSE, "Đã rõ", veracity=Veracity.FALSE), "analyst:a")
        again = post(browser, address, "answered", forms=forms, **typed)
    assert (again.status_code, heading(again)) == (200, "Đã ghi nhận trước đó")


def test_a_newer_link_or_password_ends_the_older_links(app: App) -> None:
    def invite() -> str:
        with app.sessions.begin() as session:
            return accounts.make_invite(app, session, "quan-tri", Role.ADMIN, None)

    def opens(secret: str) -> bool:
        with app.views() as session:
            found = stored.invited(session, accounts.fingerprint(secret), app.clock())
        return found is not None

    first, second = invite(), invite()
    assert (opens(first), opens(second)) == (False, True)
    with app.sessions.begin() as session:
        assert accounts.accept_invite(app, session, second, "Quản trị", PASSWORD)
    third = invite()
    with app.sessions.begin() as session:
        me = stored.by_login(session, "quan-tri")
        assert me is not None
        assert accounts.change_password(app, session, me, PASSWORD, "câu chuyện con cò trắng")
    assert not opens(third)


def test_a_unit_changes_its_own_password_and_sees_no_rules(app: App) -> None:
    unit = signed_in(app, "xa", Role.UNIT, UNIT)
    page = unit.get("/cai-dat").text
    assert "Đổi mật khẩu" in page
    assert "Tạm ngưng cảnh báo" not in page
    assert "policy.toml" not in page
    new = "câu chuyện con cò trắng"
    changed = unit.post("/cai-dat/mat-khau", old=PASSWORD, new=new, again=new)
    assert changed.headers["location"] == "/dang-nhap"
    again = unit.browser.post("/dang-nhap", data={"login": "xa", "password": new, "wanted": "/"})
    assert again.status_code == 303
    assert unit.post("/cai-dat/tam-ngung", event="1").status_code == 403


def test_a_refusal_speaks_of_the_account_in_its_language(app: App) -> None:
    tech = signed_in(app, "ky-thuat", Role.OPERATOR)
    told = tech.get("/nhat-ky")
    assert told.status_code == 403
    assert "không có quyền" in told.text
    assert "trong thư" not in told.text
    assert 'href="/"' in told.text
    tech.post("/ngon-ngu", language="en", den="/")
    assert "This account may not do this" in tech.get("/nhat-ky").text
    unknown = tech.get("/khong-co")
    assert (unknown.status_code, "trong thư" in unknown.text) == (404, False)


def test_the_language_is_switched_where_one_is(app: App) -> None:
    case = sent_case(app)
    lan = signed_in(app, "lan", Role.ANALYST)

    def back(page: str) -> str:
        found = re.search(
            r'action="/ngon-ngu"><[^>]+><input type="hidden" name="den" value="([^"]*)"', page
        )
        assert found is not None
        return found.group(1).replace("&amp;", "&")

    wordless = lan.post(f"/vu-viec/{case}/quyet-dinh", kind="dismissed", text="")
    assert wordless.status_code == 422
    assert back(wordless.text) == f"/vu-viec/{case}"
    assert back(lan.get("/hang-doi?chu-de=waste&trang=2").text) == "/hang-doi?chu-de=waste&trang=2"
    for path in ("/hang-doi/lam", "/cai-dat/mat-khau"):
        refused = lan.post(path, do="approved")
        there = lan.post("/ngon-ngu", language="en", den=back(refused.text))
        assert lan.get(there.headers["location"]).status_code == 200


def test_the_audit_is_asked_by_number_and_by_who_did_it(app: App) -> None:
    case = sent_case(app)
    lan, lead = signed_in(app, "lan", Role.ANALYST), signed_in(app, "bich", Role.LEAD)
    lan.get(f"/vu-viec/{case}")
    for asked in (str(case), f"case:{case}", "lan", "LAN"):
        found = lead.get(f"/nhat-ky?ve={asked}").text
        assert f"case:{case}</a>" in found, asked
    assert "Không có dòng nào" in lead.get("/nhat-ky?ve=999").text


def test_odd_requests_are_refused_not_broken(app: App) -> None:
    lan: Person = signed_in(app, "lan", Role.ANALYST)
    assert lan.browser.get("/dang-nhap?den=//[x").status_code == 200
    case = sent_case(app)
    forged = {"csrf": "é", "kind": "note", "text": "a"}
    assert lan.browser.post(f"/vu-viec/{case}/quyet-dinh", data=forged).status_code == 403
    assert lan.browser.post("/ngon-ngu", data={"csrf": "é", "language": "en"}).status_code == 403
    assert state(app, case) == "sent"
