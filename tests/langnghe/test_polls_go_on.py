"""Polls of one source go on: what is had is left alone, what fails keeps no place."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crawlers.item import Outcome
from langnghe.app import App
from langnghe.collect import listen
from storage import items, sources
from storage.items import KeptItem
from storage.sources import DueInfo

sys.path.insert(0, str(Path(__file__).parent.parent / "crawlers"))

from loopback import NOW, RSS, LoopbackWeb, Reply, article, loopback_web

HOST, AT_ONCE, ARTICLES = "bao.example", 6, 14
_SETTINGS = """defaults = ["topics", "units", "routing", "holidays", "notifiers"]
[crawl]
contact = "thu@langnghe.example"
delay = 0
per_host = 4
allow_private = true
"""
_SOURCE = 'name = "Báo Thử"\noutlet = "Báo Thử"\ntype = "{}"\n[options]\nurl = "http://{}/rss"\n'


class Polls:
    """One source of an installation, polled hour by hour."""

    def __init__(self, folder: Path, web: LoopbackWeb, parts: dict[str, Any]) -> None:
        (folder / "sources").mkdir(parents=True)
        (folder / "langnghe.toml").write_text(_SETTINGS, "utf-8")
        for kind in ("feed", "sitemap"):
            (folder / "sources" / f"{kind}.toml").write_text(_SOURCE.format(kind, HOST), "utf-8")
        crawl = {"proxy": web.url, "max_articles": AT_ONCE}
        self.now, self.web = NOW, web
        data = folder / "data"
        self.app = App(folder, clock=lambda: self.now, data_dir=data, crawl=crawl)
        vars(self.app).update({name: parts[name] for name in ("gazetteer", "finder", "masker")})

    def poll(self, hours: float = 1, source: str = "feed") -> tuple[int, int]:
        """Poll a source; return how many articles were asked for and how many came new."""
        before, kept = len(self.web.asked(HOST)), self.kept()
        listen(self.app, [DueInfo(source)])
        self.now += timedelta(hours=hours)
        return len(self.web.asked(HOST)) - before - 1, self.kept() - kept

    def kept(self) -> int:
        with self.app.views() as session:
            return items.count(session)


@pytest.fixture
def polls(tmp_path: Path, shipped_parts: dict[str, Any]) -> Iterator[Polls]:
    with loopback_web() as web:
        one = Polls(tmp_path / "tinh", web, shipped_parts)
        yield one
        one.app.engine.dispose()


def _page(number: int, head: str = "") -> str:
    own = f"Bài số {number} kể chuyện của ấp {number}, dài vừa đủ để coi là một đoạn văn riêng."
    page = article(f"Bài {number} ở ấp {number}", head=head)
    before, _, rest = page.partition('<div class="content">')
    whole = f'{before}<div class="content">{f"<p>{own}</p>" * 4}{rest[rest.index("<figure>") :]}'
    return whole.replace("vườn dừa ngập", f"ấp {number} ngập")


def _kept(url: str) -> KeptItem:
    return KeptItem("sitemap", "Báo Thử", "press", url, url, f"Bài ở {url}", "", NOW, NOW, "0" * 64)


def _publish(web: LoopbackWeb, answer: Callable[[int], Reply | str], count: int = ARTICLES) -> None:
    """Bring out a feed without words that names `count` articles."""
    for number in range(count):
        web.put(f"{HOST}/bai-{number}.htm", answer(number))
    links = (f"<item><link>http://{HOST}/bai-{n}.htm</link></item>" for n in range(count))
    web.put(
        f"{HOST}/rss", Reply(f'<rss version="2.0"><channel>{"".join(links)}</channel></rss>', RSS)
    )


def test_an_article_is_known_by_the_address_that_led_to_it(polls: Polls) -> None:
    """The pages call themselves by www: once had, none of them is asked for again."""
    stated = f'<link rel="canonical" href="http://www.{HOST}/bai-{{}}.htm">'
    _publish(polls.web, lambda n: _page(n, stated.format(n)))

    assert [polls.poll() for _ in range(4)] == [(6, 6), (6, 6), (2, 2), (0, 0)]


def test_later_articles_that_state_a_known_address_are_kept(polls: Polls) -> None:
    """One article a poll, each stating the same address: the rounds cannot tell, the storage does."""
    found = []
    for count in (1, 2, 3):
        _publish(polls.web, lambda n: _page(n, '<link rel="canonical" href="/chung.htm">'), count)
        found.append(polls.poll())

    assert [*found, polls.poll()] == [(1, 1), (1, 1), (1, 1), (0, 0)]


@pytest.mark.parametrize(
    "refusal",
    [
        Reply("x", status=403),
        Reply("x", status=404),
        Reply("x", status=410),
        Reply("   "),
        Reply(b"%PDF-1.7", "application/pdf"),
        Reply(b"x" * (15 * 2**20 + 1)),
    ],
)
def test_articles_refused_for_good_keep_no_place_and_rest(polls: Polls, refusal: Reply) -> None:
    _publish(polls.web, lambda n: refusal if n < AT_ONCE else _page(n))

    assert polls.poll(0.5) == (6, 0)
    assert [polls.poll(0.1), polls.poll(0.1)] == [(6, 6), (2, 2)]
    # After an hour they are asked for once more, then after two.
    assert [polls.poll(hours) for hours in (0.4, 1, 1, 1)] == [(0, 0), (6, 0), (0, 0), (6, 0)]


def test_articles_that_fail_for_now_come_last_and_are_tried_at_each_poll(polls: Polls) -> None:
    _publish(polls.web, lambda n: Reply("x", status=503) if n < AT_ONCE else _page(n))

    found = [polls.poll(0.1) for _ in range(4)]
    assert found == [(6, 0), (6, 6), (6, 2), (6, 0)]
    with polls.app.views() as session:
        assert sources.last_fetches(session, "feed", 1)[0].outcome is Outcome.NONE


def test_a_wide_sitemap_is_read_to_its_end(polls: Polls) -> None:
    """It names more than a round once knew of: of what is kept nothing is asked for again."""
    many, fresh = 2_500, 8
    urls = [f"http://{HOST}/bai-{number}.htm" for number in range(many + fresh)]
    for number in range(many, many + fresh):
        polls.web.put(f"{HOST}/bai-{number}.htm", _page(number))
    places = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
    polls.web.put(f"{HOST}/rss", Reply(f"<urlset>{places}</urlset>", "application/xml"))
    with polls.app.sessions.begin() as session:
        items.keep(session, [_kept(url) for url in urls[:many]])

    assert [polls.poll(source="sitemap") for _ in range(3)] == [(6, 6), (2, 2), (0, 0)]
