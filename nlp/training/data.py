"""The labelled examples that a model learns from, wherever their text is kept."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlp.normalise import clean

HERE = Path(__file__).parent
#: Written by us, shipped with their text.
EXAMPLES = HERE / "examples.jsonl"
#: Labels of items of the corpus, by id; their text is not ours and is not here.
ANNOTATIONS = HERE / "annotations.jsonl"
#: The files of the corpus that hold texts for `ANNOTATIONS` and for learning without labels.
CORPUS_FILES = ("articles.jsonl.xz", "headlines.jsonl.xz", "feed_stream.jsonl.xz")


@dataclass(frozen=True, slots=True)
class Example:
    """One text with what the guide says of it.

    `origin` names where it comes from; `marks` what it is an example of ("speech":
    only words, a rumour or a protest as such are told).
    """

    id: str
    title: str
    text: str
    topics: tuple[str, ...]
    is_issue: bool
    severity: int
    origin: str
    split: str = "train"
    marks: tuple[str, ...] = ()


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSONL file, plain or xz."""
    with path.open("rb") as raw, lzma.open(raw) if path.suffix == ".xz" else raw as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def texts(corpus: Path) -> Iterator[tuple[str, str, str]]:
    """Yield id, title and text of every unlabelled item of the corpus that is there."""
    for name in CORPUS_FILES:
        if (corpus / name).exists():
            for row in rows(corpus / name):
                yield item_id(row), clean(row.get("title") or ""), clean(item_text(row))


def item_id(row: Mapping[str, Any]) -> str:
    """Return the id of an item of the corpus; a feed entry is known by its link."""
    return str(row.get("id") or row["link"])


def item_text(row: Mapping[str, Any]) -> str:
    """Return the text of an item of the corpus; of a feed entry, its summary."""
    return row.get("text") or row.get("summary") or ""


def labelled(path: Path) -> list[Example]:
    """Read a label file of the corpus: rows with `gold`."""
    return [_example(row, row["gold"], path.stem) for row in rows(path)]


def examples(split: str) -> list[Example]:
    """Read our own examples of one split, "train" or "heldout"."""
    kept = (row for row in rows(EXAMPLES) if row["split"] == split)
    return [_example(row, row, "examples") for row in kept]


def annotated(corpus: Path) -> list[Example]:
    """Join our annotations with their texts; those whose text is not found are left out."""
    labels = {row["id"]: row for row in rows(ANNOTATIONS)}
    return [
        _example({"id": key, "title": title, "text": text}, labels.pop(key), "annotations")
        for key, title, text in texts(corpus)
        if key in labels
    ]


def _example(row: Mapping[str, Any], gold: Mapping[str, Any], origin: str) -> Example:
    return Example(
        id=str(row["id"]),
        title=clean(row.get("title") or ""),
        text=clean(row["text"]),
        topics=tuple(gold["topics"]),
        is_issue=bool(gold["is_issue"]),
        severity=int(gold["severity"]),
        origin=origin,
        split=str(row.get("split", "train")),
        marks=tuple(row.get("marks", ())),
    )
