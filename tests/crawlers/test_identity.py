"""Different articles stay different, whatever their pages say of themselves."""

from __future__ import annotations

from dataclasses import replace

import lxml.html
import pytest
from loopback import NOW, LoopbackWeb, Reply, Told, article, crawl, feed, loopback_web, rss

from crawlers.links import article_links
from crawlers.sitemap import parse_sitemap
from crawlers.urls import page_address

HOST = "xa.example"
_WORDS = ("đê bao", "cầu gãy", "rác thải", "nước mặn", "đường hư")


def _page(number: int, stated: str) -> str:
    """Return an article of its own words that states an address."""
    own = "".join(
        f"<p>Câu {n} của bài về {_WORDS[number]}, dài vừa đủ để được coi là một đoạn văn.</p>"
        for n in range(6)
    )
    head = f'<link rel="canonical" href="{stated}">'
    page = article(f"Bài {number} về {_WORDS[number]}", head=head)
    before, _, rest = page.partition('<div class="content">')
    return f'{before}<div class="content">{own}{rest[rest.index("<figure>") :]}'.replace(
        "Đê bao sạt lở, vườn dừa ngập mỗi khi triều lên.", f"Chuyện {_WORDS[number]}."
    )


def _told(web: LoopbackWeb, paths: list[str], stated: str) -> Told:
    for number, path in enumerate(paths):
        web.put(f"{HOST}{path}", _page(number, stated))
    entries = [(f"http://{HOST}{path}", f"Bài {n}") for n, path in enumerate(paths)]
    answer = replace(rss(*entries), headers={"ETag": '"v1"'})
    return crawl(feed("s", web.put(f"{HOST}/rss", answer)), proxy=web.url)["s"]


@pytest.mark.parametrize("stated", ["/chi-tiet-tin", "/Default.aspx", "/", "/cong-khai/thong-tin"])
def test_pages_that_state_one_address_are_kept_apart(stated: str) -> None:
    paths = [f"/chi-tiet-tin?id={n}" for n in range(5)]
    with loopback_web() as web:
        told = _told(web, paths, stated)

    assert sorted(item.url for item in told.items) == [f"http://{HOST}{path}" for path in paths]


def test_articles_without_a_number_that_state_one_address_are_kept_apart() -> None:
    """Only the round can tell: the first keeps what it states, the others are known by their own."""
    paths = [f"/bai-viet-{name}" for name in ("mot", "hai", "ba", "bon", "nam")]
    with loopback_web() as web:
        told = _told(web, paths, "/tin-moi-cap-nhat")

    own = {f"http://{HOST}{path}" for path in paths}
    kept = {item.url for item in told.items}
    assert len(told.items) == len(kept) == 5
    assert kept - own == {f"http://{HOST}/tin-moi-cap-nhat"}


@pytest.mark.parametrize(
    ("path", "stated", "identity"),
    [
        ("/tin?tabid=7&id=5", "/tin?tabid=7", "/tin?id=5&tabid=7"),
        ("/tin?ItemID=5&utm_source=a", "/tin?ItemID=5", "/tin?ItemID=5"),
        ("/tin?id=5&fbclid=ab123", "/tin", "/tin?id=5"),
        ("/tin?id=1234", "/sat-lo-o-an-hoa-1234.htm", "/sat-lo-o-an-hoa-1234.htm"),
        ("/tin?id=1234", "/tin/chung", "/tin?id=1234"),
        ("/ban-doc/sat-lo-12345.htm", "/ban-doc/", "/ban-doc/sat-lo-12345.htm"),
        (
            "/ban-doc/sat-lo-12345.htm?rss=1",
            "/ban-doc/sat-lo-12345.htm",
            "/ban-doc/sat-lo-12345.htm",
        ),
        ("/bai-12345.htm/binh-luan", "/bai-12345.htm", "/bai-12345.htm"),
        ("/sat-lo?v=20241123", "/sat-lo", "/sat-lo"),
        ("/index.php?id=5", "/index.php?id=5", "/index.php?id=5"),
        ("/sat-lo.htm", "/index.php", "/sat-lo.htm"),
    ],
)
def test_a_stated_address_counts_where_it_tells_as_much(
    path: str, stated: str, identity: str
) -> None:
    assert page_address(f"https://xa.vn{path}", stated) == f"https://xa.vn{identity}"


def test_routes_of_an_application_are_articles_of_their_own() -> None:
    """Its server answers all of them with one bare page: what the feed says is what there is."""
    links = [f"http://{HOST}/#{route}" for route in ("!/tin/1", "!/tin/2", "/tin/3", "/tin/4")]
    with loopback_web() as web:
        web.put(f"{HOST}/", article("Cổng thông tin"))
        url = web.put(f"{HOST}/rss", rss(*((link, f"Tin ở {link[-5:]}") for link in links)))
        told = crawl(feed("s", url), proxy=web.url)["s"]

        assert web.asked(HOST) == ["/rss"]
    assert sorted(item.url for item in told.items) == sorted(links)
    assert {item.title for item in told.items} == {f"Tin ở {link[-5:]}" for link in links}


def test_an_article_behind_a_very_long_address_is_known_by_the_one_that_led_there() -> None:
    with loopback_web() as web:
        for number in range(2):
            there = f"http://{HOST}/sso?x={'a' * 2500}{number}"
            moved = Reply(status=302, headers={"Location": there})
            web.put(f"{HOST}/bai-{number}.htm", moved)
            web.put(there.removeprefix("http://"), _page(number, there))
        links = [f"http://{HOST}/bai-{number}.htm" for number in range(2)]
        url = web.put(f"{HOST}/rss", rss(*((link, "Bài") for link in links)))
        told = crawl(feed("s", url), proxy=web.url)["s"]

    assert sorted(item.url for item in told.items) == links


def test_links_without_an_identity_are_no_articles() -> None:
    """What is short as it is written, and too long once every sign of its query is quoted."""
    long = f"http://{HOST}/xem-bai-viet-nay-12345.htm?x={'/' * 1900}"
    root = lxml.html.fromstring(
        f'<html><body><b class="tin"><a href="{long}">Bài</a></b></body></html>'
    )
    body = f"<urlset><url><loc>{long}</loc></url></urlset>".encode()

    assert article_links(root, f"http://{HOST}/", ".tin") == []
    assert parse_sitemap(body, f"http://{HOST}/s.xml", NOW).pages == ()
