"""Article links of section pages."""

from __future__ import annotations

import pytest

from crawlers.links import ArticleLink
from crawlers.listpage import page_links

URL = "https://bao.vn/thoi-su"


def _links(body: str, selector: str = "") -> list[str]:
    found = page_links(f"<html><body>{body}</body></html>".encode(), URL, "", selector)
    assert found is not None
    return [link.url.removeprefix("https://bao.vn") for link in found]


def _numbered(count: int) -> str:
    return "".join(f'<a href="/mot-bai-bao-{n}0000.htm">Một bài</a>' for n in range(1, count + 1))


def test_numbered_slugs_are_articles_each_once_and_in_order() -> None:
    again = '<a href="/mot-bai-bao-10000.htm?utm_source=x">Lặp lại</a>'
    assert _links(_numbered(3) + again) == [f"/mot-bai-bao-{n}0000.htm" for n in (1, 2, 3)]


@pytest.mark.parametrize(
    "href",
    [
        "/", "/thoi-su", "#", "javascript:;", "/topic/ha-noi-264820",
        "/chu-de/bau-cu-2026-2760000.htm",
        "/tag/de-bao-ven-song-12345", "/tac-gia/mot-nguoi-nao-12345.htm",
        "/kinh-doanh/trang-5.htm", "/anh-dep-hom-nay-123456.jpg", "/video/mot-canh-phim-123456.htm",
        "/chinh-sach-bao-mat-du-lieu-20190514153010649.htm",
        "https://khac.vn/mot-bai-bao-123456.htm",
        "https://sso.bao.vn/dang-ky-tai-khoan-123456", "/thoi-su-p2",
    ],
)  # fmt: skip
def test_what_is_no_article_is_left_out(href: str) -> None:
    text = "Một dòng chữ dài như tựa của một bài báo thật"
    assert _links(_numbered(3) + f'<h3><a href="{href}">{text}</a></h3>') == _links(_numbered(3))


def test_headings_and_long_slugs_count_where_numbers_are_rare() -> None:
    body = (
        '<h3><a href="/tin/lo-bo-a/">Sạt lở bờ sông ở cồn Phú Đa</a></h3>'
        '<a href="/tin/cau-b/"><h2>Cầu gãy nhịp giữa đêm khuya</h2></a>'
        '<a href="/duong-ngap-sau-ca-tuan-chua-rut">Đường ngập sâu cả tuần nay chưa rút</a>'
        '<a href="/gioi-thieu-chung">Giới thiệu</a><h3><a href="/mua">Đặt báo</a></h3>'
    )
    assert _links(body) == ["/tin/lo-bo-a/", "/tin/cau-b/", "/duong-ngap-sau-ca-tuan-chua-rut"]


def test_portals_that_name_articles_by_parameter() -> None:
    body = "".join(
        f'<a href="/Default.aspx?tabid=5&ArticleID={n}123">Tin số {n}</a>' for n in range(3)
    )
    assert _links(body) == [f"/Default.aspx?ArticleID={n}123&tabid=5" for n in range(3)]


def test_selector_decides_alone() -> None:
    body = f'<div class="ds"><a href="/a">A</a><a href="mailto:x">x</a></div>{_numbered(5)}'
    assert _links(body, ".ds") == ["/a"]
    assert _links(body, ".khong-co") == []


def test_title_comes_from_the_link_that_has_one() -> None:
    body = '<a href="/mot-bai-bao-10000.htm"><img></a><a href="/mot-bai-bao-10000.htm">Một bài</a>'
    assert page_links(body.encode(), URL) == [
        ArticleLink(
            "https://bao.vn/mot-bai-bao-10000.htm",
            "https://bao.vn/mot-bai-bao-10000.htm",
            "Một bài",
        )
    ]


def test_no_page_no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    assert page_links(b"", URL) is None
    monkeypatch.setattr("crawlers.listpage.CPU_SECONDS", 0.01)
    assert page_links(b"<a href='/x'>x</a>" * 50_000, URL) == []


def test_pages_of_the_section_are_no_articles() -> None:
    body = "".join(f'<h3><a href="?p={n}">Trang thứ {n} của mục này</a></h3>' for n in (2, 3, 4))
    assert page_links(body.encode(), "http://h.example/thoi-su/") == []
