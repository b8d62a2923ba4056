"""Commands about the daily lists of evidence."""

from __future__ import annotations

import sys

import typer

from langnghe.app import App
from langnghe.cli.base import operator_folder
from langnghe.lines import emit
from langnghe.sealing import Sealed, seal, sealed, verify

evidence = typer.Typer(no_args_is_help=True, help="Daily lists of what was kept, chained by hash.")


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(evidence, name="evidence")


@evidence.command("seal")
def seal_days(context: typer.Context) -> None:
    """Write the lists of all days that are over; the service does so every morning."""
    for one in seal(App(operator_folder(context.obj))):
        _tell(one)


@evidence.command("list")
def list_days(context: typer.Context) -> None:
    """Tell the lists there are. The last `seal`, kept elsewhere, proves all before it."""
    for one in sealed(App(operator_folder(context.obj))):
        _tell(one)


@evidence.command("verify")
def verify_days(context: typer.Context) -> None:
    """Compare the lists with each other and with the tables; status 1 where something differs."""
    texts, wrong = verify(App(operator_folder(context.obj)))
    emit({"texts": texts, "day": wrong and wrong.day.isoformat(), "wrong": wrong and wrong.what})
    if wrong:
        sys.stderr.write(f"{wrong.day:%d/%m/%Y}: {wrong.what}\n")
        raise typer.Exit(1)


def _tell(one: Sealed) -> None:
    emit({"day": one.day.isoformat(), "texts": one.texts, "before": one.before, "seal": one.seal})
