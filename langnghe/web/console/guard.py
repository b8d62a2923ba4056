"""Who may see and do what: every page and every form of the console passes here."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from litestar import HttpMethod, Response, post, route
from litestar.concurrency import sync_to_thread
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from config.settings import WebSettings
from langnghe import accounts
from langnghe.accounts import Right, may
from langnghe.app import App
from langnghe.web.console.refusals import page_of_form, refused
from langnghe.web.pages import AnyRequest, page, root
from langnghe.web.security import from_own_page
from storage import accounts as stored
from storage.accounts import Account, AuditLine
from storage.db import Session

SIGN_IN, AGAIN = "/dang-nhap", "/gui-lai"
COOKIE = "phien"
_MOST_FIELDS, _MOST_CHARS = 200, 200_000
Answer = Response[Any]


@dataclass(frozen=True)
class Visit:
    """One request of somebody who is signed in and has the right to it."""

    app: App
    request: AnyRequest
    me: Account
    csrf: str

    def number(self, name: str = "number") -> int:
        """Return a number of the address. Raises 404 where it is none."""
        text = str(self.request.path_params[name])
        if not text.isdecimal() or len(text) > 15:
            raise HTTPException(status_code=404)
        return int(text)

    def may(self, right: Right) -> bool:
        """Say whether this person has a right."""
        return may(self.me, right)

    def page(self, template: str, *, status: int = 200, **context: Any) -> Answer:
        """Return a page of the console."""
        shared = {"me": self.me, "csrf": self.csrf, "may": self.may, "right": Right}
        found = shared | {"here": self.request.url.path, "there": self._there()} | context
        return page(self.app, self.request, template, status=status, lang=self.me.language, **found)

    def _there(self) -> str:
        """Return the address of this page, to come back to; of a refused form, that of its page."""
        url = self.request.url
        if self.request.method not in ("GET", "HEAD"):
            return page_of_form(url.path)
        return url.path + (f"?{url.query}" if url.query else "")

    def refused(self, error: HTTPException) -> Answer:
        """Return the page that tells of a refusal, in the visitor's own language."""
        title, text = refused(error.status_code)
        status = error.status_code
        return self.page("console/refused.html", status=status, title=title, text=text)

    def note(self, session: Session, action: str, subject: str, **detail: Any) -> None:
        """Add a line to the audit: who looked at, exported or changed what."""
        who = f"account:{self.me.login}"
        stored.note(session, AuditLine(self.app.clock(), who, action, subject, detail))

    def to(self, path: str) -> Answer:
        """Send the browser to another page after a form."""
        return Redirect(root(self.app) + path, status_code=303)


Form = Mapping[str, str]
Look = Callable[[Visit], Answer]
Do = Callable[[Visit, Form], Answer]


class Desk:
    """Makes the console's routes: `look` shows and changes nothing, `do` takes a form."""

    def __init__(self, app: App) -> None:
        self.app = app

    def look(self, path: str, right: Right, view: Look) -> Any:
        """Return a GET route that `view` answers, in a thread of its own."""

        @route(path, http_method=[HttpMethod.GET, HttpMethod.HEAD], opt={"right": right})
        async def shown(request: AnyRequest) -> Answer:
            return await sync_to_thread(self._shown, request, right, view)

        return shown

    def first(self, view: Look) -> Any:
        """Return the route of the root address, for everybody who is signed in."""

        @route("/", http_method=[HttpMethod.GET, HttpMethod.HEAD], opt={"right": "anybody"})
        async def shown(request: AnyRequest) -> Answer:
            return await sync_to_thread(self._shown, request, None, view)

        return shown

    def do(self, path: str, right: Right, act: Do) -> Any:
        """Return a POST route whose form `act` takes. It needs the page's token."""

        @post(path, opt={"right": right})
        async def done(request: AnyRequest) -> Answer:
            if not from_own_page(self.app, request):
                raise HTTPException(status_code=403)
            form = await read_form(request)
            return await sync_to_thread(self._done, request, right, act, form)

        return done

    def _shown(self, request: AnyRequest, right: Right | None, view: Look) -> Answer:
        visit = visitor(self.app, request)
        if visit is None:
            return to_sign_in(self.app, request)
        try:
            if right is not None and not visit.may(right):
                raise HTTPException(status_code=403)
            return view(visit)
        except HTTPException as error:
            return visit.refused(error)

    def _done(self, request: AnyRequest, right: Right, act: Do, form: Form) -> Answer:
        visit = visitor(self.app, request)
        if visit is None:
            return page(self.app, request, "console/login.html", **kept(request.url.path, form))
        try:
            return self._let(visit, right, act, form)
        except HTTPException as error:
            return visit.refused(error)

    def _let(self, visit: Visit, right: Right, act: Do, form: Form) -> Answer:
        if not visit.may(right):
            raise HTTPException(status_code=403)
        if not hmac.compare_digest(form.get("csrf", "").encode(), visit.csrf.encode()):
            raise HTTPException(status_code=403)
        return act(visit, form)


def visitor(app: App, request: AnyRequest) -> Visit | None:
    """Return who is signed in with the request's cookie, or None."""
    cookie = request.cookies.get(COOKIE, "")
    if not cookie or len(cookie) > 200:
        return None
    with app.sessions.begin() as session:
        me = accounts.current(app, session, cookie)
    return Visit(app, request, me, csrf_of(cookie)) if me else None


def csrf_of(cookie: str) -> str:
    """Return the token that forms of a session carry; it says nothing of the cookie."""
    return accounts.fingerprint(f"csrf:{cookie}")


def to_sign_in(app: App, request: AnyRequest) -> Answer:
    """Send to the sign-in page, and back to where one wanted to go."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return Redirect(f"{root(app)}{SIGN_IN}", query_params={"den": wanted}, status_code=303)


def own_path(path: str) -> str:
    """Return `path` if it is a page of ours, else the first page: no door to elsewhere."""
    try:
        parts = urlsplit(path)
    except ValueError:
        return "/"
    plain = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if plain and not parts.scheme and not parts.netloc and path.isprintable() else "/"


def kept(path: str, form: Form) -> dict[str, Any]:
    """Return what the sign-in page needs so that nothing typed is lost."""
    fields = {name: value for name, value in form.items() if name != "csrf"}
    return {"wanted": "", "repeat": path, "fields": fields, "problem": "expired", "login": ""}


async def read_form(request: AnyRequest) -> dict[str, str]:
    """Read a form of plain fields; of a name given twice all values, a line each.

    Raises 400 for files and for what is larger than any form of ours.
    """
    sent = await request.form()
    found: dict[str, str] = {}
    for name, value in sent.multi_items():
        if not isinstance(value, str) or len(found) > _MOST_FIELDS or len(value) > _MOST_CHARS:
            raise HTTPException(status_code=400)
        found[name] = f"{found[name]}\n{value}" if name in found else value
    return found


def cookie_safe(app: App) -> bool:
    """Say whether cookies may be sent over https only."""
    return app.settings.public_url.startswith("https:")


def sign_in_limits(web: WebSettings) -> tuple[int, int, int]:
    """Return how many tries a quarter of an hour: of a name from an address, of each alone."""
    return web.sign_in_tries, 10 * web.sign_in_tries, 10 * web.sign_in_tries
