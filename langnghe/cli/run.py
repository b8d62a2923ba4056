"""The main job: one round by hand, or the scheduler that runs day and night."""

from __future__ import annotations

from typing import Annotated

import typer

from langnghe.app import App
from langnghe.cli.base import finish, operator_folder
from langnghe.jobs import serve_forever
from langnghe.lines import emit
from langnghe.rounds import run_round_at


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(run)
    app.command()(serve)


def run(
    context: typer.Context,
    once: Annotated[
        bool, typer.Option("--once/--forever", help="One round, or as `serve` does.")
    ] = True,
) -> None:
    """Crawl what is due, read it, gather events, open cases, and send what is to be sent."""
    app = App(operator_folder(context.obj))
    if not once:
        serve_forever(app)
        return
    report = run_round_at(app, app.clock())
    emit(report.as_dict())
    finish(report.failed)


def serve(context: typer.Context) -> None:
    """Run rounds, the morning digest and the mails on schedule until stopped."""
    serve_forever(App(operator_folder(context.obj)))
