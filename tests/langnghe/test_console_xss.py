"""T13 for pages and mails: three hundred hostile strings in every text, and no script runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from browsing import MARKS, chromium, complaints, served, sign_in
from console_scene import index, person, place_of, unit_id
from selenium.webdriver.remote.webdriver import WebDriver
from sqlalchemy import select, update
from web_samples import NOW, UNIT, client, installation, link, post, sent_case
from xss_corpus import corpus

from langnghe.accounts import Role
from langnghe.app import App
from langnghe.correspond import correspond
from storage import accounts as stored
from storage import cases, contacts
from storage.accounts import AuditLine
from storage.db import open_database
from storage.models import EventRow, ItemRow, ItemVersionRow, NoticeRow

pytestmark = MARKS
#: So many cases hold so many strings each; titles are cut by lists, so they hold one.
CASES, EACH = 20, 15
#: Put into each page before its own content: what a string would call, and what is refused.
_PROBE = """
window.__ran = 0; window.__csp = [];
window.ran = () => { window.__ran += 1; };
document.addEventListener("securitypolicyviolation", one =>
  window.__csp.push(one.violatedDirective + " " + one.blockedURI + " " + one.sample));
"""
_FOUND = r"""
const wrong = [];
if (window.__ran) wrong.push("ran " + window.__ran);
wrong.push(...(window.__csp || []));
for (const one of performance.getEntriesByType("resource"))
  if (one.name.includes("/ran/")) wrong.push("asked for " + one.name);
const known = new Set(arguments[0]);
for (const one of document.querySelectorAll("*")) {
  const name = one.localName;
  if (!known.has(name)) wrong.push("element " + name);
  for (const {name: key, value} of one.attributes) {
    if (/^on|^srcdoc$|^style$|^ping$/i.test(key) && !arguments[1]) wrong.push(name + " " + key);
    if (/^(href|src|action|formaction|data|xlink:href)$/i.test(key)
        && !/^(https?:|mailto:|\/|\?|#|$)/i.test(value)) wrong.push(name + " " + key + "=" + value);
  }
}
return wrong.slice(0, 5);
"""
_ELEMENTS = (
    "a article aside b blockquote body br button caption code dd del details div dl dt em "
    "fieldset figcaption figure footer form g h1 h2 h3 h4 head header hr html i img input ins kbd label legend li "
    "line link main mark meta nav ol optgroup option p pre rect section select small span strong "
    "summary svg table tbody td text textarea tfoot th thead time title tr ul"
).split()
#: Our own small files; nothing else may be a script.
_SCRIPTS = "return [...document.scripts].map(one => one.getAttribute('src'))"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    with chromium(tmp_path_factory.mktemp("chromium")) as driver:
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _PROBE})
        yield driver


@pytest.fixture
def app(tmp_path: Path, sqlite_template: Path) -> Iterator[App]:
    file = tmp_path / "langnghe.db"
    file.write_bytes(sqlite_template.read_bytes())
    engine = open_database(f"sqlite:///{file}")
    limits = {"port": 0, "sign_in_tries": 100}
    yield installation(engine, tmp_path, public_url="http://langnghe.example", web=limits)
    engine.dispose()


def hostile(app: App) -> list[int]:
    """Open cases whose every text is hostile, answered by the unit in the same words."""
    found, strings = [], corpus()
    assert len(strings) == CASES * EACH == len(set(strings)) == 300
    key, _ = place_of(app, UNIT)
    with app.sessions.begin() as session:
        contacts.confirm(session, UNIT, "xa@vidu.example", strings[0], NOW)
    for number in range(CASES):
        mine = strings[number * EACH : (number + 1) * EACH]
        all_of_it = " ".join(mine)
        case = sent_case(
            app,
            number + 1,
            title=all_of_it,
            gist=all_of_it,
            place=mine[1],
            place_key=key,
            unit_name=mine[2],
            reasons=tuple(mine),
            topics=(mine[3],),
        )
        with app.sessions.begin() as session:
            _spoil(app, session, case, mine, all_of_it)
            stored.note(session, AuditLine(NOW, mine[0], mine[1], mine[2], {"a": all_of_it}))
        found.append(case)
    index(app)
    return found


def _spoil(app: App, session: Any, case: int, mine: list[str], text: str) -> None:
    """Make the item's own fields hostile too: text, outlet and the link, which no crawler lets be."""
    kept = cases.get(session, case)
    assert kept is not None
    item = kept.brief.event_id
    session.execute(update(ItemVersionRow).where(ItemVersionRow.item_id == item).values(text=text))
    session.execute(update(EventRow).where(EventRow.id == item).values(title=text))
    session.execute(
        update(ItemRow).where(ItemRow.id == item).values(outlet=mine[0], url=mine[-1] + f"#{item}")
    )
    cases.change(session, case, hold=text)
    cases.entry(session, case, NOW, mine[4], mine[5], text)


def answered(app: App, numbers: list[int]) -> None:
    """Let the unit answer in hostile words, through its own page."""
    strings = corpus()
    with client(app) as web:
        for place, case in enumerate(numbers):
            text = " ".join(strings[place * EACH : (place + 1) * EACH])
            sent = post(web, link(app, case), "answered", text=text, veracity="true")
            assert sent.status_code in (200, 303), sent.text[:300]


def harm(browser: WebDriver, address: str, *, mail: bool = False) -> list[str]:
    """Open a page, and return what it let happen."""
    browser.get(address)
    # A mail carries its style in itself, for want of anything else; once.
    more = ["style"] if mail else ["script"]
    wrong: list[str] = browser.execute_script(_FOUND, [*_ELEMENTS, *more], mail)
    if mail and browser.execute_script("return document.querySelectorAll('style').length") > 1:
        wrong.append("another style")
    scripts: list[str | None] = browser.execute_script(_SCRIPTS)
    wrong += [f"script {one}" for one in scripts if mail or not str(one).startswith("/static/")]
    return [f"{address}: {one}" for one in (*wrong, *complaints(browser))]


def test_probe_sees_a_script_that_runs(browser: WebDriver, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text("<img src=x onerror=ran(1)><a href='javascript:ran(1)'>x</a>", "utf-8")
    browser.get(bad.as_uri())
    wrong = browser.execute_script(_FOUND, _ELEMENTS, False)
    assert "ran 1" in wrong
    assert "a href=javascript:ran(1)" in wrong
    complaints(browser)  # of the picture that is none; not for the next test


def test_no_script_runs_on_any_page(app: App, browser: WebDriver) -> None:
    numbers = hostile(app)
    answered(app, numbers[::2])
    lead, unit = person(app, Role.LEAD), person(app, Role.UNIT)
    lists = "/hom-nay /hang-doi /vu-viec /hang-doi?xem=nghi-ngo /ban-do /xu-huong /nhat-ky /don-vi"
    paths = [*lists.split(), f"/don-vi/{unit_id('an-hiep')}", "/tim-kiem?q=ran", "/cai-dat"]
    with app.views() as session:
        events = [case.brief.event_id for one in numbers if (case := cases.get(session, one))]
    paths += [f"/vu-viec/{one}" for one in numbers]
    paths += [f"/su-viec/{one}" for one in events[:6]]
    for place in range(0, 300, 50):
        said = quote(" ".join(corpus()[place : place + 6]))
        paths += [f"/tim-kiem?q={said}&dia-ban={said}", f"/hang-doi?tim={said}&noi={said}"]
    wrong: list[str] = []
    with served(app) as base:
        sign_in(browser, base, lead)
        for path in paths:
            wrong += harm(browser, base + path)
        for one in numbers:
            wrong += harm(browser, base + link(app, one))
        sign_in(browser, base, unit)
        for path in ("/don-vi-cua-toi", *(f"/don-vi-cua-toi/{one}" for one in numbers[:4])):
            wrong += harm(browser, base + path)
    assert "\n".join(wrong) == ""


def test_no_script_runs_in_a_mail(app: App, browser: WebDriver, tmp_path: Path) -> None:
    """A mail is opened without any policy of ours: only its own words keep it safe."""
    for case in hostile(app):
        with app.sessions.begin() as session:
            cases.change(session, case, state="approved", sent_at=None)
    assert correspond(app, "r1").failed == 0
    with app.views() as session:
        told = list(session.scalars(select(NoticeRow)))
    assert sum(one.html.count("ran(1)") for one in told) >= 200
    wrong: list[str] = []
    for number, one in enumerate(told):
        file = tmp_path / f"{number}.html"
        file.write_text(one.html, "utf-8")
        wrong += harm(browser, file.as_uri(), mail=True)
    assert "\n".join(wrong) == ""
