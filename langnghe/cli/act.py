"""Commands that act on a case: approve, dismiss, assign, correct, close, and take back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from langnghe.app import App
from langnghe.asking import resolve_place
from langnghe.cli.base import operator, operator_folder
from langnghe.deciding import Actor, act
from langnghe.lines import emit
from storage import cases as stored_cases
from triage.act import DISMISSALS, OTHER, Act, Kind
from triage.case import CaseOutcome, Veracity

Number = Annotated[int, typer.Argument(help="Number of the case.")]
Words = Annotated[
    str, typer.Option("--text", help="Reason or statement; masked before it is kept.")
]
Who = Annotated[str, typer.Option(help="Who decides, for the history [the user of this machine].")]


def register(cases: typer.Typer) -> None:
    """Add the commands of this file to `cases`."""
    for command in (approve, dismiss, assign, correct, close, amend):
        cases.command()(command)
    cases.command("send-back")(send_back)
    for kind, about in (
        (Kind.REOPEN, "Open a case that is over again; its unit gets it in the next round."),
        (Kind.NOTE, "Add a note to the history."),
        (Kind.UNDO, "Take the last decision back, as long as no mail told of it."),
    ):
        cases.command(_NAMES[kind], help=about)(_plain(kind))


_NAMES = {Kind.REOPEN: "reopen", Kind.NOTE: "note", Kind.UNDO: "undo"}


def approve(context: typer.Context, number: Number, unit: str = "", who: Who = "") -> None:
    """Approve a proposal: its unit, or UNIT, gets it in the next round."""
    _run(context, number, Act(Kind.APPROVE, unit_id=unit), who)


def dismiss(
    context: typer.Context,
    number: Number,
    text: Words,
    code: Annotated[str, typer.Option(help=f"One of {', '.join(DISMISSALS)}.")] = OTHER,
    place: Annotated[str, typer.Option(help="Where it lies, for the code elsewhere.")] = "",
    who: Who = "",
) -> None:
    """Drop a case with a reason; those who were told of it are told so."""
    if code not in DISMISSALS:
        raise typer.BadParameter(f"{code!r} is none of {', '.join(DISMISSALS)}")
    key = _place(context, place)
    _run(context, number, Act(Kind.DISMISS, text, code=code, place_key=key), who)


def assign(
    context: typer.Context, number: Number, unit: str, text: Words = "", who: Who = ""
) -> None:
    """Give a case to UNIT; the clocks go on."""
    _run(context, number, Act(Kind.ASSIGN, text, unit_id=unit), who)


def correct(
    context: typer.Context,
    number: Number,
    severity: Annotated[int | None, typer.Option(min=1, max=3)] = None,
    topic: Annotated[list[str] | None, typer.Option(help="Topic id, main first.")] = None,
    place: Annotated[str, typer.Option(help="Place in words, or its key.")] = "",
    who: Who = "",
) -> None:
    """Put right what the machine read; before anything was sent the unit follows the place."""
    topics = tuple(topic) if topic else None
    key = _place(context, place)
    _run(context, number, Act(Kind.CORRECT, severity=severity, topics=topics, place_key=key), who)


def close(
    context: typer.Context,
    number: Number,
    veracity: Annotated[Veracity | None, typer.Option(help="What was found [as answered].")] = None,
    outcome: Annotated[CaseOutcome | None, typer.Option(help="[as answered]")] = None,
    text: Words = "",
    who: Who = "",
) -> None:
    """Confirm the unit's answer and close the case; everyone who was told is told the end."""
    _run(context, number, Act(Kind.CLOSE, text, veracity=veracity, outcome=outcome), who)


def amend(
    context: typer.Context,
    number: Number,
    text: Words,
    veracity: Veracity | None = None,
    outcome: CaseOutcome | None = None,
    who: Who = "",
) -> None:
    """Correct the end of a closed case; everyone who was told gets the correction."""
    _run(context, number, Act(Kind.AMEND, text, veracity=veracity, outcome=outcome), who)


def send_back(context: typer.Context, number: Number, text: Words, who: Who = "") -> None:
    """Ask the unit to answer again, and say what is missing."""
    _run(context, number, Act(Kind.SEND_BACK, text), who)


def _place(context: typer.Context, named: str) -> str | None:
    """Return the key of a place named in words; None for none. Unknown ones are refused."""
    if not named:
        return None
    app = App(operator_folder(context.obj))
    key, reason, candidates = resolve_place(app, named, app.today())
    if key is None:
        raise typer.BadParameter(f"{named}: {reason} {' '.join(candidates)}".strip())
    return key


def _plain(kind: Kind) -> Callable[..., None]:
    def command(context: typer.Context, number: Number, text: Words = "", who: Who = "") -> None:
        _run(context, number, Act(kind, text), who)

    return command


def _run(context: typer.Context, number: int, asked: Act, who: str) -> None:
    app = App(operator_folder(context.obj))
    actor = Actor(operator(who))
    with app.sessions.begin() as session:
        change = act(app, session, number, asked, actor)
        case = stored_cases.get(session, number)
    emit(
        {
            "case": number,
            "did": change.kind.value,
            "text": change.text,
            "state": case.brief.state.value if case else None,
            "unit": case.brief.unit_id if case else None,
        }
    )
