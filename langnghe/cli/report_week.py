"""The weekly figures: how often we were right, what we missed, how long it took."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from langnghe.app import App
from langnghe.cli.base import operator_folder
from langnghe.weekfigures import figures_of, monday_of, shown


class WeekForm(StrEnum):
    """The forms of the weekly figures."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


def register(report: typer.Typer) -> None:
    """Add the command of this file."""
    report.command("week")(week)


def week(
    context: typer.Context,
    of: Annotated[str, typer.Option(help="ISO week, 2026-W47 [the last whole week].")] = "",
    form: Annotated[WeekForm, typer.Option("--format", help="Form.")] = WeekForm.TEXT,
) -> None:
    """Print the figures of one week."""
    app = App(operator_folder(context.obj))
    try:
        monday = monday_of(of, app.today())
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    sys.stdout.write(shown(app, figures_of(app, monday), form.value))
