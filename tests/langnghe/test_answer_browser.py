"""The answer page in a real browser at the size of a phone, with and without script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import MARKS, PHONE, chromium, complaints, picture, served, until_shown, width
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from sqlalchemy import Engine
from web_samples import NOW, OTHER_UNIT, installation, link, sent_case, state

from langnghe.app import App
from storage import contacts

pytestmark = MARKS


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    with chromium(tmp_path_factory.mktemp("chromium"), PHONE) as driver:
        yield driver


@pytest.fixture
def app(engine: Engine, tmp_path: Path) -> App:
    made = installation(engine, tmp_path, public_url="", web={"port": 0})
    with made.sessions.begin() as session:
        contacts.confirm(session, OTHER_UNIT, "xa@vidu.example", "test", NOW)
    return made


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_unit_answers_on_a_phone(
    app: App, browser: WebDriver, script: bool, tmp_path: Path
) -> None:
    case = sent_case(app)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not script})
    photo = tmp_path / "kênh.png"
    browser.save_screenshot(str(photo))
    with served(app) as base:
        browser.get(base + link(app, case))
        picture(browser, "answer-phone.png")
        assert width(browser) == 390
        browser.find_element(By.CSS_SELECTOR, "form.first button").click()
        until_shown(browser, "Đã ghi nhận lúc 09:00 ngày 02/03/2026.")
        assert state(app, case) == "acknowledged"

        browser.find_element(By.CSS_SELECTOR, "details summary").click()
        form = browser.find_element(By.CSS_SELECTOR, "details form")
        form.find_element(By.CSS_SELECTOR, "label.choice").click()
        form.find_element(By.NAME, "text").send_keys("Đã đắp lại bờ chứa, nước trong")
        form.find_element(By.CSS_SELECTOR, "option[value=fixed]").click()
        form.find_element(By.NAME, "files").send_keys(str(photo))
        picture(browser, "answer-form-phone.png")
        form.find_element(By.TAG_NAME, "button").click()
        until_shown(browser, "Đơn vị đã gửi kết quả xác minh")
        picture(browser, "answer-done-phone.png")
        assert "Đã đắp lại bờ chứa" in browser.find_element(By.TAG_NAME, "blockquote").text
        assert width(browser) == 390
    assert state(app, case) == "answered"
    kept = [one for one in (tmp_path / "attachments").rglob("*") if one.is_file()]
    assert len(kept) == 1
    assert complaints(browser) == [], "nothing that the page's own rules refuse"
