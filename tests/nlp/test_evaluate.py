"""Figures on a set small enough to count by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nlp.evaluate import evaluate
from nlp.reading import Reading, TopicScore, Where


def reading(issue: bool, topics: tuple[str, ...], severity: int) -> Reading:
    return Reading(
        version="t",
        topics=tuple(TopicScore(topic, 0.9) for topic in topics),
        is_issue=issue,
        issue_score=0.9,
        severity=severity,
        where=Where(),
        hold=None,
    )


def row(issue: bool, topics: tuple[str, ...], severity: int, stratum: str) -> dict[str, Any]:
    gold = {"is_issue": issue, "topics": list(topics), "severity": severity}
    return {"id": "x", "gold": gold, "stratum": stratum}


ROWS = [
    row(True, ("waste",), 2, "a"),
    row(True, ("waste", "pollution"), 3, "a"),
    row(True, ("safety",), 3, "b"),
    row(False, (), 0, "b"),
]
READ = [
    reading(True, ("waste",), 2),
    reading(True, ("pollution", "health"), 3),
    reading(False, ("safety",), 0),
    reading(True, ("safety",), 1),
]


def test_evaluate_counts_as_the_yardstick_does() -> None:
    figures = evaluate(ROWS, READ)

    values = {name: figure.value for name, figure in figures.overall.items()}

    assert values["is_issue precision"] == pytest.approx(2 / 3, abs=1e-4)
    assert values["is_issue recall"] == pytest.approx(2 / 3, abs=1e-4)
    assert values["is_issue F1"] == pytest.approx(2 / 3, abs=1e-4)
    assert values["topics micro-F1"] == pytest.approx(6 / 8, abs=1e-4)
    assert values["topics macro-F1"] == pytest.approx((2 / 3 + 1 + 0 + 1) / 4, abs=1e-4)
    assert values["main topic"] == 1.0
    assert values["severity kappa"] == pytest.approx(1 - 9 / (25 / 3), abs=1e-3)
    assert figures.topics["waste"].value == pytest.approx(2 / 3, abs=1e-4)


def test_intervals_hold_their_value_and_strata_are_apart() -> None:
    figures = evaluate(ROWS, READ)

    assert all(f.low <= f.value <= f.high for f in figures.overall.values())
    assert {name: part["is_issue F1"].value for name, part in figures.strata.items()} == {
        "a": 1.0,
        "b": 0.0,
    }


def test_confusion_takes_the_topic_that_agrees() -> None:
    assert evaluate(ROWS, READ).confusion == {
        "waste": {"waste": 1},
        "pollution": {"pollution": 1},
        "safety": {"safety": 1},
    }


def test_figures_are_told_as_json_and_markdown() -> None:
    figures = evaluate(ROWS, READ)

    assert json.loads(figures.to_json())["items"] == 4
    assert figures.to_markdown().startswith("4 items\n")
    assert "| is_issue F1 | 0.667 |" in figures.to_markdown()


def test_sets_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        evaluate(ROWS, READ[:2])
