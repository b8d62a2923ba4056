"""The console in a real browser: from the sign-in to the unit's answer, and the small ways."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import (
    DESK,
    MARKS,
    PHONE,
    chromium,
    complaints,
    served,
    sign_in,
    sized,
    until_at,
    until_shown,
    width,
)
from console_scene import Scene, scene
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from sqlalchemy import select
from web_samples import state

from langnghe.accounts import Role
from langnghe.correspond import correspond
from storage.db import open_database
from storage.models import NoticeRow

pytestmark = MARKS
_LINK = re.compile(r"http://langnghe\.example(/tra-loi/\S+)")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    with chromium(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@pytest.fixture
def made(tmp_path: Path, sqlite_template: Path) -> Iterator[Scene]:
    """A province on SQLite; the same pages on PostgreSQL are what other tests look at."""
    file = tmp_path / "langnghe.db"
    file.write_bytes(sqlite_template.read_bytes())
    engine = open_database(f"sqlite:///{file}")
    yield scene(engine, tmp_path)
    engine.dispose()


def opened(browser: WebDriver, summary: str) -> WebElement:
    """Unfold the box of that name, and return its form."""
    box = browser.find_element(By.XPATH, f"//details[summary[normalize-space()='{summary}']]")
    if box.get_attribute("open") is None:
        box.find_element(By.TAG_NAME, "summary").click()
    return box.find_element(By.TAG_NAME, "form")


def pressed(place: WebDriver | WebElement, name: str) -> None:
    """Press the button of that name."""
    place.find_element(By.XPATH, f".//button[normalize-space()='{name}']").click()


def mails(made: Scene) -> list[NoticeRow]:
    with made.app.views() as session:
        return list(session.scalars(select(NoticeRow).where(NoticeRow.kind == "cases")))


def test_case_goes_from_the_queue_to_the_unit_and_back(made: Scene, browser: WebDriver) -> None:
    case = made.cases[0]
    with served(made.app) as base:
        sized(browser, DESK)
        sign_in(browser, base, made.logins[Role.ANALYST])
        browser.find_element(By.LINK_TEXT, "Hàng đợi").click()
        until_at(browser, "/hang-doi")
        browser.find_element(By.PARTIAL_LINK_TEXT, "Nước rỉ từ bãi rác").click()
        until_at(browser, f"/vu-viec/{case}")

        form = opened(browser, "Sửa mức độ, chủ đề, địa bàn")
        form.find_element(By.NAME, "place").send_keys("xã Ba Tri, tỉnh Vĩnh Long")
        form.find_element(By.CSS_SELECTOR, "button:not([name])").click()
        until_shown(browser, "Đã sửa.")
        assert "Ba Tri" in browser.find_element(By.CSS_SELECTOR, "dl.facts").text

        pressed(browser, "Duyệt")
        until_shown(browser, "Đã duyệt.")
        assert state(made.app, case) == "approved"

        assert correspond(made.app, "r1").failed == 0
        (mail,) = [one for one in mails(made) if "Nước rỉ từ bãi rác" in one.text]
        assert mail.recipient == "ba-tri@vidu.example"
        paths = set(_LINK.findall(mail.text))

        sized(browser, PHONE)
        for path in paths:
            browser.get(base + path)
            if "Nước rỉ từ bãi rác" in browser.find_element(By.TAG_NAME, "h1").text:
                break
        assert width(browser) == PHONE["width"]
        browser.find_element(By.CSS_SELECTOR, "details summary").click()
        answer = browser.find_element(By.CSS_SELECTOR, "details form")
        answer.find_element(By.CSS_SELECTOR, "label.choice").click()
        answer.find_element(By.NAME, "text").send_keys("Đã đắp lại bờ chứa, nước trong")
        answer.find_element(By.CSS_SELECTOR, "option[value=fixed]").click()
        answer.find_element(By.TAG_NAME, "button").click()
        until_shown(browser, "Đơn vị đã gửi kết quả xác minh")

        sized(browser, DESK)
        browser.get(f"{base}/vu-viec/{case}")
        assert "Đã đắp lại bờ chứa" in browser.find_element(By.TAG_NAME, "blockquote").text
    assert state(made.app, case) == "answered"
    assert complaints(browser) == []


def test_decision_is_taken_back(made: Scene, browser: WebDriver) -> None:
    case = made.cases[1]
    with served(made.app) as base:
        sized(browser, DESK)
        sign_in(browser, base, made.logins[Role.ANALYST])
        browser.get(f"{base}/vu-viec/{case}")
        pressed(browser, "Duyệt")
        until_shown(browser, "Đã duyệt.")
        pressed(browser, "Hoàn tác quyết định gần nhất")
        until_shown(browser, "Đã hoàn tác.")
    assert state(made.app, case) == "proposed"
    assert complaints(browser) == []


def test_keys_choose_and_approve_and_take_back(made: Scene, browser: WebDriver) -> None:
    with served(made.app) as base:
        sized(browser, DESK)
        sign_in(browser, base, made.logins[Role.ANALYST])
        browser.get(f"{base}/hang-doi")
        first = browser.find_element(By.CSS_SELECTOR, "tr[data-row] input[name=cases]")
        case = int((first.get_attribute("value") or "0-0").partition("-")[0])
        body = browser.find_element(By.TAG_NAME, "body")
        for key in ("j", "x", "a"):
            body.send_keys(key)
        until_shown(browser, "Đã duyệt")
        assert state(made.app, case) == "approved"
        browser.find_element(By.TAG_NAME, "body").send_keys("u")
        until_shown(browser, "Đã hoàn tác")
    assert state(made.app, case) == "proposed"
    assert complaints(browser) == []


def test_events_are_merged_and_taken_apart(made: Scene, browser: WebDriver) -> None:
    one, other = made.cases[0], made.cases[1]
    with served(made.app) as base:
        sized(browser, DESK)
        sign_in(browser, base, made.logins[Role.ANALYST])
        browser.get(f"{base}/vu-viec/{one}")
        browser.find_element(By.CSS_SELECTOR, "p.number a").click()
        until_at(browser, "/su-viec/")
        event = browser.current_url
        browser.find_element(By.NAME, "other").send_keys(str(other))
        pressed(browser, "Gộp")
        until_shown(browser, "Đã gộp vào sự việc này")
        pressed(browser, "Bỏ gộp")
        until_at(browser, "/su-viec/")
        browser.get(event)
        until_shown(browser, "bỏ gộp")
    assert complaints(browser) == []


def test_small_ways(made: Scene, browser: WebDriver) -> None:
    """Search without accents, a click on the map, the language, a wrong address."""
    with served(made.app) as base:
        sized(browser, DESK)
        sign_in(browser, base, made.logins[Role.ANALYST])
        browser.find_element(By.LINK_TEXT, "Tìm kiếm").click()
        until_at(browser, "/tim-kiem")
        browser.find_element(By.ID, "q").send_keys("bai rac" + Keys.ENTER)
        until_at(browser, "q=bai")
        assert "Nước rỉ từ bãi rác" in browser.find_element(By.ID, "main").text

        browser.find_element(By.LINK_TEXT, "Bản đồ").click()
        until_at(browser, "/ban-do")
        tile = browser.find_element(By.XPATH, "//li[contains(@class,'tile')]/a[span='xã Ba Tri']")
        count = int(re.search(r"(\d+) mở", tile.text).group(1))  # type: ignore[union-attr]
        tile.click()
        until_at(browser, "o=")
        rows = browser.find_elements(By.CSS_SELECTOR, "section[aria-labelledby=o] li")
        assert [("xã Ba Tri" in row.text) for row in rows] == [True] * count

        pressed(browser, "English")
        until_shown(browser, "Tiếng Việt")
        html = browser.find_element(By.TAG_NAME, "html")
        assert html.get_attribute("lang") == "en"
        assert browser.find_elements(By.LINK_TEXT, "Today")
        pressed(browser, "Tiếng Việt")
        until_shown(browser, "Hôm nay")
    assert complaints(browser) == []
