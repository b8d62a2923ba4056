"""What a list of cases is asked for: the fields of its address, and the cases that fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from langnghe.app import App
from langnghe.web.console.guard import Visit
from nlp.normalise import fold
from storage import board
from storage.board import WAITING, Wanted
from storage.cases import StoredCase
from storage.db import Session
from triage.case import CaseState

SIZE = 50
#: The fields of the address; what else stands there is nobody's.
FIELDS = ("tim", "tinh-trang", "chu-de", "muc-do", "don-vi", "noi", "qua-han")
WAITS, ALL = "cho", "tat-ca"
_MOST_CHARS = 200
_CUT = "\x1e"


@dataclass(frozen=True, slots=True)
class Found:
    """One page of cases, which page it is, and how many fit in all."""

    cases: list[StoredCase]
    number: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // SIZE))


def asked(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields that say something, as they were typed."""
    found = {name: str(values.get(name, "")).strip()[:_MOST_CHARS] for name in FIELDS}
    return {name: value for name, value in found.items() if value}


def page_number(visit: Visit) -> int:
    """Return which page is asked for, from 1; what is no number is the first."""
    text = str(visit.request.query_params.get("trang", "1"))
    return max(1, int(text)) if text.isdecimal() and len(text) < 7 else 1


def find(
    app: App, session: Session, fields: Mapping[str, str], number: int, *, queue: bool
) -> Found:
    """Return the cases that fit. The queue shows what waits for a person unless told otherwise.

    Words are looked for without accents, in title, gist, unit and number; places in the
    names of the place.
    """
    wanted = _wanted(app, fields, WAITS if queue else ALL)
    text, place = fold(fields.get("tim", "")).split(), fold(fields.get("noi", "")).split()
    if not text and not place:
        total = board.count(session, wanted)
        number = min(number, max(1, -(-total // SIZE)))
        start = (number - 1) * SIZE
        return Found(board.page(session, wanted, start, SIZE, by_weight=queue), number, total)
    fits = _fitting(board.words(session, wanted, by_weight=queue), text, place)
    number = min(number, max(1, -(-len(fits) // SIZE)))
    shown = fits[(number - 1) * SIZE : number * SIZE]
    return Found(board.numbered(session, shown), number, len(fits))


def _fitting(found: Iterable[tuple[int, str, str]], text: list[str], place: list[str]) -> list[int]:
    """Return the numbers of the cases that hold all words where they belong.

    All texts are folded as one, which is many times quicker than one by one.
    """
    rows = [(number, f"{number} {told}", where) for number, told, where in found]
    parts = [part.replace(_CUT, " ") for _, told, where in rows for part in (told, where)]
    folded = fold(_CUT.join(parts)).split(_CUT)
    return [
        number
        for (number, _, _), told, where in zip(rows, folded[::2], folded[1::2], strict=False)
        if all(word in told for word in text) and all(word in where for word in place)
    ]


def _wanted(app: App, fields: Mapping[str, str], usual: str) -> Wanted:
    level = fields.get("muc-do", "")
    return Wanted(
        states=_states(fields.get("tinh-trang", usual)),
        topic=fields["chu-de"] if fields.get("chu-de") in app.catalog.topics else "",
        severity=int(level) if level in ("1", "2", "3") else None,
        unit_id=fields.get("don-vi", ""),
        late_at=app.clock() if fields.get("qua-han") else None,
    )


def _states(asked_for: str) -> tuple[CaseState, ...]:
    if asked_for == WAITS:
        return WAITING
    return (CaseState(asked_for),) if asked_for in list(CaseState) else ()
