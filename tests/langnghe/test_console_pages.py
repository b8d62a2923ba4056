"""The overview pages: what they show, to whom, in few queries, and that nothing breaks them."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from console_desk import PASSWORD, Person, heading, signed_in
from sqlalchemy import Engine, event
from web_samples import NOW, UNIT, client, clock, count, installation, sent_case

from config.catalog import SourceEntry
from langnghe.accounts import MAY, Right, Role
from langnghe.app import App
from langnghe.web.pages import PAGES
from nlp.normalise import fold
from storage import accounts as stored
from storage import cases, contacts, search, silences, sources
from storage.search import Folded
from triage.case import CaseState

MINE = (
    "/hom-nay",
    "/nguon-tin",
    "/don-vi",
    f"/don-vi/{UNIT}",
    "/tim-kiem",
    "/ban-do",
    "/xu-huong",
    "/nhat-ky",
    "/nguoi-dung",
    "/cai-dat",
)
_RIGHTS = {path: right for path, _, right in PAGES}
MOST_QUERIES = 30


@pytest.fixture
def app(engine: Engine, tmp_path: Path) -> App:
    return installation(engine, tmp_path)


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that reach the database."""
    seen: list[str] = []

    def note(_c: Any, _u: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def indexed(app: App) -> None:
    """Make all items searchable."""
    with app.sessions.begin() as session:
        waiting = search.unindexed(session, 1000)
        words = [Folded(one.id, one.version, fold(f"{one.title}\n{one.text}")) for one in waiting]
        search.index(session, words)


@pytest.mark.parametrize("role", list(Role))
def test_each_page_opens_for_those_who_may_see_it(app: App, role: Role) -> None:
    sent_case(app)
    person = signed_in(app, "lan", role, UNIT if role is Role.UNIT else None)
    for path in MINE:
        right = next(right for page, right in _RIGHTS.items() if path.startswith(page))
        with counted(app.engine) as statements:
            answer = person.get(path)
        allowed = person_may(role, right)
        assert answer.status_code == (200 if allowed else 403), path
        if allowed:
            assert heading(answer)
            assert len(statements) <= MOST_QUERIES, (path, len(statements))


def person_may(role: Role, right: Right) -> bool:
    return right in MAY[role]


def test_pages_keep_to_their_queries_with_many_cases(app: App) -> None:
    for number in range(1, 31):
        sent_case(app, number)
    clock(app).now += timedelta(days=3)
    person = signed_in(app, "an", Role.ADMIN)
    for path in (
        *MINE,
        "/tim-kiem?q=kenh",
        "/don-vi?dia-ban=xã An Hiệp&chu-de=waste&ngay=2026-03-01",
    ):
        with counted(app.engine) as statements:
            assert person.get(path).status_code == 200
        assert len(statements) <= MOST_QUERIES, (path, len(statements))


def test_today_counts_what_waits_and_what_is_late(app: App) -> None:
    late, held = sent_case(app, 1), sent_case(app, 2, title="Cầu gãy một nhịp")
    with app.sessions.begin() as session:
        hold = "chỉ có một trang đăng tin"
        cases.change(session, held, state=CaseState.PROPOSED.value, hold=hold)
    clock(app).now += timedelta(days=2)
    person = signed_in(app, "lan", Role.ANALYST)
    page = person.get("/hom-nay").text
    assert '<a href="#qua-han"><b>1</b> Quá hạn</a>' in page
    assert '<a href="#cho"><b>1</b> Chờ quyết định</a>' in page
    assert f'href="/vu-viec/{late}"' in page
    assert hold in page
    assert "chưa báo đã tiếp nhận" in page
    assert re.search(r"0/\d+ nguồn trả lời", page)


@pytest.mark.parametrize("form", ["docx", "html"])
def test_digest_is_handed_out_and_noted(app: App, form: str) -> None:
    sent_case(app)
    person = signed_in(app, "lan", Role.ANALYST)
    answer = person.get(f"/hom-nay/ban-tin/{form}")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].endswith(f'2026-03-02.{form}"')
    assert answer.content.startswith(b"PK" if form == "docx" else b"<!")
    with app.views() as session:
        line = stored.audit(session)[0][1]
    assert (line.who, line.action, line.subject) == ("account:lan", "digest_exported", "2026-03-02")
    assert person.get("/hom-nay/ban-tin/exe").status_code == 303


def test_hostile_text_stays_text(app: App) -> None:
    bad = '<script>alert("x")</script><img src=x onerror=alert(1)>'
    sent_case(app, title=bad, gist=bad, place=bad, unit_name=bad, reasons=(bad,))
    indexed(app)
    with app.sessions.begin() as session:
        contacts.confirm(session, UNIT, "a@b.example", bad, NOW)
        contacts.mark_failed(session, UNIT, "a@b.example", bad, NOW)
        sources.switch(session, next(iter(app.catalog.sources)), on=False, note=bad)
        silences.add(
            session, author=bad, reason=bad, at=NOW, until=NOW + timedelta(days=2), topics=["waste"]
        )
        stored.note(session, stored.AuditLine(NOW, bad, bad, bad, {bad: bad}))
    person = signed_in(app, "an", Role.ADMIN)
    asked = (
        "/tim-kiem?q=",
        "/tim-kiem?dia-ban=",
        "/nhat-ky?ve=",
        "/don-vi?dia-ban=",
        "/ban-do?chu-de=",
    )
    paths = (*MINE, "/tim-kiem?q=kenh", *(path + bad for path in asked))
    for path in paths:
        page = person.get(path)
        assert page.status_code == 200, path
        assert "<script>alert" not in page.text, path
        assert "<img src=x" not in page.text, path


def test_english_is_a_switch_of_the_account(app: App) -> None:
    sent_case(app)
    person = signed_in(app, "an", Role.ADMIN)
    assert person.post("/ngon-ngu", language="en", den="/cai-dat").status_code == 303
    headings = [heading(person.get(path)) for path in MINE if path != f"/don-vi/{UNIT}"]
    assert headings == [
        "Today, 02/03/2026",
        "Sources",
        "The units",
        "Search",
        "Map of open cases",
        "Trends",
        "Audit",
        "Accounts",
        "Settings",
    ]
    assert '<html lang="en">' in person.get("/hom-nay").text


def test_every_phrase_of_these_pages_has_its_english() -> None:
    from langnghe.web.pages import TEMPLATES
    from langnghe.web.words import english

    names = "today parts sources source_try units unit search map trends audit users settings"
    said = {
        phrase.replace('\\"', '"')
        for name in names.split()
        for phrase in re.findall(
            r'\bt\("((?:[^"\\]|\\.)*)"', (TEMPLATES / "console" / f"{name}.html").read_text("utf-8")
        )
    }
    assert len(said) > 150
    assert sorted(said - english().keys()) == []


def test_source_is_switched_here_and_the_word_why_is_kept(app: App) -> None:
    source = next(one.id for one in app.catalog.sources.values() if one.enabled)
    person = signed_in(app, "vy", Role.OPERATOR)
    off = person.post(f"/nguon-tin/{source}/bat-tat", on="0", note="gọi 0912 345 678 hỏi\r\nlại")
    assert off.status_code == 303
    page = person.get("/nguon-tin").text
    assert "đã tắt tại đây" in page
    assert "0912 345 678" not in page
    with app.views() as session:
        due = sources.due(session, app.clock(), app.catalog.sources.values())
    assert source not in {one.source_id for one in due}
    assert person.post(f"/nguon-tin/{source}/bat-tat", on="1").status_code == 303
    assert "đã tắt tại đây" not in person.get("/nguon-tin").text
    assert person.post("/nguon-tin/khong-co/bat-tat", on="0").status_code == 404
    analyst = signed_in(app, "lan", Role.ANALYST)
    assert analyst.post(f"/nguon-tin/{source}/bat-tat", on="0").status_code == 403


def test_address_of_a_unit_is_checked_and_confirmed(app: App) -> None:
    person = signed_in(app, "vy", Role.OPERATOR)
    for bad in ("khong phai", "a@b", "a@b.vn,c@d.vn", "a@b.vn\r\nBcc: x@y.vn", "a" * 300 + "@b.vn"):
        answer = person.post(f"/don-vi/{UNIT}/dia-chi", email=bad)
        assert answer.status_code == 422, bad
        assert "Địa chỉ e-mail không đúng." in answer.text
    assert person.post(f"/don-vi/{UNIT}/dia-chi", email=" vp@anhiep.example ").status_code == 303
    with app.views() as session:
        kept = contacts.every(session)[UNIT]
        assert contacts.addresses(session)[UNIT] == "vp@anhiep.example"
        line = stored.audit(session)[0][1]
    assert (kept.confirmed_at, kept.source) == (NOW, "vy")
    assert (line.action, line.subject) == ("contact_confirmed", UNIT)
    with app.sessions.begin() as session:
        contacts.mark_failed(session, UNIT, "vp@anhiep.example", "550 không có hộp thư", NOW)
    assert "550 không có hộp thư" in person.get(f"/don-vi/{UNIT}").text
    assert "không nhận được thư" in person.get("/don-vi").text
    assert person.get("/don-vi/khong-co").status_code == 404


def test_dry_run_says_who_answers_or_why_nobody(app: App) -> None:
    person = signed_in(app, "lan", Role.ANALYST)
    ask = "/don-vi?chu-de=waste&ngay=2026-03-01&dia-ban="
    assert "không tìm thấy địa bàn này" in person.get(ask + "xã Không Có").text
    assert "Ngày không đúng." in person.get("/don-vi?dia-ban=x&ngay=hôm qua").text
    with app.sessions.begin() as session:
        for unit in app.catalog.units:
            contacts.confirm(session, unit, f"{unit}@x.example", "vy", NOW)
    page = person.get(ask + "xã An Hiệp, tỉnh Vĩnh Long").text
    assert f'<a href="/don-vi/{UNIT}">{UNIT}</a>' in page


def test_search_finds_without_accents_and_says_why_persons_are_not_found(app: App) -> None:
    case = sent_case(app)
    indexed(app)
    person = signed_in(app, "lan", Role.ANALYST)
    for words in ("nuoc ri", "NƯỚC RỈ", '"bai rac"', f"vụ {case}"):
        page = person.get(f"/tim-kiem?q={words}").text
        assert f'href="/vu-viec/{case}"' in page, words
    assert "không theo dõi người" in page
    for rest in ("&chu-de=road", "&tu=2026-03-03", "&den=2026-03-01", "&dia-ban=huyện Ba Tri"):
        assert "Không tìm thấy tin nào." in person.get("/tim-kiem?q=nuoc ri" + rest).text, rest
    assert "Ngày không đúng." in person.get("/tim-kiem?q=nuoc&tu=0001-01-01").text


def hostile_words() -> Iterator[str]:
    """Yield 500 strings that mean something to a query language, or are no text at all."""
    pieces = ['"', "'", "*", "(", ")", ":", "^", "-", "+", "NEAR(", "AND", "OR", "NOT", "words:"]
    pieces += ["\x00", "\x1f", "\\", "%", "_", "{", "}", "<->", "!", "&", "|", ";--", "đ", "kênh"]
    pieces += ["\u202e", "\ufeff", "\ud7ff", "\U0001f4a9", "a" * 300, "ẫ\u0323", "1", " "]
    dice = random.Random(18)  # noqa: S311 (no secret)
    for _ in range(500):
        yield "".join(dice.choice(pieces) for _ in range(dice.randint(1, 12)))


def test_hostile_words_are_no_error(app: App) -> None:
    """T18: whatever is typed into the search box is only words."""
    sent_case(app)
    indexed(app)
    person = signed_in(app, "lan", Role.ANALYST)
    codes = {
        person.browser.get("/tim-kiem", params={"q": words}).status_code
        for words in hostile_words()
    }
    assert codes == {200}


def test_map_places_cases_on_the_communes_of_the_day(app: App) -> None:
    place = app.gazetteer.find("xã An Hiệp, tỉnh Vĩnh Long", app.today())[0]
    sent_case(app, place_key=place.key)
    sent_case(app, 2, place_key=None)
    clock(app).now += timedelta(days=2)
    person = signed_in(app, "lan", Role.ANALYST)
    page = person.get("/ban-do").text
    tile = re.search(r'<li class="tile s1 over">.{0,300}?xã An Hiệp.*?</li>', page, re.DOTALL)
    assert tile is not None
    assert "1 mở" in tile.group()
    assert "1 quá hạn" in tile.group()
    shown = person.get(f"/ban-do?o={place.key}").text
    opened = r'<h2 id="o"[^>]*>xã An Hiệp \(1\)</h2>.*?href="/vu-viec/1"'
    assert re.search(opened, shown, re.DOTALL)
    assert "Không thuộc một ô nào (1)" in re.sub(r"\s+", " ", page)
    assert "0 vụ việc đang mở" in person.get("/ban-do?chu-de=road").text
    assert "0 vụ việc đang mở" not in person.get("/ban-do?ngay=7&don-vi=cu").text


def test_trends_draw_weeks_and_mark_a_surge(app: App) -> None:
    number = 0
    for week in range(12):
        for _ in range(9 if week == 1 else 1):
            number += 1
            sent_case(app, number, opened_at=NOW - timedelta(days=7 * week))
    person = signed_in(app, "lan", Role.ANALYST)
    page = person.get("/xu-huong").text
    assert "<svg" in page
    assert "tăng bất thường</strong>" in page
    assert "style=" not in page
    assert "<script" not in page
    assert "Tuần không đúng" in person.get("/xu-huong?tuan=2026-W99").text
    assert "Tuần 2026-W08" in person.get("/xu-huong?tuan=2026-W08").text


def test_weeks_before_the_first_case_are_no_quiet_weeks(app: App) -> None:
    for number in range(1, 7 * 4 + 1):
        sent_case(app, number, opened_at=NOW - timedelta(days=number))
    page = signed_in(app, "lan", Role.ANALYST).get("/xu-huong").text
    assert "tăng bất thường</strong>" not in page
    assert "chưa đủ tuần để nói thường bao nhiêu" in page


def test_audit_is_paged_and_narrowed(app: App) -> None:
    person = signed_in(app, "an", Role.ADMIN)
    with app.sessions.begin() as session:
        for n in range(150):
            line = stored.AuditLine(NOW, "account:x", "source_on", f"nguon-{n}", {})
            stored.note(session, line)
    first = person.get("/nhat-ky").text
    older = re.search(r'href="(/nhat-ky\?truoc=\d+)"', first)
    assert older is not None
    second = person.get(older.group(1)).text
    assert "nguon-149" in first
    assert "nguon-149" not in second
    assert "nguon-0<" in second
    found = person.get("/nhat-ky?ve=nguon-7").text
    assert found.count("bật nguồn tin") == 1


def test_account_is_invited_by_a_link_shown_once(app: App) -> None:
    person = signed_in(app, "an", Role.ADMIN)
    answer = person.post("/nguoi-dung/moi", login="Lan", role="analyst", unit="")
    link = re.search(r"<code>(https://langnghe.example/moi/[^<]+)</code>", answer.text)
    assert link is not None
    assert answer.headers["cache-control"] == "no-store"
    assert link.group(1) not in person.get("/nguoi-dung").text
    form = {"password": PASSWORD, "again": PASSWORD, "name": "Lan"}
    assert client(app).post(link.group(1), data=form).status_code == 303
    for bad in ({"login": "lan ơi", "role": "analyst"}, {"login": "ok", "role": "vua"}):
        assert person.post("/nguoi-dung/moi", **bad).status_code == 422
    unit = {"login": "xa", "role": "unit", "unit": "khong-co"}
    assert person.post("/nguoi-dung/moi", **unit).status_code == 422


def test_last_admin_stays(app: App) -> None:
    person = signed_in(app, "an", Role.ADMIN)
    with app.views() as session:
        me = stored.by_login(session, "an")
    assert me is not None
    assert person.post(f"/nguoi-dung/{me.id}/khoa", on="1").status_code == 409
    assert person.post(f"/nguoi-dung/{me.id}/vai-tro", role="lead").status_code == 409
    other = signed_in(app, "binh", Role.ADMIN)
    assert person.post(f"/nguoi-dung/{me.id}/vai-tro", role="lead").status_code == 303
    assert person.get("/nguoi-dung").status_code == 303, "a new role ends what is signed in"
    assert other.post(f"/nguoi-dung/{me.id}/khoa", on="1").status_code == 303
    assert other.post("/nguoi-dung/999/khoa", on="1").status_code == 404
    again = person.browser.post("/dang-nhap", data={"login": "an", "password": PASSWORD})
    assert again.status_code == 401
    assert other.post(f"/nguoi-dung/{me.id}/khoa", on="0").status_code == 303
    again = person.browser.post("/dang-nhap", data={"login": "an", "password": PASSWORD})
    assert again.status_code == 303


def test_password_is_changed_with_the_old_one(app: App) -> None:
    person = signed_in(app, "lan", Role.ANALYST)
    new = "bốn mùa tám tiết"
    wrong = person.post("/cai-dat/mat-khau", old="không phải", new=new, again=new)
    assert (wrong.status_code, "Mật khẩu cũ không đúng." in wrong.text) == (422, True)
    for first, second in (("ngắn", "ngắn"), (new, new + "!")):
        form = {"old": PASSWORD, "new": first, "again": second}
        assert person.post("/cai-dat/mat-khau", **form).status_code == 422
    assert person.post("/cai-dat/mat-khau", old=PASSWORD, new=new, again=new).status_code == 303
    assert person.get("/cai-dat").status_code == 303, "all sessions end"
    form = {"login": "lan", "password": new}
    assert person.browser.post("/dang-nhap", data=form).status_code == 303


def test_old_password_cannot_be_tried_for_ever(app: App) -> None:
    person = signed_in(app, "lan", Role.ANALYST)
    new = "bốn mùa tám tiết"
    codes = [
        person.post("/cai-dat/mat-khau", old=f"sai {n}", new=new, again=new).status_code
        for n in range(12)
    ]
    assert codes == [422] * 10 + [429] * 2


def test_silence_is_set_with_a_reason_and_ended(app: App) -> None:
    person = signed_in(app, "lan", Role.ANALYST)
    good = {"topic": "waste", "place": "xã An Hiệp, tỉnh Vĩnh Long", "until": "2026-03-09"}
    for bad in ({"reason": " "}, {"until": "2020-01-01"}, {"until": "x"}, {"place": "xã Không Có"}):
        answer = person.post("/cai-dat/tam-ngung", **(good | {"reason": "đã rõ"} | bad))
        assert answer.status_code == 422, bad
        assert 'value="đã rõ"' in answer.text or "reason" in bad
    assert count(app.engine, "silence") == 0
    assert person.post("/cai-dat/tam-ngung", **good, reason="đang sửa cống").status_code == 303
    page = person.get("/cai-dat").text
    assert "đang sửa cống" in page
    assert "xã An Hiệp" in page
    operator = signed_in(app, "vy", Role.OPERATOR)
    assert operator.post("/cai-dat/tam-ngung/1/ket-thuc").status_code == 403
    assert person.post("/cai-dat/tam-ngung/1/ket-thuc").status_code == 303
    with app.views() as session:
        assert silences.holding(session, app.clock()) == []


def test_typed_words_survive_the_end_of_a_session(app: App) -> None:
    person: Person = signed_in(app, "lan", Role.ANALYST)
    csrf = person.csrf
    clock(app).now += timedelta(hours=3)
    form = {"csrf": csrf, "reason": "đang sửa cống", "until": "2026-03-09", "topic": "waste"}
    asked = person.browser.post("/cai-dat/tam-ngung", data=form)
    assert 'name="f.reason" value="đang sửa cống"' in asked.text


_FEED = """<rss version="2.0"><channel><title>x</title><item>
<title>Cống hỏng, gọi 0912 345 678</title><link>http://{host}/tin</link>
<description>Nước tràn vào ruộng từ tối qua, bà con phải thức đắp bờ.</description>
<pubDate>Sun, 01 Mar 2026 08:00:00 +0700</pubDate></item></channel></rss>"""


_PAGE = f"""<html lang="vi"><head><title>Cống hỏng, gọi 0912 345 678</title></head><body><article>
<h1>Cống hỏng, gọi 0912 345 678</h1><p>{"Nước tràn vào ruộng từ tối qua. " * 20}</p></article>"""


class _Site(BaseHTTPRequestHandler):
    """A site with one feed of one entry."""

    def do_GET(self) -> None:
        kind, text = {
            "/rss": ("application/rss+xml", _FEED.format(host=self.headers["Host"])),
            "/tin": ("text/html; charset=utf-8", _PAGE),
        }.get(self.path, ("text/plain", ""))
        self.send_response(200 if text else 404)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def test_source_is_tried_and_nothing_is_kept(app: App) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    threading.Thread(target=server.serve_forever).start()
    url = f"http://127.0.0.1:{server.server_port}/rss"
    entry = SourceEntry(id="thu", name="Nguồn thử", type="feed", options={"url": url})
    app.__dict__["catalog"] = replace(app.catalog, sources={"thu": entry})
    app.__dict__["limits"] = replace(app.limits, allow_private=True, delay=0.0)
    person = signed_in(app, "vy", Role.OPERATOR)
    try:
        page = person.post("/nguon-tin/thu/thu")
    finally:
        server.shutdown()
        server.server_close()
    assert page.status_code == 200
    assert "Cống hỏng" in page.text
    assert "0912 345 678" not in page.text
    assert "Không có tin nào được lưu." in page.text
    assert (count(app.engine, "item"), count(app.engine, "fetch")) == (0, 0)
    with app.views() as session:
        assert stored.audit(session)[0][1].action == "source_tried"
    gone = person.post("/nguon-tin/thu/thu")
    assert gone.status_code == 200
    assert "0 tin đọc được" in gone.text
