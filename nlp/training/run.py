"""Train the model: from the corpus where it is, else from the shipped weights and corrections."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.topics import OUTPUTS, SHIPPED
from nlp.training import build, data, fit
from nlp.training.data import Example
from nlp.training.split import folds

#: Texts without labels that rarity and meaning are learnt from.
UNLABELLED = 32_000
#: Texts of more characters than this are also learnt from in a short copy.
LONG = 600

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Report:
    """What a training did. `examples` counts what was learnt from, by origin."""

    version: str
    out: Path
    examples: dict[str, int]
    unlabelled: int


@dataclass(frozen=True, slots=True)
class Material:
    """Examples with their short copies, as numbers."""

    examples: list[Example]
    short: Array
    seen: fit.Seen
    folds: Array


def train(
    corpus: Path | None,
    exclude: set[str],
    out: Path,
    corrections: Path | None = None,
) -> Report:
    """Write a model to `out` and say what it was learnt from.

    With `corpus`, a folder of the reference corpus, everything is learnt anew. Without
    it, the shipped weights are the prior, and our own examples and the `corrections`
    (a label file: rows with text and `gold`) move them. Ids in `exclude` are left out,
    with their near-duplicates. The same input gives the same file.
    """
    examples = gather(corpus, corrections)
    kept = without(examples, exclude)
    if corpus:
        space, unlabelled = learn_space(corpus, exclude), UNLABELLED
        arrays = build_model(space, material(kept))
    else:
        arrays, unlabelled = adapted(material(kept)), 0
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out, allow_pickle=False, **arrays)
    origins = sorted({example.origin for example in kept})
    return Report(
        version=version_of(arrays),
        out=out,
        examples={o: sum(example.origin == o for example in kept) for o in origins},
        unlabelled=unlabelled,
    )


def without(examples: Sequence[Example], exclude: set[str]) -> list[Example]:
    """Return the examples that are neither excluded nor near-duplicates of such."""
    marked = [
        Example(e.id, e.title, e.text, e.topics, e.is_issue, e.severity, "excluded")
        if e.id in exclude
        else e
        for e in examples
    ]
    if not exclude:
        return marked
    return [e for e, part in zip(marked, folds(marked, "excluded", 1, 0), strict=True) if part < 0]


def material(examples: Sequence[Example]) -> Material:
    """Return the examples and a short copy of each long one, with their inner folds."""
    inner = folds(examples, _tested(examples), build.INNER, fit.SEED)
    texts = [(example.title, example.text) for example in examples]
    long = long_ones(examples)
    copies = fit.shortened([texts[place] for place in long])
    return Material(
        [*examples, *(examples[place] for place in long)],
        np.array([False] * len(texts) + [True] * len(long)),
        fit.see([*texts, *copies]),
        np.array([*inner, *(inner[place] for place in long)]),
    )


def long_ones(examples: Sequence[Example]) -> list[int]:
    """Return the places of the examples that are long enough for a short copy."""
    return [place for place, example in enumerate(examples) if len(example.text) > LONG]


def build_model(space: fit.Space, held: Material) -> build.Arrays:
    """Fit, calibrate on inner parts that were not learnt from, and pack."""
    rows = fit.features(space, held.seen)
    target = build.truth(held.examples)
    weight = build.weights(held.examples, held.short)
    scores = np.zeros((len(target), len(OUTPUTS)))
    for part in range(build.INNER):
        learnt, tried = held.folds != part, held.folds == part
        coefficients = build.fit_outputs(rows[learnt], target[learnt], weight[learnt])
        scores[tried] = fit.score(rows[tried], coefficients)
    tried = (held.folds >= 0) & ~held.short
    tested = _tested(held.examples)
    tried &= np.array([example.origin == tested for example in held.examples])
    settled = build.settle(scores[tried], target[tried])
    return build.pack(space, build.fit_outputs(rows, target, weight), *settled)


def adapted(held: Material) -> build.Arrays:
    """Return the shipped arrays, moved by the examples; calibration and thresholds stay."""
    with np.load(SHIPPED, allow_pickle=False) as shipped:
        arrays = {name: shipped[name] for name in shipped.files}
    return build.move(arrays, held.seen, build.truth(held.examples), _weights(held))


def learn_space(corpus: Path, exclude: set[str]) -> fit.Space:
    """Learn rarity and meaning from a fixed sample of the corpus."""
    return fit.learn_space(fit.see(_sample(corpus, exclude)))


def version_of(arrays: build.Arrays) -> str:
    """Return the version that a model file carries."""
    return str(build.meta(arrays)["version"])


def _weights(held: Material) -> Array:
    return build.weights(held.examples, held.short)


def _tested(examples: Sequence[Example]) -> str:
    """Return the origin that calibrates: the label file where there is one."""
    origins = {example.origin for example in examples}
    return "labelled" if "labelled" in origins else "examples"


def gather(corpus: Path | None, corrections: Path | None) -> list[Example]:
    """Return every labelled example there is to learn from."""
    found = data.examples("train")
    if corpus:
        ours = corpus / "replay.jsonl"  # written by us, on Bến Tre
        written = data.labelled(ours) if ours.exists() else []
        labelled = data.labelled(corpus / "labelled.jsonl")
        found = [*labelled, *data.annotated(corpus), *written, *found]
    if corrections:
        found += data.labelled(corrections)
    return found


def _sample(corpus: Path, exclude: set[str]) -> Iterator[tuple[str, str]]:
    texts = [(t, x) for key, t, x in data.texts(corpus) if key not in exclude and len(x) > 60]
    random.Random(fit.SEED).shuffle(texts)  # noqa: S311 - a sample, not a secret
    return islice(texts, UNLABELLED)
