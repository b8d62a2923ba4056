"""A file that is read at each poll: whole, once, and beside the downloads."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

from loopback import NOW, Reply, crawl, feed, loopback_web, rss

from crawlers.item import Fetch, Item, Outcome
from crawlers.job import DueSource
from crawlers.spiders.upload import Upload

HEAD = "id,nội dung,số bình luận\n"


def _rows(count: int) -> str:
    return HEAD + "".join(f"{n},Nội dung phản ánh số {n},3\n" for n in range(count))


def _source(path: Path, cursor: str = "", known: Any = (), **options: Any) -> DueSource:
    told = {"path": str(path), **options}
    return DueSource("phieu", "upload", told, cursor=cursor, known=frozenset(known))


def test_file_that_did_not_change_brings_nothing_however_long_it_is(tmp_path: Path) -> None:
    path = tmp_path / "phieu.csv"
    path.write_text(_rows(3000), "utf-8")
    first = crawl(_source(path))["phieu"]
    known = [item.url for item in first.items][-2000:]  # what a round is told
    second = crawl(_source(path, first.end.cursor, known))["phieu"]
    os.utime(path, (0, 0))
    third = crawl(_source(path, second.end.cursor, known))["phieu"]
    other = crawl(_source(path, third.end.cursor, known, columns={"id": "x"}))["phieu"]
    path.write_text(_rows(3001), "utf-8")
    grown = crawl(_source(path, first.end.cursor, known))["phieu"]

    assert (first.end.outcome, len(first.items)) == (Outcome.NEW, 3000)
    for told in (second, third):
        assert (told.end.outcome, told.items) == (Outcome.NOT_MODIFIED, [])
        assert told.end.cursor == first.end.cursor
    assert other.end.outcome is not Outcome.NOT_MODIFIED
    assert "Nội dung phản ánh số 3000" in [item.title for item in grown.items]


def test_file_with_a_fault_is_read_at_every_poll(tmp_path: Path) -> None:
    path = tmp_path / "phieu.jsonl"
    path.write_text('{"text": "Đường ngập"}\n{hỏng\n', "utf-8")
    ends = [crawl(_source(one))["phieu"].end for one in (path, tmp_path / "không-có.csv")]

    assert [(end.outcome, end.cursor) for end in ends] == [(Outcome.ERROR, "")] * 2


def test_numbers_beyond_measure_cost_their_cell_or_their_row(tmp_path: Path) -> None:
    path = tmp_path / "phieu.csv"
    path.write_text(_rows(3).replace("số 1,3", "số 1," + "9" * 5000), "utf-8")
    *items, end = Upload(path, "phieu", NOW).read()

    counts = [item.engagement for item in items if isinstance(item, Item)]
    assert counts == [{"comments": 3}, {}, {"comments": 3}]
    assert isinstance(end, Fetch)
    assert (end.outcome, end.items) == (Outcome.NEW, 3)


def test_downloads_go_on_while_a_file_is_read(tmp_path: Path) -> None:
    """The file is a pipe that says nothing before the other source was asked."""
    path, whole = tmp_path / "phieu.csv", tmp_path / "whole.csv"
    whole.write_text(_rows(250), "utf-8")
    os.mkfifo(path)
    asked = threading.Event()

    def write() -> None:
        asked.wait(30)
        with path.open("w", encoding="utf-8") as pipe:
            pipe.write(HEAD)
            whole.replace(path)

    def answer(_: object) -> Reply:
        asked.set()
        return rss()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    with loopback_web() as web:
        quiet = feed("a", web.put("a.example/rss", answer))
        told = crawl(_source(path), quiet, proxy=web.url, round_timeout=20.0)

    assert told["a"].end.outcome is Outcome.EMPTY
    assert len(told["phieu"].items) == 250
