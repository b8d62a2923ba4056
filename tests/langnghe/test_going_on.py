"""Where a poll stops, the next one goes on: real rounds, with what is remembered between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from loopback import NOW, LoopbackWeb, Reply, loopback_web
from test_fanpage import TOKEN, _page, _post

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
        app = App(self.folder, clock=lambda: self.now, crawl=crawl)
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
