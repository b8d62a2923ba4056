"""Commands that show decisions: digest, cases."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from langnghe.app import App
from langnghe.cli import act, dates, opening
from langnghe.cli.base import operator_folder, past_day
from langnghe.lines import emit
from langnghe.telling import digest_bytes, was_told
from langnghe.why import why_text
from storage import cases as stored_cases
from storage.cases import StoredCase
from triage.case import CaseState
from triage.digest import next_due

cases = typer.Typer(no_args_is_help=True, help="Look into the cases, and decide about them.")


class Form(StrEnum):
    """The forms of a digest."""

    HTML = "html"
    TEXT = "text"
    JSON = "json"
    DOCX = "docx"


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(digest)
    act.register(cases)
    dates.register(cases)
    opening.register(cases)
    app.add_typer(cases, name="cases")


def digest(
    context: typer.Context,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of the digest [today].")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="Form.")] = Form.TEXT,
) -> None:
    """Print the digest of a day: as it was told, or as it would be told now."""
    app = App(operator_folder(context.obj))
    day = past_day(on.date(), app.today(), "--on") if on else app.today()
    if day != app.today() and not was_told(app, day):
        sys.stderr.write(f"{day}: ngày này chưa lập bản tin; dưới đây là tình trạng lúc này\n")
    sys.stdout.buffer.write(digest_bytes(app, day, form.value))
    sys.stdout.buffer.flush()


@cases.command("list")
def list_cases(
    context: typer.Context,
    state: Annotated[CaseState | None, typer.Option(help="Only cases in this state.")] = None,
    unit: Annotated[str | None, typer.Option(help="Only cases of this unit.")] = None,
) -> None:
    """List cases, newest first: what a table needs first, then all that is kept."""
    app = App(operator_folder(context.obj))
    states = [state] if state else None
    with app.views() as session:
        for case in stored_cases.find(session, states=states, unit_id=unit):
            emit(_head(case) | asdict(case))


def _head(case: StoredCase) -> dict[str, Any]:
    brief = case.brief
    due = next_due(brief.state, brief.deadlines)
    return {
        "number": brief.case_id,
        "state": brief.state.value,
        "severity": brief.severity,
        "unit": brief.unit_id,
        "place": brief.place,
        "title": brief.title,
        "due": due.at if due else None,
        "since": brief.opened_at,
    }


@cases.command("show")
def show_case(
    context: typer.Context,
    number: Annotated[int, typer.Argument()],
    why: Annotated[bool, typer.Option("--why", help="Every decision in words.")] = False,
) -> None:
    """Show one case with its whole history: what was decided, why, and who was told."""
    app = App(operator_folder(context.obj))
    if why and (words := why_text(app, number)) is not None:
        sys.stdout.write(words)
        return
    with app.views() as session:
        found = stored_cases.show(session, number)
    if found is None:
        sys.stderr.write(f"no case {number}\n")
        raise typer.Exit(1)
    emit(asdict(found))
