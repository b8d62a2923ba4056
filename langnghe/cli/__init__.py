"""The `langnghe` command. Parses, calls, prints; decides nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from langnghe.cli import (
    admin,
    calendar,
    cluster,
    data,
    decide,
    demo,
    evidence,
    keep,
    learn,
    links,
    mails,
    missed,
    models,
    readers,
    reports,
    retention,
    route,
    run,
    silence,
    sources,
    text,
    users,
)
from langnghe.cli.base import Group, start_logs

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Listens to the press and public fanpages of a province, and sees that each problem "
    "reaches the unit that must verify it.",
)


@app.callback()
def options(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="The operator's folder [LANGNGHE_CONFIG, langnghe.d]."),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log every step.")] = False,
    json_logs: Annotated[bool, typer.Option("--json-logs", help="Logs as JSON lines.")] = False,
) -> None:
    """Take the options that stand before the command."""
    start_logs(verbose=verbose, json_logs=json_logs)
    context.obj = config


_MODULES = (
    demo,
    run,
    cluster,
    text,
    decide,
    route,
    silence,
    calendar,
    cluster,
    readers,
    reports,
    mails,
    links,
    users,
    admin,
    sources,
    keep,
    evidence,
    retention,
    data,
    learn,
    models,
    missed,
)
for module in _MODULES:
    module.register(app)


def main() -> None:
    """Run the command."""
    app(prog_name="langnghe")
