"""Measure the reader on a labelled file, for an operator and for the docs."""

from __future__ import annotations

import json
import lzma
import random
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from langnghe.app import App, make_folder
from langnghe.lines import BadLine, Line, UnreadableInput, line_of
from langnghe.oneline import arrival_of, read_line
from langnghe.progress import progress
from nlp.evaluate import Figure, Figures, evaluate
from nlp.evaluate_events import b_cubed
from nlp.evaluate_report import confusion_svg, markdown, table
from nlp.group import Grouper
from nlp.reading import Reading

#: The order in which clustered items arrive is drawn once and for all with this seed.
ORDER = 3

Rows = Sequence[tuple[Mapping[str, Any], Line]]


def evaluate_file(app: App, file: Path, *, unaccented: bool, out: Path | None) -> dict[str, Any]:
    """Read every row of a label file and return the figures as plain values.

    Rows carry `title`, `text` and `gold` or `cluster` (or both, or `gold.event`), and
    perhaps `published`, `source` and `kind`, which are used as `analyse` uses them. The
    rows are read as they stand and once more without accents; with `unaccented` only
    without. Clustered rows are grouped in one shuffled order. `out` names a folder for
    `figures.json`, `figures.md` and `confusion.svg`. Raises `UnreadableInput` where
    the file is absent or not a label file.
    """
    rows = list(_rows(file))
    labelled = [(row, line) for row, line in rows if "gold" in row]
    ways = ("bare",) if unaccented else ("plain", "bare")
    with progress("Đang đo", len(labelled) * len(ways)) as advance:
        figures = {way: _measured(app, labelled, way, advance) for way in ways if labelled}
    events = _events(app, rows, bare=unaccented)
    if out is not None:
        _write(figures, events, out)
    values: dict[str, Any] = {"file": str(file), "items": len(rows), "unaccented": unaccented}
    if labelled:
        values |= json.loads(figures[ways[0]].to_json()) | {"items": len(rows)}
        values["bare"] = _plain(figures["bare"].overall)
    return values | {"events": _plain(events)}


def _measured(app: App, rows: Rows, way: str, advance: Callable[[int], None]) -> Figures:
    readings = list[Reading]()
    for _, line in rows:
        readings.append(read_line(app, _bared(line) if way == "bare" else line))
        advance(1)
    return evaluate([row for row, _ in rows], readings)


def _events(app: App, rows: Rows, *, bare: bool) -> Mapping[str, Figure]:
    """Group the clustered rows one by one, and return how well.

    Rows with a `cluster` come in the shuffled order, those with `gold.event` as published.
    """
    clustered = [(row["cluster"], line) for row, line in rows if row.get("cluster")]
    random.Random(ORDER).shuffle(clustered)  # noqa: S311 - an order, not a secret
    told = [(row["gold"]["event"], line) for row, line in rows if row.get("gold", {}).get("event")]
    clustered += sorted(told, key=lambda pair: pair[1].published or app.clock())
    if not clustered:
        return {}
    grouper, said = Grouper(), list[int]()
    for number, (_, each) in enumerate(clustered):
        line = _bared(each) if bare else each
        arrival = arrival_of(number, line, read_line(app, line), app.clock())
        said.append(grouper.add(arrival).event)
    return b_cubed([cluster for cluster, _ in clustered], said)


def _rows(file: Path) -> Iterator[tuple[Mapping[str, Any], Line]]:
    unpack: Any = lzma.open if file.suffix == ".xz" else open
    try:
        with unpack(file, "rt", encoding="utf-8") as stream:
            for number, raw in enumerate(stream, 1):
                if not raw.strip():
                    continue
                row = json.loads(raw)
                if not isinstance(row, dict) or not ("gold" in row or "cluster" in row):
                    raise UnreadableInput(f"{file}: line {number}: no gold object and no cluster")
                line = line_of(row, number)
                if isinstance(line, BadLine):
                    raise UnreadableInput(f"{file}: line {number}: {line.problem}")
                yield row, line
    except (OSError, ValueError, lzma.LZMAError) as error:
        raise UnreadableInput(f"{file}: {error}") from error


def _bared(line: Line) -> Line:
    return replace(line, title=_bare(line.title), text=_bare(line.text))


def _bare(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return plain.encode("ascii", "ignore").decode()


def _plain(figures: Mapping[str, Figure]) -> dict[str, Any]:
    return {name: asdict(figure) for name, figure in figures.items()}


def _write(figures: Mapping[str, Figures], events: Mapping[str, Figure], out: Path) -> None:
    make_folder(out)
    values: dict[str, Any] = {way: json.loads(each.to_json()) for way, each in figures.items()}
    values["events"] = _plain(events)
    (out / "figures.json").write_text(json.dumps(values, ensure_ascii=False, indent=1), "utf-8")
    parts = [f"# {_TITLES[way]}\n\n{markdown(each)}" for way, each in figures.items()]
    if events:
        parts.append("# Events\n\n" + "\n".join(table("figure", events)) + "\n")
    (out / "figures.md").write_text("\n".join(parts), "utf-8")
    for way, each in figures.items():
        name = "confusion.svg" if way == "plain" else "confusion-bare.svg"
        (out / name).write_text(confusion_svg(each), "utf-8")


_TITLES = {"plain": "As it stands", "bare": "The same text without any accent"}
