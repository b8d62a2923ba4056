"""The documents hold together: links, navigation, calls, settings, figures, and the built site."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from browsing import MARKS, chromium
from docs_pages import DOCS, PAGES, ROOT, TEXTS, anchors, blocks, calls, links, nav, site, unknown
from pydantic import BaseModel
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from config.catalog import NotifierEntry, SourceEntry
from config.settings import Settings
from crawlers.hints import Hints

NAMES = [path.name for path in PAGES]
#: Its press is run as it stands there by `test_press_doc.py`; it is no operator's folder.
_RUN_ELSEWHERE = "demo-press.md"
_FIGURE = re.compile(r"\b0\.\d{3}\b")
_CITED = re.compile(r"`(test_\w+)::(\w+|\*)`")
#: What a browser fetches by itself when it opens a page.
_FETCHED = re.compile(r"<(?:script|img|iframe|source|link)\b[^>]*?\b(?:src|href)=\"?([^\"\s>]+)")


@pytest.mark.parametrize("name", NAMES)
def test_every_link_and_picture_is_there(name: str) -> None:
    folder = ROOT if name == "README.md" else DOCS
    missing = []
    for target in links(TEXTS[name]):
        path, _, part = unquote(target).partition("#")
        file = folder / path if path else folder / name
        if not file.is_file() or (part and part not in anchors(file.read_text("utf-8"))):
            missing.append(target)
    assert missing == []


def test_every_page_is_in_the_navigation_once() -> None:
    assert sorted(nav(site()["nav"])) == sorted(path.name for path in DOCS.glob("*.md"))


@pytest.mark.parametrize("name", NAMES)
def test_every_call_is_one_that_the_program_knows(name: str) -> None:
    wrong = [f"langnghe {call}: {why}" for call in calls(TEXTS[name]) if (why := unknown(call))]
    assert wrong == []


def test_a_call_that_does_not_exist_is_seen() -> None:
    text = "See `langnghe cases lst` and `langnghe train --fast`.\n```sh\nlangnghe nonsense\n```\n"
    assert [unknown(call) for call in calls(text)] == [
        "no command lst",
        "no option --fast",
        "no command nonsense",
    ]


@pytest.mark.parametrize("name", [one for one in NAMES if blocks(TEXTS[one], "toml")])
def test_every_key_of_a_toml_block_is_a_setting(name: str) -> None:
    if name != _RUN_ELSEWHERE:
        for block in blocks(TEXTS[name], "toml"):
            assert _strange(tomllib.loads(block)) == []


def test_a_key_that_is_no_setting_is_seen() -> None:
    assert _strange({"provinc": "x", "crawl": {"dellay": 1}}) == ["provinc", "crawl.dellay"]


def test_figures_of_the_algorithm_card_are_those_of_the_quality_page() -> None:
    known = set(_FIGURE.findall(TEXTS["quality.md"]))
    assert set(_FIGURE.findall(TEXTS["algorithm-card.md"])) - known == set()


def test_every_test_that_the_threat_model_cites_exists() -> None:
    found = _CITED.findall(TEXTS["threat-model.md"])
    missing = []
    for file, name in found:
        (path,) = (ROOT / "tests").rglob(f"{file}.py")
        wanted = "def test_" if name == "*" else f"def test_{name}("
        if wanted not in path.read_text("utf-8"):
            missing.append(f"{file}::{name}")
    assert len(found) > 30
    assert missing == []


def test_the_site_asks_for_nothing_outside() -> None:
    theme = site()["theme"]
    assert (theme["font"], site()["use_directory_urls"]) == (False, False)
    assert not {"analytics", "social", "consent"} & set(site()["extra"])
    assert "repo_url" not in site()  # the theme would ask the host for figures of it


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` makes it."""
    if not find_spec("mkdocs"):
        pytest.skip("MkDocs is not installed")
    out = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(out)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        check=True,
        timeout=120,
    )
    return out


def test_built_pages_fetch_nothing_from_elsewhere(built: Path) -> None:
    pages = list(built.rglob("*.html"))
    foreign = {
        url
        for page in pages
        for url in _FETCHED.findall(page.read_text("utf-8"))
        if re.match(r"(https?:)?//", url)
    }
    styles = "".join(one.read_text("utf-8") for one in built.rglob("*.css"))
    assert len(pages) > len(NAMES) - 1
    assert foreign == set()
    assert re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//[^)\"']+", styles) == []


def test_lists_and_tables_of_built_pages_are_lists_and_tables(built: Path) -> None:
    """Python-Markdown wants an empty line before them; without it they run into the text."""
    for page in built.glob("*.html"):
        text = re.sub(r"<pre.*?</pre>", "", page.read_text("utf-8"), flags=re.DOTALL)
        for part in re.findall(r"<p>(.*?)</p>", text, re.DOTALL):
            assert not re.search(r"^(?:[-*] |\d+\. |\|)", part, re.MULTILINE), (
                f"{page.name}: {part}"
            )


@pytest.mark.slow
@pytest.mark.skipif(*MARKS[1].args, **MARKS[1].kwargs)
def test_site_opens_and_finds_as_a_file_without_a_network(built: Path, tmp_path: Path) -> None:
    with chromium(tmp_path) as browser:
        browser.get((built / "index.html").as_uri())
        field = browser.find_element(By.CSS_SELECTOR, ".md-search__input")
        browser.execute_script("arguments[0].focus()", field)
        field.send_keys("hoàn tác")
        found = ".md-search-result__item a"
        WebDriverWait(browser, 60).until(lambda one: one.find_elements(By.CSS_SELECTOR, found))
        targets = [
            str(one.get_attribute("href")) for one in browser.find_elements(By.CSS_SELECTOR, found)
        ]
        asked = browser.execute_script(
            "return performance.getEntriesByType('resource').map(one => one.name)"
        )

    assert any("huong-dan-phan-tich.html" in one for one in targets)
    assert [one for one in asked if not one.startswith(("file:", "data:", "about:"))] == []


def _strange(found: Mapping[str, Any]) -> list[str]:
    """Return the keys of a block that the file it is for does not know."""
    if set(found) == {"contacts"}:
        return []
    if set(found) == {"options"}:  # a part of a source's file
        return _unknown(found["options"]["hints"], Hints, "options.hints.")
    if "type" not in found:
        return _unknown(found, Settings)
    entry: type[BaseModel] = SourceEntry if "outlet" in found else NotifierEntry
    kind = found["type"]
    where = f"triage.notifiers.{kind}" if entry is NotifierEntry else f"crawlers.spiders.{kind}"
    inner = _unknown(found["options"], import_module(where).Options, "options.")
    return [*(name for name in found if name not in entry.model_fields), *inner]


def _unknown(found: Mapping[str, Any], model: type[BaseModel], path: str = "") -> list[str]:
    return list(_names(found, model, path))


def _names(found: Mapping[str, Any], model: type[BaseModel], path: str) -> Iterable[str]:
    secrets = {f"{name}_file" for name in model.model_fields}
    for name, value in found.items():
        field = model.model_fields.get(name)
        inner = field.annotation if field else None
        if field is None and name not in secrets:
            yield f"{path}{name}"
        elif isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _names(value, inner, f"{path}{name}.")
