"""The page of a case: what it shows, every decision on it, and who may not."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from console_cases import (
    OTHER_UNIT,
    UNIT,
    decide,
    keep_item,
    make_event,
    reachable_units,
    statements,
    waiting_case,
)
from console_desk import PASSWORD, Person, heading, signed_in
from sqlalchemy import Engine
from web_samples import NOW, clock, count, kinds, link, post, sent_case, state

from langnghe.accounts import Role
from langnghe.app import App
from langnghe.correspond import correspond
from langnghe.web.console.guard import COOKIE
from langnghe.web.console.marking import pieces
from storage import accounts, attachments, cases, commitments, items, merging
from storage.attachments import NewFile
from storage.items import KeptItem
from triage.case import CaseState

MARKUP = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


@pytest.fixture
def app(engine: Engine, tmp_path: Path) -> App:
    return reachable_units(engine, tmp_path)


@pytest.fixture
def lan(app: App) -> Person:
    return signed_in(app, "lan", Role.ANALYST)


def audited(app: App, subject: str) -> list[str]:
    with app.views() as session:
        return [line.action for _, line in accounts.audit(session, about=subject)]


def test_from_queue_to_the_answer_that_is_shown(app: App, lan: Person) -> None:
    """Place put right, approved, mailed in the round, answered under the link, confirmed."""
    case = waiting_case(app, unit_id="", unit_name="", place="chưa rõ địa bàn")
    fixed = decide(lan, case, "corrected", place="xã An Hiệp, huyện Ba Tri")
    assert fixed.status_code == 303
    page = lan.get(f"/vu-viec/{case}")
    assert "xã An Hiệp, huyện Ba Tri" in page.text
    with app.views() as session:
        found = cases.get(session, case)
    assert found is not None
    unit = found.brief.unit_id
    assert unit in (UNIT, OTHER_UNIT)
    assert decide(lan, case, "approved").status_code == 303
    assert state(app, case) == "approved"
    clock(app).now = NOW + timedelta(hours=1)
    correspond(app, "r1")
    assert state(app, case) == "sent"
    assert f"{unit}@vidu.example: chờ gửi" in lan.get(f"/vu-viec/{case}").text
    unit_page = signed_in(app, "xa", Role.UNIT, unit)
    answered = post(
        unit_page.browser,
        link(app, case, unit),
        "answered",
        veracity="partly",
        outcome="fixed",
        text="Đã nạo vét kênh, che bạt bãi rác.",
    )
    assert answered.status_code == 303
    page = lan.get(f"/vu-viec/{case}")
    assert "Đã nạo vét kênh, che bạt bãi rác." in page.text
    assert 'name="veracity" value="partly" checked' in page.text
    assert '<option value="fixed" selected>' in page.text
    assert decide(lan, case, "closed").status_code == 303
    assert state(app, case) == "closed"
    assert "đã xác minh: đúng một phần" in lan.get(f"/vu-viec/{case}").text
    assert audited(app, f"case:{case}").count("decided") == 3


def test_page_tells_why_with_the_words_marked(app: App, lan: Person) -> None:
    case = waiting_case(app)
    page = lan.get(f"/vu-viec/{case}")
    assert heading(page) == "Nước rỉ từ bãi rác chảy ra kênh"
    assert '<mark class="m-topic" title="chủ đề">Nước rỉ</mark>' in page.text
    assert '<mark class="m-place" title="địa bàn">xã An Hiệp</mark>' in page.text
    assert re.search(r"SHA-256 <code>[0-9a-f]{64}</code>", page.text)
    why = lan.get(f"/vu-viec/{case}/vi-sao")
    assert "Nếu xét lại lúc này" in why.text
    assert "chưa có địa bàn: không dòng nào được xét" in why.text
    assert audited(app, f"case:{case}") == ["looked", "looked"]
    assert lan.get("/vu-viec/999/vi-sao").status_code == 404


def test_pieces_together_are_the_text() -> None:
    text = "rác ở xã An Hiệp"
    cut = pieces(text, [(0, 3, "topic"), (6, 16, "place"), (9, 99, "flag"), (80, 90, "x")])
    assert "".join(piece for piece, _ in cut) == text
    assert cut[-1] == ("An Hiệp", ("place", "flag"))


def test_of_two_who_decide_at_once_one_is_told_and_keeps_the_words(app: App, lan: Person) -> None:
    case = waiting_case(app)
    minh = signed_in(app, "minh", Role.ANALYST)
    seen = re.search(r'name="seen" value="(\d+)"', lan.get(f"/vu-viec/{case}").text)
    assert seen is not None
    page = minh.get(f"/vu-viec/{case}")
    assert "Bàn lan đang xem vụ việc này." in page.text
    assert decide(minh, case, "approved").status_code == 303
    words = "Tin này trùng với vụ hôm qua"
    late = lan.post(f"/vu-viec/{case}/quyet-dinh", kind="dismissed", text=words, seen=seen.group(1))
    assert late.status_code == 409
    assert "vừa có người khác cập nhật" in late.text
    assert words in late.text
    assert state(app, case) == "approved"


def test_decisions_can_be_taken_back(app: App, lan: Person) -> None:
    case = waiting_case(app)
    decide(lan, case, "dismissed", code="duplicate", text="Trùng vụ khác")
    assert state(app, case) == "dismissed"
    assert decide(lan, case, "undone").status_code == 303
    assert state(app, case) == "proposed"
    assert decide(lan, case, "undone").status_code == 422
    assert list(kinds(app, case)) == ["opened:proposed", "dismissed", "undone"]


def test_place_with_many_bearers_is_asked_back_as_buttons(app: App, lan: Person) -> None:
    case = waiting_case(app)
    asked = decide(lan, case, "corrected", place="xã Tân Phú", severity="3")
    assert asked.status_code == 422
    assert "hãy chọn một nơi" in asked.text
    assert '<option value="3" selected>' in asked.text
    choices = re.findall(r'name="place_key" value="([^"]+)"', asked.text)
    assert len(choices) > 1
    chosen = decide(lan, case, "corrected", place="xã Tân Phú", place_key=choices[1], severity="3")
    assert chosen.status_code == 303
    with app.views() as session:
        found = cases.get(session, case)
    assert found is not None
    assert (found.place_key, found.brief.severity) == (choices[1], 3)
    lost = decide(lan, case, "corrected", place="xã Không Đâu Cả")
    assert "Không tìm thấy địa bàn “xã Không Đâu Cả”" in lost.text
    assert 'value="xã Không Đâu Cả"' in lost.text


def test_topics_are_kept_in_order_main_first(app: App, lan: Person) -> None:
    case = waiting_case(app, topics=("waste",))
    others = sorted(set(app.catalog.topics) - {"waste"})[:2]
    decide(lan, case, "corrected", topic=others[1], topics=["waste", others[0]])
    with app.views() as session:
        found = cases.get(session, case)
    assert found is not None
    assert found.brief.topics == (others[1], "waste", others[0])
    assert decide(lan, case, "corrected", topic="no-such").status_code == 422


def test_only_a_lead_reopens_and_amends(app: App, lan: Person) -> None:
    case = waiting_case(app)
    decide(lan, case, "dismissed", text="Không phải việc của tỉnh")
    assert decide(lan, case, "reopened", "lanh-dao", text="Xem lại").status_code == 403
    assert decide(lan, case, "reopened", text="Xem lại").status_code == 400
    lead = signed_in(app, "truong", Role.LEAD)
    assert decide(lead, case, "reopened", "lanh-dao", text="Xem lại").status_code == 303
    assert state(app, case) == "proposed"
    assert "lead: truong" in lead.get(f"/vu-viec/{case}").text


def test_expired_session_in_the_middle_of_an_edit_loses_nothing(app: App, lan: Person) -> None:
    case = waiting_case(app)
    words = 'Không phải vấn đề: "chợ" <vẫn> mở\nhai dòng'
    page = lan.get(f"/vu-viec/{case}")
    seen = re.search(r'name="seen" value="(\d+)"', page.text)
    assert seen is not None
    csrf = lan.csrf
    clock(app).now += timedelta(hours=3)
    path = f"/vu-viec/{case}/quyet-dinh"
    typed = {"csrf": csrf, "kind": "dismissed", "code": "handled", "text": words}
    expired = lan.browser.post(path, data=typed | {"seen": seen.group(1)})
    assert heading(expired) == "Đăng nhập"
    again = {"login": "lan", "password": PASSWORD} | _hidden(expired.text)
    offered = lan.browser.post("/dang-nhap", data=again)
    assert heading(offered) == "Đã đăng nhập"
    done = lan.browser.post(path, data=_hidden(offered.text))
    assert done.status_code == 303
    with app.views() as session:
        story = cases.show(session, case)
    assert story is not None
    assert story.entries[-1].text.split() == words.split()
    assert story.entries[-1].data["code"] == "handled"


def _hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of a page as a browser would send them back."""
    import html

    found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def test_forged_forms_change_nothing(app: App, lan: Person) -> None:
    case = waiting_case(app)
    path, form = f"/vu-viec/{case}/quyet-dinh", {"kind": "approved"}
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    own = form | {"csrf": lan.csrf}
    assert lan.browser.post(path, data=form).status_code == 403
    assert lan.browser.post(path, data=form | {"csrf": "0" * 64}).status_code == 403
    assert lan.browser.post(path, data=own, headers=elsewhere).status_code == 403
    assert lan.post(path, kind="answered", veracity="true", text="x").status_code == 400
    assert lan.post(path, kind="closed", veracity="perhaps").status_code == 422
    assert lan.post("/vu-viec/999/quyet-dinh", kind="approved").status_code == 404
    assert lan.get("/vu-viec/999").status_code == lan.get("/vu-viec/x").status_code == 404
    assert state(app, case) == "proposed"


def test_dated_words_are_added_and_settled(app: App, lan: Person) -> None:
    case = waiting_case(app)
    path = f"/vu-viec/{case}/hen"
    told = lan.post(path, what="dialogue", text="Gặp dân ở nhà văn hóa", due="31/02/2026")
    assert told.status_code == 422
    assert "Ngày không đọc được" in told.text
    assert "Gặp dân ở nhà văn hóa" in told.text
    good = {"what": "dialogue", "text": "Gặp dân ở nhà văn hóa", "due": "9/3/2026"}
    assert lan.post(path, **good, unit_id=UNIT).status_code == 303
    page = lan.get(f"/vu-viec/{case}")
    assert "<strong>09/03/2026</strong> Đối thoại: Gặp dân ở nhà văn hóa" in page.text
    with app.views() as session:
        (kept,) = commitments.of_case(session, case)
    settled = lan.post(f"{path}/ket-qua", id=str(kept.id), state="kept", text="Đã gặp")
    assert settled.status_code == 303
    assert lan.post(f"{path}/ket-qua", id=str(kept.id), state="late").status_code == 409
    assert lan.post(f"{path}/ket-qua", id="77", state="late").status_code == 409
    assert list(kinds(app, case))[-2:] == ["commitment", "commitment_settled"]
    undo = {"id": str(kept.id), "state": "open"}
    assert 'name="state" value="open"' in lan.get(f"/vu-viec/{case}").text
    assert lan.post(f"{path}/ket-qua", **undo).status_code == 303
    assert lan.post(f"{path}/ket-qua", **undo).status_code == 409
    assert lan.post(path, **good, unit_id=UNIT).status_code == 422  # sent twice
    assert lan.post(f"{path}/ket-qua", id=str(kept.id), state="late").status_code == 303
    assert list(kinds(app, case))[-2:] == ["commitment_reopened", "commitment_settled"]


def test_attachments_are_saved_not_shown(app: App, lan: Person) -> None:
    case, other = waiting_case(app, 1), waiting_case(app, 2)
    folder = app.settings.data_dir / "attachments"
    with app.sessions.begin() as session:
        new = [NewFile("ảnh kênh.png", "image/png", b"\x89PNG")]
        attachments.add(session, folder, case, 1, new, NOW, timedelta(days=9))
        (kept,) = attachments.of_case(session, case)
    assert f"/vu-viec/{case}/tep/{kept.id}" in lan.get(f"/vu-viec/{case}").text
    file = lan.get(f"/vu-viec/{case}/tep/{kept.id}")
    assert file.content == b"\x89PNG"
    assert file.headers["content-disposition"].startswith("attachment; ")
    assert file.headers["x-content-type-options"] == "nosniff"
    assert audited(app, f"case:{case}")[0] == "took_file"
    assert lan.get(f"/vu-viec/{other}/tep/{kept.id}").status_code == 404


def test_hostile_words_stay_words_everywhere(app: App, lan: Person) -> None:
    case = waiting_case(app, title=MARKUP, gist=MARKUP, hold=MARKUP, reasons=(MARKUP,))
    decide(lan, case, "note", text=MARKUP)
    lan.post(f"/vu-viec/{case}/hen", what="task", text=MARKUP, due="9/3/2026")
    refused = decide(lan, case, "corrected", place=MARKUP)
    for page in (lan.get(f"/vu-viec/{case}?da={MARKUP}"), refused):
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "&lt;script&gt;alert" in page.text


def test_unit_sees_its_own_cases_only(app: App) -> None:
    own, others = sent_case(app, 1), sent_case(app, 2, unit_id=OTHER_UNIT)
    unsent = waiting_case(app, 3)
    unit = signed_in(app, "xa", Role.UNIT, UNIT)
    page = unit.get("/don-vi-cua-toi")
    assert re.findall(r'href="/don-vi-cua-toi/(\d+)"', page.text) == [str(own)]
    for number in (others, unsent, 999):
        gone = unit.get(f"/don-vi-cua-toi/{number}")
        assert (gone.status_code, heading(gone)) == (404, "Không có trang này")
        posted = unit.post(f"/don-vi-cua-toi/{number}", kind="acknowledged", mark="0")
        assert posted.status_code == 404
    for path in (f"/vu-viec/{own}", "/vu-viec", "/hang-doi", "/su-viec/1"):
        assert unit.get(path).status_code == 403
    assert state(app, others) == "sent"
    lan = signed_in(app, "lan", Role.ANALYST)
    assert lan.get("/don-vi-cua-toi").status_code == 403


def test_unit_answers_as_under_its_link(app: App) -> None:
    case = sent_case(app)
    unit = signed_in(app, "xa", Role.UNIT, UNIT)
    address = f"/don-vi-cua-toi/{case}"
    mark = re.search(r'name="mark" value="([^"]+)"', unit.get(address).text)
    assert mark is not None
    wordless = unit.post(address, kind="answered", mark=mark.group(1), veracity="true", text=" ")
    assert wordless.status_code == 422
    assert 'value="true" required checked' in wordless.text
    assert unit.post(address, kind="approved", mark=mark.group(1)).status_code == 400
    answer = {"kind": "answered", "veracity": "true", "text": "Đã kiểm tra", "due": "2026-03-20"}
    done = unit.post(address, mark=mark.group(1), **answer)
    assert done.headers["location"] == f"{address}?da=answered"
    assert "Đã ghi nhận lúc" in unit.get(done.headers["location"]).text
    assert state(app, case) == "answered"
    twice = unit.post(address, mark=mark.group(1), **answer)
    assert twice.status_code == 409
    assert list(kinds(app, case)).count("answered") == 1


def test_events_are_merged_and_taken_apart(app: App, lan: Person) -> None:
    first = make_event(app, keep_item(app, 1, "Kênh hôi"))
    second = make_event(app, keep_item(app, 2, "Kênh đen"), suggest=first)
    third = keep_item(app, 3, "Kênh bốc mùi")
    make_event(app, third, into=first)
    page = lan.get(f"/su-viec/{first}")
    assert "Có phải cùng một sự việc?" in page.text
    assert lan.post(f"/su-viec/{first}/goi-y", other=str(second), said="yes").status_code == 303
    merged = lan.get(f"/su-viec/{first}")
    assert "3 tin, 0 bản sao" in merged.text
    assert "Có phải cùng một sự việc?" not in merged.text
    lan.post(f"/su-viec/{first}/bo-gop", other=str(second))
    assert "2 tin, 0 bản sao" in lan.get(f"/su-viec/{first}").text
    lan.post(f"/su-viec/{first}/tach", other=str(third))
    assert heading(lan.get(f"/su-viec/{third}")) == "Kênh bốc mùi"
    assert lan.post(f"/su-viec/{first}/tach", other=str(first)).status_code == 422
    assert lan.post(f"/su-viec/{first}/gop", other=str(third)).status_code == 303
    for wrong in (str(first), "999", "x", "", str(third)):
        refused = lan.post(f"/su-viec/{first}/gop", other=wrong)
        assert refused.status_code == 422
        assert "Không gộp được" in refused.text
    with app.views() as session:
        done = [one.kind for one in merging.history(session, first)]
    assert done == ["merge", "unmerge", "split", "merge"]
    assert lan.get("/su-viec/999").status_code == 404
    assert "looked" in audited(app, f"event:{first}")


def test_two_events_said_to_differ_are_not_asked_of_again(app: App, lan: Person) -> None:
    first = make_event(app, keep_item(app, 1, "Kênh hôi"))
    second = make_event(app, keep_item(app, 2, "Đường lầy"), suggest=first)
    lan.post(f"/su-viec/{second}/goi-y", other=str(first), said="no")
    for number in (first, second):
        assert "Có phải cùng" not in lan.get(f"/su-viec/{number}").text
    assert count(app.engine, "event_change") == 0
    assert lan.post(f"/su-viec/{second}/goi-y", other=str(first), said="no").status_code == 422


def test_edited_article_shows_what_was_changed(app: App, lan: Person) -> None:
    case = waiting_case(app)
    with app.sessions.begin() as session:
        (before,) = items.by_ids(session, [1]).values()
        edited = KeptItem(
            source_id=before.source_id,
            outlet=before.outlet,
            kind=before.kind,
            url=before.url,
            external_id=before.external_id,
            title=before.title,
            text=before.text.replace("không dám", "chưa dám") + " <b>Sửa</b>",
            published=NOW,
            fetched_at=NOW + timedelta(hours=1),
            body_sha256="f" * 64,
        )
        assert items.keep(session, [edited]).changed == (1,)
    assert '<a href="/tin/1">2 phiên bản</a>' in lan.get(f"/vu-viec/{case}").text
    page = lan.get("/tin/1").text
    assert "<del>không</del><ins>chưa</ins> dám" in page
    assert "<ins> &lt;b&gt;Sửa&lt;/b&gt;</ins>" in page
    assert re.findall(r'id="v(\d)"', page) == ["2", "1"]
    assert lan.get("/tin/99").status_code == 404


def test_related_cases_are_shown(app: App, lan: Person) -> None:
    place = app.gazetteer.find("xã An Hiệp, huyện Ba Tri", NOW.date().replace(year=2024))[0].key
    older = waiting_case(app, 1, place_key=place, state=CaseState.CLOSED)
    newer = waiting_case(app, 2, place_key=place, recurs_of=older)
    like = waiting_case(app, 3, place_key=place)
    page = lan.get(f"/vu-viec/{newer}").text
    same, alike = page.index("Cùng sự việc, tái diễn"), page.index("Cùng chủ đề và địa bàn")
    assert same < page.index(f'href="/vu-viec/{older}"') < alike
    assert page.index(f'href="/vu-viec/{like}"') > alike


def test_pages_cost_few_statements(app: App, lan: Person) -> None:
    case = waiting_case(app)
    event = make_event(app, keep_item(app, 50))
    for n in range(60, 70):
        make_event(app, keep_item(app, n, outlet=f"Báo {n}"), into=event)
    for path in (f"/vu-viec/{case}", f"/vu-viec/{case}/vi-sao", f"/su-viec/{event}"):
        with statements(app.engine) as sent:
            assert lan.get(path).status_code == 200
        assert len(sent) <= 30, (path, len(sent))
    sent_to = sent_case(app, 80)
    unit = signed_in(app, "xa", Role.UNIT, UNIT)
    with statements(app.engine) as sent:
        unit.get(f"/don-vi-cua-toi/{sent_to}")
    assert len(sent) <= 30
    assert COOKIE in unit.browser.cookies
