"""Commands for the outbox: what waits, what was sent, and what could not be delivered."""

from __future__ import annotations

import sys
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer

from langnghe.app import App
from langnghe.cli.base import finish, operator, operator_folder
from langnghe.delivering import deliver
from langnghe.lines import emit
from langnghe.undeliverable import drop, retry
from storage import deadletters

mails = typer.Typer(no_args_is_help=True, help="Look into the outbox, and put it right.")
Key = Annotated[str, typer.Argument(help="Key of the notice, as `mails list` shows it.")]


class State(StrEnum):
    """Where a notice stands. A dropped one had failed, and needs nothing any more."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(mails, name="mails")


@mails.command("list")
def list_mails(
    context: typer.Context,
    state: Annotated[State | None, typer.Option(help="Only notices in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="No more than so many.")] = 1000,
) -> None:
    """List notices, newest first. Of a failed one `next_at` says when it failed."""
    app = App(operator_folder(context.obj))
    with app.views() as session:
        for notice in deadletters.kept(session, state.value if state else None, limit):
            emit(asdict(notice))


@mails.command("send")
def send_mails(context: typer.Context) -> None:
    """Send what is due now, as `serve` does every minute."""
    report = deliver(App(operator_folder(context.obj)))
    emit(asdict(report))
    finish(report.failed)


@mails.command("retry")
def retry_mail(context: typer.Context, key: Key) -> None:
    """Put a failed notice back into the queue, with the cases that wait because of it."""
    app = App(operator_folder(context.obj))
    _done(key, done=retry(app, key, _who()))


@mails.command("drop")
def drop_mail(
    context: typer.Context,
    key: Key,
    text: Annotated[str, typer.Option(help="Why; kept in the history of its cases.")],
) -> None:
    """Give a failed notice up, so that it no longer alarms. Its cases stay as they are."""
    app = App(operator_folder(context.obj))
    _done(key, done=drop(app, key, _who(), text))


def _who() -> str:
    return operator()


def _done(key: str, *, done: bool) -> None:
    if not done:
        sys.stderr.write(f"{key}: không có thư nào như vậy ở trạng thái failed\n")
        raise typer.Exit(1)
    emit({"key": key, "done": True})
