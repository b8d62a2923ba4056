"""The parts of an installation on several machines, each a process of its own."""

from __future__ import annotations

import sys
from enum import StrEnum
from importlib.util import find_spec
from typing import Annotated

import typer

from config.errors import ConfigError
from langnghe.app import App
from langnghe.cli.base import operator_folder


class Role(StrEnum):
    """What a worker does."""

    WORK = "work"
    GATHER = "gather"


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(scheduler)
    app.command()(worker)


def scheduler(context: typer.Context) -> None:
    """Tick for all workers. Of several, one is active and the others wait."""
    app = _application(context)
    from langnghe.cluster.scheduler import run_scheduler

    def began() -> None:
        sys.stderr.write("Bộ lập lịch đang điều hành. Ctrl-C để dừng.\n")
        sys.stderr.flush()

    raise typer.Exit(run_scheduler(app, began))


def worker(
    context: typer.Context,
    role: Annotated[
        Role,
        typer.Option(help="work: crawl, read and mail. gather: the one place that makes events."),
    ] = Role.WORK,
    processes: Annotated[
        int | None, typer.Option(min=1, max=256, help="How many side by side; default: all cores.")
    ] = None,
) -> None:
    """Take work from the broker until stopped. Every cluster needs both roles."""
    app = _application(context)
    from langnghe.cluster.worker import run_worker

    raise typer.Exit(run_worker(app, role.value, processes))


def _application(context: typer.Context) -> App:
    if find_spec("celery") is None:
        raise ConfigError(["-: -: install the extra for several machines: lang-nghe[cluster]"])
    app = App(operator_folder(context.obj))
    if app.settings.url().startswith("sqlite"):
        raise ConfigError(["langnghe.toml: database_url: several machines need PostgreSQL"])
    _ = app.engine
    return app
