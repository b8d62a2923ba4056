"""Commands about the model: train, evaluate, bench."""

from __future__ import annotations

import runpy
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from langnghe.app import App
from langnghe.cli.base import finish, operator_folder
from langnghe.lines import UnreadableInput, emit

_BENCHMARKS = Path(__file__).parent.parent.parent / "benchmarks"


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (train, evaluate, bench):
        app.command()(command)


def train(
    corpus: Annotated[
        Path | None, typer.Option(help="Folder with labelled.jsonl and its company.")
    ] = None,
    exclude: Annotated[
        Path | None, typer.Option(help="File of item ids, one a line, to leave out.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Where the model goes.")] = Path("model.npz"),
) -> None:
    """Train the reader's model anew; without a corpus, from the shipped examples and weights."""
    # Imported here: scikit-learn takes a second, and no other command needs it.
    from nlp.training.run import train as train_model

    report = train_model(corpus, _ids(exclude), out)
    emit(asdict(report))


def evaluate(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="JSONL with a `gold` object on each line.")],
    model: Annotated[Path | None, typer.Option(help="Another model file.")] = None,
    unaccented: Annotated[bool, typer.Option(help="Strip all accents first.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for figures as JSON and Markdown.")] = (
        None
    ),
) -> None:
    """Measure the reader on a labelled file, with bootstrap intervals."""
    from langnghe.measuring import evaluate_file

    over: dict[str, Any] = {"model": model} if model else {}
    app = App(operator_folder(context.obj), **over)
    emit(evaluate_file(app, file, unaccented=unaccented, out=out))


def bench(
    name: Annotated[str | None, typer.Argument(help="Which benchmark; none lists them.")] = None,
) -> None:
    """Run one of the benchmarks of a source checkout."""
    known = sorted(path.stem for path in _BENCHMARKS.glob("[a-z]*.py"))
    if name is None:
        for one in known:
            emit({"benchmark": one})
        return
    if name not in known:
        sys.stderr.write(f"no benchmark {name!r}; there are: {', '.join(known) or 'none here'}\n")
        raise typer.Exit(2)
    runpy.run_path(str(_BENCHMARKS / f"{name}.py"), run_name="__main__")
    finish(0)


def _ids(file: Path | None) -> set[str]:
    if file is None:
        return set()
    try:
        return {line.strip() for line in file.read_text("utf-8").splitlines() if line.strip()}
    except OSError as error:
        raise UnreadableInput(f"{file}: {error.strerror}") from error
