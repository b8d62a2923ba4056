"""Commands about the book of misses: what reached the committee by another road first."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from langnghe.app import App
from langnghe.asking import resolve_place
from langnghe.cli.base import operator, operator_folder, past_day
from langnghe.lines import emit
from langnghe.missing import Noted, note_miss
from storage.missed import Miss, every
from triage.station import WORDS, Station

missed = typer.Typer(no_args_is_help=True, help="The book of what others told us first.")


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(missed, name="missed")


@missed.command()
def add(
    context: typer.Context,
    title: Annotated[str, typer.Option(help="The problem in one line; masked.")],
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Day of the problem.")],
    topic: Annotated[str, typer.Option(help="Topic id.")],
    road: Annotated[str, typer.Option(help="How it reached the committee: hotline, petition, …")],
    url: Annotated[str, typer.Option(help="Where it was published, if it was.")] = "",
    place: Annotated[str, typer.Option(help="Place in words, or its key.")] = "",
    note: Annotated[str, typer.Option(help="Anything else; masked.")] = "",
    who: Annotated[str, typer.Option(help="[the user of this machine]")] = "",
) -> None:
    """Note a miss; says at which station it was lost, and links what was kept of it."""
    app = App(operator_folder(context.obj))
    if topic not in app.catalog.topics:
        raise typer.BadParameter(f"{topic!r} is none of {', '.join(app.catalog.topics)}")
    key = None
    if place:
        key, reason, candidates = resolve_place(app, place, on.date())
        if key is None:
            raise typer.BadParameter(f"{place}: {reason} {' '.join(candidates)}".strip())
    noted = Noted(title, url, past_day(on.date(), app.today(), "--on"), key, topic, road, note)
    with app.sessions.begin() as session:
        miss = note_miss(app, session, noted, operator(who))
    _tell(miss)


@missed.command("list")
def list_missed(context: typer.Context) -> None:
    """List the book, newest first."""
    app = App(operator_folder(context.obj))
    with app.sessions() as session:
        found = every(session)
    for miss in found:
        _tell(miss)


def _tell(miss: Miss) -> None:
    emit(asdict(miss) | {"station_text": WORDS[Station(miss.station)]})
