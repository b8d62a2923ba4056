"""Commands about forgetting: terms, what is due, holds, the ledger, and what people ask for."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from langnghe import retention as keeping
from langnghe.app import App
from langnghe.cli.base import operator, operator_folder
from langnghe.lines import emit
from storage import holds, ledger
from storage.holds import Held

retention = typer.Typer(no_args_is_help=True, help="How long things are kept, and what went.")
_Why = Annotated[str, typer.Option(help="Why; masked before it is kept.")]
_Who = Annotated[str, typer.Option(help="Who decides [the user of this machine].")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(retention, name="retention")
    app.command("forget")(forget_item)


@retention.command("show")
def show(context: typer.Context) -> None:
    """Tell each term, and how much the next run would delete. Deletes nothing."""
    app = App(operator_folder(context.obj))
    for term in keeping.terms(app):
        emit(asdict(term))
    with app.views() as session:
        emit({"deleted": ledger.totals(session), "holds": len(holds.listed(session))})


@retention.command("run")
def run(context: typer.Context, who: _Who = "") -> None:
    """Delete what is due now; the service does so once a day."""
    emit({"deleted": keeping.run_now(App(operator_folder(context.obj)), operator(who, "operator"))})


@retention.command("ledger")
def tell_ledger(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many lines.")] = 100,
) -> None:
    """Tell what was deleted, when, by which rule and by whom, the newest first."""
    with App(operator_folder(context.obj)).views() as session:
        for line in ledger.newest(session, limit):
            emit(asdict(line) | {"at": line.at.isoformat()})


@retention.command("hold")
def hold(
    context: typer.Context,
    kind: Annotated[Held, typer.Argument(help="What is held.")],
    number: Annotated[int, typer.Argument(help="Its number.")],
    why: _Why,
    who: _Who = "",
) -> None:
    """Keep a case with all its articles, or one article, whatever the terms say."""
    app = App(operator_folder(context.obj))
    words = _masked(app, why)
    with app.sessions.begin() as session:
        if not holds.exists(session, kind, number):
            raise typer.BadParameter(f"there is no {kind} {number}")
        made = holds.add(session, kind, number, words, operator(who), app.clock())
    emit({"hold": made})


@retention.command("release")
def release(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="Number of the hold, see `retention holds`.")],
    who: _Who = "",
) -> None:
    """End a hold; what is due goes at the next run."""
    app = App(operator_folder(context.obj))
    with app.sessions.begin() as session:
        if not holds.end(session, number, operator(who), app.clock()):
            raise typer.BadParameter(f"there is no hold {number} that stands")
    emit({"released": number})


@retention.command("holds")
def list_holds(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Those that ended, too.")] = False,
) -> None:
    """Tell the holds that stand, by whose word, and why."""
    with App(operator_folder(context.obj)).views() as session:
        for one in holds.listed(session, every=every):
            ended = one.ended_at and one.ended_at.isoformat()
            emit(asdict(one) | {"at": one.at.isoformat(), "ended_at": ended})


def forget_item(
    context: typer.Context,
    item: Annotated[int, typer.Argument(help="Number of the article.")],
    why: _Why,
    who: _Who = "",
) -> None:
    """Delete the words and addresses of one article because a person asked. Cannot be undone.

    It is not read again. Its cases stay, without its headline and gist.
    """
    app = App(operator_folder(context.obj))
    try:
        cases = keeping.forget(app, item, _masked(app, why), operator(who))
    except (keeping.UnknownItem, keeping.HistoryKept) as error:
        raise typer.BadParameter(str(error)) from error
    emit({"forgotten": item, "cases": cases})


def _masked(app: App, words: str) -> str:
    kept = app.masker.mask("", words).text.strip()
    if not kept:
        raise typer.BadParameter("--why: say why")
    return kept
