"""What would have changed a verdict: each threshold, how far it was, and what lies behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from config.catalog import PolicyEntry, TopicEntry
from triage.facts import EventFacts, Score, Verdict

#: A step small enough to change a confidence without changing how it is shown.
_STEP = 0.0001
Judge = Callable[[EventFacts, Score], Verdict]


@dataclass(frozen=True, slots=True)
class Threshold:
    """One limit of the policy: what was found, the limit, and the verdict on its other side.

    `across` is the nearest value on the other side; `room` the way there as a share of the
    limit, by which limits are compared; `turns` says whether going there alone would change
    the verdict.
    """

    name: str
    found: float
    limit: float
    across: float
    beyond: Verdict
    turns: bool

    @property
    def passed(self) -> bool:
        """Say whether what was found reaches the limit."""
        return self.found >= self.limit

    @property
    def room(self) -> float:
        """How far the limit was, 0 and up."""
        return abs(self.found - self.across) / max(self.limit, 1e-9)


def thresholds(
    facts: EventFacts,
    score: Score,
    judged: Judge,
    policy: PolicyEntry,
    topics: Mapping[str, TopicEntry],
) -> tuple[Threshold, ...]:
    """Return every limit the policy compares with, the nearest that would change it first.

    `judged` gives the verdict on changed facts, all else being equal.
    """
    now = judged(facts, score)
    found = tuple(_crossed(facts, score, judged, now, policy, topics))
    return tuple(sorted(found, key=lambda one: (not one.turns, one.room, one.name)))


def _crossed(
    facts: EventFacts,
    score: Score,
    judged: Judge,
    now: Verdict,
    policy: PolicyEntry,
    topics: Mapping[str, TopicEntry],
) -> Iterator[Threshold]:
    main = topics.get(facts.topics[0]) if facts.topics else None
    least = main.min_severity if main else TopicEntry.model_fields["min_severity"].default
    fields: tuple[tuple[str, str, float, float], ...] = (
        ("độ tin cậy là vấn đề", "issue_score", policy.min_issue_confidence, _STEP),
        ("độ tin cậy về chủ đề", "topic_score", policy.min_topic_confidence, _STEP),
        ("độ tin cậy về địa bàn", "place_score", policy.min_place_confidence, _STEP),
        ("mức độ", "severity", least, 1),
    )
    for name, field, limit, step in fields:
        value = getattr(facts, field)
        across = limit if value < limit else limit - step
        changes: dict[str, Any] = {field: across}
        changed = replace(facts, **changes)
        yield _threshold(name, value, limit, across, judged(changed, score), now)
    if policy.hold_single_fanpage and set(facts.kinds) == {"fanpage"}:
        alone = len(facts.outlets) < 2
        voices = (*facts.outlets[:1], "?") if alone else facts.outlets[:1]
        beyond = judged(replace(facts, outlets=voices), score)
        yield _threshold("số trang độc lập", len(facts.outlets), 2, len(voices), beyond, now)
    floor = policy.digest_floor
    total = floor if score.total < floor else floor - 0.01
    beyond = judged(facts, replace(score, total=total))
    yield _threshold("điểm", score.total, floor, total, beyond, now)


def _threshold(
    name: str, found: float, limit: float, across: float, beyond: Verdict, now: Verdict
) -> Threshold:
    return Threshold(name, found, limit, across, beyond, beyond.action != now.action)
