"""Cross-validate the reader on the label file: what it reads of items it never learnt from."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from nlp.reader import Finder, Reader
from nlp.reading import Reading
from nlp.topics import Model
from nlp.training import data, run
from nlp.training.split import folds

#: Outer parts; each is read by a model that saw neither it nor its near-duplicates.
PARTS = 5
_DAY = date(2026, 6, 1)


@dataclass(frozen=True, slots=True)
class Crossed:
    """The rows of the label file, and how each was read: as it stands, and without accents."""

    rows: list[dict[str, Any]]
    readings: list[Reading]
    bare: list[Reading]


def cross_validate(
    corpus: Path, finder: Finder, say: Callable[[str], None] = lambda _: None
) -> Crossed:
    """Read every row of the label file with a model of the other parts.

    Thresholds and calibration come from inner parts of what was learnt, so that no
    choice sees the part that is measured. `say` is told of each part that is done.
    """
    rows = list(data.rows(corpus / "labelled.jsonl"))
    examples = run.gather(corpus, None)
    outer = np.array(folds(examples, "labelled", PARTS, seed=1))
    space = run.learn_space(corpus, {example.id for example in examples})
    held = run.material(examples)
    whole = np.append(outer, outer[run.long_ones(examples)])
    found: dict[str, tuple[Reading, Reading]] = {}
    for part in range(PARTS):
        model = Model(run.build_model(space, run.chosen(held, whole != part)))
        reader = Reader(model, finder)
        for place in np.flatnonzero(outer == part):
            example = examples[place]
            if example.origin == "labelled":
                found[example.id] = (
                    _read(reader, example.title, example.text),
                    _read(reader, without_accents(example.title), without_accents(example.text)),
                )
        say(f"part {part + 1} of {PARTS}")
    pairs = [found[str(row["id"])] for row in rows]
    return Crossed(rows, [full for full, _ in pairs], [bare for _, bare in pairs])


def without_accents(text: str) -> str:
    """Return the text as somebody types it without accents."""
    plain = text.replace("đ", "d").replace("Đ", "D")
    return unicodedata.normalize("NFD", plain).encode("ascii", "ignore").decode()


def _read(reader: Reader, title: str, text: str) -> Reading:
    return reader.read(title, text, published=None, as_of=_DAY)
