"""Lists of feeds: written, read back, made into source files; bad ones refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from crawlers.opml import Outline, read_opml, write_opml
from langnghe.app import App
from langnghe.check import problems
from langnghe.cli import app as command

FEEDS = [Outline('Báo "A" & bạn', "https://a.vn/rss?x=1&y=2"), Outline("B", "https://b.vn/feed")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "tinh"
    made.mkdir()
    (made / "langnghe.toml").write_text('data_dir = "data"\n', "utf-8")
    return made


def call(folder: Path, *words: str | Path) -> Result:
    return CliRunner().invoke(command, ["-c", str(folder), "sources", *map(str, words)])


def test_what_is_written_is_read_back() -> None:
    assert read_opml(write_opml(FEEDS, "thử")) == FEEDS


def test_a_list_becomes_source_files_once(folder: Path) -> None:
    file = folder.parent / "ds.opml"
    file.write_bytes(write_opml([*FEEDS, FEEDS[0]], "thử"))

    tried = call(folder, "import-opml", file, "--dry-run")
    assert not (folder / "sources").exists()
    done, again = call(folder, "import-opml", file), call(folder, "import-opml", file)

    made = [json.loads(line) for line in done.stdout.splitlines()]
    assert tried.stdout == done.stdout
    assert [one["outcome"] for one in made] == ["new", "new"]
    assert [json.loads(line)["outcome"] for line in again.stdout.splitlines()] == ["known"] * 2
    assert problems(folder) == []
    entry = App(folder).catalog.sources[made[0]["id"]]
    assert (entry.name, entry.options["url"]) == (FEEDS[0].title, FEEDS[0].url)


def test_the_list_of_an_installation_holds_its_feeds(folder: Path) -> None:
    written = call(folder, "export-opml").stdout_bytes

    urls = {one.url for one in read_opml(written)}
    feeds = [one for one in App(folder).catalog.sources.values() if one.type == "feed"]
    assert feeds
    assert urls == {str(one.options["url"]) for one in feeds}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "không phải OPML"),
        (b"<html/>", "mà là <html>"),
        (b"<opml><body>", "không phải OPML"),
    ],
)
def test_what_is_no_list_is_refused(folder: Path, body: bytes, says: str) -> None:
    file = folder.parent / "ds.opml"
    file.write_bytes(body)

    result = call(folder, "import-opml", file)

    assert result.exit_code == 2
    assert says in result.stderr
    assert call(folder, "import-opml", folder.parent / "khong-co").exit_code == 2


def test_no_entity_is_resolved(folder: Path) -> None:
    entity = b'<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    body = entity + b'<opml><body><outline text="&x;" xmlUrl="https://c.vn/rss"/></body></opml>'
    file = folder.parent / "ds.opml"
    file.write_bytes(body)

    assert "root:" not in call(folder, "import-opml", file, "--dry-run").output
