"""Commands that bring data in and out: import, export."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from config.errors import ConfigError
from langnghe.app import App
from langnghe.cli.base import finish, operator, operator_folder
from langnghe.exporting import Form, Period, What, export_bytes
from langnghe.importing import import_file
from langnghe.lines import emit


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("import")(import_items)
    app.command()(export)


def import_items(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="JSONL, CSV, or JSONL packed with xz or gzip.")],
    source: Annotated[str, typer.Option(help="Source id under which items are kept.")] = "nhap-tay",
    limit: Annotated[int | None, typer.Option(help="Take only so many.")] = None,
    read: Annotated[
        bool, typer.Option("--read/--no-read", help="Read and group them as well.")
    ] = True,
) -> None:
    """Keep the items of a file as if they had been crawled; known ones are not kept twice."""
    app = App(operator_folder(context.obj))

    def say(reason: str) -> None:
        sys.stderr.write(f"{file}: {reason}\n")

    report = import_file(app, file, source, limit=limit, read=read, say=say)
    emit(report.as_dict())
    finish(report.failed)


def export(
    context: typer.Context,
    what: Annotated[What, typer.Argument(help="Which table.")] = What.CASES,
    form: Annotated[Form, typer.Option("--format", help="Form.")] = Form.CSV,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File; standard output if left out.")] = None,
    who: Annotated[str, typer.Option(help="Who takes it, for the log [the user here].")] = "",
) -> None:
    """Write a table that a spreadsheet opens safely; every export is logged."""
    period = Period(first.date() if first else None, last.date() if last else None)
    app = App(operator_folder(context.obj))
    content = export_bytes(app, what, form, period, operator(who, "operator").partition(":")[2])
    if out is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        raise ConfigError([f"{out}: --out: {error.strerror}"]) from error
