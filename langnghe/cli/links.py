"""Commands for answer links: make one, end those of a case, change the key."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from config.errors import ConfigError
from langnghe.app import App
from langnghe.asking import is_standing
from langnghe.cli.base import Group, operator, operator_folder
from langnghe.lines import emit
from langnghe.links import answer_link, keys
from langnghe.links import rotate as rotate_keys
from storage import answers

links = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Answer links of units: make one, end those of a case, change the key.",
)
Number = Annotated[int, typer.Argument(metavar="CASE", help="Number of the case.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (rotate, make, revoke):
        links.command()(command)
    app.add_typer(links, name="links")


def rotate(
    context: typer.Context,
    drop: Annotated[
        bool, typer.Option(help="End all links given so far: for a key that may have leaked.")
    ] = False,
) -> None:
    """Sign new links with a new key; older ones work on until they expire."""
    app = App(operator_folder(context.obj))
    new = rotate_keys(app, drop=drop)
    for key in keys(app):
        emit({"key": key.id, "signs": key.id == new.id, "until": key.until})


def make(context: typer.Context, number: Number) -> None:
    """Print the link under which the unit of CASE answers now; whoever has it can answer."""
    app = App(operator_folder(context.obj))
    if not app.settings.public_url:
        raise ConfigError(["langnghe.toml: public_url: not set, so there are no links"])
    with app.views() as session:
        found = answers.linked(session, number)
    if found is None:
        _nothing(number)
        return
    unit = found.case.brief.unit_id
    if not unit or not is_standing(app, unit):
        name = found.case.brief.unit_name or "không có đơn vị"
        raise ConfigError([f"cases: {number}: no unit that could answer ({name})"])
    link = answer_link(app, number, unit, found.epoch)
    emit({"case": number, "unit": unit, "link": link})


def revoke(context: typer.Context, number: Number) -> None:
    """End every link of CASE that was given so far; `links make` gives a new one."""
    app = App(operator_folder(context.obj))
    who = operator(role="operator")
    with app.sessions.begin() as session:
        epoch = answers.revoke(session, number, app.clock(), who)
    if epoch is None:
        _nothing(number)
    emit({"case": number, "epoch": epoch})


def _nothing(number: int) -> None:
    sys.stderr.write(f"no case {number}\n")
    raise typer.Exit(1)
