"""The press server answers as real sites do, for the moment its clock shows."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

import pytest

from config.settings import ZONE
from crawlers.extract import extract
from crawlers.feeds import parse_feed
from langnghe.pressfolder import Press, PressItem, load_press
from langnghe.pressserver import PressServer, serve_press

END = datetime(2026, 4, 1, tzinfo=ZONE)
FEEDS = [site.id for site in load_press().sites if site.feed]
JULY = datetime(2023, 7, 6, 6, 30, tzinfo=ZONE)


@pytest.fixture(scope="module")
def press() -> Press:
    return load_press()


@pytest.fixture
def server(press: Press) -> Iterator[PressServer]:
    """The bundled press after its last publication."""
    with serve_press(press) as shown:
        shown.set_now(END)
        yield shown


class Got:
    """One answer, read whole."""

    def __init__(self, server: PressServer, url: str, method: str = "GET", **headers: str) -> None:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, url, headers=named)
        answer = connection.getresponse()
        self.status, self.headers, self.body = answer.status, answer.headers, answer.read()
        connection.close()


def item(press: Press, name: str) -> PressItem:
    return next(item for item in press.items if item.id == name)


def host(press: Press, site: str) -> str:
    return next(found.host for found in press.sites if found.id == site)


@pytest.mark.parametrize("site", FEEDS)
def test_feed_gives_the_last_twenty_articles_with_their_dates(
    server: PressServer, press: Press, site: str
) -> None:
    shown = next(found for found in press.sites if found.id == site)
    url = f"http://{shown.host}{shown.feed}"

    answer = Got(server, url)
    parsed = parse_feed(answer.body, url, now=END)

    expected = press.listed(shown, END)[:20]
    assert answer.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert [(entry.title, entry.published) for entry in parsed.entries] == [
        (one.at(END).title, one.published) for one in expected
    ]
    assert [entry.url for entry in parsed.entries] == [press.url(one) for one in expected]


@pytest.mark.parametrize(
    ("site", "written"),
    [
        ("datdua", "<pubDate>Tue, 14 Feb 2023 14:00:00 +0700</pubDate>"),
        ("cuulongmoi", "<pubDate>2/14/2023 7:05:00 AM</pubDate>"),
        ("xanhnambo", "<pubDate>Tue, 14 Feb 2023 08:00:00 GMT+7</pubDate>"),
    ],
)
def test_feed_writes_dates_as_its_outlet_does(
    server: PressServer, press: Press, site: str, written: str
) -> None:
    shown = next(found for found in press.sites if found.id == site)
    server.set_now(datetime(2023, 2, 15, 6, 30, tzinfo=ZONE))

    page = Got(server, f"http://{shown.host}{shown.feed}").body.decode()

    assert page.count(written) == 1


@pytest.mark.parametrize("name", ["an-hiep-23-a", "huu-dinh-c", "rach-mieu-a", "dien-gio-a"])
def test_article_page_gives_back_what_was_written(
    server: PressServer, press: Press, name: str
) -> None:
    written = item(press, name)
    url = press.url(written)

    page = extract(Got(server, f"{url}?utm_source=rss").body, url, now=END)

    body = written.text.removesuffix("\n\n(Theo Báo Đất Dừa)")
    assert (page.title, page.published, page.url) == (written.title, written.published, url)
    assert " ".join(page.text.split()) == " ".join(f"{written.sapo} {body}".split())


def test_listing_links_to_its_articles_newest_first(server: PressServer, press: Press) -> None:
    shown = next(found for found in press.sites if found.id == "balai")

    page = Got(server, "http://balai.example/tin-tuc").body.decode()

    places = [page.index(f'href="{one.path}"') for one in press.listed(shown, END)]
    assert places == sorted(places)


def test_clock_hides_what_is_not_yet_published(server: PressServer, press: Press) -> None:
    later = press.url(item(press, "chan-xe-rac-a"))
    before = Got(server, later)
    server.set_now(JULY)

    after = Got(server, later)

    assert (before.status, after.status) == (200, 404)
    assert server.now == JULY


def test_clock_refuses_a_time_without_a_zone(server: PressServer) -> None:
    with pytest.raises(ValueError, match="time zone"):
        server.set_now(datetime(2023, 7, 6))  # noqa: DTZ001 (the defect under test)


def test_edited_article_changes_at_its_moment(server: PressServer, press: Press) -> None:
    edited = item(press, "tam-hiep-a")
    moment = edited.versions[0].at
    shown = []

    for now in (moment - timedelta(seconds=1), moment):
        server.set_now(now)
        page = Got(server, press.url(edited)).body.decode()
        shown.append("hai máy lọc mặn" in page)

    assert shown == [False, True]


def test_removed_article_is_gone(press: Press) -> None:
    kept = item(press, "gia-dua-a")
    gone = kept.model_copy(update={"removed": JULY})
    others = tuple(one for one in press.items if one is not kept)
    changed = Press(
        press.title, press.province, press.sites, (gone, *others), press.rounds, press.config
    )
    with serve_press(changed) as server:
        server.set_now(JULY - timedelta(seconds=1))
        before = Got(server, press.url(gone))
        server.set_now(JULY)
        after = Got(server, press.url(gone))

    assert (before.status, after.status) == (200, 410)


def test_robots_close_the_page_that_every_article_links_to(
    server: PressServer, press: Press
) -> None:
    robots = RobotFileParser()
    robots.parse(Got(server, "http://mietvuon.example/robots.txt").body.decode().splitlines())
    closed = press.url(item(press, "ban-tin-toa-soan"))

    listing = Got(server, "http://mietvuon.example/chuyen-que").body.decode()

    assert urlsplit(closed).path in listing
    assert not robots.can_fetch("LangNghe", closed)
    assert robots.can_fetch("LangNghe", press.url(item(press, "tom-chet-a")))


def test_conditional_request_is_answered_304(server: PressServer) -> None:
    url = "http://datdua.example/rss/thoi-su.rss"
    first = Got(server, url)

    by_tag = Got(server, url, If_None_Match=f'"khac", W/{first.headers["ETag"]}')
    by_date = Got(server, url, If_Modified_Since=first.headers["Last-Modified"])
    other_tag = Got(
        server, url, If_None_Match='"khac"', If_Modified_Since=first.headers["Last-Modified"]
    )
    too_old = Got(server, url, If_Modified_Since=format_datetime(JULY))
    senseless = Got(server, url, If_Modified_Since="hôm qua".encode().decode("latin-1"))

    answers = (by_tag, by_date, other_tag, too_old, senseless)
    assert [answer.status for answer in answers] == [304, 304, 200, 200, 200]
    assert by_tag.body == b""


def test_new_article_changes_the_tag(server: PressServer) -> None:
    url = "http://datdua.example/rss/thoi-su.rss"
    server.set_now(JULY)
    old = Got(server, url)
    server.set_now(END)

    new = Got(server, url, If_None_Match=old.headers["ETag"])

    assert (old.status, new.status) == (200, 200)


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("http://datdua.example/", 200),
        ("http://datdua.example/khong-co.html", 404),
        ("http://fanpage.example/posts/1", 502),
    ],
)
def test_status_of_other_addresses(server: PressServer, url: str, status: int) -> None:
    assert Got(server, url).status == status


def test_outage_answers_its_status_to_everything(server: PressServer, press: Press) -> None:
    shown = next(found for found in press.sites if found.outages)
    server.set_now(shown.outages[0].start)

    answers = [Got(server, f"http://{shown.host}{path}") for path in ("/robots.txt", shown.feed)]

    assert [answer.status for answer in answers] == [503, 503]


def test_head_has_no_body_and_a_plain_path_is_routed_by_host(server: PressServer) -> None:
    head = Got(server, "http://datdua.example/thoi-su", "HEAD")
    plain = Got(server, "/thoi-su", Host="datdua.example")

    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(plain.body))


def test_requests_are_counted_by_host(server: PressServer) -> None:
    Got(server, "http://datdua.example/thoi-su", User_Agent="LangNghe/0.1")
    Got(server, "http://balai.example/khong-co")

    assert server.counts() == {"datdua.example": 1, "balai.example": 1}
    assert (server.count(), server.count("datdua.example")) == (2, 1)
    assert [(one.path, one.status, one.user_agent) for one in server.requests] == [
        ("/thoi-su", 200, "LangNghe/0.1"),
        ("/khong-co", 404, ""),
    ]


def test_client_that_hangs_up_does_no_harm(
    server: PressServer, capfd: pytest.CaptureFixture[str]
) -> None:
    address = urlsplit(server.url)
    for sent in (b"", b"GET http://datdua.example/thoi-su HTTP/1.1\r\n\r\n", b"GET nonsense"):
        with socket.create_connection((address.hostname, address.port), timeout=5) as hasty:
            hasty.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            hasty.sendall(sent)

    assert Got(server, "http://datdua.example/thoi-su").status == 200
    assert capfd.readouterr().err == ""
