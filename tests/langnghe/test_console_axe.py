"""Every page on a laptop and on a phone: what axe finds, what runs out of the screen.

With `LANGNGHE_SCREENS=docs/screens` the pictures of the pages are made anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import (
    DESK,
    MARKS,
    PHONE,
    chromium,
    complaints,
    picture,
    served,
    sign_in,
    sized,
    width,
)
from console_pages import pages
from console_scene import scene
from selenium.webdriver.remote.webdriver import WebDriver

from storage.db import open_database

pytestmark = MARKS
AXE = (Path(__file__).parent / "data" / "axe.min.js").read_text("utf-8")
_RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then(found => done(found.violations));
"""
#: The elements that reach out of the screen, the innermost first.
_WIDE = """
return [...document.querySelectorAll("main *")].reverse()
  .filter(one => one.getBoundingClientRect().right > arguments[0] + 1)
  .slice(0, 3).map(one => one.outerHTML.slice(0, 120));
"""
#: What must not be there; of "moderate" and "minor" the page's name is shown, no more.
GRAVE = {"serious", "critical"}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    with chromium(tmp_path_factory.mktemp("chromium")) as driver:
        driver.set_script_timeout(60)
        yield driver


def findings(browser: WebDriver) -> list[str]:
    """Return the grave findings of axe on the page that is shown: rule, element, why."""
    browser.execute_script(AXE)
    found: list[dict[str, Any]] = browser.execute_async_script(_RUN)
    return [
        f"{one['id']}: {node['target']}: {node['failureSummary']}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


def test_pages_can_be_used_by_everybody(
    tmp_path: Path, sqlite_template: Path, browser: WebDriver
) -> None:
    file = tmp_path / "langnghe.db"
    file.write_bytes(sqlite_template.read_bytes())
    engine = open_database(f"sqlite:///{file}")
    made = scene(engine, tmp_path)
    wrong: list[str] = []
    role = None
    with served(made.app) as base:
        browser.get(f"{base}/dang-nhap")
        wrong += findings(browser)
        for name, path, needed in pages(made):
            if needed is not role:
                role = needed
                sized(browser, DESK)
                sign_in(browser, base, made.logins[role])
            for size, end in ((DESK, "desk"), (PHONE, "phone")):
                sized(browser, size)
                browser.get(base + path)
                picture(browser, f"console-{name}-{end}.png")
                found = findings(browser)
                if width(browser) > size["width"]:
                    wide = browser.execute_script(_WIDE, size["width"])
                    found.append(f"wider than the screen: {width(browser)}: {wide}")
                found += complaints(browser)
                wrong += [f"{name}, {end}: {one}" for one in found]
    engine.dispose()
    assert "\n".join(wrong) == ""
