"""A console with people who are signed in, and forms as a browser sends them."""

from __future__ import annotations

import re
from typing import Any

import httpx
from litestar.testing import TestClient
from web_samples import client

from langnghe import accounts
from langnghe.accounts import Role
from langnghe.app import App
from langnghe.web.console.guard import COOKIE

PASSWORD = "mười hai con giáp"


class Person:
    """Somebody with a browser. Forms carry the token of the session, as the pages' own do."""

    def __init__(self, app: App, login: str, role: Role, unit: str | None = None) -> None:
        self.app = app
        self.login = login
        with app.sessions.begin() as session:
            secret = accounts.make_invite(app, session, login, role, unit)
            assert accounts.accept_invite(app, session, secret, f"Bàn {login}", PASSWORD)
        self.browser: TestClient[Any] = client(app)

    def sign_in(self) -> Person:
        answer = self.browser.post(
            "/dang-nhap", data={"login": self.login, "password": PASSWORD, "wanted": "/"}
        )
        assert answer.status_code == 303, answer.text
        return self

    @property
    def csrf(self) -> str:
        from langnghe.web.console.guard import csrf_of

        return csrf_of(self.browser.cookies[COOKIE])

    def get(self, path: str) -> httpx.Response:
        return self.browser.get(path)

    def post(self, path: str, **fields: Any) -> httpx.Response:
        return self.browser.post(path, data={"csrf": self.csrf, **fields})


def signed_in(app: App, login: str, role: Role, unit: str | None = None) -> Person:
    """Return somebody who has just signed in."""
    return Person(app, login, role, unit).sign_in()


def heading(answer: httpx.Response) -> str:
    """Return the text of the first heading of a page."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", answer.text, re.DOTALL)
    assert found is not None, answer.text[:500]
    return re.sub(r"(?:<[^>]+>|\s)+", " ", found.group(1)).strip()
