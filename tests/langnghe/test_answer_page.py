"""The answer page: what it shows, what its forms do, and what it does with bad ones."""

from __future__ import annotations

import io
import re
import threading
import xml.etree.ElementTree as ET
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import RequestFactory
from PIL import Image
from sqlalchemy import Engine
from web_samples import (
    DAY,
    NOW,
    OTHER_UNIT,
    UNIT,
    Forms,
    client,
    clock,
    count,
    dump,
    installation,
    kinds,
    link,
    post,
    sent_case,
    state,
)

from config.settings import WebSettings
from langnghe.answering import forget
from langnghe.app import App
from langnghe.deciding import Actor, act
from langnghe.web.app import create_app
from langnghe.web.pages import STATIC
from langnghe.web.security import client_address
from langnghe.web.words import english
from storage import answers, attachments, contacts, ledger
from triage.act import Act, Kind
from triage.case import CaseOutcome, Veracity

#: Who may use each route that asks for no right. A new one needs its row, and a test.
ROUTES = {
    ("GET", "/health"): "anybody",
    ("HEAD", "/health"): "anybody",
    ("GET", "/ready"): "anybody",
    ("HEAD", "/ready"): "anybody",
    ("GET", "/metrics"): "this machine",
    ("HEAD", "/metrics"): "this machine",
    ("GET", "/robots.txt"): "anybody",
    ("HEAD", "/robots.txt"): "anybody",
    ("GET", "/static/{file_path}"): "anybody",
    ("HEAD", "/static/{file_path}"): "anybody",
    ("GET", "/dang-nhap"): "anybody: to sign in",
    ("HEAD", "/dang-nhap"): "anybody: to sign in",
    ("POST", "/dang-nhap"): "anybody: to sign in",
    ("GET", "/moi/{secret}"): "who holds a one-time link",
    ("HEAD", "/moi/{secret}"): "who holds a one-time link",
    ("POST", "/moi/{secret}"): "who holds a one-time link",
    ("GET", "/tra-loi/{token}"): "the unit under its link",
    ("HEAD", "/tra-loi/{token}"): "the unit under its link",
    ("POST", "/tra-loi/{token}"): "the unit under its link",
}
MARKUP = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "{{ 7*7 }}{% raw %}${7*7}",
    "]]><x/><![CDATA[",
    "&lt;script&gt;&amp;",
    "a\x00b\x0bc\x1bd\x85e\u2028f\u202eg",
)


@pytest.fixture
def app(engine: Engine, tmp_path: Path) -> App:
    return installation(engine, tmp_path)


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "brown").save(out, "JPEG")
    return out.getvalue()


def linked(app: App, case: int) -> answers.LinkedCase:
    with app.views() as session:
        found = answers.linked(session, case)
    assert found is not None
    return found


def test_every_route_says_who_may_use_it(app: App) -> None:
    found = [
        (str(method), route.path_format, handler.opt.get("right"))
        for route in create_app(app).routes
        for handler in getattr(route, "route_handlers", [])
        for method in handler.http_methods
        if method != "OPTIONS"
    ]
    # Routes of the console name the right they ask for; their own tests try it.
    assert {(method, path) for method, path, right in found if not right} == set(ROUTES)
    assert len(found) >= len(ROUTES)


def test_page_shows_the_case_and_what_may_be_done(app: App) -> None:
    case = sent_case(app)
    with app.sessions.begin() as session:
        contacts.confirm(session, OTHER_UNIT, "xa@vidu.example", "test", NOW)

    with client(app) as browser:
        page = browser.get(link(app, case))

    assert page.status_code == 200
    for words in (
        f"Vụ việc số {case}",
        "Nước rỉ từ bãi rác chảy ra kênh",
        "xã An Hiệp, tỉnh Vĩnh Long",
        "theo phản ánh, chưa xác minh",
        "đã gửi đơn vị",
        "trước 09:00 ngày 07/03/2026",
        "theo địa bàn: xã An Hiệp",
        'href="https://a.example/1"',
        "Ủy ban nhân dân xã Ba Tri, tỉnh Vĩnh Long</option>",
    ):
        assert words in page.text
    assert sorted(Forms(page).marks) == ["acknowledged", "answered", "not_ours", "progress"]
    assert UNIT not in page.text, "no unit is offered to pass a case to itself"
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert re.findall(r'(?:src|href)="(https?:[^"]+)"', page.text) == ["https://a.example/1"]


def test_page_can_be_read_by_a_strict_parser_and_labels_every_field(app: App) -> None:
    case = sent_case(app)
    with client(app) as browser:
        text = browser.get(link(app, case)).text

    whole = re.sub(
        r"<(meta|link|input)\b([^>]*)>", r"<\1\2/>", text.removeprefix("<!doctype html>")
    )
    whole = re.sub(r" (required|multiple|checked|open)(?=[ />])", r' \1=""', whole)
    tree = ET.fromstring(whole.strip())  # noqa: S314 (a page of ours)
    labelled = {label.get("for") for label in tree.iter("label")}
    fields = [
        field.get("id")
        for kind in ("input", "select", "textarea")
        for field in tree.iter(kind)
        if field.get("type") not in ("hidden", "radio")
    ]
    ids = [one.get("id") for one in tree.iter() if one.get("id")]
    described = {one.get("aria-describedby") for one in tree.iter()} - {None}

    assert set(fields) <= labelled
    assert len(ids) == len(set(ids))
    assert described <= set(ids)
    assert tree.get("lang") == "vi"
    assert [heading.tag for heading in tree.iter() if heading.tag in ("h1", "h2")] == ["h1", "h2"]


def test_unit_receives_answers_and_promises(app: App) -> None:
    case = sent_case(app)
    with client(app) as browser:
        address = link(app, case)
        first = post(browser, address, "acknowledged")
        assert (first.status_code, first.headers["location"]) == (303, "?da=acknowledged")
        assert (
            "Đã ghi nhận lúc 09:00 ngày 02/03/2026."
            in browser.get(f"{address}?da=acknowledged").text
        )
        assert "Đã ghi nhận" not in browser.get(f"{address}?da=answered").text
        sent = post(browser, address, "progress", text="Đang nạo vét kênh", due="2026-03-20")
        assert sent.status_code == 303
        clock(app).now += DAY
        sent = post(
            browser,
            address,
            "answered",
            text="Nước rỉ do bờ chứa bị vỡ; đã đắp lại. Liên hệ 0912 345 678.",
            veracity="partly",
            outcome="scheduled",
            due="9/3/2026",
        )
        assert sent.status_code == 303
        page = browser.get(address).text

    found = linked(app, case)
    assert list(kinds(app, case))[2:] == ["acknowledged", "progress", "answered"]
    assert (found.veracity, found.outcome) == (Veracity.PARTLY, CaseOutcome.SCHEDULED)
    assert "0912" not in found.statement
    assert "đã đắp lại" in found.statement
    assert [one.due for one in found.promises] == [date(2026, 3, 20), date(2026, 3, 9)]
    assert {entry.who for entry in found.by_unit} == {f"unit:{UNIT}"}
    for words in ("đã đắp lại", "Đúng một phần.", "20/03/2026", "đơn vị đã trả lời"):
        assert words in page
    assert '"acknowledged"' not in page


def test_unit_returns_a_case_that_is_not_its_own(app: App) -> None:
    case = sent_case(app)
    with client(app) as browser:
        address = link(app, case)
        typed = {"text": "Kênh thuộc xã bên", "unit_id": OTHER_UNIT, "unit_name": ""}
        assert post(browser, address, "not_ours", **typed).status_code == 303
        page = browser.get(f"{address}?da=not_ours").text

    assert state(app, case) == "proposed"
    assert linked(app, case).case.candidates == (OTHER_UNIT,)
    assert "Lúc này đơn vị không cần làm gì thêm." in page
    assert "<form" not in page


def test_answer_that_was_sent_back_shows_what_is_missing(app: App) -> None:
    case = sent_case(app)
    with client(app) as browser:
        address = link(app, case)
        post(browser, address, "answered", text="Đã xem", veracity="true")
        with app.sessions.begin() as session:
            asked = Act(Kind.SEND_BACK, "Xin ghi rõ ngày đắp bờ")
            act(app, session, case, asked, Actor("analyst:a"))
        page = browser.get(address).text

    assert "Đề nghị trả lời lại:</strong> Xin ghi rõ ngày đắp bờ" in page
    assert "<blockquote>" not in page


def test_form_is_taken_once_and_a_repeat_is_told_so_calmly(app: App, engine: Engine) -> None:
    case = sent_case(app)
    address = link(app, case)
    with client(app) as browser:
        forms = Forms(browser.get(address))
        typed = {"text": "Đã kiểm tra, đúng", "veracity": "true"}
        assert post(browser, address, "answered", forms=forms, **typed).status_code == 303
        before = [rows for name, rows in dump(engine) if name != "rate"]
        clock(app).now += timedelta(minutes=3)
        again = post(browser, address, "answered", forms=forms, **typed)

    assert again.status_code == 200
    assert "Nội dung này đã ghi nhận lúc 09:00 ngày 02/03/2026" in again.text
    assert 'role="alert"' not in again.text
    assert [rows for name, rows in dump(engine) if name != "rate"] == before


def test_of_two_people_at_once_one_is_told_and_loses_nothing(app: App) -> None:
    case = sent_case(app)
    address = link(app, case)
    with client(app) as browser:
        pages = [Forms(browser.get(address)) for _ in range(4)]
        got: list[tuple[str, Any]] = []
        gate = threading.Barrier(4)

        def answer(number: int) -> None:
            text = f"Kết quả của người thứ {number}"
            gate.wait(10)
            sent = post(
                browser, address, "answered", forms=pages[number], text=text, veracity="true"
            )
            got.append((text, sent))

        threads = [threading.Thread(target=answer, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sorted(sent.status_code for _, sent in got) == [303, 409, 409, 409]
        kept = linked(app, case).statement
        for text, sent in got:
            if sent.status_code == 409:
                assert f">{text}</textarea>" in sent.text
                assert f"{kept}</p>" in sent.text
                assert 'value="true" required checked' in sent.text
        text, told = next(one for one in got if one[1].status_code == 409)
        typed = {"text": text, "veracity": "true"}
        assert post(browser, address, "answered", forms=Forms(told), **typed).status_code == 303
        assert linked(app, case).statement == text


@pytest.mark.parametrize(
    ("kind", "typed", "reason"),
    [
        ("answered", {"text": "Đã kiểm tra"}, "Hãy chọn một kết luận"),
        ("answered", {"text": " ", "veracity": "true"}, "Hãy ghi kết quả xác minh."),
        ("answered", {"text": "x", "veracity": "maybe"}, "Có lựa chọn không hợp lệ"),
        ("answered", {"text": "x", "veracity": "checking"}, "Hãy chọn một kết luận"),
        ("answered", {"text": "x", "veracity": "true", "outcome": "gone"}, "lựa chọn không hợp lệ"),
        ("progress", {"text": "Đang làm", "due": "2026-03-01"}, "Ngày dự kiến đã qua"),
        ("progress", {"text": "Đang làm", "due": "31/2/2026"}, "Ngày không đọc được"),
        ("progress", {"text": "Đang làm"}, "Hãy ghi ngày dự kiến"),
        ("progress", {"text": "y" * 10_001, "due": "2026-03-09"}, "Nội dung quá dài"),
        ("not_ours", {"text": "", "unit_name": "Sở khác"}, "Hãy ghi lý do"),
        ("not_ours", {"text": "Không phải", "unit_id": "khong-co"}, "Không có đơn vị"),
    ],
)
def test_refused_form_says_why_and_keeps_what_was_typed(
    app: App, engine: Engine, kind: str, typed: dict[str, str], reason: str
) -> None:
    case = sent_case(app)
    with client(app) as browser:
        refused = post(browser, link(app, case), kind, **typed)
        text = typed["text"]

        assert refused.status_code == 422
        assert reason in refused.text
        assert f">{text}</textarea>" in refused.text
        assert f'value="{typed.get("unit_name", "")}"' in refused.text
        assert (state(app, case), count(engine, "used_nonce")) == ("sent", 0)
        fixed = {"text": "Đã kiểm tra", "veracity": "true", "due": "2026-03-09"}
        assert (
            post(browser, link(app, case), kind, forms=Forms(refused), **fixed).status_code == 303
        )


def test_page_that_lay_open_too_long_keeps_what_was_typed(app: App) -> None:
    case = sent_case(app)
    address = link(app, case)
    with client(app) as browser:
        forms = Forms(browser.get(address))
        clock(app).now += DAY
        late = post(browser, address, "answered", forms=forms, text="Viết cả ngày", veracity="true")

        assert late.status_code == 409
        assert "Trang đã mở quá lâu" in late.text
        assert ">Viết cả ngày</textarea>" in late.text


def test_case_that_closes_under_the_form_gives_the_words_back(app: App) -> None:
    case = sent_case(app)
    address = link(app, case)
    with client(app) as browser:
        forms = Forms(browser.get(address))
        with app.sessions.begin() as session:
            asked = Act(Kind.CLOSE, "Đã rõ", veracity=Veracity.FALSE)
            act(app, session, case, asked, Actor("analyst:a"))
        late = post(browser, address, "answered", forms=forms, text="Viết dở", veracity="true")

        assert late.status_code == 410
        assert ">Viết dở</textarea>" in late.text
        assert "kênh" not in late.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303),
        ({"Origin": "https://langnghe.example"}, 303),
        ({"Origin": "null"}, 303),
        ({}, 303),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://langnghe.example"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "https://langnghe.example.evil.example"}, 403),
        ({"Origin": "//"}, 403),
    ],
)
def test_form_of_another_site_is_refused(app: App, headers: dict[str, str], status: int) -> None:
    case = sent_case(app)
    address = link(app, case)
    with client(app) as browser:
        fields = Forms(browser.get(address)).fields("acknowledged")
        assert browser.post(address, files=fields, headers=headers).status_code == status
    assert state(app, case) == ("acknowledged" if status == 303 else "sent")


def test_forms_that_no_page_of_ours_sends_are_refused(app: App) -> None:
    case = sent_case(app)
    address = link(app, case)
    with client(app) as browser:
        good = Forms(browser.get(address)).fields("acknowledged")
        bad: list[tuple[dict[str, Any], int]] = [
            ({"data": {"kind": "acknowledged"}}, 415),
            ({"json": {"kind": "acknowledged"}}, 415),
            ({"content": b""}, 415),
            ({"files": {**good, "kind": (None, "closed")}}, 400),
            ({"files": {**good, "mark": ("mark.txt", b"x")}}, 400),
            ({"files": {**good, "text": ("text.txt", b"x")}}, 400),
            ({"files": {**good, "mark": (None, "")}}, 403),
            ({"files": {**good, "mark": (None, "k.x.y")}}, 403),
            ({"files": {"kind": (None, "acknowledged")}}, 400),
            ({"files": [("x", (None, "y"))] * 70}, 400),
            ({"content": b"--x\r\n", "headers": {"Content-Type": "multipart/form-data"}}, 400),
            (
                {
                    "content": b'--x\r\nContent-Disposition: form-data; name="kind"\r\n\r\na',
                    "headers": {"Content-Type": "multipart/form-data; boundary=x"},
                },
                400,
            ),
        ]
        got = [browser.post(address, **sent) for sent, _ in bad]

    assert [one.status_code for one in got] == [status for _, status in bad]
    assert state(app, case) == "sent"
    assert all("multipart" not in one.text and "Traceback" not in one.text for one in got)


def test_link_and_client_may_send_only_so_many_forms_an_hour(
    engine: Engine, tmp_path: Path
) -> None:
    app = installation(engine, tmp_path, web={"link_posts": 3, "client_posts": 5})
    one, two = sent_case(app, 1), sent_case(app, 2)
    with client(app) as browser:

        def send(case: int) -> int:
            return post(browser, link(app, case), "answered", text="").status_code

        assert [send(one) for _ in range(5)] == [422, 422, 422, 429, 429]
        refused = post(browser, link(app, two), "answered", text="")
        assert refused.status_code == 429, "the client had its share"
        assert refused.headers["retry-after"] == "3600"
        assert browser.get(link(app, one)).status_code == 200
        clock(app).now += timedelta(hours=1)
        assert [send(two) for _ in range(3)] == [422, 422, 422]
    assert count(engine, "rate") == 2, "ended windows are forgotten"


@pytest.mark.parametrize("words", MARKUP)
def test_hostile_words_stay_words(app: App, words: str) -> None:
    kept = words.replace("\x00", "")  # PostgreSQL keeps none; masking takes it out before
    over = dict.fromkeys(("title", "gist", "place", "unit_name"), kept)
    case = sent_case(app, reasons=(kept,), **over)
    with client(app) as browser:
        address = link(app, case)
        post(browser, address, "answered", text=f"Đã xem {words}", veracity="true")
        asked = {"text": words, "unit_name": words, "due": words, "outcome": words}
        pages = [
            browser.get(address),
            browser.get(address, params={"da": words, "lang": words}),
            post(browser, address, "progress", **asked),
            post(browser, address, "answered", **asked),
        ]

    for page in pages:
        assert page.status_code in (200, 422)
        assert not re.search(r"<(script|img|svg|x)\b", page.text)
        assert "49" not in re.sub(r'value="[^"]*"', "", page.text)
        assert page.text.count("</title>") == 1
        assert not re.search(
            "[\x00\x0b\x1b\x85\u2028\u202e]", re.sub("<(textarea|input)[^§]*?>[^<]*", "", page.text)
        )


def test_every_answer_carries_the_headers(app: App) -> None:
    case = sent_case(app)
    with client(app) as browser:
        address = link(app, case)
        answered = [
            browser.get(address),
            browser.get("/tra-loi/x"),
            browser.get("/khong-co"),
            browser.post(address),
            browser.delete(address),
            browser.get("/static/khong-co.css"),
            browser.get("/static/style.css"),
            browser.get("/health"),
            browser.get("/ready"),
            browser.get("/robots.txt"),
            browser.get("/schema"),
        ]

    assert [one.status_code for one in answered] == [
        *(200, 404, 404, 415, 405, 404, 200, 200, 200, 200, 404)
    ]
    for one in answered:
        assert "default-src 'none'" in one.headers["content-security-policy"]
        assert "unsafe" not in one.headers["content-security-policy"]
        assert one.headers["x-content-type-options"] == "nosniff"
        assert one.headers["referrer-policy"] == "no-referrer"
        assert one.headers["strict-transport-security"].startswith("max-age=31536000")
        assert "noindex" in one.headers["x-robots-tag"]
        assert "set-cookie" not in one.headers
    kept = [one.headers["cache-control"] for one in answered]
    assert kept == ["no-store"] * 6 + ["public, max-age=86400"] + ["no-store"] * 4


def test_defect_shows_nothing_and_logs_no_link(
    app: App, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = sent_case(app)
    address = link(app, case)
    with client(app, raise_server_exceptions=False) as browser:
        monkeypatch.setitem(app.__dict__, "views", None)
        got = browser.get(address)

    assert got.status_code == 500
    assert "Máy chủ gặp lỗi" in got.text
    logged = "".join(capsys.readouterr())
    assert "request failed" in logged
    assert address.rpartition("/")[2] not in logged
    assert "kênh" not in logged


def test_english_by_a_switch_with_no_word_left_out(app: App) -> None:
    case = sent_case(app)
    with client(app) as browser:
        page = browser.get(f"{link(app, case)}?lang=en")
        sent = post(browser, f"{link(app, case)}?lang=en", "acknowledged")

    assert sent.headers["location"] == "?da=acknowledged&lang=en"
    assert '<html lang="en">' in page.text
    for words in ("Send what was found", "before 09:00 on 07/03/2026", "sent to the unit"):
        assert words in page.text
    folder = Path(create_app.__code__.co_filename).parent
    used = {
        found
        for path in folder.glob("templates/*.html")
        for found in re.findall(r"""\bt\((["'])(.+?)\1[,)]""", path.read_text("utf-8"))
    }
    labels = {
        found
        for path in folder.glob("templates/*.html")
        for found in re.findall(
            r'ui\.words|words\("\w+", "([^"]+)", "([^"]+)"', path.read_text("utf-8")
        )
    }
    missing = {text for _, text in used} | {text for pair in labels for text in pair if text}
    assert missing - set(english()) == set()


def test_attached_picture_is_kept_cleaned_and_its_time_ends(app: App, engine: Engine) -> None:
    case = sent_case(app)
    address = link(app, case)
    folder = app.settings.data_dir / "attachments"
    with client(app) as browser:
        fields = Forms(browser.get(address)).fields("answered", text="Đã xem", veracity="true")
        files = [*fields.items(), ("files", ("bờ kênh.exe", jpeg(), "text/html"))]
        assert browser.post(address, files=files).status_code == 303

        with app.views() as session:
            (kept,) = attachments.of_case(session, case)
        path = attachments.path_of(folder, kept.sha256)
        assert (kept.name, kept.media_type) == ("bờ kênh.jpg", "image/jpeg")
        assert kept.entry_seq == linked(app, case).last_move
        assert kept.keep_until == NOW + app.settings.attachment_days * DAY
        assert path.stat().st_size == kept.size
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert kept.sha256 not in browser.get(address).text
        for guess in (
            kept.sha256,
            f"attachments/{kept.sha256[:2]}/{kept.sha256}",
            "static/../keys",
        ):
            assert browser.get(f"/{guess}").status_code == 404

    clock(app).now = kept.keep_until - timedelta(seconds=1)
    assert forget(app) == 0
    assert path.exists()
    clock(app).now += timedelta(seconds=1)
    forget(app)
    assert count(engine, "attachment") == 0
    with app.views() as session:
        assert ledger.totals(session) == {"attachment": 1}
    clock(app).now += 3650 * DAY
    forget(app)
    assert not path.exists()


def test_program_in_disguise_is_refused_and_nothing_is_kept(app: App, engine: Engine) -> None:
    case = sent_case(app)
    address = link(app, case)
    with client(app) as browser:
        fields = Forms(browser.get(address)).fields("answered", text="Đã xem", veracity="true")
        for content, reason in (
            (b"MZ\x90\x00" + b"\x00" * 500, "chương trình"),
            (b"", "Tệp rỗng"),
            (jpeg() + b"\x00" * 11 * 2**20, "lớn hơn 10 MB"),
        ):
            files = [*fields.items(), ("files", ("anh.jpg", content, "image/jpeg"))]
            got = browser.post(address, files=files)
            assert (got.status_code, reason in got.text) == (422, True)
        many = [*fields.items(), *[("files", ("anh.jpg", jpeg(), "image/jpeg"))] * 6]
        assert "Nhiều nhất 5 tệp" in browser.post(address, files=many).text
    assert state(app, case) == "sent"
    assert count(engine, "attachment") == 0
    assert not (app.settings.data_dir / "attachments").exists()


def test_damaged_file_costs_nothing_of_what_was_typed(app: App) -> None:
    case = sent_case(app)
    address = link(app, case)
    with client(app) as browser:
        typed = "Đã xem cả buổi sáng tại chỗ"
        fields = Forms(browser.get(address)).fields("answered", text=typed, veracity="true")
        for damaged, reason in (
            (oddly_noted_jpeg(), "Ảnh hỏng"),
            (spoiled_docx(), "Tệp Word hỏng"),
        ):
            got = browser.post(address, files=[*fields.items(), ("files", ("a.jpg", damaged, ""))])
            assert (got.status_code, reason in got.text, typed in got.text) == (422, True, True)
    assert state(app, case) == "sent"


def oddly_noted_jpeg() -> bytes:
    """Write a picture that is turned, with a note on its width that is a text."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Xiaomi", 6
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "brown").save(out, "JPEG", exif=exif)
    return out.getvalue().replace(b"\x01\x0f\x00\x02", b"\x01\x00\x00\x02")


def spoiled_docx() -> bytes:
    """Write a document whose first part cannot be unpacked."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in ("word/document.xml", "[Content_Types].xml"):
            target.writestr(name, b"<a/>" * 99)
    whole, at = out.getvalue(), 30 + len("word/document.xml")
    return whole[:at] + b"\xff" * 8 + whole[at + 8 :]


def test_proxy_is_believed_only_where_it_is_trusted(engine: Engine, tmp_path: Path) -> None:
    def seen(peer: str, header: str, *trusted: str) -> str:
        request = RequestFactory().get("/", headers={"X-Forwarded-For": header})
        request.scope["client"] = (peer, 1)
        return client_address(request, WebSettings(trusted_proxies=trusted))  # type: ignore[arg-type]

    assert seen("10.0.0.1", "1.2.3.4") == "10.0.0.1"
    assert seen("10.0.0.1", "1.2.3.4", "10.0.0.0/8") == "1.2.3.4"
    assert seen("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.9.9.9", "10.0.0.0/8") == "1.2.3.4"
    assert seen("10.0.0.1", "1.2.3.4, nonsense", "10.0.0.0/8") == "10.0.0.1"
    assert seen("10.0.0.1", "", "10.0.0.0/8") == "10.0.0.1"
    assert seen("::1", "2001:db8::7", "::1/128") == "2001:db8::7"


def test_colours_can_be_read_in_light_and_in_dark() -> None:
    """WCAG 2.1 AA asks for 4.5 of text, and 3 of the edges of what can be pressed."""
    style = (STATIC / "style.css").read_text("utf-8")
    light, dark = re.findall(r":root \{([^}]+)\}", style)

    def light_of(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for scheme in (light, dark):
        colour = {
            name: light_of(value) for name, value in re.findall(r"--([\w-]+): (#\w{6})", scheme)
        }
        for front, back, least in (
            ("ink", "paper", 4.5),
            ("ink", "quiet", 4.5),
            ("soft", "paper", 4.5),
            ("soft", "quiet", 4.5),
            ("deep", "paper", 4.5),
            ("on-deep", "deep", 4.5),
            ("good", "good-paper", 4.5),
            ("bad", "bad-paper", 4.5),
            ("focus", "paper", 3),
            ("rule", "paper", 3),
        ):
            high, low = sorted((colour[front], colour[back]), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= least, (front, back)
