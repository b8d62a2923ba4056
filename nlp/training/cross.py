"""Cross-validate the reader on the label file: what it reads of items it never learnt from."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.reader import Finder, Reader
from nlp.reading import Reading
from nlp.topics import OUTPUTS, Model
from nlp.training import build, data, fit, run
from nlp.training.data import Example
from nlp.training.split import folds

#: Outer parts; each is read by a model that saw neither it nor its near-duplicates.
PARTS = 5
_DAY = date(2026, 6, 1)

Array = NDArray[Any]


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

    Calibration and thresholds of a part come from the scores of the other parts, so
    that no choice sees the part that is measured. `say` is told of each part that is done.
    """
    rows = list(data.rows(corpus / "labelled.jsonl"))
    examples = run.gather(corpus, None)
    outer = np.array(folds(examples, "labelled", PARTS, seed=1))
    space = run.learn_space(corpus, {example.id for example in examples})
    found: dict[str, tuple[Reading, Reading]] = {}
    for part, model in enumerate(_models(space, examples, outer, say)):
        reader = Reader(model, finder)
        for place in np.flatnonzero(outer == part):
            example = examples[place]
            if example.origin == "labelled":
                found[example.id] = (
                    _read(reader, example.title, example.text),
                    _read(reader, without_accents(example.title), without_accents(example.text)),
                )
    pairs = [found[str(row["id"])] for row in rows]
    return Crossed(rows, [full for full, _ in pairs], [bare for _, bare in pairs])


def _models(
    space: fit.Space, examples: Sequence[Example], outer: Array, say: Callable[[str], None]
) -> list[Model]:
    """Return for each part the model that was learnt from all others."""
    held = run.material(examples)
    rows, target = fit.features(space, held.seen), build.truth(held.examples)
    weight = build.weights(held.examples, held.short)
    whole = np.append(outer, outer[run.long_ones(examples)])
    scores = np.zeros((len(target), len(OUTPUTS)))
    learnt = []
    for part in range(PARTS):
        kept = whole != part
        learnt.append(build.fit_outputs(rows[kept], target[kept], weight[kept]))
        scores[~kept] = fit.score(rows[~kept], learnt[part])
        say(f"part {part + 1} of {PARTS}")
    origin = np.array([example.origin for example in held.examples])
    tested = (origin == "labelled") & ~held.short
    models = []
    for part in range(PARTS):
        others = tested & (whole != part)
        settled = build.settle(scores[others], target[others])
        models.append(Model(build.pack(space, learnt[part], *settled)))
    return models


def without_accents(text: str) -> str:
    """Return the text as somebody types it without accents."""
    plain = text.replace("đ", "d").replace("Đ", "D")
    return unicodedata.normalize("NFD", plain).encode("ascii", "ignore").decode()


def _read(reader: Reader, title: str, text: str) -> Reading:
    return reader.read(title, text, published=None, as_of=_DAY)
