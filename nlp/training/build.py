"""Make the arrays of a model from examples: fit, calibrate, choose thresholds, pack."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from nlp import signals
from nlp.features import BUCKETS
from nlp.topics import OUTPUTS, TOPICS, fingerprint, squash
from nlp.training import fit
from nlp.training.data import Example

#: Strength of the regression of topics and issue, and of severity (higher trusts examples more).
STRENGTH, SEVERITY_STRENGTH = 10.0, 3.0
#: What a shortened copy, and the topics of what is no issue, count beside a whole example.
SHORT_WEIGHT, OTHER_WEIGHT = 0.5, 0.3
#: Inner parts, whose scores calibrate and set thresholds.
INNER = 4
#: Share of what is taken for an issue, and of what is not, that is held for a person.
HELD_ISSUES, HELD_OTHERS = 0.06, 0.03
#: An issue without a topic above its threshold gets the best one, if it is at least so likely.
BEST_TOPIC = 0.05
#: How far examples may move the weights of a finished model.
MOVE_STRENGTH = 3.0
#: Cuts of the sum of the two severity probabilities that held on average in cross-validation.
USUAL_CUTS = (0.9, 1.4)
#: Where calibrated probabilities should be cut if there were no examples to say otherwise.
USUAL_LIMIT = 0.5
_TIE = 1e-9
_STEP = 127

Array = NDArray[Any]
Arrays = dict[str, Array]


def truth(examples: Sequence[Example]) -> Array:
    """Return, for each example, what each output should say, 0 or 1."""
    rows = [
        [
            *(topic in example.topics for topic in TOPICS),
            example.is_issue,
            example.severity >= 2,
            example.severity >= 3,
        ]
        for example in examples
    ]
    return np.array(rows, dtype=np.int8)


def weights(examples: Sequence[Example], short: Array) -> Array:
    """Return what each example counts for each output; 0 where the guide says nothing.

    Severity is told of issues only. Of an annotation that is no issue, topics are unknown.
    """
    table = np.ones((len(examples), len(OUTPUTS)))
    for row, example in enumerate(examples):
        if not example.is_issue:
            table[row, OUTPUTS.index("severity_2") :] = 0
            known = example.origin != "annotations"
            table[row, : len(TOPICS)] = OTHER_WEIGHT if known else 0
    return table * np.where(short, SHORT_WEIGHT, 1.0)[:, None]


def fit_outputs(rows: sparse.csr_matrix, target: Array, weight: Array) -> Array:
    """Return the coefficients of every output, one column each."""
    columns = []
    for output, name in enumerate(OUTPUTS):
        used = weight[:, output] > 0
        strength = SEVERITY_STRENGTH if name.startswith("severity") else STRENGTH
        columns.append(
            fit.fit_linear(rows[used], target[used, output], weight[used, output], strength)
        )
    return np.stack(columns, axis=1)


def settle(scores: Array, target: Array) -> tuple[Array, Array, dict[str, float]]:
    """Return slopes, offsets and thresholds from scores of examples that were not learnt from."""
    issue = target[:, OUTPUTS.index("is_issue")] == 1
    pairs = []
    for output, name in enumerate(OUTPUTS):
        used = np.ones(len(target), bool) if name == "is_issue" else issue
        pairs.append(fit.calibrate(scores[used, output], target[used, output]))
    slope, offset = np.array(pairs).T
    probability = squash(scores * slope + offset)
    return slope, offset, _thresholds(probability, target, issue)


def pack(
    space: fit.Space,
    coefficients: Array,
    slope: Array,
    offset: Array,
    thresholds: Mapping[str, float],
) -> Arrays:
    """Return the arrays of a model file."""
    folded = [fit.fold_in(space, coefficients[:, output]) for output in range(len(OUTPUTS))]
    weight = np.stack([blocks for blocks, _, _ in folded], axis=2)
    arrays: Arrays = {
        "idf": space.idf.astype(np.float16),
        "signal_weights": np.stack([s for _, s, _ in folded], axis=1).astype(np.float32),
        "bias": np.array([bias for _, _, bias in folded], dtype=np.float32),
        "slope": slope.astype(np.float32),
        "offset": offset.astype(np.float32),
    }
    return label(arrays | stepped(weight), thresholds)


def label(arrays: Arrays, thresholds: Mapping[str, float]) -> Arrays:
    """Return the arrays with thresholds and a version that follows from all of them."""
    arrays = arrays | {"thresholds": np.array(list(thresholds.values()), dtype=np.float32)}
    listing = np.frombuffer(signals.listing(), dtype=np.uint8)
    version = fingerprint(arrays | {"listing": listing})
    meta = json.dumps({"version": version, "thresholds": list(thresholds)})
    return arrays | {"meta": np.frombuffer(meta.encode(), dtype=np.uint8)}


def move(arrays: Arrays, seen: fit.Seen, target: Array, weight: Array) -> Arrays:
    """Return the arrays of a model moved towards examples; calibration and thresholds stay."""
    known = meta(arrays)
    limits = dict(zip(known["thresholds"], arrays["thresholds"].tolist(), strict=True))
    space = fit.Space(
        arrays["idf"].astype(np.float32),
        np.zeros((BUCKETS, 0), dtype=np.float32),
        np.full(signals.width(), np.sqrt(signals.width()), dtype=np.float32),
    )
    rows = fit.features(space, seen)
    moved = {name: arrays[name].astype(np.float32) for name in ("bias", "signal_weights")}
    weights_ = arrays["weights"] * arrays["scale"][:, None, :]
    for output in range(len(OUTPUTS)):
        prior = fit.prior(space, seen, weights_[:, :, output], moved["signal_weights"][:, output])
        prior = (prior + moved["bias"][output]) * arrays["slope"][output] + arrays["offset"][output]
        used = weight[:, output] > 0
        change = fit.adapt(
            rows[used], prior[used], target[used, output], weight[used, output], MOVE_STRENGTH
        )
        blocks, signal, bias = fit.fold_in(space, change / arrays["slope"][output])
        weights_[:, :, output] += blocks
        moved["signal_weights"][:, output] += signal
        moved["bias"][output] += bias
    kept = {name: arrays[name] for name in ("idf", "slope", "offset")}
    return label(kept | moved | stepped(weights_), limits)


def stepped(weight: Array) -> Arrays:
    """Return the weights in steps of 1/127 of the largest, one byte each, and the steps."""
    scale = np.quantile(np.abs(weight), 0.9999, axis=1) / _STEP + 1e-12
    steps = np.clip(np.rint(weight / scale[:, None, :]), -_STEP, _STEP).astype(np.int8)
    return {"weights": steps, "scale": scale.astype(np.float32)}


def meta(arrays: Arrays) -> dict[str, Any]:
    """Return what a model says of itself: its version and the names of its thresholds."""
    found: dict[str, Any] = json.loads(bytes(arrays["meta"]).decode())
    return found


def _thresholds(probability: Array, target: Array, issue: Array) -> dict[str, float]:
    topics, wanted = probability[issue, : len(TOPICS)], target[issue, : len(TOPICS)]
    common = _best(topics.ravel(), wanted.ravel())
    limits = {
        # Few examples make a topic's own best threshold uncertain: half of it is the common one.
        topic: (common + _best(topics[:, place], wanted[:, place])) / 2
        for place, topic in enumerate(TOPICS)
    }
    likely = probability[:, OUTPUTS.index("is_issue")]
    limit = (_best(likely, target[:, OUTPUTS.index("is_issue")]) + USUAL_LIMIT) / 2
    limits["is_issue"] = limit
    limits |= _severity(probability[issue], target[issue])
    limits["best_topic"] = BEST_TOPIC
    limits["hold_above"] = float(np.quantile(likely[likely >= limit], HELD_ISSUES))
    limits["hold_below"] = float(np.quantile(likely[likely < limit], 1 - HELD_OTHERS))
    return limits


def _best(probability: Array, target: Array) -> float:
    """Return the threshold of the best F1."""
    grid = np.linspace(0.1, 0.8, 71)
    said = probability[None, :] >= grid[:, None]
    right = (said & (target[None, :] == 1)).sum(axis=1)
    f1 = 2 * right / np.maximum(said.sum(axis=1) + target.sum(), 1)
    near = grid[f1 >= f1.max() - _TIE]
    return float(near[len(near) // 2])


def _severity(probability: Array, target: Array) -> dict[str, float]:
    """Return the cuts of the sum of both probabilities, halfway from the usual to the best."""
    two, three = OUTPUTS.index("severity_2"), OUTPUTS.index("severity_3")
    gold = 1 + target[:, two] + target[:, three]
    total = probability[:, two] + np.minimum(probability[:, two], probability[:, three])
    best, chosen = -1.0, USUAL_CUTS
    for low in np.linspace(0.4, 1.0, 13):
        for high in np.linspace(1.2, 1.7, 11):
            said = 1 + (total >= low).astype(int) + (total >= high)
            if (value := kappa(gold, said)) > best:
                best, chosen = value, (float(low), float(high))
    cuts = [(usual + own) / 2 for usual, own in zip(USUAL_CUTS, chosen, strict=True)]
    return {"severity_2": cuts[0], "severity_3": cuts[1]}


def kappa(gold: Array, said: Array, grades: int = 4) -> float:
    """Return the agreement of two gradings, weighted by the square of the distance."""
    table = np.zeros((grades, grades))
    np.add.at(table, (np.asarray(gold, int), np.asarray(said, int)), 1)
    far = np.subtract.outer(np.arange(grades), np.arange(grades)) ** 2
    chance = np.outer(table.sum(axis=1), table.sum(axis=0)) / max(table.sum(), 1)
    expected = float((far * chance).sum())
    return 1.0 - float((far * table).sum()) / expected if expected else 1.0
