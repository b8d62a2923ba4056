"""Addresses: mended, and made one for each article."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.urls import canonical, page_address, redact, repair, site

BASE = "https://bao.vn/muc/"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("http:moc.gov.vn/tin?a=1", "http://moc.gov.vn/tin?a=1"),
        ("http:/moc.gov.vn/tin", "http://moc.gov.vn/tin"),
        ("https//moc.gov.vn/tin", "https://moc.gov.vn/tin"),
        ("//bao.vn/a.htm", "https://bao.vn/a.htm"),
        ("a.htm", "https://bao.vn/muc/a.htm"),
        ("/a.htm#x", "https://bao.vn/a.htm"),
        ("/#!/tin/1", "https://bao.vn/#!/tin/1"),
        ("/#/tin/3?x=ế#4", "https://bao.vn/#/tin/3?x=%E1%BA%BF%234"),
        ("/cong/#!tin-1", "https://bao.vn/cong/#!tin-1"),
        ("/#/", "https://bao.vn/"),
        ("/bai-viet-12345.htm#/anh/2", "https://bao.vn/bai-viet-12345.htm"),
        (" \n https://bao.vn/a\n.htm \t", "https://bao.vn/a.htm"),
        ("https://bao.vn/bài viết.htm", "https://bao.vn/b%C3%A0i%20vi%E1%BA%BFt.htm"),
        ('https://bao.vn/a.htm">', "https://bao.vn/a.htm"),
        ("HTTPS://BAO.VN:443/A.htm", "https://bao.vn/A.htm"),
        ("http://bao.vn:8080/a", "http://bao.vn:8080/a"),
        ("http://ten:mat@bao.vn/a", "http://bao.vn/a"),
        ("https://báo.vn/a", "https://xn--bo-mia.vn/a"),
        ("javascript:alert(1)", ""),
        ("mailto:a@bao.vn", ""),
        ("data:text/html,x", ""),
        ("file:///etc/passwd", ""),
        ("http://[hong", ""),
        ("http://bao.vn:99999/", ""),
        ("http://", ""),
        ("https://bao.vn/" + "a" * 3000, ""),
        ("", ""),
    ],
)
def test_repair(link: str, expected: str) -> None:
    assert repair(link, BASE) == expected


@pytest.mark.parametrize(
    "link",
    [
        "https://bao.vn/bai-1.htm",
        "https://BAO.vn/bai-1.htm#binh-luan",
        "https://bao.vn:443/bai-1.htm?utm_source=x&utm_medium=y&fbclid=z",
        "https://m.bao.vn/bai-1.htm?vn_source=rss",
        "https://amp.bao.vn/bai-1.htm",
        "https://bao.vn/amp/bai-1.htm",
        "https://bao.vn/bai-1.htm/amp",
        "https://bao.vn/bai-1.amp.htm",
        "https://bao.vn/bai-1.htm?amp=1",
        "https://bao.vn/bai-1.htm?print=1&zarsrc=31",
        "https://bao.vn/print/bai-1.htm",
    ],
)
def test_variants_of_an_article_have_one_identity(link: str) -> None:
    assert canonical(link) == "https://bao.vn/bai-1.htm"


def test_parameters_that_name_the_article_stay_in_order() -> None:
    assert canonical("http://xa.vn/tin?tab=2&id=15&utm_term=x") == "http://xa.vn/tin?id=15&tab=2"
    assert canonical("http://xa.vn/m/tin") == "http://xa.vn/m/tin"
    assert canonical("http://xa.vn/view?view=12") == "http://xa.vn/view?view=12"


def test_canonical_link_of_the_page_wins_on_its_own_site_only() -> None:
    url = "https://m.bao.vn/a.htm?x=1"
    assert page_address(url, "https://bao.vn/a.htm") == "https://bao.vn/a.htm"
    assert page_address(url, "/b.htm") == "https://bao.vn/b.htm"
    assert page_address(url, "https://khac.vn/a.htm") == "https://bao.vn/a.htm?x=1"
    assert page_address(url, "https://bao.vn/") == "https://bao.vn/a.htm?x=1"
    assert page_address(url, "") == "https://bao.vn/a.htm?x=1"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://kinhdoanh.vnexpress.net/a", "vnexpress.net"),
        ("https://chauthanh.bentre.gov.vn/", "bentre.gov.vn"),
        ("https://nld.com.vn/a", "nld.com.vn"),
        ("https://dongkhoi.baovinhlong.vn/", "baovinhlong.vn"),
        ("http://127.0.0.1:80/", "127.0.0.1"),
        ("http://[::1]/", "::1"),
        ("http://[hong", ""),
    ],
)
def test_site(url: str, expected: str) -> None:
    assert site(url) == expected


@pytest.mark.parametrize(
    ("link", "length"),
    [
        ("https://bao.vn/" + "ế" * 230, 2085),
        ("https://bao.vn/" + "ế" * 300, 0),
        ("https://bao.vn/" + "a" * 2385, 2400),
        ("https://bao.vn/?x=" + "/" * 1900, 0),
    ],
)
def test_no_identity_is_longer_than_a_database_indexes(link: str, length: int) -> None:
    url = canonical(link)
    assert len(url) == length
    assert canonical(url) == url


def test_tokens_are_hidden() -> None:
    text = "GET https://g/x?access_token=EAA123&limit=1 access_token%3DEAB"
    assert redact(text) == "GET https://g/x?access_token=***&limit=1 access_token%3D***"


@given(st.text(max_size=80) | st.from_regex(r"https?:/{0,3}[^\s]{0,40}", fullmatch=True))
def test_any_link_gives_a_clean_address_or_none(link: str) -> None:
    url = canonical(link, BASE)

    assert url == "" or url.startswith(("http://", "https://"))
    assert canonical(url) == url
    assert url.isascii()
