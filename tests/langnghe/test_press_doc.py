"""The documented form of a press folder is the form that is read."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from config.settings import ZONE
from langnghe.pressfolder import (
    BUNDLED,
    Outage,
    PressFile,
    PressItem,
    Rounds,
    Site,
    Version,
    load_press,
)

DOC = (BUNDLED.parent.parent / "docs" / "demo-press.md").read_text("utf-8")


@pytest.mark.parametrize("model", [PressFile, Rounds, Site, Outage, PressItem, Version])
def test_every_key_is_explained(model: type[PressFile]) -> None:
    told = set(re.findall(r"`(?:sites\.|rounds\.)?([a-z_]+)`", DOC))

    assert set(model.model_fields) - told - {"sites", "rounds"} == set()


def test_example_of_the_doc_can_be_read(tmp_path: Path) -> None:
    blocks = re.findall(r"```(toml|json)\n(.*?)```", DOC, re.DOTALL)
    (tmp_path / "press.toml").write_text(blocks[0][1], "utf-8")
    (tmp_path / "items.jsonl").write_text(blocks[1][1], "utf-8")
    (tmp_path / "config").mkdir()

    press = load_press(tmp_path)

    assert [press.url(item) for item in press.items] == [
        "http://bao.example/cong-tran.html",
        "http://fanpage.example/trang/posts/cong-tran-fb",
    ]
    assert [moment.digest_at for moment in press.rounds] == [
        datetime(2023, 7, 6, 7, tzinfo=ZONE),
    ]


def test_figures_of_the_doc_are_those_of_the_press() -> None:
    press = load_press()
    reform = datetime(2025, 7, 1, tzinfo=ZONE)
    before = sum(item.published < reform for item in press.items)

    assert re.findall(r"\| (\d+) articles and posts", DOC) == [
        str(before),
        str(len(press.items) - before),
    ]
