"""The demonstration: the whole line on a bundled press, with no network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from langnghe.demo import Step, replay
from langnghe.demosummary import print_summary


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(demo)


def demo(
    folder: Annotated[
        Path, typer.Option("--dir", help="Where digests, mails and the database go.")
    ] = Path("demo-out"),
    press: Annotated[
        Path | None, typer.Option(help="A press folder of your own (docs/demo-press.md).")
    ] = None,
) -> None:
    """Crawl a press on a loopback server, replayed in simulated time up to today."""
    console = Console(highlight=False)

    def watch(step: Step) -> None:
        console.print(
            f"[dim]{step.number:>3}/{step.of}[/]  {step.at:%d/%m/%Y}  "
            f"{step.new_items:>2} tin mới, {step.mails} thư đi"
        )

    done = replay(folder.absolute(), press, watch)
    print_summary(done.app, folder, console)
