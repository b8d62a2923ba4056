"""Commands for whoever runs an installation: init, check, doctor, sources, units."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from langnghe.app import App
from langnghe.check import problems
from langnghe.cli.base import finish, operator_folder
from langnghe.doctor import examine
from langnghe.lines import emit
from langnghe.newfolder import create
from langnghe.sources import due_now, overview, try_source

sources = typer.Typer(no_args_is_help=True, help="Look into the sources.")


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (init, check, doctor, units):
        app.command()(command)
    app.add_typer(sources, name="sources")


def init(folder: Annotated[Path, typer.Argument(help="The folder to make.")]) -> None:
    """Make an operator's folder with every file explained. Existing files are left alone."""
    for path in create(folder):
        sys.stderr.write(f"{path}\n")
    sys.stderr.write(f"Tiếp theo: sửa các tệp trên, rồi: langnghe --config {folder} check\n")


def check(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Argument(help="The operator's folder.")] = None,
) -> None:
    """Print every problem of the configuration as `file: key: what is wrong`."""
    found = problems(operator_folder(folder or context.obj))
    for problem in found:
        sys.stdout.write(problem + "\n")
    if found:
        raise typer.Exit(2)
    sys.stderr.write("Cấu hình hợp lệ.\n")


def doctor(context: typer.Context) -> None:
    """Check the running parts live: disk, database, mail, model, sources."""
    failed = 0
    for finding in examine(App(operator_folder(context.obj))):
        emit(finding.as_dict())
        failed += not finding.ok
    finish(failed)


def units(context: typer.Context) -> None:
    """List the units that cases can be routed to, with their ids."""
    for unit in App(operator_folder(context.obj)).catalog.units.values():
        emit(unit.model_dump(mode="json", exclude_none=True))


@sources.command("list")
def list_sources(context: typer.Context) -> None:
    """List all sources with their health and the reason in words."""
    for line in overview(App(operator_folder(context.obj))):
        emit(line)


@sources.command("due")
def list_due(context: typer.Context) -> None:
    """List the sources that the next round would poll."""
    for line in due_now(App(operator_folder(context.obj))):
        emit(line)


@sources.command("test")
def fetch_sources(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(help="Sources; all enabled if none.")] = None,
) -> None:
    """Fetch sources now and print what would come in. Nothing is kept."""
    failed = 0
    for line, ok in try_source(App(operator_folder(context.obj)), ids or []):
        emit(line)
        failed += not ok
    finish(failed)
