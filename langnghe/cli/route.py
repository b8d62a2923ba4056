"""The command that says who answers, and what a change of routing would move."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from langnghe.app import App
from langnghe.asking import reachable, resolve_place
from langnghe.cli.base import operator_folder
from langnghe.lines import emit
from langnghe.routediff import difference

_route = typer.Typer(invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    _route.callback()(route)
    _route.command("diff")(diff)
    app.add_typer(_route, name="route")


def route(
    context: typer.Context,
    place: Annotated[
        str | None,
        typer.Option(help='"xã An Hiệp, huyện Ba Tri" or a place key; required.'),
    ] = None,
    topic: Annotated[str | None, typer.Option(help="Topic id; required.")] = None,
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day of the problem; required."),
    ] = None,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of asking [today].")
    ] = None,
    expect: Annotated[
        str | None, typer.Option(metavar="UNIT", help="Exit 1 unless this unit leads.")
    ] = None,
) -> None:
    """Show who answers for TOPIC in PLACE, by which rule, then and now."""
    if context.invoked_subcommand is not None:
        return
    if place is None or topic is None or on is None:
        given = (("--place", place), ("--topic", topic), ("--on", on))
        missing = ", ".join(name for name, value in given if value is None)
        raise typer.BadParameter(f"missing {missing}")
    app = App(operator_folder(context.obj))
    asked = as_of.date() if as_of else app.today()
    key, hold, candidates = resolve_place(app, place, on.date())
    if topic not in app.catalog.topics:
        raise typer.BadParameter(f"{topic!r} is none of {', '.join(app.catalog.topics)}")
    routing = app.routes.route(key, [topic], on.date(), asked, has_contact=reachable(app))
    result = asdict(routing) | {"place": key}
    if hold:
        result |= {"lead": None, "hold": hold, "candidates": list(candidates)}
    emit(result)
    if expect and expect != result["lead"]:
        sys.stderr.write(f"expected {expect}, got {result['lead']}\n")
        raise typer.Exit(1)


def diff(
    context: typer.Context,
    old: Annotated[Path, typer.Argument(help="Operator's folder, or folder of routing files.")],
    new: Annotated[Path, typer.Argument(help="The same, as it is to become.")],
) -> None:
    """List the open cases that would change hands from OLD to NEW; exit 1 if some would."""
    app = App(operator_folder(context.obj))
    found = difference(app, old, new)
    for line in found.lines:
        emit(line)
    for number in found.unplaced:
        sys.stderr.write(f"case {number}: its place is not on both maps: not compared\n")
    sys.stderr.write(f"{len(found.lines)} of {found.cases} open cases would change hands\n")
    if found.lines or found.unplaced:
        raise typer.Exit(1)
