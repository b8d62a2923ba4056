"""The command that opens a case by hand."""

from __future__ import annotations

from typing import Annotated

import typer

from langnghe.app import App
from langnghe.cli.base import operator, operator_folder
from langnghe.lines import emit
from langnghe.opening import open_by_hand


def register(cases: typer.Typer) -> None:
    """Add the command of this file to `cases`."""
    cases.command("open")(open_case)


def open_case(
    context: typer.Context,
    event: Annotated[int, typer.Argument(help="Number of the event.")],
    text: Annotated[str, typer.Option(help="Why; masked before it is kept.")],
    who: Annotated[str, typer.Option(help="Who decides [the user of this machine].")] = "",
) -> None:
    """Propose a case of EVENT, which the machine only showed; then approve it as any other."""
    app = App(operator_folder(context.obj))
    with app.sessions.begin() as session:
        number = open_by_hand(app, session, event, text, operator(who))
    emit({"case": number, "event": event})
