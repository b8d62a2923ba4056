"""Turn examples into the arrays of a model; the one place where scikit-learn is used."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.linear_model import LogisticRegression

from nlp.features import BLOCKS, BUCKETS, Tokens, counted, grams, tokenise
from nlp.normalise import fold
from nlp.reading import seen
from nlp.signals import signals

#: How much each kind of feature weighs against the others, found by cross-validation.
BLOCK_WEIGHTS = (0.3, 0.3, 1.0)
LATENT_WEIGHT = 4.0
SIGNAL_WEIGHT = 1.0
#: Directions of meaning taken from text without labels.
LATENT = 300
SEED = 20261124

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Space:
    """What is learnt without labels: how rare each feature is, and which go together."""

    idf: Array
    latent: Array
    signal_scale: Array


@dataclass(frozen=True, slots=True)
class Seen:
    """Texts as numbers: one matrix of counts for each block, and the signals."""

    blocks: tuple[sparse.csr_matrix, ...]
    signals: Array


def see(texts: Iterable[tuple[str, str]]) -> Seen:
    """Count the features of (title, text) pairs."""
    rows = [_counts(tokenise(fold(seen(title, text)), len(title))) for title, text in texts]
    return Seen(
        tuple(_matrix([row[0][block] for row in rows]) for block in range(len(BLOCKS))),
        np.stack([row[1] for row in rows]),
    )


def learn_space(unlabelled: Seen) -> Space:
    """Learn rarity and directions of meaning from texts without labels."""
    documents = unlabelled.blocks[0].shape[0]
    idf = np.stack(
        [
            np.log((1 + documents) / (1 + np.bincount(block.indices, minlength=BUCKETS))) + 1
            for block in unlabelled.blocks
        ]
    ).astype(np.float32)
    whole = _weighed(unlabelled.blocks[2], idf[2])
    rank = min(LATENT, documents - 1)
    svd = TruncatedSVD(rank, n_iter=3, random_state=SEED).fit(whole)
    scale = (unlabelled.signals.std(axis=0) + 1e-3) * np.sqrt(unlabelled.signals.shape[1])
    return Space(idf, svd.components_.T.astype(np.float32), scale.astype(np.float32))


def features(space: Space, texts: Seen) -> sparse.csr_matrix:
    """Return the rows that a linear model is fitted on."""
    weighed = [_weighed(block, idf) for block, idf in zip(texts.blocks, space.idf, strict=True)]
    latent = weighed[2] @ space.latent
    signal = texts.signals / space.signal_scale
    parts = [block * weight for block, weight in zip(weighed, BLOCK_WEIGHTS, strict=True)]
    dense = np.hstack([latent * LATENT_WEIGHT, signal * SIGNAL_WEIGHT]).astype(np.float32)
    return sparse.hstack([*parts, sparse.csr_matrix(dense)]).tocsr()


def fit_linear(rows: sparse.csr_matrix, truth: Array, weight: Array, strength: float) -> Array:
    """Return the coefficients of a logistic regression, the intercept last."""
    if truth.min() == truth.max():
        return np.append(np.zeros(rows.shape[1]), -6.0 if truth.max() == 0 else 6.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = LogisticRegression(
            C=strength, solver="liblinear", max_iter=300, random_state=SEED
        ).fit(rows, truth, sample_weight=weight)
    return np.append(model.coef_[0], model.intercept_[0])


def fit_dense(rows: Array, truth: Array, weight: Array) -> Array:
    """Return the coefficients of a logistic regression on a few plain columns, intercept last."""
    model = LogisticRegression(max_iter=5000).fit(rows, truth, sample_weight=weight)
    return np.append(model.coef_[0], model.intercept_[0])


def score(rows: sparse.csr_matrix, coefficients: Array) -> Array:
    """Return the linear score of each row."""
    return np.asarray(rows @ coefficients[:-1] + coefficients[-1])


def calibrate(scores: Array, truth: Array) -> tuple[float, float]:
    """Return slope and offset (Platt) that turn scores into probabilities."""
    if truth.min() == truth.max():
        return 1.0, 0.0
    model = LogisticRegression(C=10.0).fit(scores[:, None], truth)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def prior(space: Space, texts: Seen, blocks: Array, signal: Array) -> Array:
    """Return the scores that finished weights give, without the bias."""
    weighed = [_weighed(b, idf) for b, idf in zip(texts.blocks, space.idf, strict=True)]
    parts = [rows @ weight for rows, weight in zip(weighed, blocks, strict=True)]
    return np.asarray(sum(parts) + texts.signals @ signal)


def adapt(
    rows: sparse.csr_matrix, prior: Array, truth: Array, weight: Array, strength: float
) -> Array:
    """Return what to add to coefficients whose scores are `prior`, so that `truth` is met.

    A small correction is preferred: with few examples the prior stays as it is.
    """
    sign = np.where(truth > 0, 1.0, -1.0)

    def loss(change: Array) -> tuple[float, Array]:
        margin = sign * (prior + rows @ change[:-1] + change[-1])
        pull = -sign * weight / (1.0 + np.exp(np.clip(margin, -30, 30)))
        value = float(weight @ np.logaddexp(0, -margin) + change @ change / (2 * strength))
        return value, np.append(rows.T @ pull, pull.sum()) + change / strength

    start = np.zeros(rows.shape[1] + 1)
    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 60})
    return np.asarray(found.x)


def fold_in(space: Space, coefficients: Array) -> tuple[Array, Array, float]:
    """Return weights of each block and bucket, weights of the signals, and the bias.

    Everything is linear, so that the directions of meaning melt into the weights.
    """
    hashed = len(BLOCKS) * BUCKETS
    blocks = coefficients[:hashed].reshape(len(BLOCKS), BUCKETS).copy()
    blocks *= np.array(BLOCK_WEIGHTS)[:, None]
    rank = space.latent.shape[1]
    blocks[2] += space.latent @ (coefficients[hashed : hashed + rank] * LATENT_WEIGHT)
    signal = coefficients[hashed + rank : -1] * SIGNAL_WEIGHT / space.signal_scale
    return blocks, signal, float(coefficients[-1])


def shortened(texts: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return a short copy of each text: title and first words, or a run from the middle."""
    choose = random.Random(SEED)  # noqa: S311 - a sample, not a secret
    copies = []
    for title, text in texts:
        size = choose.choice((120, 200, 300))
        start = choose.choice((0, 0, 0, max(0, len(text) // 3)))
        start = text.find(" ", start) + 1 if start else 0
        copies.append((title, text[start : start + size]))
    return copies


def _counts(tokens: Tokens) -> tuple[list[tuple[Array, Array]], Array]:
    return [counted(grams(tokens, block)) for block in range(len(BLOCKS))], signals(tokens)


def _matrix(rows: Sequence[tuple[Array, Array]]) -> sparse.csr_matrix:
    starts = np.cumsum([0, *(len(buckets) for buckets, _ in rows)])
    return sparse.csr_matrix(
        (np.concatenate([v for _, v in rows]), np.concatenate([b for b, _ in rows]), starts),
        shape=(len(rows), BUCKETS),
        dtype=np.float32,
    )


def _weighed(block: sparse.csr_matrix, idf: Array) -> sparse.csr_matrix:
    weighed = block.multiply(idf).tocsr()
    length = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
    return (sparse.diags(1 / np.maximum(length, 1e-9)) @ weighed).tocsr()
