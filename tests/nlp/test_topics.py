"""The model's arrays: loading, refusing, scoring, taking a score apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlp.features import BLOCKS, BUCKETS, LONGEST
from nlp.reader import read_tokens
from nlp.signals import signals, width
from nlp.topics import OUTPUTS, SHIPPED, TOPICS, Model, ModelError, fingerprint, load_model


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


def test_shipped_model_is_small() -> None:
    assert SHIPPED.stat().st_size <= 15_000_000


def test_score_gives_a_probability_for_every_output(model: Model) -> None:
    found = model.score(read_tokens("Rác", "Rác chất đống ở chợ"))

    assert list(found.probability) == list(OUTPUTS)
    assert all(0 <= value <= 1 for value in found.probability.values())
    assert sorted(topic for topic, _ in found.topics()) == sorted(TOPICS)


def test_score_bears_any_text(model: Model) -> None:
    for text in ("", "…", "a", "\x00\U0001f600", "rác " * (LONGEST + 5)):
        assert 0 <= model.score(read_tokens("", text)).probability["is_issue"] <= 1


def test_longer_texts_are_cut() -> None:
    assert len(read_tokens("", "rác " * (LONGEST + 5))) == LONGEST


def test_words_are_heaviest_first_and_end_where_the_word_ends(model: Model) -> None:
    title, text = "Bãi rác", "Bãi rác hôi thối gần trường học."
    words = model.words(read_tokens(title, text), "waste", most=3)
    whole = f"{title}\n{text}".lower()

    assert [w.weight for w in words] == sorted((w.weight for w in words), reverse=True)
    assert any("rác" in whole[w.start : w.end] for w in words)
    assert all(not whole[w.end : w.end + 1].isalnum() for w in words)


def test_signals_are_the_same_without_accents() -> None:
    full = signals(read_tokens("Cháy chợ", "Bãi rác hôi thối, dân bức xúc"))
    bare = signals(read_tokens("Chay cho", "Bai rac hoi thoi, dan buc xuc"))

    assert full.shape == (width(),)
    assert full.tolist() == bare.tolist()


@pytest.mark.parametrize("content", [b"", b"not a model", b"PK\x03\x04broken"])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.npz"
    path.write_bytes(content)

    with pytest.raises(ModelError, match=r"m\.npz: not a model"):
        load_model(path)


def test_an_absent_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not a model"):
        load_model(tmp_path / "none.npz")


def test_a_model_of_another_form_is_refused(tmp_path: Path) -> None:
    with np.load(SHIPPED, allow_pickle=False) as shipped:
        arrays = {name: shipped[name] for name in shipped.files}
    arrays["weights"] = arrays["weights"][:, :64]
    np.savez(tmp_path / "m.npz", allow_pickle=False, **arrays)

    with pytest.raises(ModelError, match="another form"):
        load_model(tmp_path / "m.npz")


def test_fingerprint_follows_the_arrays() -> None:
    one = {"a": np.zeros(3)}

    assert fingerprint(one) == fingerprint({"a": np.zeros(3)})
    assert fingerprint(one) != fingerprint({"a": np.ones(3)})


def test_blocks_are_three_and_buckets_a_power_of_two() -> None:
    assert (len(BLOCKS), BUCKETS & (BUCKETS - 1)) == (3, 0)
