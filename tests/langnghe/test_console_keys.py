"""The queue's keys in a real browser: down, select, approve, take back, drop, open."""

from __future__ import annotations

from pathlib import Path

from console_cases import UNIT, waiting_case
from console_desk import PASSWORD, Person
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from sqlalchemy import Engine
from test_answer_browser import PHONE, browser, pytestmark, served, until_shown
from web_samples import NOW, installation, state

from langnghe.accounts import Role
from langnghe.app import App
from storage import contacts

__all__ = ["browser", "pytestmark"]
DESK = {"width": 1366, "height": 768, "deviceScaleFactor": 1, "mobile": False}


def _press(browser: WebDriver, *keys: str) -> None:
    """Press keys one after the other, wherever the focus is by then."""
    for key in keys:
        browser.switch_to.active_element.send_keys(key)


def _sign_in(app: App, browser: WebDriver, base: str) -> None:
    Person(app, "lan", Role.LEAD)
    browser.get(f"{base}/dang-nhap?den=/hang-doi")
    browser.find_element(By.ID, "login").send_keys("lan")
    browser.find_element(By.ID, "password").send_keys(PASSWORD, Keys.ENTER)
    until_shown(browser, "Với các vụ việc đã chọn")


def test_keys_do_what_the_buttons_do(engine: Engine, tmp_path: Path, browser: WebDriver) -> None:
    app = installation(engine, tmp_path, public_url="", web={"port": 0})
    with app.sessions.begin() as session:
        contacts.confirm(session, UNIT, "xa@vidu.example", "thử", NOW)
    numbers = [waiting_case(app, n) for n in (3, 2, 1)]  # the longest waiting first
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", DESK)
    with served(app) as base:
        _sign_in(app, browser, base)
        _press(browser, "j", "j", "k", "j", "x", "a")
        until_shown(browser, f"Đã duyệt: {numbers[1]}.")
        _press(browser, "u")
        until_shown(browser, f"Đã hoàn tác: {numbers[1]}.")
        _press(browser, "j", "d", "trùng vụ cũ", Keys.ENTER)
        until_shown(browser, f"Đã bỏ: {numbers[0]}.")
        _press(browser, "?", "j", "o")
        until_shown(browser, f"Vụ việc số {numbers[1]}")
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
        for path in ("/hang-doi", f"/vu-viec/{numbers[1]}", f"/su-viec/{numbers[1]}"):
            browser.get(base + path)
            metrics = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})
            assert metrics["cssContentSize"]["width"] == PHONE["width"], path
    assert [state(app, one) for one in numbers] == ["dismissed", "proposed", "proposed"]
