"""Commands about silences: what need not alarm, by whose word, and until when."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from langnghe import silencing
from langnghe.app import App
from langnghe.cli.base import operator, operator_folder
from langnghe.lines import emit
from langnghe.silencing import BadSilence
from storage import silences

_silence = typer.Typer(no_args_is_help=True, help="Keep something from raising alarms for a while.")


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(_silence, name="silence")


@_silence.command("add")
def add_silence(
    context: typer.Context,
    reason: Annotated[str, typer.Option(help="Why; masked before it is kept.")],
    until: Annotated[
        datetime,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"],
            help="Last day, or the moment it ends, in Asia/Ho_Chi_Minh.",
        ),
    ],
    event: Annotated[int | None, typer.Option(help="Number of the event.")] = None,
    topic: Annotated[list[str] | None, typer.Option(help="Topic id; may be repeated.")] = None,
    place: Annotated[
        list[str] | None, typer.Option(help="Place and all in it, in words or its key.")
    ] = None,
    who: Annotated[str, typer.Option(help="Who decides [the user of this machine].")] = "",
) -> None:
    """Let an event, or topics and places, raise no alarm until a day; the digest still tells."""
    app = App(operator_folder(context.obj))
    if (event is None) == (not topic and not place):
        raise typer.BadParameter("give --event, or --topic and --place, not both and not neither")
    try:
        with app.sessions.begin() as session:
            number = silencing.add(
                app,
                session,
                author=operator(who),
                reason=reason,
                until=until,
                event=event,
                topics=topic or (),
                places=place or (),
            )
    except BadSilence as error:
        raise typer.BadParameter(f"--{error.field}: {error.why}") from error
    emit({"silence": number})


@_silence.command("list")
def list_silences(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
) -> None:
    """List the silences that hold."""
    app = App(operator_folder(context.obj))
    with app.views() as session:
        found = silences.every(session) if every else silences.holding(session, app.clock())
    for one in found:
        emit(asdict(one))


@_silence.command("end")
def end_silence(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="Number of the silence.")],
    who: Annotated[str, typer.Option(help="Who decides [the user of this machine].")] = "",
) -> None:
    """End a silence now; the next round judges again what it kept quiet."""
    app = App(operator_folder(context.obj))
    with app.sessions.begin() as session:
        woken = silencing.end(app, session, number, operator(who))
    if woken is None:
        sys.stderr.write(f"no silence {number} that holds\n")
        raise typer.Exit(1)
    emit({"silence": number, "woken": woken})
