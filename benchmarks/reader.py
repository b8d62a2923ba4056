"""Time the reader, and measure it beside what a user would pick instead, in one run.

Needs the reference corpus beside the project:

    python -m benchmarks.reader ../shared/corpus [--cross]

Without `--cross` only the time is measured; with it the reader is cross-validated
(about seven minutes on one core) next to TF-IDF with a linear model on the same labels.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline

from config.gazetteer import load_gazetteer
from nlp.evaluate import evaluate
from nlp.evaluate_report import markdown
from nlp.normalise import clean, fold
from nlp.places import PlaceFinder
from nlp.reader import Reader, load_reader
from nlp.reading import Where
from nlp.topics import load_model
from nlp.training import cross, data
from nlp.training.data import Example
from nlp.training.split import folds

DAY = date(2026, 6, 1)


class Nowhere:
    """Finds nothing at no cost, so that the reader alone is timed."""

    version = "none"

    def find(self, *_: object, **__: object) -> Where:
        """Return no place."""
        return Where()


def main() -> None:
    """Print the figures as Markdown."""
    corpus = Path(sys.argv[1])
    rows = data.labelled(corpus / "labelled.jsonl")
    started = time.process_time()
    load_model()
    print(f"load of the model: {time.process_time() - started:.2f} s")
    for name, reader in {
        "reader without places": Reader(load_model(), Nowhere()),
        "reader with places": load_reader(load_gazetteer(None)),
    }.items():
        each = _milliseconds(rows, lambda e, r=reader: _read(r, e))
        print(f"{name}: {each:.2f} ms an article (mean {_mean(rows):.0f} characters)")
    if "--cross" in sys.argv:
        _compare(corpus, rows)


def _compare(corpus: Path, rows: list[Example]) -> None:
    crossed = cross.cross_validate(corpus, PlaceFinder(load_gazetteer(None)), print)
    print("\nThe reader:\n")
    print(markdown(evaluate(crossed.rows, crossed.readings)))
    print("The same text without accents:\n")
    print(markdown(evaluate(crossed.rows, crossed.bare)))
    print(f"TF-IDF and logistic regression, is_issue F1: {_plain(rows):.3f}")


def _plain(rows: list[Example]) -> float:
    """Return is_issue F1 of the plain baseline, cross-validated on the same parts."""
    parts = folds(rows, "labelled", cross.PARTS, seed=1)
    texts = [fold(f"{row.title} {row.text}") for row in rows]
    truth = [int(row.is_issue) for row in rows]
    said = [0] * len(rows)
    for part in range(cross.PARTS):
        learnt = [place for place, own in enumerate(parts) if own != part]
        tried = [place for place, own in enumerate(parts) if own == part]
        model = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
            LogisticRegression(C=30, max_iter=300),
        ).fit([texts[p] for p in learnt], [truth[p] for p in learnt])
        for place, value in zip(tried, model.predict([texts[p] for p in tried]), strict=True):
            said[place] = int(value)
    return float(f1_score(truth, said))


def _milliseconds(rows: list[Example], work: Callable[[Example], object]) -> float:
    for row in rows[:100]:
        work(row)
    started = time.process_time()
    for row in rows:
        work(row)
    return (time.process_time() - started) / len(rows) * 1000


def _read(reader: Reader, row: Example) -> object:
    return reader.read(clean(row.title), clean(row.text), published=None, as_of=DAY)


def _mean(rows: list[Example]) -> float:
    return sum(len(row.title) + len(row.text) for row in rows) / len(rows)


if __name__ == "__main__":
    main()
