"""What would have changed a verdict: the threshold that says so is the one that does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_events import event

from config.load import load_catalog
from triage.facts import EventFacts, Routing, Score, Verdict
from triage.policy import judge
from triage.score import score
from triage.whatif import Threshold, thresholds

CATALOG = load_catalog(None)
ROUTED = Routing("ubnd-huyen-ba-tri", "ubnd-huyen-ba-tri", "ubnd-huyen-ba-tri")
FIELDS = {
    "độ tin cậy là vấn đề": "issue_score",
    "độ tin cậy về chủ đề": "topic_score",
    "độ tin cậy về địa bàn": "place_score",
    "mức độ": "severity",
}


def judged(facts: EventFacts, found: Score) -> Verdict:
    return judge(facts, found, ROUTED, CATALOG.policy, CATALOG.topics)


def limits(facts: EventFacts) -> dict[str, Threshold]:
    found = score(facts, CATALOG.policy.weights)
    every = thresholds(facts, found, judged, CATALOG.policy, CATALOG.topics)
    return {one.name: one for one in every}


sure = st.floats(0, 1)


@settings(deadline=None)
@given(issue=sure, topic=sure, place=sure, severity=st.integers(0, 3), alone=st.booleans())
def test_going_across_a_threshold_gives_the_verdict_it_names(
    issue: float, topic: float, place: float, severity: int, alone: bool
) -> None:
    facts = event(issue_score=issue, topic_score=topic, place_score=place, severity=severity)
    if alone:
        facts = replace(facts, outlets=("Trang A",), kinds=("fanpage",))
    weight = score(facts, CATALOG.policy.weights)
    now = judged(facts, weight)

    for name, limit in limits(facts).items():
        assert limit.passed == (limit.found >= limit.limit)
        assert limit.passed != (limit.across >= limit.limit)
        assert limit.turns == (limit.beyond.action != now.action)
        if name in FIELDS:
            changed = replace(facts, **{FIELDS[name]: limit.across})  # type: ignore[arg-type]
            assert judged(changed, weight) == limit.beyond


def test_what_would_turn_it_comes_first_and_the_nearest_of_that() -> None:
    facts = event(issue_score=0.84, place_score=0.9)

    found = list(limits(facts).values())

    assert (found[0].name, found[0].beyond.action) == ("độ tin cậy là vấn đề", "mail")
    assert [one.turns for one in found] == sorted((one.turns for one in found), reverse=True)


@pytest.mark.parametrize(("outlets", "beyond"), [(("A",), "mail"), (("A", "B"), "hold")])
def test_one_more_page_or_one_less(outlets: tuple[str, ...], beyond: str) -> None:
    found = limits(event(outlets=outlets, kinds=("fanpage",)))["số trang độc lập"]

    assert (found.found, found.limit, found.beyond.action) == (len(outlets), 2, beyond)
