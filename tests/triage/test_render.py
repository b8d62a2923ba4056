"""The digest as people and machines see it: same facts in each form, nothing executable."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hostile import ADDRESSES, MARKUP
from triage_samples import ALL, DAY, LATE, NEW, digest

from triage.digest import Link, Topic
from triage.render import render, render_digest
from triage.wording import http_only, one_line

#: What a mail may consist of; scripts, forms, pictures and frames are not among it.
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "div", "table", "tr", "td"),
    *("p", "h1", "h2", "h3", "span", "strong", "em", "a", "ul", "li"),
}
VOID = {"meta"}


class Page(HTMLParser):
    """Reads a page strictly: tags must nest; keeps words, links and attributes."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.words: list[str] = []
        self.headings: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name in ("href", "src")]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open[-1:] != ["style"]:
            self.words.append(data)
        if self._open[-1:] in (["h1"], ["h2"], ["h3"]):
            self.headings.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def flat(text: str) -> str:
    return " ".join(text.split())


def facts(data) -> list[str]:
    """Everything a reader must find, whatever the form."""
    found = [str(data.below_floor), *data.coverage.silent, *data.coverage.places_without_source]
    for failure in data.coverage.failed:
        found += [failure.source, failure.reason]
    for tally in (*data.by_unit, *data.by_topic, *data.counted_only):
        found.append(tally.name)
    for section, entries in data.sections():
        for entry in entries:
            found += [entry.title, entry.place, entry.unit_name, *(t.name for t in entry.topics)]
            if section != "carried":
                found += [entry.gist, entry.hold, entry.recurs_of, entry.unit_then_name]
                found += [*entry.why, *entry.changes]
                found += [word for link in entry.links for word in (link.outlet, link.title)]
    return [one_line(fact) for fact in found if fact]


def test_the_page_is_plain_html_with_nothing_to_execute_or_to_fetch():
    page = Page(render_digest(digest(), "html"))

    assert page.tags <= TAGS
    assert not {name for name in page.attributes if name.startswith("on")}
    assert page.links == ["https://bao-mau.example/rac?a=1&b=2", "http://xu-dua.example/13-ho"]


def test_the_page_has_its_sections_in_order():
    page = Page(render_digest(digest(), "html"))

    assert page.headings == [
        "Điểm vấn đề dân sinh ngày 25/07/2023",
        "Quá hạn (1)",
        LATE.title,
        "Sự việc mới (1)",
        NEW.title,
        "Chờ quyết định (1)",
        "Nước máy nhiễm mặn gần một tháng",
        "Có diễn biến (1)",
        "Sạt lở bờ sông Giao Hòa tới mép lộ",
        "Đã kết thúc (1)",
        "Chợ Ba Tri ứ rác mười ngày",
        "Đang theo dõi (1)",
        "Theo đơn vị",
        "Theo lĩnh vực",
        "Chỉ đếm, không lập vụ việc",
        "Đã nghe được những gì",
    ]


@pytest.mark.parametrize("told", [None, {}])
def test_page_and_text_twin_tell_the_same_facts(told):
    data = digest(told=told)
    page = Page(render_digest(data, "html")).text
    text = flat(render_digest(data, "text"))

    assert [fact for fact in facts(data) if fact not in page] == []
    assert [fact for fact in facts(data) if fact not in text] == []


def test_page_and_text_twin_tell_the_same_numbers_and_days():
    data = digest()
    page = Page(render_digest(data, "html")).text
    text = render_digest(data, "text")
    days = r"\d\d/\d\d/\d{4}|\d\d:\d\d"

    assert sorted(set(re.findall(days, page))) == sorted(set(re.findall(days, text)))
    assert "Quá hạn báo đã tiếp nhận 4 ngày 16 giờ (hạn 15:00 ngày 20/07/2023)" in page
    assert "QUÁ HẠN báo đã tiếp nhận 4 ngày 16 giờ (hạn 15:00 ngày 20/07/2023)" in text
    assert "3 nguồn độc lập, 2 bản đăng lại" in page
    assert "3 nguồn độc lập, 2 bản đăng lại" in text


def test_what_is_only_counted_is_not_named_anywhere():
    data = digest()

    shown = [render_digest(data, form) for form in ("html", "text", "json")]

    assert [text for text in shown if "Ghe chìm" in text] == []


def test_explained_is_not_shown_as_fixed():
    text = render_digest(digest(), "text")

    assert "Kết quả: đã giải thích, không có việc phải khắc phục" in text
    assert "đã khắc phục" not in text


def test_a_quiet_day_is_short_and_says_so_and_says_what_was_listened_to():
    data = digest(NEW, told=dict(digest(NEW, told={}).told))

    text = render_digest(data, "text")

    assert "Hôm nay không có sự việc mới đáng nêu." in text
    assert "Nghe được 22/24 nguồn, 312 tin và bài trong ngày." in text
    assert len(text.splitlines()) < 30
    assert "Hôm nay không có sự việc mới đáng nêu." in render_digest(data, "html")


def test_a_day_on_which_hardly_anything_was_heard_is_not_called_quiet():
    data = digest(NEW, told=dict(digest(NEW, told={}).told))
    deaf = replace(data, coverage=replace(data.coverage, seen=2))

    for form in ("text", "html"):
        told = render_digest(deaf, form)

        assert "Chưa thể nói hôm nay có yên hay không" in told
        assert "Hôm nay không có sự việc mới đáng nêu" not in told


def test_the_text_twin_keeps_to_the_width_of_a_mail():
    long = [line for line in render_digest(digest(), "text").splitlines() if len(line) > 78]

    assert long == []


def test_a_day_of_thirty_new_events_is_not_clipped_by_mail_programs():
    entries = [replace(LATE, event_id=n, links=LATE.links * 2) for n in range(30)]

    html = render_digest(digest(*entries, told={}), "html")

    assert len(html.encode()) < 102_000  # Gmail cuts a mail there


def test_json_is_the_machine_form():
    data = digest()
    read = json.loads(render_digest(data, "json"))

    assert read["form"] == 1
    assert read["day"] == DAY.isoformat()
    assert read["made_at"] == "2023-07-25T07:00:00+07:00"
    assert "told" not in read
    late = read["overdue"][0]
    assert late["topics"] == [{"id": "waste", "name": "Rác thải, vệ sinh môi trường"}]
    assert late["state"] == "sent"
    assert late["late"] == {"what": "báo đã tiếp nhận", "at": "2023-07-20T15:00:00+07:00"}
    assert late["links"][1] == {
        "outlet": "Trang Ba Tri",
        "title": "Mùi hôi từ bãi rác",
        "url": None,
        "day": "2023-07-19",
    }


@pytest.mark.parametrize("evil", MARKUP)
def test_markup_in_any_field_comes_out_as_text(evil):
    entry = replace(
        LATE,
        title=evil,
        gist=evil,
        place=evil,
        unit_name=evil,
        unit_then_name=evil + "x",
        why=(evil,),
        hold=evil,
        recurs_of=evil,
        topics=(Topic("waste", evil),),
        links=(Link(evil, evil, "https://a.example/" + "x", DAY), Link(evil, evil)),
    )
    data = replace(digest(entry, told={}), province=evil)

    page = Page(render_digest(data, "html"))
    text = render_digest(data, "text")

    assert page.tags <= TAGS
    assert page.links == ["https://a.example/x"]
    assert one_line(evil) in page.text
    assert one_line(evil) in flat(text)
    assert all(char.isprintable() or char == "\n" for char in text)


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_plain_web_addresses_become_links(address):
    entry = replace(LATE, links=(Link("Báo Mẫu", "Tin", address),))
    data = digest(entry, told={})

    assert http_only(address) == ""
    assert Page(render_digest(data, "html")).links == []
    assert json.loads(render_digest(data, "json"))["overdue"][0]["links"][0]["url"] is None


@pytest.mark.parametrize(
    "address",
    [
        "https://bao.example/tin-1.html?a=1&b=2#x",
        "HTTP://BAO.EXAMPLE",
        "http://127.0.0.1:8080/a",
        "https://baomau.example/ngập-nước",
        "https://bao.example/@trang/1",
        "https://[::1]/a",
    ],
)
def test_web_addresses_are_kept_as_they_are(address):
    assert http_only(address) == address


def test_a_name_the_template_does_not_know_is_an_error():
    with pytest.raises(Exception, match="is undefined"):
        render("digest.html", {})


def test_the_same_day_renders_to_the_same_bytes():
    assert render_digest(digest(), "html") == render_digest(digest(*reversed(ALL)), "html")


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("a\r\nb\x0bc\u2028d", 0, "a b c d"),
        ("\u200bRác\u202e", 0, "Rác"),
        ("hoa\u0300", 0, "hoà"),
        ("một hai ba", 8, "một hai…"),
        ("một, hai", 6, "một…"),
        ("khôngcóchỗngắt", 5, "không…"),
        ("vừa đủ", 6, "vừa đủ"),
        ("", 3, ""),
    ],
)
def test_one_line(text, limit, shown):
    assert one_line(text, limit) == shown
    assert one_line(shown) == shown
