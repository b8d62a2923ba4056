"""Signing in: right and wrong, too often, in the middle of an edit, from elsewhere."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from console_desk import PASSWORD, Person, heading, signed_in
from litestar.testing import RequestFactory
from sqlalchemy import Engine
from web_samples import client, clock, installation

from langnghe import accounts
from langnghe.accounts import Role
from langnghe.app import App
from langnghe.passwords import SHORTEST
from langnghe.web.console.guard import COOKIE, own_path
from langnghe.web.console.login import too_many_tries


@pytest.fixture
def app(engine: Engine, tmp_path: Path) -> App:
    return installation(engine, tmp_path)


def test_page_asks_to_sign_in_and_goes_on_to_where_one_wanted(app: App) -> None:
    person = Person(app, "lan", Role.ANALYST)
    asked = person.get("/")
    assert asked.status_code == 303
    assert asked.headers["location"] == "/dang-nhap?den=%2F"
    assert heading(person.get("/dang-nhap?den=/hang-doi")) == "Đăng nhập"
    form = {"login": "LAN", "password": PASSWORD, "wanted": "/hang-doi?chu-de=waste"}
    gone = person.browser.post("/dang-nhap", data=form)
    assert (gone.status_code, gone.headers["location"]) == (303, "/hang-doi?chu-de=waste")
    cookie = gone.headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=lax"))


def test_the_page_asks_for_as_long_a_password_as_is_taken(app: App) -> None:
    page = signed_in(app, "lan", Role.ANALYST).get("/cai-dat").text
    assert page.count(f'minlength="{SHORTEST}"') == page.count("minlength") == 2


def test_wrong_password_and_unknown_name_look_the_same(app: App) -> None:
    person = Person(app, "lan", Role.ANALYST)
    wrong, unknown = (
        person.browser.post("/dang-nhap", data={"login": login, "password": "sai mật khẩu rồi"})
        for login in ("lan", "an")
    )
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace('value="lan"', "") == unknown.text.replace('value="an"', "")
    assert COOKIE not in person.browser.cookies


def test_brute_force_ends_after_ten_tries_in_a_quarter(app: App) -> None:
    """T17: a thousand tries of one address; even the right password does not pass then."""
    person = Person(app, "lan", Role.ANALYST)
    codes = [
        person.browser.post("/dang-nhap", data={"login": "lan", "password": f"sai {n}"}).status_code
        for n in range(1000)
    ]
    assert codes == [401] * 10 + [429] * 990
    right = {"login": "lan", "password": PASSWORD}
    assert person.browser.post("/dang-nhap", data=right).status_code == 429
    clock(app).now += timedelta(minutes=15)
    assert person.browser.post("/dang-nhap", data=right).status_code == 303


def test_a_thousand_addresses_get_no_more_tries_at_one_account(app: App) -> None:
    """T17: whoever spreads the tries over addresses is let through a hundred times, not more."""

    def tried(address: str, login: str) -> bool:
        request = RequestFactory().post("/dang-nhap")
        request.scope["client"] = (address, 1)
        return not too_many_tries(app, request, login)

    addresses = [f"10.0.{n // 250}.{n % 250 + 1}" for n in range(1000)]

    assert sum(tried(address, "lan") for address in addresses) == 100
    assert tried("10.9.9.9", "chi"), "others can sign in meanwhile"
    clock(app).now += timedelta(minutes=15)
    assert tried(addresses[0], "lan")


def test_session_is_new_at_each_sign_in(app: App) -> None:
    """A cookie that somebody planted is not taken over (session fixation)."""
    person = Person(app, "lan", Role.ANALYST)
    person.browser.cookies.set(COOKIE, "planted-by-another")
    form = {"login": "lan", "password": PASSWORD}
    given = person.browser.post("/dang-nhap", data=form).headers["set-cookie"]
    assert "planted-by-another" not in given
    with app.sessions.begin() as session:
        assert accounts.current(app, session, "planted-by-another") is None


def test_signing_out_ends_the_session_everywhere(app: App) -> None:
    person = signed_in(app, "lan", Role.ANALYST)
    cookie = person.browser.cookies[COOKIE]
    assert person.post("/dang-xuat").status_code == 303
    person.browser.cookies.set(COOKIE, cookie)
    assert person.get("/").headers["location"].startswith("/dang-nhap")


def test_forms_from_elsewhere_and_without_the_token_are_refused(app: App) -> None:
    person = signed_in(app, "lan", Role.ANALYST)
    form = {"csrf": person.csrf, "language": "en"}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://noi-khac.example"}):
        assert person.browser.post("/ngon-ngu", data=form, headers=headers).status_code == 403
    assert person.browser.post("/ngon-ngu", data={"language": "en"}).status_code == 403
    assert person.browser.post("/ngon-ngu", data=form).status_code == 303


@pytest.mark.parametrize(
    "path",
    [
        "//noi-khac.example",
        "https://noi-khac.example/",
        "/\\noi-khac",
        "javascript:alert(1)",
        "",
        "x",
    ],
)
def test_no_door_to_elsewhere(path: str) -> None:
    assert own_path(path) == "/"


def test_one_time_link_makes_the_account(app: App) -> None:
    link = accounts.first_link(app, "http://127.0.0.1:8600")
    secret = link.rpartition("/")[2]
    browser = client(app)
    assert heading(browser.get(f"/moi/{secret}")) == "Đặt mật khẩu cho admin"
    bad = browser.post(f"/moi/{secret}", data={"password": PASSWORD, "again": "khác"})
    assert bad.status_code == 422
    good = {"password": PASSWORD, "again": PASSWORD, "name": "Quản trị"}
    assert browser.post(f"/moi/{secret}", data=good).status_code == 303
    assert browser.post(f"/moi/{secret}", data=good).status_code == 410
    assert browser.get(f"/moi/{secret}").status_code == 410
    assert accounts.first_link(app, "http://127.0.0.1:8600") == ""
