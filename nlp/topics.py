"""Score topics, issue and severity of a text with trained arrays; numpy and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from config.errors import LangNgheError
from nlp.features import BLOCKS, BUCKETS, Floats, Tokens, counted, grams
from nlp.signals import signals, width

#: The topics in the order of the model's outputs.
TOPICS = (
    "waste",
    "pollution",
    "land_clearance",
    "land_management",
    "water_climate",
    "infrastructure",
    "agriculture",
    "business",
    "health",
    "education",
    "governance",
    "safety",
    "welfare",
)
#: What is scored: each topic, then issue or not, then severity of at least 2 and 3.
OUTPUTS = (*TOPICS, "is_issue", "severity_2", "severity_3")
SHIPPED = Path(__file__).parent / "model" / "model.npz"
_ARRAYS = (
    "idf",
    "weights",
    "scale",
    "signal_weights",
    "bias",
    "slope",
    "offset",
    "thresholds",
    "meta",
)


class ModelError(LangNgheError):
    """The model file is absent, damaged, or of another form."""

    reason = "model"


@dataclass(frozen=True, slots=True)
class Scores:
    """Calibrated probabilities of each output, by name."""

    probability: Mapping[str, float]

    def topics(self) -> list[tuple[str, float]]:
        """Return every topic with its probability, the likeliest first."""
        return sorted(
            ((topic, self.probability[topic]) for topic in TOPICS), key=lambda pair: -pair[1]
        )


@dataclass(frozen=True, slots=True)
class Word:
    """One or two neighbouring syllables, what they add to an output, and where they stand."""

    start: int
    end: int
    weight: float


class Model:
    """Trained arrays. Linear in the hashed features, so that every score can be taken apart."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._held: tuple[Tokens, list[tuple[NDArray[np.int64], Floats]]] | None = None
        self._idf = arrays["idf"]
        self._weights = arrays["weights"]
        self._scale = arrays["scale"].astype(np.float32)
        self._signals = arrays["signal_weights"].astype(np.float32)
        self._bias = arrays["bias"].astype(np.float32)
        self._slope = arrays["slope"].astype(np.float32)
        self._offset = arrays["offset"].astype(np.float32)
        meta = json.loads(bytes(arrays["meta"]).decode())
        self.version: str = meta["version"]
        names = meta["thresholds"]
        self.thresholds: dict[str, float] = dict(
            zip(names, arrays["thresholds"].tolist(), strict=True)
        )

    def score(self, tokens: Tokens) -> Scores:
        """Return the probabilities for a tokenised text; deterministic."""
        squashed = squash(self.raw(tokens) * self._slope + self._offset)
        return Scores(dict(zip(OUTPUTS, squashed.tolist(), strict=True)))

    def raw(self, tokens: Tokens) -> Floats:
        """Return the linear scores, before calibration, in the order of `OUTPUTS`."""
        raw = self._bias + signals(tokens) @ self._signals
        for block in range(len(BLOCKS)):
            buckets, values = self._values(tokens, block)
            if len(buckets):
                weights = self._weights[block][buckets].astype(np.float32)
                raw += (values @ weights) * self._scale[block]
        return raw.astype(np.float32)

    def words(self, tokens: Tokens, output: str, most: int = 5) -> list[Word]:
        """Return what spoke most for `output`, heaviest first, each place in the text once."""
        column = OUTPUTS.index(output)
        found: dict[tuple[int, int], float] = {}
        for block in range(len(BLOCKS)):
            buckets, values = self._values(tokens, block)
            if not len(buckets):
                continue
            gains = values * self._weights[block][buckets, column] * self._scale[block, column]
            heaviest = _heaviest(gains, 3 * most)
            self._place(tokens, block, buckets[heaviest], gains[heaviest], found)
        best = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:most]
        return [Word(start, end, round(weight, 4)) for (start, end), weight in best]

    def _values(self, tokens: Tokens, block: int) -> tuple[NDArray[np.int64], Floats]:
        """Return the distinct buckets of a block with their values; the last text's are kept.

        A score is followed by the words that made it, several times on the same text.
        """
        held = self._held
        if held is None or held[0] is not tokens:
            held = (tokens, [self._weighed(tokens, each) for each in range(len(BLOCKS))])
            self._held = held
        return held[1][block]

    def _weighed(self, tokens: Tokens, block: int) -> tuple[NDArray[np.int64], Floats]:
        buckets, values = counted(grams(tokens, block))
        values = values * self._idf[block][buckets].astype(np.float32)
        norm = float(np.sqrt(values @ values))
        return buckets, values / norm if norm else values

    @staticmethod
    def _place(
        tokens: Tokens,
        block: int,
        buckets: NDArray[np.int64],
        gains: Floats,
        found: dict[tuple[int, int], float],
    ) -> None:
        """Add to `found` the gain of each bucket at the first place where it stands."""
        first, last = tokens.span(block)
        where = (grams(tokens, block) == buckets[:, np.newaxis]).argmax(axis=1)
        size = last - first
        for index, gain in zip(where.tolist(), gains.tolist(), strict=True):
            if gain > 0:
                left = first + index if index < size else first + index - size
                right = left if index < size else left + 1
                span = (tokens.starts[left], tokens.end(right))
                found[span] = found.get(span, 0.0) + gain


def _heaviest(gains: Floats, most: int) -> NDArray[np.int64]:
    """Return where the greatest gains stand, greatest first, of equal ones the first first."""
    likely = np.arange(len(gains))
    if len(gains) > most:
        likely = (gains >= np.partition(gains, -most)[-most]).nonzero()[0]
    return likely[np.argsort(-gains[likely], kind="stable")[:most]]


def squash(scores: NDArray[Any]) -> Floats:
    """Return the logistic function of each score."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(scores, -30, 30))), dtype=np.float32)


def load_model(path: Path | None = None) -> Model:
    """Load the model at `path`, or the shipped one. Raises `ModelError`."""
    path = path or SHIPPED
    try:
        with np.load(path, allow_pickle=False) as held:
            arrays = {name: held[name] for name in _ARRAYS}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise ModelError(f"{path}: not a model: {error}") from error
    shapes = (arrays["weights"].shape, arrays["signal_weights"].shape)
    if shapes != ((len(BLOCKS), BUCKETS, len(OUTPUTS)), (width(), len(OUTPUTS))):
        raise ModelError(f"{path}: a model of another form: {shapes}")
    return Model(arrays)


def fingerprint(arrays: Mapping[str, NDArray[Any]]) -> str:
    """Return eight hexadecimal digits that change whenever an array does."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()[:8]
