"""Commands for the readers of the digest: subscribe, unsubscribe, subscriptions."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated, Any

import typer

from langnghe.app import App
from langnghe.cli.base import operator_folder
from langnghe.lines import emit
from langnghe.readers import new_subscription, readers
from storage import subscriptions as stored
from storage.subscriptions import Subscription

subscriptions = typer.Typer(no_args_is_help=True, help="Who reads the digest.")
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="Where the digest is mailed to.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(subscribe)
    app.command()(unsubscribe)
    app.add_typer(subscriptions, name="subscriptions")


def subscribe(
    context: typer.Context,
    email: Email,
    topic: Annotated[list[str] | None, typer.Option(help="Only this topic; repeatable.")] = None,
    unit: Annotated[list[str] | None, typer.Option(help="Only this unit; repeatable.")] = None,
    at: Annotated[
        datetime | None, typer.Option(formats=["%H:%M"], help="Hour, Viet Nam time [digest_at].")
    ] = None,
) -> None:
    """Mail the digest to EMAIL every day at an hour; replaces what that address asked before.

    The digest is made at `digest_at`: an earlier hour is served then. Whoever subscribes
    after the hour gets the first one tomorrow.
    """
    app = App(operator_folder(context.obj))
    wanted = new_subscription(app, email, tuple(topic or ()), tuple(unit or ()), at)
    with app.sessions.begin() as session:
        new = stored.subscribe(session, wanted)
    emit(_line(wanted) | {"replaced": not new})


def unsubscribe(context: typer.Context, email: Email) -> None:
    """Mail the digest to EMAIL no more."""
    app = App(operator_folder(context.obj))
    with app.sessions.begin() as session:
        ended = stored.end(session, email, app.clock())
    if not ended:
        known = email in app.settings.mail.digest_to
        where = "; xóa ở langnghe.toml, mail.digest_to" if known else ""
        sys.stderr.write(f"{email}: không có đăng ký{where}\n")
        raise typer.Exit(1)
    emit({"email": email, "ended": True})


@subscriptions.command("list")
def list_subscriptions(context: typer.Context) -> None:
    """List who gets the digest, about what and at which hour; those of the settings too."""
    app = App(operator_folder(context.obj))
    with app.views() as session:
        own = {one.email for one in stored.living(session)}
        for one in readers(app, session):
            emit(_line(one) | {"from": "subscription" if one.email in own else "settings"})


def _line(one: Subscription) -> dict[str, Any]:
    return {
        "email": one.email,
        "topics": list(one.topics),
        "units": list(one.units),
        "at": f"{one.at:%H:%M}",
    }
