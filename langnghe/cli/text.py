"""Commands on text alone: extract, feed, analyse, group. No database, no network."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from crawlers.extract import extract
from crawlers.feeds import parse_feed
from langnghe.app import App
from langnghe.cli.base import finish, operator_folder
from langnghe.contract import analysis_line
from langnghe.lines import BadLine, UnreadableInput, emit, read_lines
from langnghe.oneline import arrival_of, read_line
from langnghe.progress import progress
from langnghe.stages import over_maps

File = Annotated[Path | None, typer.Argument(help="JSONL; standard input if left out.")]
Model = Annotated[Path | None, typer.Option("--model", help="Another model file.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (extract_page, feed, analyse, group):
        app.command(name=command.__name__.split("_")[0])(command)


def extract_page(
    file: Annotated[Path, typer.Argument(help="A saved HTML page.")],
    url: Annotated[str, typer.Option("--url", help="Where the page came from.")],
) -> None:
    """Print title, text, date, address and site of a saved page as one JSON object."""
    page = extract(_bytes(file), url)
    emit(
        {
            "title": page.title,
            "text": page.text,
            "published": page.published.isoformat() if page.published else None,
            "url": page.url,
            "site": page.site,
        }
    )
    if not page.text:
        sys.stderr.write(f"{file}: no main text found\n")
        finish(1)


def feed(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A saved feed.")],
    url: Annotated[str, typer.Option("--url", help="Where the feed came from.")],
) -> None:
    """Print each entry of a saved feed (RSS, Atom, RDF, JSON) as a JSON line."""
    parsed = parse_feed(_bytes(file), url, now=App(operator_folder(context.obj)).clock())
    for entry in parsed.entries:
        emit(
            {
                "id": entry.id,
                "url": entry.url,
                "title": entry.title,
                "text": entry.text,
                "published": entry.published.isoformat() if entry.published else None,
            }
        )
    if parsed.problem:
        sys.stderr.write(f"{file}: {parsed.problem}\n")
    finish(int(not parsed.entries and parsed.problem is not None))


def analyse(
    context: typer.Context,
    file: File = None,
    model: Model = None,
    mask_names: Annotated[
        bool, typer.Option("--mask-names/--no-mask-names", help="Mask private names (slower).")
    ] = True,
) -> None:
    """Read items (JSONL: id, title, text, published?, source?) and print what was understood."""
    app = _app(context, model)
    failed = 0
    with progress("Đang phân tích") as advance:
        for line in read_lines(file):
            if isinstance(line, BadLine):
                failed += _complain(line)
                continue
            reading = read_line(app, line)
            masked = app.masker.mask(line.title, line.text, names=mask_names)
            emit(analysis_line(line, reading, masked, app.gazetteer))
            advance(1)
    finish(failed)


def group(context: typer.Context, file: File = None, model: Model = None) -> None:
    """Group items (JSONL as for analyse) into events, online and in the given order."""
    app = _app(context, model)
    failed, names = 0, list[Any]()
    with progress("Đang gom sự việc") as advance:
        for line in read_lines(file):
            if isinstance(line, BadLine):
                failed += _complain(line)
                continue
            reading = read_line(app, line)
            arrival = arrival_of(len(names), line, reading, app.clock())
            joined = app.grouper.add(over_maps(app, arrival))
            names.append(line.id)
            emit({"id": line.id, "event": str(names[joined.event]), "why": joined.why})
            advance(1)
    finish(failed)


def _app(context: typer.Context, model: Path | None) -> App:
    over: dict[str, Any] = {"model": model} if model else {}
    return App(operator_folder(context.obj), **over)


def _complain(line: BadLine) -> int:
    sys.stderr.write(f"line {line.number}: {line.problem}\n")
    return 1


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UnreadableInput(f"{file}: {error.strerror}") from error
