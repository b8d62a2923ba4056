"""Commands for the sources: how they are, what one would bring, finding and exchanging them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from langnghe.app import App
from langnghe.cli.base import finish, operator_folder
from langnghe.lines import emit
from langnghe.sourcefiles import export_opml, import_opml
from langnghe.sources import due_now, find_sources, overview, try_source

sources = typer.Typer(no_args_is_help=True, help="Look into the sources, find and exchange them.")


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(sources, name="sources")


@sources.command("list")
def list_sources(context: typer.Context) -> None:
    """List all sources with their health and the reason in words."""
    for line in overview(App(operator_folder(context.obj))):
        emit(line)


@sources.command("due")
def list_due(context: typer.Context) -> None:
    """List the sources that the next round would poll."""
    for line in due_now(App(operator_folder(context.obj))):
        emit(line)


@sources.command("test")
def fetch_sources(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(help="Sources; all enabled if none.")] = None,
) -> None:
    """Fetch sources now and print what would come in. Nothing is kept."""
    failed = 0
    for line, ok in try_source(App(operator_folder(context.obj)), ids or []):
        emit(line)
        failed += not ok
    finish(failed)


@sources.command("find")
def find(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="A page of the site, best its front page.")],
) -> None:
    """Look for the feeds, sitemaps and sections of a site that could be sources."""
    found = 0
    for line in find_sources(App(operator_folder(context.obj)), url):
        emit(line)
        found += "url" in line
    finish(not found)


@sources.command("export-opml")
def write_list(context: typer.Context) -> None:
    """Write the feeds among the sources as OPML, which every feed reader takes."""
    sys.stdout.buffer.write(export_opml(App(operator_folder(context.obj))))
    sys.stdout.buffer.flush()


@sources.command("import-opml")
def read_list(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The list.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
) -> None:
    """Make a source file for each feed of an OPML list that is no source yet; then look at them."""
    for line in import_opml(App(operator_folder(context.obj)), file, dry_run=dry_run):
        emit(line)
