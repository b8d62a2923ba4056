"""Signing in and out, one-time links, the language."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from litestar import HttpMethod, post, route
from litestar.concurrency import sync_to_thread
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from langnghe import accounts
from langnghe.accounts import SignedIn
from langnghe.app import App
from langnghe.passwords import BadPassword
from langnghe.web.console.guard import (
    COOKIE,
    SIGN_IN,
    Answer,
    Desk,
    Form,
    cookie_safe,
    csrf_of,
    own_path,
    read_form,
    sign_in_limits,
    visitor,
)
from langnghe.web.pages import AnyRequest, message, page, root
from langnghe.web.security import client_address, from_own_page
from storage import accounts as stored
from storage import rates
from storage.accounts import AuditLine

INVITE = "/moi/"
_WINDOW = timedelta(minutes=15)
_PREFIX = "f."
_GONE = (
    "Đường dẫn không còn dùng được",
    "Đường dẫn này đã dùng, đã hết hạn hoặc không đúng. Hãy xin quản trị một đường dẫn mới.",
)


def routes(app: App, _: Desk) -> list[Any]:
    """Return the routes that need nobody to be signed in, and those that need anybody."""
    return [*_open(app), *_links(app), *_anybody(app)]


def _open(app: App) -> list[Any]:
    @route(SIGN_IN, http_method=[HttpMethod.GET, HttpMethod.HEAD], opt={"right": None})
    async def show(request: AnyRequest) -> Answer:
        wanted = own_path(request.query_params.get("den", "/"))
        return page(app, request, "console/login.html", **_blank(wanted=wanted))

    @post(SIGN_IN, opt={"right": None})
    async def send(request: AnyRequest) -> Answer:
        if not from_own_page(app, request):
            raise HTTPException(status_code=403)
        form = await read_form(request)
        return await sync_to_thread(_signed_in, app, request, form)

    return [show, send]


def _links(app: App) -> list[Any]:
    @route(
        f"{INVITE}{{secret:str}}",
        http_method=[HttpMethod.GET, HttpMethod.HEAD],
        opt={"right": None},
    )
    async def invited(request: AnyRequest, secret: str) -> Answer:
        return await sync_to_thread(_invited, app, request, secret)

    @post(f"{INVITE}{{secret:str}}", opt={"right": None})
    async def accept(request: AnyRequest, secret: str) -> Answer:
        if not from_own_page(app, request):
            raise HTTPException(status_code=403)
        form = await read_form(request)
        return await sync_to_thread(_accepted, app, request, secret, form)

    return [invited, accept]


def _anybody(app: App) -> list[Any]:
    @post("/dang-xuat", opt={"right": "anybody"})
    async def leave(request: AnyRequest) -> Answer:
        if not from_own_page(app, request):
            raise HTTPException(status_code=403)
        form = await read_form(request)
        return await sync_to_thread(_left, app, request, form)

    @post("/ngon-ngu", opt={"right": "anybody"})
    async def speak(request: AnyRequest) -> Answer:
        if not from_own_page(app, request):
            raise HTTPException(status_code=403)
        form = await read_form(request)
        return await sync_to_thread(_spoken, app, request, form)

    return [leave, speak]


def _blank(**over: Any) -> dict[str, Any]:
    return {"wanted": "/", "repeat": "", "fields": {}, "problem": "", "login": ""} | over


def _signed_in(app: App, request: AnyRequest, form: Form) -> Answer:
    login = form.get("login", "").strip().lower()[:100]
    fields = {
        name.removeprefix(_PREFIX): value
        for name, value in form.items()
        if name.startswith(_PREFIX)
    }
    state = _blank(
        wanted=own_path(form.get("wanted", "/")),
        repeat=own_path(form["repeat"]) if form.get("repeat") else "",
        fields=fields,
        login=login,
    )
    if too_many_tries(app, request, login):
        state["problem"] = "many"
        return page(app, request, "console/login.html", status=429, **state)
    with app.sessions.begin() as session:
        found = accounts.sign_in(app, session, login, form.get("password", ""))
        who = f"account:{login}" if found else "nobody"
        action = "signed_in" if found else "sign_in_failed"
        stored.note(session, AuditLine(app.clock(), who, action, "", {}))
    if found is None:
        state["problem"] = "wrong"
        return page(app, request, "console/login.html", status=401, **state)
    answer: Answer
    if state["repeat"]:
        again = {"repeat": state["repeat"], "fields": fields, "csrf": csrf_of(found.cookie)}
        answer = page(app, request, "console/again.html", **again)
    else:
        answer = Redirect(root(app) + state["wanted"], status_code=303)
    answer.cookies.append(_cookie(app, found))
    return answer


def too_many_tries(app: App, request: AnyRequest, login: str) -> bool:
    """Count a try by name and address together, by name, and by address."""
    web = app.settings.web
    both, name, address = sign_in_limits(web)
    where = client_address(request, web)
    counted = ((f"{login}|{where}", both), (login, name), (where, address))
    over = False
    with app.sessions.begin() as session:
        for number, (value, limit) in enumerate(counted):
            key = f"sign_in{number}:{hashlib.sha256(value.encode()).hexdigest()[:32]}"
            over |= rates.count(session, key, app.clock(), _WINDOW) > limit
    return over


def _cookie(app: App, found: SignedIn) -> Cookie:
    path = f"{root(app)}/"
    return Cookie(
        COOKIE,
        value=found.cookie,
        path=path,
        httponly=True,
        samesite="lax",
        secure=cookie_safe(app),
    )


def _invited(app: App, request: AnyRequest, secret: str) -> Answer:
    with app.views() as session:
        found = stored.invited(session, accounts.fingerprint(secret), app.clock())
    if found is None:
        return message(app, request, 410, *_GONE)
    return page(app, request, "console/invite.html", invite=found, problem="", name="")


def _accepted(app: App, request: AnyRequest, secret: str, form: Form) -> Answer:
    with app.views() as session:
        found = stored.invited(session, accounts.fingerprint(secret), app.clock())
    if found is None:
        return message(app, request, 410, *_GONE)
    name, password = form.get("name", "").strip()[:100], form.get("password", "")
    problem = "Hai lần nhập mật khẩu không giống nhau." if password != form.get("again") else ""
    if not problem:
        try:
            with app.sessions.begin() as session:
                taken = accounts.accept_invite(app, session, secret, name, password)
            if not taken:
                return message(app, request, 410, *_GONE)
            return Redirect(f"{root(app)}{SIGN_IN}", status_code=303)
        except BadPassword as error:
            problem = str(error)
    shown = {"invite": found, "problem": problem, "name": name}
    return page(app, request, "console/invite.html", status=422, **shown)


def _left(app: App, request: AnyRequest, form: Form) -> Answer:
    visit = visitor(app, request)
    if visit is not None and form.get("csrf") == visit.csrf:
        with app.sessions.begin() as session:
            accounts.sign_out(session, request.cookies[COOKIE])
    answer = Redirect(f"{root(app)}{SIGN_IN}", status_code=303)
    answer.delete_cookie(COOKIE, path=f"{root(app)}/")
    return answer


def _spoken(app: App, request: AnyRequest, form: Form) -> Answer:
    visit = visitor(app, request)
    if visit is None or form.get("csrf") != visit.csrf:
        raise HTTPException(status_code=403)
    language = "en" if form.get("language") == "en" else "vi"
    with app.sessions.begin() as session:
        stored.change(session, visit.me.id, language=language)
    return visit.to(own_path(form.get("den", "/")))
