"""Who may open and send what: every route of the web application has its row here.

A route without a row fails the test, so that none is added without a word on who may use it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from console_desk import Person, signed_in
from litestar.routes import HTTPRoute
from sqlalchemy import Engine
from web_samples import UNIT, client, installation, sent_case

from langnghe.accounts import MAY, Right, Role
from langnghe.app import App
from langnghe.web.app import create_app

#: Open to everybody: no account is asked for (the answer pages ask for their link).
OPEN, ANYBODY = "open", "anybody"


@dataclass(frozen=True)
class Row:
    """One route: its method, an address of it, and who may use it.

    The address of a form names something that is not there, so that trying it does nothing.
    """

    method: str
    route: str
    address: str
    right: Right | str


ROWS = (
    Row("GET", "/", "/", ANYBODY),
    Row("GET", "/dang-nhap", "/dang-nhap", OPEN),
    Row("POST", "/dang-nhap", "/dang-nhap", OPEN),
    Row("GET", "/moi/{secret:str}", "/moi/x", OPEN),
    Row("POST", "/moi/{secret:str}", "/moi/x", OPEN),
    Row("POST", "/ngon-ngu", "/ngon-ngu", ANYBODY),
    Row("GET", "/hom-nay", "/hom-nay", Right.LOOK),
    Row("GET", "/hom-nay/ban-tin/{form:str}", "/hom-nay/ban-tin/html", Right.LOOK),
    Row("GET", "/ban-do", "/ban-do", Right.LOOK),
    Row("GET", "/xu-huong", "/xu-huong", Right.LOOK),
    Row("GET", "/tim-kiem", "/tim-kiem", Right.LOOK),
    Row("GET", "/nguon-tin", "/nguon-tin", Right.LOOK),
    Row("POST", "/nguon-tin/{source:str}/bat-tat", "/nguon-tin/x/bat-tat", Right.OPERATE),
    Row("POST", "/nguon-tin/{source:str}/thu", "/nguon-tin/x/thu", Right.OPERATE),
    Row("GET", "/don-vi", "/don-vi", Right.LOOK),
    Row("GET", "/don-vi/{unit:str}", f"/don-vi/{UNIT}", Right.LOOK),
    Row("POST", "/don-vi/{unit:str}/dia-chi", "/don-vi/x/dia-chi", Right.OPERATE),
    Row("GET", "/nhat-ky", "/nhat-ky", Right.AUDIT),
    Row("GET", "/nguoi-dung", "/nguoi-dung", Right.ADMIN),
    Row("POST", "/nguoi-dung/moi", "/nguoi-dung/moi", Right.ADMIN),
    Row("POST", "/nguoi-dung/{number:str}/khoa", "/nguoi-dung/999/khoa", Right.ADMIN),
    Row("POST", "/nguoi-dung/{number:str}/vai-tro", "/nguoi-dung/999/vai-tro", Right.ADMIN),
    Row("GET", "/cai-dat", "/cai-dat", Right.SELF),
    Row("POST", "/cai-dat/mat-khau", "/cai-dat/mat-khau", Right.SELF),
    Row("POST", "/cai-dat/tam-ngung", "/cai-dat/tam-ngung", Right.DECIDE),
    Row(
        "POST",
        "/cai-dat/tam-ngung/{number:str}/ket-thuc",
        "/cai-dat/tam-ngung/999/ket-thuc",
        Right.DECIDE,
    ),
    Row("GET", "/hang-doi", "/hang-doi", Right.LOOK),
    Row("POST", "/hang-doi/lam", "/hang-doi/lam", Right.DECIDE),
    Row("POST", "/hang-doi/bo-loc", "/hang-doi/bo-loc", Right.LOOK),
    Row("POST", "/hang-doi/lap", "/hang-doi/lap", Right.DECIDE),
    Row("GET", "/vu-viec", "/vu-viec", Right.LOOK),
    Row("GET", "/vu-viec/{number:str}", "/vu-viec/1", Right.LOOK),
    Row("GET", "/vu-viec/{number:str}/vi-sao", "/vu-viec/1/vi-sao", Right.LOOK),
    Row("POST", "/vu-viec/{number:str}/quyet-dinh", "/vu-viec/999/quyet-dinh", Right.DECIDE),
    Row("POST", "/vu-viec/{number:str}/lanh-dao", "/vu-viec/999/lanh-dao", Right.LEAD),
    Row("POST", "/vu-viec/{number:str}/hen", "/vu-viec/999/hen", Right.DECIDE),
    Row("POST", "/vu-viec/{number:str}/hen/ket-qua", "/vu-viec/999/hen/ket-qua", Right.DECIDE),
    Row("GET", "/vu-viec/{number:str}/tep/{file:str}", "/vu-viec/1/tep/999", Right.LOOK),
    Row("GET", "/su-viec/{number:str}", "/su-viec/1", Right.LOOK),
    Row("POST", "/su-viec/{number:str}/gop", "/su-viec/999/gop", Right.DECIDE),
    Row("POST", "/su-viec/{number:str}/tach", "/su-viec/999/tach", Right.DECIDE),
    Row("POST", "/su-viec/{number:str}/bo-gop", "/su-viec/999/bo-gop", Right.DECIDE),
    Row("POST", "/su-viec/{number:str}/goi-y", "/su-viec/999/goi-y", Right.DECIDE),
    Row("GET", "/tin/{number:str}", "/tin/1", Right.LOOK),
    Row("GET", "/don-vi-cua-toi", "/don-vi-cua-toi", Right.ANSWER),
    Row("GET", "/don-vi-cua-toi/{number:str}", "/don-vi-cua-toi/1", Right.ANSWER),
    Row("POST", "/don-vi-cua-toi/{number:str}", "/don-vi-cua-toi/999", Right.ANSWER),
    Row(
        "GET",
        "/don-vi-cua-toi/{number:str}/tep/{file:str}",
        "/don-vi-cua-toi/1/tep/999",
        Right.ANSWER,
    ),
    # Ends the session: stays the last.
    Row("POST", "/dang-xuat", "/dang-xuat", ANYBODY),
)
#: Routes that are no part of the console: their own tests say who may use them.
ELSEWHERE = ("/tra-loi/", "/static", "/health", "/ready", "/robots.txt", "/metrics")


@pytest.fixture
def app(engine: Engine, tmp_path: Path) -> App:
    return installation(engine, tmp_path)


def console_routes(app: App) -> Iterator[tuple[str, str, Right | str]]:
    """Yield (method, route, right) of what the application answers, as its handlers say."""
    for route in create_app(app).routes:
        if not isinstance(route, HTTPRoute) or route.path_format.startswith(ELSEWHERE):
            continue
        for handler in route.route_handlers:
            for method in handler.http_methods - {"HEAD", "OPTIONS"}:
                assert "right" in handler.opt, f"{method} {route.path}: who may use it?"
                yield str(method), route.path, handler.opt["right"] or OPEN


def test_every_route_has_its_row(app: App) -> None:
    found = sorted((method, path, str(right)) for method, path, right in console_routes(app))
    assert found == sorted((row.method, row.route, str(row.right)) for row in ROWS)


def allowed(role: Role, right: Right | str) -> bool:
    return right in (OPEN, ANYBODY) or right in MAY[role]


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_what_the_table_says(app: App, role: Role) -> None:
    sent_case(app)
    person = signed_in(app, "lan", role, UNIT if role is Role.UNIT else None)
    for row in ROWS:
        if row.method == "GET":
            answer = person.get(row.address)
            fine = {303} if row.right == ANYBODY else {200, 410}
            fine = {404} if "/tep/" in row.route else fine  # there is no file
        else:
            answer = person.post(row.address)
            fine = {303, 400, 401, 404, 410, 422}
        expected = fine if allowed(role, row.right) else {403}
        assert answer.status_code in expected, (row, answer.status_code)


def test_nobody_is_sent_to_sign_in(app: App) -> None:
    browser = client(app)
    for row in ROWS:
        if row.right == OPEN:
            continue
        if row.method == "GET":
            answer = browser.get(row.address)
            assert answer.status_code == 303, row
            assert answer.headers["location"].startswith("/dang-nhap?den="), row
        elif isinstance(row.right, Right):
            answer = browser.post(row.address, data={"csrf": "x", "text": "đã nhập"})
            assert answer.status_code == 200, row
            assert 'name="f.text" value="đã nhập"' in answer.text, row


def test_forms_without_the_token_or_from_elsewhere_do_nothing(app: App) -> None:
    """T16: whoever is signed in and whatever the form says."""
    forms = [row for row in ROWS if row.method == "POST" and row.right != OPEN]
    for role in (Role.ADMIN, Role.LEAD):
        person = signed_in(app, f"ng-{role.value}", role)
        for row in forms:
            # Signing out without a token only leaves the session as it is.
            if row.address != "/dang-xuat":
                for form in ({}, {"csrf": ""}, {"csrf": "x" * 64}):
                    answer = person.browser.post(row.address, data=form)
                    assert answer.status_code == 403, (row, form)
            for headers in foreign():
                answer = person.browser.post(
                    row.address, data={"csrf": person.csrf}, headers=headers
                )
                assert answer.status_code == 403, (row, headers)
        assert still_in(person)


def foreign() -> Iterator[dict[str, str]]:
    """Yield what browsers say of a form that another site sends."""
    yield {"Sec-Fetch-Site": "cross-site"}
    yield {"Sec-Fetch-Site": "same-site"}
    yield {"Sec-Fetch-Site": "none"}
    yield {"Origin": "https://noi-khac.example"}
    yield {"Origin": "https://langnghe.example.noi-khac.example"}


def still_in(person: Person) -> bool:
    return person.get("/").headers["location"] in {"/hom-nay", "/don-vi-cua-toi"}
