"""Figures on a set small enough to count by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nlp.evaluate import evaluate
from nlp.evaluate_events import b_cubed
from nlp.evaluate_pairs import bare_name
from nlp.evaluate_report import confusion_svg, markdown
from nlp.reading import Hold, PlaceRef, Reading, TopicScore, Where

HOLD = Hold("low_confidence")


def place(province: str, district: str | None = None, commune: str | None = None) -> PlaceRef:
    name = commune or district or province
    return PlaceRef("k@", name, "x", province, district, commune, 0.9, 0, 1)


def label(province: str, district: str | None = None, commune: str | None = None) -> dict[str, Any]:
    return {"province": province, "district": district, "commune": commune}


def reading(
    issue: bool,
    topics: tuple[str, ...],
    severity: int,
    *,
    score: float = 0.9,
    places: tuple[PlaceRef, ...] = (),
    hold: Hold | None = None,
) -> Reading:
    return Reading(
        version="t",
        topics=tuple(TopicScore(topic, 0.9) for topic in topics),
        is_issue=issue,
        issue_score=score,
        severity=severity,
        where=Where(places=places),
        hold=hold,
        would_be=severity,
    )


def row(
    issue: bool, topics: tuple[str, ...], severity: int, stratum: str, *places: dict[str, Any]
) -> dict[str, Any]:
    gold = {"is_issue": issue, "topics": list(topics), "severity": severity, "places": [*places]}
    return {"id": "x", "title": "", "text": "Bãi rác", "gold": gold, "stratum": stratum}


ROWS = [
    row(True, ("waste",), 2, "a", label("Bến Tre", "huyện Ba Tri", "xã An Đức")),
    row(True, ("waste", "pollution"), 3, "a", label("Hồ Chí Minh", "Quận 7")),
    row(True, ("safety",), 3, "b", label("Vĩnh Long", None, "xã An Định")),
    row(False, (), 0, "b"),
]
READ = [
    reading(
        True,
        ("waste",),
        2,
        score=0.9,
        places=(place("Bến Tre", "huyện Ba Tri"), place("Trà Vinh")),
    ),
    reading(True, ("pollution", "health"), 3, score=0.8, places=(place("Hồ Chí Minh", "quận 07"),)),
    reading(False, ("safety",), 0, score=0.2, places=(place("Cà Mau"),), hold=HOLD),
    reading(True, ("safety",), 1, score=0.5),
]


def values(rows: list[dict[str, Any]], readings: list[Reading]) -> dict[str, float]:
    return {name: figure.value for name, figure in evaluate(rows, readings).overall.items()}


def test_evaluate_counts_as_the_yardstick_does() -> None:
    found = values(ROWS, READ)

    assert found["is_issue precision"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["is_issue recall"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["is_issue F1"] == pytest.approx(2 / 3, abs=1e-4)
    # In the order of the scores: issue, issue, none, issue.
    assert found["is_issue AP"] == pytest.approx((1 + 1 + 3 / 4) / 3, abs=1e-4)
    assert found["topics micro-F1"] == pytest.approx(6 / 8, abs=1e-4)
    assert found["topics macro-F1"] == pytest.approx((2 / 3 + 1 + 0 + 1) / 4, abs=1e-4)
    assert found["main topic"] == 1.0
    assert found["severity kappa"] == pytest.approx(1 - 9 / (25 / 3), abs=1e-3)
    assert evaluate(ROWS, READ).topics["waste"].value == pytest.approx(2 / 3, abs=1e-4)


def test_places_count_as_the_yardstick_does() -> None:
    found = values(ROWS, READ)

    assert found["province found"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["district found"] == 1.0
    assert found["commune found"] == 0.0
    # Ba Tri and Quận 7 are right, Trà Vinh and Cà Mau are not.
    assert found["place precision"] == pytest.approx(2 / 4, abs=1e-4)
    assert found["wrong of routed"] == 0.0
    assert found["held"] == pytest.approx(1 / 3, abs=1e-4)


def test_first_place_that_contradicts_the_label_is_a_wrong_route() -> None:
    wrong = reading(True, ("waste",), 2, places=(place("Bến Tre", "huyện Giồng Trôm"),))

    assert values(ROWS[:1], [wrong])["wrong of routed"] == 1.0


def test_equal_scores_are_taken_at_once() -> None:
    alike = [reading(True, (), 1, score=0.5) for _ in ROWS]

    assert values(ROWS, alike)["is_issue AP"] == pytest.approx(3 / 4, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("Thành phố Bến Tre", "ben tre"),
        ("Hà Nội", "a noi"),
        ("TP.HCM", "ho chi minh"),
        ("Quận 07", "7"),
        ("huyện  Đắk R'Lấp", "dak r'lap"),
        ("thị xã", "thi xa"),
        ("", None),
        (None, None),
    ],
)
def test_names_are_compared_without_type_and_accents(name: str | None, bare: str | None) -> None:
    assert bare_name(name) == bare


def test_intervals_hold_their_value_and_strata_are_apart() -> None:
    figures = evaluate(ROWS, READ)

    assert all(f.low <= f.value <= f.high for f in figures.overall.values())
    strata = {name: part["is_issue F1"].value for name, part in figures.strata.items()}
    assert {name: strata[name] for name in ("a", "b")} == {"a": 1.0, "b": 0.0}
    assert {"kind: press", "length: note", "accents: yes"} <= strata.keys()


def test_confusion_takes_the_topic_that_agrees() -> None:
    assert evaluate(ROWS, READ).confusion == {
        "waste": {"waste": 1},
        "pollution": {"pollution": 1},
        "safety": {"safety": 1},
    }


def test_figures_are_told_as_json_markdown_and_picture() -> None:
    figures = evaluate(ROWS, READ)

    assert json.loads(figures.to_json())["items"] == 4
    assert markdown(figures).startswith("4 items\n")
    assert "| is_issue F1 | 0.667 |" in markdown(figures)
    assert confusion_svg(figures).count(">1</text>") == 3


def test_sets_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        evaluate(ROWS, READ[:2])


def test_b_cubed_counts_as_bagga_and_baldwin_do() -> None:
    figures = b_cubed(["a", "a", "a", "b"], [1, 1, 2, 2])

    # Precision: 1, 1, 1/2, 1/2; recall: 2/3, 2/3, 1/3, 1.
    assert figures["event B-cubed precision"].value == 0.75
    assert figures["event B-cubed recall"].value == pytest.approx(2 / 3, abs=1e-4)
    assert figures["event B-cubed F1"].value == pytest.approx(12 / 17, abs=1e-4)


def test_b_cubed_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no item"):
        b_cubed([], [])
