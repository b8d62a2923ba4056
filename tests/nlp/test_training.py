"""Training: what is learnt from, what is kept apart, and that it gives the same file again."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import numpy as np
import pytest

from nlp.reader import read_tokens
from nlp.reading import Where
from nlp.topics import OUTPUTS, TOPICS, load_model
from nlp.training import build, cross, data, fit, run
from nlp.training.data import Example
from nlp.training.split import folds, near_duplicates

LONG = "Bãi rác xã An Hiệp bốc mùi hôi thối suốt ba tháng nay khiến bà con quanh vùng rất khổ sở."


def example(key: str, text: str, origin: str = "labelled") -> Example:
    return Example(key, "", text, ("waste",), True, 2, origin)


def test_near_duplicates_are_grouped_through_each_other() -> None:
    other = "Trường mầm non ấp 5 có mái hiên nứt toác, phụ huynh lo cho con em mỗi ngày đến lớp."

    groups = near_duplicates([LONG, other, f"Tin nóng: {LONG}", f"{LONG} Xã đang kiểm tra."])

    assert groups[0] == groups[2] == groups[3]
    assert groups[1] != groups[0]


def test_folds_keep_copies_together_and_leave_the_rest_to_learn_from() -> None:
    rows = [
        example("a", LONG),
        example("b", f"{LONG} Thêm một câu.", "annotations"),
        example("c", "Một chuyện khác hẳn về đường sá hư hỏng ở cuối huyện.", "annotations"),
        example("d", "Nước mặn vào tận vườn cây ăn trái của bà con miệt cồn."),
    ]

    parts = folds(rows, "labelled", parts=2, seed=3)

    assert parts[0] == parts[1]
    assert parts[2] == -1
    assert sorted({parts[0], parts[3]}) == [0, 1]


def test_annotations_hold_ids_and_labels_and_no_text() -> None:
    rows = list(data.rows(data.ANNOTATIONS))

    assert {tuple(sorted(row)) for row in rows} == {("id", "is_issue", "severity", "topics")}
    assert {topic for row in rows for topic in row["topics"]} <= set(TOPICS)
    assert all((row["severity"] > 0) == row["is_issue"] for row in rows)
    assert len(rows) == len({row["id"] for row in rows}) >= 600


def test_examples_are_whole() -> None:
    rows = [*data.examples("train"), *data.examples("heldout")]

    assert len(rows) >= 380
    assert all((row.severity > 0) == row.is_issue for row in rows)
    assert {topic for row in rows for topic in row.topics} == set(TOPICS)


def test_variants_of_an_example_stay_in_its_split() -> None:
    train = {row.id[:4] for row in data.examples("train")}
    heldout = {row.id[:4] for row in data.examples("heldout")}

    assert not train & heldout


def test_excluded_ids_go_with_their_copies() -> None:
    rows = [
        example("a", LONG),
        example("b", f"{LONG} Thêm."),
        example("c", "Chuyện khác hẳn ở chợ."),
    ]

    assert [row.id for row in run.without(rows, {"a"})] == ["c"]
    assert run.without(rows, set()) == rows


def test_kappa_is_one_where_all_agree_and_zero_by_chance() -> None:
    gold = np.array([1, 2, 3, 3])

    assert build.kappa(gold, gold) == 1.0
    assert build.kappa(np.array([1, 1, 3, 3]), np.array([1, 3, 1, 3])) == pytest.approx(0.0)


def test_calibration_follows_the_truth() -> None:
    scores = np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0])

    slope, offset = fit.calibrate(scores, np.array([0, 0, 0, 1, 1, 1]))

    assert slope > 0
    assert offset == pytest.approx(0.0, abs=1e-2)
    assert fit.calibrate(scores, np.ones(6)) == (1.0, 0.0)


def test_without_the_corpus_corrections_move_the_shipped_model(tmp_path: Path) -> None:
    wrong = "Kẹo dừa sầu riêng ngon ngọt quà quê biếu tặng bạn bè gần xa dịp cuối năm nay."
    gold = {"topics": ["business"], "is_issue": True, "severity": 2}
    corrections = tmp_path / "corrections.jsonl"
    rows = [{"id": f"c{n}", "title": "", "text": f"{wrong} {n}", "gold": gold} for n in range(12)]
    corrections.write_text("\n".join(json.dumps(row) for row in rows))

    report = run.train(None, set(), tmp_path / "m.npz", corrections)
    again = run.train(None, set(), tmp_path / "n.npz", corrections)

    tokens = read_tokens("", wrong)
    before, after = load_model().score(tokens), load_model(report.out).score(tokens)
    assert after.probability["is_issue"] > before.probability["is_issue"]
    assert report.examples["corrections"] == 12
    assert report.version == again.version == load_model(report.out).version
    assert (tmp_path / "m.npz").read_bytes() == (tmp_path / "n.npz").read_bytes()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of our own examples in the form of the reference corpus."""
    folder = tmp_path_factory.mktemp("corpus")
    rows = [
        {
            "id": f"l{e.id}",
            "title": e.title,
            "text": f"{e.text} Số {e.id}.",
            "stratum": "own",
            "gold": {"topics": e.topics, "is_issue": e.is_issue, "severity": e.severity},
        }
        for e in data.examples("train")
        if len(e.id) == 4
    ]
    (folder / "labelled.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    known = next(row["id"] for row in data.rows(data.ANNOTATIONS) if row["id"].startswith("http"))
    feed = [
        {"link": f"https://x.example/{e.id}", "title": e.title, "summary": e.text}
        for e in data.examples("train")
    ]
    feed.append({"link": known, "title": "Tin", "summary": "Một bản tin ngắn về chợ quê."})
    with lzma.open(folder / "feed_stream.jsonl.xz", "wt") as file:
        file.write("\n".join(json.dumps(row) for row in feed))
    return folder


def test_with_a_corpus_everything_is_learnt_anew(corpus: Path, tmp_path: Path) -> None:
    report = run.train(corpus, set(), tmp_path / "m.npz")

    model = load_model(report.out)
    assert set(report.examples) == {"annotations", "examples", "labelled"}
    assert report.examples["annotations"] == 1
    assert model.version == report.version
    assert set(model.thresholds) >= {*OUTPUTS, "best_topic", "hold_above", "hold_below"}


def test_cross_validation_reads_every_row_once(corpus: Path) -> None:
    class Nowhere:
        version = "none"

        def find(self, *_: object, **__: object) -> object:
            return Where()

    told: list[str] = []

    crossed = cross.cross_validate(corpus, Nowhere(), told.append)  # type: ignore[arg-type]

    assert len(crossed.rows) == len(crossed.readings) == len(crossed.bare)
    assert told == [f"part {n} of 5" for n in range(1, 6)]
