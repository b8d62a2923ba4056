"""Articles over several pages: put together, never with another article."""

from __future__ import annotations

import hashlib

import lxml.html
import pytest
from loopback import HTML, Reply, Told, article, crawl, feed, loopback_web, rss

from crawlers.parts import is_first, next_part

URL = "https://bao.example/song-nuoc/de-bao-sat-lo-20261.html"


@pytest.mark.parametrize(
    ("url", "link", "found"),
    [
        (URL, "?page=2", True),
        (URL, "/song-nuoc/de-bao-sat-lo-20261-p2.html", True),
        (f"{URL}?page=2", f"{URL}?page=3", True),
        ("https://bao.example/de-bao/", "/de-bao/2/", True),
        ("https://bao.example/de-bao/", "/de-bao/page/2", True),
        ("https://bao.example/de-bao-trang-2.htm", "/de-bao-trang-3.htm", True),
        (URL, "?page=3", False),
        (URL, "/song-nuoc/cau-gay-20262.html", False),
        (f"{URL}?page=2", URL, False),
        (URL, "https://khac.example/song-nuoc/de-bao-sat-lo-20261.html?page=2", False),
        ("https://bao.example/tin-1.htm", "/tin-2.htm", False),
        ("https://bao.example/?p=12", "/?p=13", False),
    ],
)
def test_next_part_is_the_same_address_one_further(url: str, link: str, found: bool) -> None:
    root = lxml.html.fromstring(f'<html><body><a rel="next" href="{link}">2</a></body></html>')
    assert bool(next_part(root, url)) == found


@pytest.mark.parametrize(
    ("url", "first"),
    [
        (URL, True),
        ("https://bao.example/de-bao/", True),
        ("https://bao.example/tin/12", False),
        ("https://bao.example/loat-bai-p1.html", False),
        (f"{URL}?page=1", False),
    ],
)
def test_address_with_a_number_begins_no_article(url: str, first: bool) -> None:
    assert is_first(url) == first


def _part(number: int, last: int) -> str:
    body = f"<p>Trang {number}: nước tràn qua đoạn đê thứ {number}, người dân đắp tạm bao cát.</p>"
    links = "".join(f'<a href="?page={n}">{n}</a>' for n in range(1, last + 1))
    page = article("Đê bao sạt lở").replace('<div class="content">', f'<div class="content">{body}')
    return page.replace("<footer>", f"<div>{links}</div><footer>")


#: What some sites answer where the second page of an article was asked for.
_OTHERS = {
    "trang-nhat": Reply(status=302, headers={"Location": "/"}),
    "bai-khac": Reply(status=302, headers={"Location": "/b.htm"}),
    "pdf": Reply(b"%PDF-1.7 Trang 2", "application/pdf"),
    "ten-khac": Reply(_part(2, 2).replace("Đê bao sạt lở", "Cầu gãy"), HTML),
    "noi-khac": Reply(
        _part(2, 2).replace("</head>", '<link rel="canonical" href="/loat-bai-2.htm"></head>'), HTML
    ),
}


@pytest.fixture(scope="module")
def told() -> dict[str, Told]:
    with loopback_web() as web:
        for host, last in (("ba", 3), ("thieu", 3), ("binh-luan", 2)):
            web.put(f"{host}.example/a.htm", Reply(_part(1, last), HTML))
            web.put(f"{host}.example/rss", rss((f"http://{host}.example/a.htm", "x")))
        for number in (2, 3):
            web.put(f"ba.example/a.htm?page={number}", Reply(_part(number, 3), HTML))
        web.put("thieu.example/a.htm?page=2", Reply("x", status=500))
        web.put("binh-luan.example/a.htm?page=2", Reply(_part(1, 2), HTML))
        for host, reply in _OTHERS.items():
            web.put(f"{host}.example/a.htm", Reply(_part(1, 2), HTML))
            web.put(f"{host}.example/rss", rss((f"http://{host}.example/a.htm", "x")))
            web.put(f"{host}.example/a.htm?page=2", reply)
            web.put(f"{host}.example/", article("Trang nhất"))
            web.put(f"{host}.example/b.htm", article("Đê bao sạt lở").replace("Nhiều", "Khác"))
        hosts = ("ba", "thieu", "binh-luan", *_OTHERS)
        return crawl(*(feed(host, f"http://{host}.example/rss") for host in hosts), proxy=web.url)


def test_pages_are_put_together_in_order(told: dict[str, Told]) -> None:
    [item] = told["ba"].items
    lines = item.text.split("\n")
    parts = [line[:7] for line in lines if line.startswith("Trang ")]
    assert parts == ["Trang 1", "Trang 2", "Trang 3"]
    assert len(lines) == len(set(lines))
    whole = hashlib.sha256("".join(_part(number, 3) for number in (1, 2, 3)).encode())
    assert item.body_sha256 == whole.hexdigest()


def test_missing_page_is_told_and_the_rest_stands(told: dict[str, Told]) -> None:
    [item] = told["thieu"].items
    assert "Trang 1: nước" in item.text
    assert (
        told["thieu"].end.reason
        == "1 tin mới; một bài nhiều trang bị thiếu (HTTP 500: máy chủ lỗi)"
    )


@pytest.mark.parametrize("host", _OTHERS)
def test_another_page_is_never_joined(told: dict[str, Told], host: str) -> None:
    [item] = told[host].items
    assert "Trang 1: nước" in item.text
    assert "Trang 2" not in item.text
    assert "Khác ngày nay" not in item.text
    assert "PDF" not in item.text


def test_pages_of_comments_add_nothing(told: dict[str, Told]) -> None:
    [item] = told["binh-luan"].items
    assert item.text.count("Trang 1") == 1
