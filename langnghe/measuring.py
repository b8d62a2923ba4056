"""Measure the reader on a labelled file, for an operator and for the docs."""

from __future__ import annotations

import json
import lzma
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from langnghe.app import App, make_folder
from langnghe.lines import UnreadableInput, local_day
from langnghe.progress import progress
from nlp.evaluate import Figures, evaluate
from nlp.normalise import clean
from nlp.reading import Reading


def evaluate_file(app: App, file: Path, *, unaccented: bool, out: Path | None) -> dict[str, Any]:
    """Read every row of a label file and return the figures as plain values.

    `out` names a folder for `figures.json` and `figures.md`. Rows carry `title`, `text`,
    `gold` and perhaps `published` and `source`. Raises `UnreadableInput` where the file
    is absent or not a label file.
    """
    rows = list(_rows(file))
    with progress("Đang đo", len(rows)) as advance:
        readings = []
        for row in rows:
            readings.append(_read(app, row, unaccented=unaccented))
            advance(1)
    figures = evaluate(rows, readings)
    if out is not None:
        _write(figures, out)
    values: dict[str, Any] = json.loads(figures.to_json())
    return {"file": str(file), "items": len(rows), "unaccented": unaccented, **values}


def _rows(file: Path) -> Iterator[Mapping[str, Any]]:
    unpack: Any = lzma.open if file.suffix == ".xz" else open
    try:
        with unpack(file, "rt", encoding="utf-8") as stream:
            for number, line in enumerate(stream, 1):
                row = json.loads(line)
                if "gold" not in row:
                    raise UnreadableInput(f"{file}: line {number}: no gold object")
                yield row
    except (OSError, ValueError, lzma.LZMAError) as error:
        raise UnreadableInput(f"{file}: {error}") from error


def _read(app: App, row: Mapping[str, Any], *, unaccented: bool) -> Reading:
    title, text = clean(row.get("title") or ""), clean(row["text"])
    if unaccented:
        title, text = _bare(title), _bare(text)
    at = datetime.fromisoformat(row["published"]) if row.get("published") else None
    return app.reader.read(
        title,
        text,
        published=local_day(at),
        home=row.get("home") or "",
        kind=row.get("kind") or "press",
        as_of=app.today(),
    )


def _bare(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return plain.encode("ascii", "ignore").decode()


def _write(figures: Figures, out: Path) -> None:
    make_folder(out)
    (out / "figures.json").write_text(figures.to_json(), "utf-8")
    (out / "figures.md").write_text(figures.to_markdown(), "utf-8")
