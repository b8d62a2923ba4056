"""Train a model from what people said here, and take it into use only if it is not worse.

The shipped weights are the prior, the shipped examples and this installation's labels move
them. A fifth of the labelled items, chosen by the hash of their address, is never learnt
from, by any model ever trained here, and neither are their near-duplicates: on them and on
the shipped held-out examples the new model is measured beside the one in use.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from langnghe.app import App, make_folder
from langnghe.promotion import Decision, Measured, Measures, decide
from langnghe.stages import read_item
from nlp.evaluate import evaluate
from nlp.reader import Reader
from nlp.reading import Reading
from nlp.topics import load_model
from storage import lessons, trained
from storage.labels import IS_ISSUE, SEVERITY, TOPICS
from storage.lessons import Lesson
from storage.trained import ModelState, TrainedModel

#: One of so many labelled items is held out.
HELD_OUT = 5
#: The folder of models in the data folder, and the file of each in a folder of its version.
FOLDER, FILE = "models", "model.npz"
_ISSUE, _TOPIC, _SEVERITY = "is_issue F1", "topics micro-F1", "severity kappa"


@dataclass(frozen=True, slots=True)
class Trained:
    """A model that was made: its file, how many labels it learnt from, and what was decided."""

    version: str
    file: Path
    learnt: int
    held_out: int
    decision: Decision


def train_here(app: App, folder: Path) -> Trained | None:
    """Train a model into `folder` and measure it; None where people said nothing yet.

    Changes nothing else: `adopt` takes the model over.
    """
    # Imported here: scikit-learn takes a second, and no other command needs it.
    from nlp.training.run import train

    with app.views() as session:
        known = lessons.lessons(session)
    held = [one for one in known if is_held_out(one.item.url)]
    if len(held) == len(known):
        return None
    corrections = folder / "corrections.jsonl"
    rows = (json.dumps(row_of(one), ensure_ascii=False) for one in known)
    corrections.write_text("\n".join(rows), "utf-8")
    exclude = {str(row_of(one)["id"]) for one in held}
    report = train(None, exclude, folder / FILE, corrections)
    learnt = report.examples.get(corrections.stem, 0)
    return Trained(report.version, report.out, learnt, len(held), _compared(app, report.out, held))


def adopt(app: App, made: Trained) -> TrainedModel:
    """Keep a trained model in the data folder, and take it into use if it may be."""
    place = Path(FOLDER) / made.version / FILE
    target = app.settings.data_dir / place
    make_folder(target.parent)
    fresh = target.with_suffix(".new")
    shutil.copyfile(made.file, fresh)
    fresh.replace(target)  # a process that reads at this moment sees the old file or the new
    figures = {
        "differences": [asdict(one) for one in made.decision.differences],
        "learnt": made.learnt,
        "held_out": made.held_out,
        "shipped": load_model().version,
    }
    state = ModelState.KEPT if made.decision.promote else ModelState.REFUSED
    with app.sessions.begin() as session:
        known = trained.get(session, made.version)
        if known is not None and known.state is ModelState.IN_USE:
            return known  # the same labels give the same model
        model = TrainedModel(
            made.version, place.as_posix(), app.clock(), figures, state, made.decision.why
        )
        trained.keep(session, model)
        if made.decision.promote:
            trained.use(session, made.version, made.decision.why)
        return trained.get(session, made.version) or model


def work_folder(app: App) -> tempfile.TemporaryDirectory[str]:
    """Return a folder for one training, gone afterwards: texts do not stay in it."""
    home = app.settings.data_dir / FOLDER
    make_folder(home)
    return tempfile.TemporaryDirectory(prefix=".training-", dir=home)


def is_held_out(url: str) -> bool:
    """Say whether the item at this address is one that no model here may learn from."""
    return int(hashlib.sha256(url.encode()).hexdigest()[:8], 16) % HELD_OUT == 0


def row_of(lesson: Lesson) -> dict[str, Any]:
    """Return an item as a row of a label file.

    What nobody spoke of stays as it was read, except that who speaks of topics or severity
    speaks of an issue: only issues have them.
    """
    said, read = lesson.said, lesson.read
    issue = bool(said.get(IS_ISSUE, True))
    severity = int(said.get(SEVERITY, max(read.severity, 1))) if issue else 0
    topics = said.get(TOPICS, [topic.topic for topic in read.topics])
    return {
        "id": f"item-{lesson.item.id}",
        "title": lesson.item.title,
        "text": lesson.item.text,
        "gold": {"topics": list(topics), "is_issue": issue, "severity": severity},
    }


def _compared(app: App, file: Path, held: Sequence[Lesson]) -> Decision:
    shipped, new = (Reader(load_model(path), app.finder) for path in (None, file))
    measured: list[Measures] = [_measures(app, one, held) for one in (shipped, app.reader, new)]
    return decide(*measured)


def _measures(app: App, reader: Reader, held: Sequence[Lesson]) -> Measures:
    from nlp.training import data

    today = app.today()
    ours = [
        (
            {"topics": one.topics, "is_issue": one.is_issue, "severity": one.severity},
            reader.read(one.title, one.text, published=None, as_of=today),
        )
        for one in data.examples("heldout")
    ]
    found = {"shipped": _figures(ours, (_ISSUE, _TOPIC, _SEVERITY))}
    own: dict[str, Measured] = {}
    for figure, field in ((_ISSUE, None), (_TOPIC, TOPICS), (_SEVERITY, SEVERITY)):
        # Each figure only on items of which a person said just that.
        pairs = [
            (row_of(one)["gold"], read_item(app, reader, one.item, today))
            for one in held
            if field is None or field in one.said
        ]
        own |= _figures(pairs, (figure,))
    return found | {"own": own}


def _figures(
    pairs: Sequence[tuple[Mapping[str, Any], Reading]], names: Sequence[str]
) -> dict[str, Measured]:
    if not pairs:
        return {}
    found = evaluate([{"gold": gold} for gold, _ in pairs], [reading for _, reading in pairs])
    issues = sum(bool(gold["is_issue"]) for gold, _ in pairs)
    return {
        name: Measured(found.overall[name].value, len(pairs) if name == _ISSUE else issues)
        for name in names
    }
