"""Where a poll stops, the next one goes on: real rounds, with what is remembered between them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from loopback import NOW, LoopbackWeb, Reply, article, loopback_web, rss
from test_fanpage import TOKEN, _page, _post
from test_walk import BACK_TO, DONE, URL, _section

from crawlers.item import Fetch
from langnghe.app import App
from langnghe.collect import listen
from storage import sources
from storage.sources import DueInfo


class Lab:
    """An installation, its web, and a clock that stands until the next round."""

    def __init__(self, folder: Path, database: Path, web: LoopbackWeb) -> None:
        self.folder, self.web, self.now = folder, web, NOW
        (folder / "data").mkdir()
        (folder / "sources").mkdir()
        (folder / "data" / "langnghe.db").write_bytes(database.read_bytes())
        (folder / "langnghe.toml").write_text('data_dir = "data"\n', "utf-8")
        self.kept = 0

    def source(self, name: str, kind: str, **options: Any) -> None:
        told = "".join(f"{key} = {value!r}\n" for key, value in options.items())
        head = f'name = "{name}"\ntype = "{kind}"\noutlet = "{name}"\nhome = "Bến Tre"\n'
        text = f"{head}[options]\n{told}"
        (self.folder / "sources" / f"{name}.toml").write_text(text, "utf-8")

    def round(self, *names: str, check: Callable[[], None] = lambda: None) -> list[DueInfo]:
        """Poll sources a day later than before; return what is remembered of them."""
        self.now += timedelta(days=1)
        crawl = {"proxy": self.web.url, "allow_private": True, "delay": 0.0}
        app = self.app = App(self.folder, clock=lambda: self.now, crawl=crawl)
        self.kept += listen(app, self._due(app, names), check=check)[0].notes["kept"]
        self.now += timedelta(days=1)
        return self._due(app, names)

    def _due(self, app: App, names: tuple[str, ...]) -> list[DueInfo]:
        entries = [app.catalog.sources[name] for name in names]
        with app.views() as session:
            return sorted(sources.due(session, self.now, entries), key=lambda one: one.source_id)


@pytest.fixture
def lab(tmp_path: Path, sqlite_template: Path) -> Iterator[Lab]:
    with loopback_web() as web:
        yield Lab(tmp_path, sqlite_template, web)


def test_first_poll_of_a_page_that_fails_loses_no_older_post(lab: Lab) -> None:
    posts = [_post(number) for number in range(20, 0, -1)]
    down = [True]

    def answer(request: Any) -> Reply:
        query = parse_qs(urlsplit(request.path).query)
        if "after" in query and down:
            return Reply("", status=503)
        return _page(posts, query, cursors=True)

    lab.web.put("graph.example/v23.0/c/posts", answer)
    lab.source(
        "trang", "fanpage", page="c", token=TOKEN, base_url="http://graph.example", page_size=4
    )
    lab.round("trang")
    assert lab.kept == 4
    down.clear()
    lab.round("trang")

    assert lab.kept == 20


def test_walk_goes_past_an_article_that_is_broken_for_good(lab: Lab) -> None:
    _section(lab.web)
    lab.web.put("muc.example/bai-so-1-trang-2-202621.htm", Reply("x", status=500))
    lab.source("muc", "listing", url=URL, back_to=BACK_TO.isoformat())
    told = [lab.round("muc")[0].cursor for _ in range(2)]

    assert told == [f"{URL}?p=2", DONE]
    assert lab.kept == 8


def test_failed_page_is_held_against_its_own_source_whatever_ends_first(lab: Lab) -> None:
    """While a page of one source has failed and another is under way, the other source ends."""
    asked, told = threading.Event(), threading.Event()
    records, early = list[None](), list[Fetch]()

    def after(event: threading.Event, reply: Reply) -> Callable[[Any], Reply]:
        def answer(_: object) -> Reply:
            assert event.wait(20)
            return reply

        return answer

    def second(request: Any) -> Reply:
        asked.set()
        return after(told, Reply(article("Bài hai")))(request)

    def check() -> None:
        records.append(None)
        if len(records) == 2:  # the failed page, and the end of the other source
            told.set()
        elif len(records) == 3:
            with lab.app.views() as session:
                early.extend(sources.last_fetches(session, "b", 9))

    tag = {"ETag": '"v1"'}
    lab.web.put("b.example/1.htm", Reply("x", status=500))
    lab.web.put("b.example/2.htm", second)
    news = rss(("http://b.example/1.htm", "Bài một"), ("http://b.example/2.htm", "Bài hai"))
    lab.web.put("b.example/rss", replace(news, headers=tag))
    lab.web.put("a.example/rss", after(asked, replace(rss(), headers=tag)))
    for name in "ab":
        lab.source(name, "feed", url=f"http://{name}.example/rss")
    _, broken = lab.round("a", "b", check=check)

    assert (lab.kept, len(records)) == (1, 4)
    assert (early, broken.etag) == ([], "")
