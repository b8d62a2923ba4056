"""A press folder: read whole, or refused with every problem named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from config.errors import ConfigError
from config.settings import ZONE
from langnghe.pressfolder import Press, load_press

SITES = """
title = "Báo thử"
province = "Bến Tre"

[[sites]]
id = "bao"
host = "bao.example"
name = "Báo Thử"
feed = "/rss"

[[sites]]
id = "trang"
host = "graph.example"
name = "Trang Thử"
kind = "fanpage"
page = "1"
token = "t"
permalinks = "trang.example"
"""
ARTICLE = {
    "id": "mot",
    "site": "bao",
    "path": "/mot.html",
    "published": "2023-07-05T08:00:00+07:00",
    "title": "Một",
    "text": "Chữ.",
}
Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a press folder of these articles, and of `press_toml` if it is given."""

    def write(*items: dict[str, Any], press_toml: str = SITES) -> Path:
        (tmp_path / "config").mkdir(exist_ok=True)
        (tmp_path / "press.toml").write_text(press_toml, "utf-8")
        lines = [json.dumps(item) for item in items]
        (tmp_path / "items.jsonl").write_text("\n".join(lines), "utf-8")
        return tmp_path

    return write


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2023, 7, day, hour, minute, tzinfo=ZONE)


def problems(folder: Path) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load_press(folder)
    return caught.value.problems


def crawls(press: Press) -> list[datetime]:
    return [moment.crawl_at for moment in press.rounds]


def test_rounds_fall_on_the_morning_after_each_change(make: Make) -> None:
    edited = ARTICLE | {"versions": [{"at": "2023-07-08T06:30:00+07:00", "text": "Sửa."}]}
    hidden = ARTICLE | {
        "id": "hai",
        "path": "/hai.html",
        "published": "2023-07-20T08:00:00+07:00",
        "unlisted": True,
    }

    press = load_press(make(edited, hidden))

    assert crawls(press) == [at(6, 6, 30), at(8, 6, 30)]
    assert [moment.digest_at for moment in press.rounds] == [at(6, 7), at(8, 7)]


def test_rounds_may_be_given_and_a_late_crawl_tells_at_once(make: Make) -> None:
    given = '[rounds]\nat = ["2023-07-06T06:00:00+07:00", "2023-07-06T12:00:00+07:00"]\n'
    head, _, sites = SITES.partition("[[sites]]")

    press = load_press(make(ARTICLE, press_toml=f"{head}{given}[[sites]]{sites}"))

    assert crawls(press) == [at(6, 6), at(6, 12)]
    assert [moment.digest_at for moment in press.rounds] == [at(6, 7), at(6, 12)]


def test_item_keeps_the_title_that_an_edit_does_not_change(make: Make) -> None:
    edits = [
        {"at": "2023-07-05T09:00:00+07:00", "text": "Hai."},
        {"at": "2023-07-05T10:00:00+07:00", "text": "Ba.", "title": "Ba", "sapo": "Lời dẫn"},
    ]

    item = load_press(make(ARTICLE | {"versions": edits})).items[0]

    shown = [item.at(at(5, hour)) for hour in (8, 9, 10)]
    assert [(one.title, one.sapo, one.text) for one in shown] == [
        ("Một", "", "Chữ."),
        ("Một", "", "Hai."),
        ("Ba", "Lời dẫn", "Ba."),
    ]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"site": "nao"}, "items.jsonl: mot: no site 'nao'"),
        ({"path": ""}, "items.jsonl: mot: an article needs path and title"),
        ({"syndicated_from": "ba"}, "items.jsonl: mot: syndicated_from: no item 'ba'"),
        (
            {"published": "2023-07-05T08:00:00"},
            "items.jsonl: line 1: published: Input should have timezone info",
        ),
        ({"nguon": 1}, "items.jsonl: line 1: nguon: Extra inputs are not permitted"),
        (
            {"versions": [{"at": "2023-07-04T08:00:00+07:00", "text": "Sớm."}]},
            "items.jsonl: line 1: -: versions must follow the publication, oldest first",
        ),
    ],
    ids=["site", "path", "copy", "zone", "key", "version"],
)
def test_load_names_what_is_wrong_with_an_item(
    make: Make, change: dict[str, Any], problem: str
) -> None:
    assert problem in problems(make(ARTICLE | change))


def test_load_names_every_problem_at_once(make: Make) -> None:
    again = '[[sites]]\nid = "bao"\nhost = "lai.example"\nname = "Báo Lại"\nfeed = "/rss"\n'
    folder = make(ARTICLE, ARTICLE, press_toml=SITES + again)
    (folder / "config").rmdir()

    assert problems(folder) == (
        "press.toml: sites: two sites have the id 'bao'",
        "items.jsonl: mot: two items have this id",
        "items.jsonl: bao /mot.html: two items have this path",
        "config: -: no folder of the operator's configuration",
    )


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('feed = "/rss"', "press.toml: sites.0: a press site needs a feed or a listing"),
        ('permalinks = "trang.example"', "press.toml: sites.1: a fanpage needs page, token "),
    ],
)
def test_site_needs_an_entrance(make: Make, lines: str, problem: str) -> None:
    found = problems(make(ARTICLE, press_toml=SITES.replace(lines, "")))

    assert [line[: len(problem)] for line in found] == [problem]


def test_load_tells_of_files_that_cannot_be_read(tmp_path: Path, make: Make) -> None:
    folder = make(press_toml="title = ")
    (folder / "items.jsonl").write_text("{\n\n", "utf-8")
    empty = tmp_path / "trong"
    (empty / "config").mkdir(parents=True)

    broken, absent = problems(folder), problems(empty)

    assert [line.split(":")[:2] for line in broken] == [
        ["press.toml", " -"],
        ["items.jsonl", " line 1"],
    ]
    assert [line.split(":")[0] for line in absent] == ["press.toml", "items.jsonl"]


def test_press_without_items_is_refused(make: Make) -> None:
    assert problems(make()) == ("items.jsonl: -: the press has published nothing",)


def test_press_can_be_copied_and_read_elsewhere(tmp_path: Path) -> None:
    bundled = load_press()

    shutil.copytree(bundled.config.parent, tmp_path / "press")

    assert load_press(tmp_path / "press").items == bundled.items
