"""Commands that bring data in and out: import, export."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Annotated

import typer

from langnghe.app import App
from langnghe.cli.base import finish, operator_folder
from langnghe.exporting import case_rows
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
    report = import_file(App(operator_folder(context.obj)), file, source, limit=limit, read=read)
    emit(report.as_dict())
    finish(report.failed)


def export(
    context: typer.Context,
    out: Annotated[Path | None, typer.Option(help="File; standard output if left out.")] = None,
) -> None:
    """Write all cases as CSV that a spreadsheet opens safely."""
    rows = case_rows(App(operator_folder(context.obj)))
    if out is None:
        csv.writer(sys.stdout).writerows(rows)
        return
    with out.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(rows)
