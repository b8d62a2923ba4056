"""Commands about the model: train, reread, evaluate, bench."""

from __future__ import annotations

import runpy
import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from langnghe.app import App
from langnghe.cli.base import finish, operator_folder
from langnghe.learning import adopt, train_here, work_folder
from langnghe.lines import UnreadableInput, emit
from langnghe.promotion import table
from langnghe.rereading import compare
from nlp.reader import Reader
from nlp.topics import load_model

_BENCHMARKS = Path(__file__).parent.parent.parent / "benchmarks"


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (train, reread, evaluate, bench):
        app.command()(command)


def train(
    context: typer.Context,
    corpus: Annotated[
        Path | None, typer.Option(help="Folder with labelled.jsonl and its company.")
    ] = None,
    exclude: Annotated[
        Path | None, typer.Option(help="File of item ids, one a line, to leave out.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Only write the model to this file.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Take nothing into use; show what would change.")
    ] = False,
    days: Annotated[int, typer.Option(min=1, help="How far --dry-run looks back.")] = 30,
) -> None:
    """Train from what people said here, and take the model into use unless it is worse.

    With --corpus, --exclude or --out a model file is written instead (model.npz): from the
    corpus, or from the shipped weights and examples.
    """
    if corpus or exclude or out:
        # Imported here: scikit-learn takes a second, and no other command needs it.
        from nlp.training.run import train as train_model

        emit(asdict(train_model(corpus, _ids(exclude), out or Path("model.npz"))))
        return
    _train_here(App(operator_folder(context.obj)), days if dry_run else None)


def reread(
    context: typer.Context,
    days: Annotated[int, typer.Option(min=1, help="How far to look back.")] = 30,
) -> None:
    """Show what the present reader would make of the last days; nothing is changed."""
    app = App(operator_folder(context.obj))
    for shift in compare(app, app.reader, app.clock() - timedelta(days=days)):
        emit(asdict(shift))


def _train_here(app: App, dry_days: int | None) -> None:
    """Train on this installation's labels; with `dry_days` only show what would change."""
    with work_folder(app) as folder:
        made = train_here(app, Path(folder))
        if made is None:
            emit({"version": None, "state": "none", "why": "Chưa có nhãn nào để học."})
            return
        sys.stderr.write(table(made.decision.differences) + "\n")
        told = {
            "version": made.version,
            "learnt": made.learnt,
            "held_out": made.held_out,
            "figures": [asdict(one) for one in made.decision.differences],
        }
        if dry_days is not None:
            reader = Reader(load_model(made.file), app.finder)
            for shift in compare(app, reader, app.clock() - timedelta(days=dry_days)):
                emit(asdict(shift))
            emit(told | {"state": "dry_run", "why": made.decision.why})
            return
        kept = adopt(app, made)
    emit(told | {"state": kept.state.value, "why": kept.why, "path": kept.path})
    if app.settings.model is not None:
        sys.stderr.write("langnghe.toml đặt `model`: mô hình đó vẫn được dùng.\n")


def evaluate(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="JSONL with `gold` or `cluster` on each line.")],
    model: Annotated[Path | None, typer.Option(help="Another model file.")] = None,
    unaccented: Annotated[bool, typer.Option(help="Strip all accents first.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for JSON, Markdown and a picture.")] = (
        None
    ),
) -> None:
    """Measure the reader and the grouping on a labelled file, with bootstrap intervals."""
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
