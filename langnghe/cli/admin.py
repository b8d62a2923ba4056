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


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (init, check, doctor, units):
        app.command()(command)


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
