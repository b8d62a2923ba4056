"""A real headless Chromium, and the real server on loopback, for tests of pages."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from console_desk import PASSWORD
from PIL import Image
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from langnghe.app import App
from langnghe.web.app import create_app
from langnghe.web.server import address, listen

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
#: What every module of browser tests is marked with.
MARKS = [
    pytest.mark.slow,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="Chromium is not installed"),
]
#: Where pictures go when they are to be made anew: `LANGNGHE_SCREENS=docs/screens`.
SCREENS = os.environ.get("LANGNGHE_SCREENS", "")
PHONE: dict[str, Any] = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
DESK: dict[str, Any] = {"width": 1366, "height": 768, "deviceScaleFactor": 1, "mobile": False}


@contextmanager
def served(app: App) -> Iterator[str]:
    """Answer requests on loopback in a thread, and give the address."""
    with listen(app) as taken:
        config = uvicorn.Config(
            create_app(app),
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        try:
            yield address(taken)
        finally:
            server.should_exit = True
            thread.join(60)


@contextmanager
def chromium(folder: Path, size: dict[str, Any] = DESK) -> Iterator[WebDriver]:
    """Give a browser of its own that talks to loopback alone."""
    options = Options()
    options.binary_location = CHROMIUM or ""
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(word)
    options.add_argument(f"--user-data-dir={folder}")
    options.add_argument("--no-proxy-server")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        driver.set_page_load_timeout(60)
        sized(driver, size)
        yield driver
    finally:
        driver.quit()


def sized(browser: WebDriver, size: dict[str, Any]) -> None:
    """Give the browser the screen of an office laptop or of a phone."""
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def until_shown(browser: WebDriver, words: str) -> None:
    """Wait until a page that was asked for shows some words; the old one may go meanwhile."""
    wait = WebDriverWait(browser, 60, ignored_exceptions=[WebDriverException])
    wait.until(lambda one: words in one.find_element(By.TAG_NAME, "body").text)


def until_at(browser: WebDriver, part: str) -> None:
    """Wait until the browser is at an address that holds `part`, and has its page."""
    wait = WebDriverWait(browser, 60, ignored_exceptions=[WebDriverException])
    wait.until(
        lambda one: (
            part in one.current_url
            and one.execute_script("return document.readyState") == "complete"
        )
    )


def sign_in(browser: WebDriver, base: str, login: str) -> None:
    """Sign in as somebody would; one who is signed in already goes out first."""
    browser.delete_all_cookies()
    browser.get(f"{base}/dang-nhap")
    browser.find_element(By.NAME, "login").send_keys(login)
    browser.find_element(By.NAME, "password").send_keys(PASSWORD)
    browser.find_element(By.CSS_SELECTOR, "main button").click()
    wait = WebDriverWait(browser, 60, ignored_exceptions=[WebDriverException])
    wait.until(lambda one: one.find_elements(By.CSS_SELECTOR, "header .me"))


def width(browser: WebDriver) -> int:
    """Return how wide the page is; wider than the screen means scrolling sideways."""
    return int(browser.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]["width"])


def complaints(browser: WebDriver) -> list[str]:
    """Return what the browser said of pages since it was last asked: errors, refused scripts."""
    said = [str(one["message"]) for one in browser.get_log("browser")]
    return [one for one in said if "favicon" not in one]


def picture(browser: WebDriver, name: str) -> None:
    """Keep a picture of what the screen shows, if pictures are wanted; few colours, small."""
    if SCREENS:
        shown = Image.open(BytesIO(browser.get_screenshot_as_png())).convert("RGB")
        few = shown.quantize(48, dither=Image.Dither.NONE)
        few.save(Path(SCREENS) / name, optimize=True)
