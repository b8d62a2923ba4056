"""Articles out of pages: title, lead, text, date, identity."""

from __future__ import annotations

from datetime import datetime

import pytest
from loopback import NOW, PARAGRAPHS, article

from crawlers.extract import extract
from crawlers.hints import Hints, hints_for, merge

URL = "https://thunghiem.vn/de-bao-123456.htm"
SAPO = "Đê bao sạt lở, vườn dừa ngập mỗi khi triều lên."


def _page(body: str, head: str = "") -> bytes:
    return f"<html><head>{head}</head><body>{body}</body></html>".encode()


def _text() -> str:
    return "".join(f"<p>{one}</p>" for one in PARAGRAPHS)


def test_article_is_what_the_page_tells_and_nothing_around_it() -> None:
    page = extract(article("Đê bao sạt lở").encode(), URL, now=NOW)

    assert page.title == "Đê bao sạt lở"
    assert page.text.split("\n") == [SAPO, *PARAGRAPHS]
    assert page.published == datetime.fromisoformat("2026-11-23T08:00:00+07:00")
    assert (page.url, page.site, page.date_note, page.problem) == (URL, "thunghiem.vn", "", "")


_LD = '<script type="application/ld+json">{}</script>'


def _meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


_DRY = "Giá dầu - giá dừa cùng tăng mạnh trong tuần"


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>Đê vỡ - Báo Thử</title>", "", "Đê vỡ"),
        ("<title>Đê vỡ | thunghiem.vn</title>", "", "Đê vỡ"),
        (f"<title>{_DRY}</title>", "", _DRY),
        ("<title>Đê vỡ - Xã hội</title>", "<h1>Báo Thử</h1><h1>Đê vỡ</h1>", "Đê vỡ"),
        (_meta("og:title", "Đê vỡ - Chuyên mục lạ"), "<h1>Đê vỡ</h1>", "Đê vỡ"),
        (_meta("og:title", "Đ&amp;#234; v&amp;#7905;"), "", "Đê vỡ"),
        (_meta("og:title", "Báo A") + _meta("og:site_name", "Báo A"), "<h1>Đê vỡ</h1>", "Đê vỡ"),
        (_LD.format('{"headline": "Đê vỡ rồi"}'), "", "Đê vỡ rồi"),
        (
            _LD.format(r'{"headline": "\u0110\u00ea \"v\u1ee1\" r\u1ed3i \/ x"}'),
            "",
            'Đê "vỡ" rồi / x',
        ),
        (_LD.format(r'{"headline": "\ud83d\ude00 \u0110\u00ea \ud83d"}'), "", "😀 Đê"),
        (_LD.format(r'{"headline": "Đê \xvỡ rồi"}'), "", r"Đê \xvỡ rồi"),
        ("", "", ""),
    ],
)
def test_title(head: str, body: str, title: str) -> None:
    assert extract(_page(body + _text(), head), URL).title == title


_GRAPH = '{"@graph": [{"@type": "NewsArticle", "datePublished": "2026-11-23 08:00"}]}'
_LIST = """[{"@type": "WebSite", "datePublished": "2001-01-01"},
{"@type": "Article", "datePublished": "2026-11-23 08:00"}]"""
_BROKEN = '{hỏng "datePublished": "2026-11-23T01:00:00Z"'
_WORDS = "Thứ hai, 23/11/2026, 08:00 (GMT+7)"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (_meta("pubdate", "2026-11-23T08:00:00+07:00"), ""),
        (_LD.format(_GRAPH), ""),
        (_LD.format(_LIST), ""),
        (_LD.format(_BROKEN), ""),
        ("", '<time datetime="2026-11-23T08:00">hôm qua</time>'),
        ("", f"<time>{_WORDS}</time>"),
        ("", f'<span class="date">{_WORDS}</span>'),
        (_meta("pubdate", "hôm qua") + _meta("date", "2026-11-23 08:00"), ""),
    ],
)
def test_date(head: str, body: str) -> None:
    page = extract(_page(body + _text(), head), URL, now=NOW)

    assert page.published is not None
    assert page.published.isoformat() == "2026-11-23T08:00:00+07:00"


def test_date_that_lies_is_not_made_good_by_another() -> None:
    head = '<meta name="pubdate" content="2099-01-01">'
    page = extract(_page('<span class="date">23/11/2026</span>' + _text(), head), URL, now=NOW)

    assert page.published is None
    assert page.date_note.startswith("future")


def test_page_without_a_date_says_so() -> None:
    page = extract(_page(_text()), URL, now=NOW)

    assert (page.published, page.date_note) == (None, "missing: nguồn không ghi ngày đăng")


def test_article_without_a_known_container_is_found_by_trafilatura() -> None:
    around = "<nav><a href='/'>Trang chủ</a></nav>"
    page = extract(_page(f"{around}<div><h1>Đê vỡ</h1>{_text()}</div>"), URL)

    assert page.text.split("\n") == list(PARAGRAPHS)


def test_noise_inside_the_article_is_left_out() -> None:
    inside = (
        '<p>Xem thêm: <a href="/x">Một chuyện khác hẳn ở một tỉnh rất xa nơi này</a></p>'
        '<ul><li><a href="/y">Tin khác thứ nhất của ngày hôm nay</a></li></ul>'
        '<div class="VCSortableInPreviewMode" type="RelatedNewsBox">Tin trong hộp liên quan</div>'
        '<div type="content" class="VCSortableInPreviewMode"><p>Hộp thông tin được giữ lại.</p>'
        "</div>"
        '<div style="display: none">chữ giấu</div><p class="author">Người Viết</p>'
        "<p>Quét mã QR để đọc báo</p><p>Theo TTXVN</p><p>Người Viết (tổng hợp)</p>"
    )
    page = extract(_page(f'<div class="detail-content">{_text()}{inside}</div>'), URL)

    assert page.text.split("\n") == [*PARAGRAPHS, "Hộp thông tin được giữ lại."]


def test_sentences_that_look_like_banners_stay() -> None:
    lines = (
        "Theo dõi sát diễn biến sạt lở tại các xã ven sông là việc huyện đang làm.",
        "Nghe tin đê vỡ, bà con đổ ra đắp lại suốt đêm.",
        "Đăng ký ngay từ đầu vụ mới kịp lấy nước ngọt.",
    )
    body = "".join(f"<p>{line}</p>" for line in lines)
    page = extract(_page(f'<div class="detail-content">{_text()}{body}</div>'), URL)

    assert page.text.split("\n") == [*PARAGRAPHS, *lines]


def test_container_called_sidebar_is_kept_when_it_holds_the_article() -> None:
    body = f'<div class="sidebar-1"><h1>Đê vỡ</h1><div class="fck_detail">{_text()}</div></div>'

    assert extract(_page(body), URL).text.split("\n") == list(PARAGRAPHS)


def test_link_inside_a_sentence_stays() -> None:
    linked = PARAGRAPHS[0].replace("đê bao", '<a href="/tag/de-bao">đê bao</a>')
    body = f'<div class="article-body"><p>{linked}</p><p>{PARAGRAPHS[1]}</p></div>'

    assert extract(_page(body), URL).text.split("\n") == list(PARAGRAPHS[:2])


def test_canonical_link_gives_the_identity() -> None:
    head = '<link rel="canonical" href="https://thunghiem.vn/that-1.htm">'
    assert extract(_page(_text(), head), URL + "?a=1").url == "https://thunghiem.vn/that-1.htm"
    assert extract(_page(_text()), URL + "?utm_source=1").url == URL


def test_hints_lead_and_are_merged_with_the_shipped_ones() -> None:
    own = Hints(title=".ten", sapo=".dan", body=".than", remove=(".quang",))
    body = (
        f"<div class='ten'>Tên</div><div class='dan'>{SAPO}</div>"
        f"<div class='than'>{_text()}<p class='quang'>Mua ngay.</p></div>"
    )
    page = extract(_page(body), URL, hints=own)

    assert (page.title, page.text.split("\n")) == ("Tên", [SAPO, *PARAGRAPHS])
    shipped = hints_for("https://vnexpress.net/a")
    assert shipped.sapo == "p.description"
    assert merge(Hints(body=".x"), "https://vnexpress.net/a").sapo == "p.description"
    assert merge(Hints(body=".x"), "https://vnexpress.net/a").body == ".x"
    assert hints_for("https://../../x") == Hints()


def test_selector_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="không đọc được bộ chọn CSS"):
        Hints(title="..x[")


@pytest.mark.parametrize("body", [b"", b"   ", b"\0\0", b"<!-- -->"])
def test_empty_page_is_told(body: bytes) -> None:
    page = extract(body, URL)

    assert (page.problem, page.title, page.text, page.url) == ("trang trống", "", "", URL)


def test_page_that_takes_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawlers.extract.CPU_SECONDS", 0.01)
    page = extract(_page(_text() * 3000), URL)

    assert (page.problem, page.text) == ("đọc trang quá 0 giây, bỏ", "")


@pytest.mark.parametrize("piece", ["{}", "<b>{}</b>", "{}<script>x</script>", "{}\u200b"])
def test_marks_without_end_leave_the_article(piece: str) -> None:
    """170 KB of marks, in one piece and in many, where no container is known."""
    pile = "".join(piece.format("\u0301\u0316" * 7) for _ in range(3_000))
    page = extract(_page(f"<article>{_text()}<p>a{pile}</p></article>", "<title>Đê</title>"), URL)
    assert page.problem == ""
    assert page.text.startswith(PARAGRAPHS[0])
    assert sum(letter in "\u0301\u0316" for letter in page.text) < 10
