"""Commands that keep what is here: back-up, restore, the tables, the move to another database."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from langnghe.app import App
from langnghe.backup import Held, back_up, check, restore
from langnghe.backup import move as move_tables
from langnghe.cli.base import operator_folder
from langnghe.lines import emit
from storage.db import version


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (backup, restore_backup, migrate, move):
        app.command("restore" if command is restore_backup else None)(command)


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file to write: name.tar.gz.")],
    verify: Annotated[
        bool, typer.Option(help="Unpack it again elsewhere and compare all of it.")
    ] = True,
) -> None:
    """Write tables, files and settings into FILE while the service runs; whole or not at all.

    FILE holds the keys of answer links and every secret of the folder: keep it as safe.
    """
    held = back_up(App(operator_folder(context.obj)), file, _say)
    if verify:
        held = check(file)
    _tell(held, verified=verify)


def restore_backup(
    file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")],
    folder: Annotated[Path, typer.Argument(help="A new or empty folder for the settings.")],
) -> None:
    """Restore a back-up into FOLDER, and into the empty database that its settings name."""
    _tell(restore(file, folder), restored=str(folder))


def migrate(context: typer.Context) -> None:
    """Bring the tables to this version of the program, as the service does when it starts.

    For a service whose role may not change tables: call it with the owner's `database_url`.
    """
    emit({"version": version(App(operator_folder(context.obj)).engine)})


def move(
    context: typer.Context,
    to: Annotated[str, typer.Option(help="URL of an empty database; stop the service before.")],
) -> None:
    """Copy all tables into another database, SQLite or PostgreSQL, and compare them."""
    rows = move_tables(App(operator_folder(context.obj)), to, _say)
    emit({"rows": sum(rows.values()), "tables": rows})
    sys.stderr.write("Các bảng giống hệt nhau. Hãy đặt database_url trong langnghe.toml.\n")


def _say(table: str, rows: int) -> None:
    if rows:
        sys.stderr.write(f"{table}: {rows}\n")


def _tell(held: Held, **more: object) -> None:
    emit(asdict(held) | more)
