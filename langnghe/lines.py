"""JSON lines in and out: the form in which other programs talk to the command."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

from config.errors import LangNgheError
from config.settings import ZONE
from nlp.normalise import clean


class UnreadableInput(LangNgheError):
    """The input file cannot be read."""

    reason = "input"


@dataclass(frozen=True, slots=True)
class Line:
    """One item given on a line. `id` is kept as it was given."""

    id: Any
    title: str
    text: str
    published: datetime | None
    source: str
    url: str
    kind: str
    home: str


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is not an item, and why."""

    number: int
    problem: str


def read_lines(path: Path | None) -> Iterator[Line | BadLine]:
    """Yield the items of a JSONL file, or of standard input for None or "-".

    A line that is not an item is yielded as a `BadLine`; the rest goes on. Raises
    `UnreadableInput` when there is no such file.
    """
    if path is None or str(path) == "-":
        yield from _lines(sys.stdin)
        return
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            yield from _lines(stream)
    except OSError as error:
        raise UnreadableInput(f"{path}: {error.strerror}") from error


def line_of(values: Mapping[str, Any], number: int = 0) -> Line | BadLine:
    """Return an object as an item; it must have an id and strings as title and text."""
    if values.get("id") is None:
        return BadLine(number, "no object with an id")
    text, title = values.get("text") or values.get("summary") or "", values.get("title") or ""
    if not isinstance(text, str) or not isinstance(title, str):
        return BadLine(number, "title and text must be strings")
    published, problem = _published(values.get("published"))
    if problem:
        return BadLine(number, problem)
    return Line(
        id=values["id"],
        title=clean(title),
        text=clean(text),
        published=published,
        source=str(values.get("source") or ""),
        url=str(values.get("url") or values.get("link") or ""),
        kind=str(values.get("kind") or "press"),
        home=str(values.get("home") or ""),
    )


def _lines(stream: TextIO) -> Iterator[Line | BadLine]:
    for number, raw in enumerate(stream, 1):
        if raw.strip():
            yield _line(number, raw)


def _line(number: int, raw: str) -> Line | BadLine:
    try:
        values = json.loads(raw)
    except ValueError as error:
        return BadLine(number, f"not JSON: {error}")
    if not isinstance(values, dict):
        return BadLine(number, "no object with an id")
    return line_of(values, number)


def _published(value: Any) -> tuple[datetime | None, str]:
    """Read an ISO date or time; without a zone it is one of Asia/Ho_Chi_Minh."""
    if value in (None, ""):
        return None, ""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None, f"published: {value!r} is not an ISO date"
    return (at if at.tzinfo else at.replace(tzinfo=ZONE)), ""


def local_day(at: datetime | None) -> date | None:
    """Return the calendar day of an instant where our readers live."""
    return None if at is None else at.astimezone(ZONE).date()


def emit(value: Any) -> None:
    """Write one JSON object as a line of the result; instants as ISO 8601 of Viet Nam."""
    line = json.dumps(value, ensure_ascii=False, default=_plain)
    sys.stdout.write(line.encode("utf-8", "replace").decode() + "\n")


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(ZONE).isoformat(timespec="seconds")
    return str(value)
