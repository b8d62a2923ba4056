"""Commands that bring data in and out: import, export."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from config.errors import ConfigError
from crawlers.registry import option_problems
from crawlers.spiders.upload import Options
from langnghe.app import App
from langnghe.cli.base import finish, operator, operator_folder
from langnghe.exporting import Form, Period, What, export_bytes
from langnghe.importing import import_file, preview
from langnghe.lines import emit

_KINDS = "CSV, TSV, XLSX, JSON or JSONL"


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("import")(import_items)
    app.command()(export)


def import_items(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help=f"{_KINDS}; .jsonl.xz and .jsonl.gz too.")],
    source: Annotated[str, typer.Option(help="Source id under which items are kept.")] = "nhap-tay",
    limit: Annotated[int | None, typer.Option(help="Take only so many.")] = None,
    read: Annotated[
        bool, typer.Option("--read/--no-read", help="Read and group them as well.")
    ] = True,
    column: Annotated[
        list[str] | None,
        typer.Option(help='Which column holds what, as text="Ý kiến"; may be repeated.'),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be kept, and keep nothing.")
    ] = False,
) -> None:
    """Keep the items of a file as if they had been crawled; known ones are not kept twice."""
    app = App(operator_folder(context.obj))
    columns = dict(_named(one) for one in column or [])
    try:
        Options(columns=columns)
    except ValidationError as error:
        raise ConfigError(f"--column: {line}" for line in option_problems(error)) from error
    if dry_run:
        found = preview(app, file, source, columns)
        emit(found)
        finish(found["failed"])
        return

    def say(reason: str) -> None:
        sys.stderr.write(f"{file}: {reason}\n")

    report = import_file(app, file, source, limit=limit, read=read, columns=columns, say=say)
    emit(report.as_dict())
    finish(report.failed)


def _named(given: str) -> tuple[str, str]:
    field, sign, name = given.partition("=")
    if not sign or not name.strip():
        raise ConfigError([f"--column: {given}: write FIELD=NAME, as text=Ý kiến"])
    return field.strip(), name.strip()


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
    if first and last and last < first:
        raise ConfigError([f"--to: {last:%Y-%m-%d} is before --from {first:%Y-%m-%d}"])
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
