"""The command that shows the working calendar of a year."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from langnghe.app import App
from langnghe.cli.base import operator_folder
from langnghe.lines import emit
from triage.almanac import Almanac, almanac, almanac_text

#: The years for which the law of today and the lunar tables of the library say something.
_FIRST, _LAST = 2013, 2100


class Form(StrEnum):
    """The forms of a calendar."""

    TEXT = "text"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(calendar)


def calendar(
    context: typer.Context,
    year: Annotated[
        int | None, typer.Option(min=_FIRST, max=_LAST, help="The year [this year].")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="Form.")] = Form.TEXT,
) -> None:
    """Show the working days, days off and make-up days of YEAR, and how sure they are."""
    app = App(operator_folder(context.obj))
    found = almanac(app.calendar, year or app.today().year)
    if form is Form.JSON:
        emit(_plain(found))
    else:
        sys.stdout.write(almanac_text(found))


def _plain(found: Almanac) -> dict[str, object]:
    return {
        "year": found.year,
        "provisional": found.provisional,
        "decision": found.decision,
        "note": found.note,
        "working_days": found.working_days,
        "months": {str(month): count for month, count in enumerate(found.months, 1)},
        "holidays": {day.isoformat(): name for day, name in found.holidays.items()},
        "makeup_days": {day.isoformat(): name for day, name in found.makeup_days.items()},
        "differences": list(found.differences),
    }
