"""Commands for the accounts of the console."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from langnghe.accounts import Role, invite_link, make_invite, set_blocked
from langnghe.app import App
from langnghe.cli.base import operator, operator_folder
from langnghe.lines import emit
from storage import accounts
from storage.accounts import AuditLine
from storage.db import Session

users = typer.Typer(no_args_is_help=True, help="Who may sign in to the console.")
Login = Annotated[str, typer.Argument(help="Login name; small letters.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(users, name="users")


@users.command("list")
def list_users(context: typer.Context) -> None:
    """List the accounts."""
    app = App(operator_folder(context.obj))
    with app.views() as session:
        for one in accounts.accounts(session):
            emit(
                {
                    "login": one.login,
                    "name": one.name,
                    "role": one.role,
                    "unit": one.unit_id,
                    "blocked": one.disabled,
                    "seen": one.seen_at.isoformat() if one.seen_at else None,
                }
            )


@users.command()
def invite(
    context: typer.Context,
    login: Login,
    role: Annotated[Role, typer.Option(help="What the account may do.")] = Role.ANALYST,
    unit: Annotated[str, typer.Option(help="Unit id, for the role of a unit.")] = "",
) -> None:
    """Print a link that is good once: for a new account, or a new password of an old one."""
    app = App(operator_folder(context.obj))
    if (role is Role.UNIT) != bool(unit) or (unit and unit not in app.catalog.units):
        raise typer.BadParameter("the role of a unit needs a known --unit, no other takes one")
    with app.sessions.begin() as session:
        secret = make_invite(app, session, login, role, unit or None)
        _note(app, session, "account_invited", login, role=role.value, unit=unit)
        account = accounts.by_login(session, login)
    blocked = account is not None and account.disabled
    emit({"login": login.lower(), "link": invite_link(app, secret), "blocked": blocked})


@users.command()
def block(context: typer.Context, login: Login) -> None:
    """Let nobody sign in as LOGIN any more, and end what is signed in."""
    _set(context, login, blocked=True)


@users.command()
def unblock(context: typer.Context, login: Login) -> None:
    """Let LOGIN sign in again, with the password of before."""
    _set(context, login, blocked=False)


def _set(context: typer.Context, login: str, *, blocked: bool) -> None:
    app = App(operator_folder(context.obj))
    with app.sessions.begin() as session:
        found = accounts.by_login(session, login)
        done = found is not None and set_blocked(app, session, found, blocked=blocked)
        if done:
            action = "account_blocked" if blocked else "account_unblocked"
            _note(app, session, action, login)
    if not done:
        words = f"no account {login}" if found is None else f"{login} is the last admin"
        sys.stderr.write(words + "\n")
        raise typer.Exit(1)
    emit({"login": login.lower(), "blocked": blocked})


def _note(app: App, session: Session, action: str, login: str, **detail: str) -> None:
    line = AuditLine(app.clock(), operator(role="operator"), action, login.lower(), detail)
    accounts.note(session, line)
