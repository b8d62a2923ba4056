"""Commands for the dated words on a case: promises, dialogues, press conferences, tasks, checks."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from langnghe.app import App
from langnghe.cli.act import Who
from langnghe.cli.base import operator, operator_folder
from langnghe.dating import KINDS, SETTLED, add_date, reopen_date, settle_date
from langnghe.lines import emit
from storage import commitments

dates = typer.Typer(no_args_is_help=True, help="Promises and other dated words on a case.")
Case = Annotated[int, typer.Argument(help="Number of the case.")]
Words = Annotated[str, typer.Option("--text", help="Masked before it is kept.")]


def register(cases: typer.Typer) -> None:
    """Add the commands of this file to `cases`."""
    cases.add_typer(dates, name="dates")


@dates.command("list")
def list_dates(context: typer.Context, case: Case) -> None:
    """List what is dated on a case, by day."""
    app = App(operator_folder(context.obj))
    with app.views() as session:
        for one in commitments.of_case(session, case):
            emit(asdict(one))


@dates.command()
def add(
    context: typer.Context,
    case: Case,
    kind: Annotated[str, typer.Option(help=f"One of {', '.join(KINDS)}.")],
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Which day.")],
    text: Words,
    unit: Annotated[list[str] | None, typer.Option(help="Units it concerns, lead first.")] = None,
    who: Who = "",
) -> None:
    """Keep a promise, a dialogue, a press conference, a task of a group, or a check to come."""
    app = App(operator_folder(context.obj))
    with app.sessions.begin() as session:
        number = add_date(
            app, session, case, kind, text, on.date(), who=operator(who), units=unit or ()
        )
    emit({"case": case, "date": number})


@dates.command()
def settle(
    context: typer.Context,
    case: Case,
    number: Annotated[int, typer.Argument(help="Number of the date.")],
    state: Annotated[str, typer.Option(help=f"One of {', '.join(SETTLED)}.")],
    text: Words = "",
    who: Who = "",
) -> None:
    """Say what became of it."""
    app = App(operator_folder(context.obj))
    with app.sessions.begin() as session:
        settle_date(app, session, case, number, state, text, who=operator(who))
    emit({"case": case, "date": number, "state": state})


@dates.command()
def reopen(
    context: typer.Context,
    case: Case,
    number: Annotated[int, typer.Argument(help="Number of the date.")],
    who: Who = "",
) -> None:
    """Take back what a person said became of a dated word; it is open again."""
    app = App(operator_folder(context.obj))
    with app.sessions.begin() as session:
        reopen_date(app, session, case, number, who=operator(who))
    emit({"case": case, "date": number, "state": commitments.OPEN})
