"""Commands that print papers: the month pack, the brief of a case."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from langnghe.app import App
from langnghe.cli import report_week
from langnghe.cli.base import operator_folder
from langnghe.cli.decide import cases
from langnghe.reporting import case_bytes, month_bytes

report = typer.Typer(no_args_is_help=True, help="Papers for the office.")


class PaperForm(StrEnum):
    """The forms of a case brief."""

    DOCX = "docx"
    HTML = "html"
    TEXT = "text"


class MonthForm(StrEnum):
    """The forms of a month pack."""

    DOCX = "docx"
    HTML = "html"
    TEXT = "text"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the commands of this file, and those that have a file of their own."""
    report_week.register(report)
    app.add_typer(report, name="report")


@report.callback()
def _group() -> None:
    """Papers for the office."""


@report.command()
def month(
    context: typer.Context,
    of: Annotated[str, typer.Option(metavar="YYYY-MM", help="The month.")],
    form: Annotated[MonthForm, typer.Option("--format", help="Form.")] = MonthForm.TEXT,
) -> None:
    """Print the pack of a month for the press briefing, as the tables stand now."""
    _print(month_bytes(App(operator_folder(context.obj)), of, form.value))


@cases.command()
def brief(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="Number of the case.")],
    form: Annotated[PaperForm, typer.Option("--format", help="Form.")] = PaperForm.TEXT,
) -> None:
    """Print a case on one page: what, where, the evidence, the answers, the clocks."""
    content = case_bytes(App(operator_folder(context.obj)), number, form.value)
    if content is None:
        sys.stderr.write(f"no case {number}\n")
        raise typer.Exit(1)
    _print(content)


def _print(content: bytes) -> None:
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
