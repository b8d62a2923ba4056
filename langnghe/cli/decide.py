"""Commands that show decisions: route, digest, cases."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from langnghe.app import App
from langnghe.asking import reachable, resolve_place
from langnghe.cli.base import operator_folder
from langnghe.lines import emit
from langnghe.telling import digest_bytes
from storage import cases as stored_cases
from triage.case import CaseState

cases = typer.Typer(no_args_is_help=True, help="Look into the cases.")


class Form(StrEnum):
    """The forms of a digest."""

    HTML = "html"
    TEXT = "text"
    JSON = "json"
    DOCX = "docx"


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(route)
    app.command()(digest)
    app.add_typer(cases, name="cases")


def route(
    context: typer.Context,
    place: Annotated[str, typer.Option(help='"xã An Hiệp, huyện Ba Tri" or a place key.')],
    topic: Annotated[str, typer.Option(help="Topic id.")],
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Day of the problem.")],
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of asking [today].")
    ] = None,
    expect: Annotated[
        str | None, typer.Option(metavar="UNIT", help="Exit 1 unless this unit leads.")
    ] = None,
) -> None:
    """Show who answers for TOPIC in PLACE, by which rule, then and now."""
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


def digest(
    context: typer.Context,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of the digest [today].")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="Form.")] = Form.TEXT,
) -> None:
    """Print the digest of a day: as it was told, or as it would be told now."""
    app = App(operator_folder(context.obj))
    day = on.date() if on else app.today()
    sys.stdout.buffer.write(digest_bytes(app, day, form.value))
    sys.stdout.buffer.flush()


@cases.command("list")
def list_cases(
    context: typer.Context,
    state: Annotated[CaseState | None, typer.Option(help="Only cases in this state.")] = None,
    unit: Annotated[str | None, typer.Option(help="Only cases of this unit.")] = None,
) -> None:
    """List cases, newest first."""
    app = App(operator_folder(context.obj))
    states = [state] if state else None
    with app.views() as session:
        for brief in stored_cases.find(session, states=states, unit_id=unit):
            emit(asdict(brief))


@cases.command("show")
def show_case(context: typer.Context, number: Annotated[int, typer.Argument()]) -> None:
    """Show one case with its whole history: what was decided, why, and who was told."""
    app = App(operator_folder(context.obj))
    with app.views() as session:
        found = stored_cases.show(session, number)
    if found is None:
        sys.stderr.write(f"no case {number}\n")
        raise typer.Exit(1)
    emit(asdict(found))
