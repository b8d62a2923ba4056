"""/nguoi-dung: who may sign in, as what; links to invite, shown once."""

from __future__ import annotations

import re
from typing import Any

from litestar.exceptions import HTTPException

from langnghe import accounts
from langnghe.accounts import Right, Role
from langnghe.app import App
from langnghe.web.console.guard import Answer, Desk, Form, Visit
from storage import accounts as stored
from storage.accounts import Account
from storage.db import Session

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
ROLES = {
    Role.ANALYST: "chuyên viên trực",
    Role.LEAD: "lãnh đạo",
    Role.UNIT: "đơn vị",
    Role.OPERATOR: "vận hành",
    Role.ADMIN: "quản trị",
}
LAST = "Đây là quản trị cuối cùng còn vào được: hãy mời thêm một quản trị trước."


def routes(_: App, desk: Desk) -> list[Any]:
    """Return the routes of the page and of its forms."""
    return [
        desk.look("/nguoi-dung", Right.ADMIN, _list),
        desk.do("/nguoi-dung/moi", Right.ADMIN, _invite),
        desk.do("/nguoi-dung/{number:str}/khoa", Right.ADMIN, _block),
        desk.do("/nguoi-dung/{number:str}/vai-tro", Right.ADMIN, _role),
    ]


def _list(
    visit: Visit, *, status: int = 200, problem: str = "", link: str = "", login: str = ""
) -> Answer:
    today = visit.app.today()
    with visit.app.views() as session:
        found = stored.accounts(session)
    units = [one for one in visit.app.catalog.units.values() if one.holds_on(today)]
    units.sort(key=lambda one: one.name)
    context = {"accounts": found, "roles": ROLES, "units": units, "login": login}
    answer = visit.page("console/users.html", status=status, problem=problem, link=link, **context)
    if link:
        answer.headers["Cache-Control"] = "no-store"
    return answer


def _wanted(visit: Visit, form: Form) -> tuple[Role, str | None] | None:
    """Return the role and unit of a form; None where they do not go together."""
    try:
        role, unit = Role(form.get("role", "")), form.get("unit", "")
    except ValueError:
        return None
    if role is not Role.UNIT:
        return role, None
    return (role, unit) if unit in visit.app.catalog.units else None


def _invite(visit: Visit, form: Form) -> Answer:
    """Make a link, which is shown in the answer and nowhere else again."""
    login, wanted = form.get("login", "").strip().lower(), _wanted(visit, form)
    if not _LOGIN.fullmatch(login):
        words = "Tên đăng nhập: 2 đến 40 ký tự, chữ thường không dấu, số, chấm, gạch."
        return _list(visit, status=422, problem=words, login=login[:40])
    if wanted is None:
        words = "Hãy chọn vai trò; vai trò đơn vị cần một đơn vị."
        return _list(visit, status=422, problem=words, login=login)
    role, unit = wanted
    with visit.app.sessions.begin() as session:
        known = stored.by_login(session, login)
        if known is not None:
            # The link only gives a new password: what the account may do stays.
            role, unit = Role(known.role), known.unit_id
        secret = accounts.make_invite(visit.app, session, login, role, unit)
        visit.note(session, "account_invited", login, role=role.value, unit=unit or "")
    host = f"{visit.request.url.scheme}://{visit.request.url.netloc}"
    return _list(visit, link=accounts.invite_link(visit.app, secret, host), login=login)


def _account(visit: Visit, session: Session) -> tuple[Account, bool]:
    """Return the account of the address, and whether it is the last admin who can sign in.

    The admins are held until the transaction ends: two cannot block one another at once.
    """
    admins = stored.holders(session, Role.ADMIN.value)
    number = visit.number()
    found = next((one for one in stored.accounts(session) if one.id == number), None)
    if found is None:
        raise HTTPException(status_code=404)
    return found, admins == [found.id]


def _block(visit: Visit, form: Form) -> Answer:
    blocking = form.get("on") != "0"
    with visit.app.sessions.begin() as session:
        account, last = _account(visit, session)
        if accounts.set_blocked(visit.app, session, account, blocked=blocking):
            action = "account_blocked" if blocking else "account_unblocked"
            visit.note(session, action, account.login)
    if blocking and last:
        return _list(visit, status=409, problem=LAST)
    return visit.to("/nguoi-dung")


def _role(visit: Visit, form: Form) -> Answer:
    wanted = _wanted(visit, form)
    if wanted is None:
        words = "Hãy chọn vai trò; vai trò đơn vị cần một đơn vị."
        return _list(visit, status=422, problem=words)
    role, unit = wanted
    with visit.app.sessions.begin() as session:
        account, last = _account(visit, session)
        refused = last and role is not Role.ADMIN
        if not refused and (account.role, account.unit_id) != (role.value, unit):
            stored.change(session, account.id, role=role.value, unit_id=unit)
            detail = {"from": account.role, "to": role.value, "unit": unit or ""}
            visit.note(session, "account_role", account.login, **detail)
    return _list(visit, status=409, problem=LAST) if refused else visit.to("/nguoi-dung")
