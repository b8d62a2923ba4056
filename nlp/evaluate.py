"""Compare readings with labels: the figures of the guide's goals, with their uncertainty."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from nlp.reading import Reading
from nlp.topics import TOPICS

#: Resamples of the bootstrap, and the part of them that lies inside an interval.
RESAMPLES, INSIDE = 500, 0.95
_SEED = 7
_GRADES = 4


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with the interval that holds it in 95 of 100 resamples, and how many it rests on."""

    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything measured on one set. `confusion` counts main topic of the label by main read."""

    items: int
    overall: Mapping[str, Figure]
    topics: Mapping[str, Figure]
    strata: Mapping[str, Mapping[str, Figure]] = field(default_factory=dict)
    confusion: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the figures as one JSON object."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)

    def to_markdown(self) -> str:
        """Return the figures as Markdown tables."""
        lines = [f"{self.items} items", "", "| figure | value | 95 % | on |", "|---|---|---|---|"]
        lines += [_row(name, figure) for name, figure in self.overall.items()]
        lines += ["", "| topic (issues only) | F1 | 95 % | on |", "|---|---|---|---|"]
        lines += [_row(name, figure) for name, figure in self.topics.items()]
        for stratum, figures in self.strata.items():
            lines += ["", f"| {stratum} | value | 95 % | on |", "|---|---|---|---|"]
            lines += [_row(name, figure) for name, figure in figures.items()]
        lines += ["", "Main topic, label (rows) by reading (columns):", "", *self._confusion()]
        return "\n".join(lines) + "\n"

    def _confusion(self) -> list[str]:
        names = [*TOPICS, "none"]
        used = [name for name in names if name in self.confusion]
        head = f"| | {' | '.join(n[:8] for n in names)} |"
        rows = [
            f"| {label} | {' | '.join(str(self.confusion[label].get(n, '')) for n in names)} |"
            for label in used
        ]
        return [head, f"|{'---|' * (len(names) + 1)}", *rows]


@dataclass(frozen=True, slots=True)
class _Pair:
    """One item as labelled and as read."""

    issue: bool
    said_issue: bool
    topics: frozenset[str]
    said: tuple[str, ...]
    severity: int
    said_severity: int


_Pairs = Sequence[_Pair]


def evaluate(rows: Sequence[Mapping[str, Any]], readings: Sequence[Reading]) -> Figures:
    """Return the figures of `readings` against `rows`, label-file rows in the same order.

    Topics, main topic and severity are measured on what the labels call issues, also
    where the reading calls it none. Places are measured elsewhere. Raises ValueError
    where the two differ in length.
    """
    pairs = [_pair(row["gold"], reading) for row, reading in zip(rows, readings, strict=True)]
    strata: dict[str, list[_Pair]] = {}
    for row, pair in zip(rows, pairs, strict=True):
        if row.get("stratum"):
            strata.setdefault(str(row["stratum"]), []).append(pair)
    return Figures(
        items=len(pairs),
        overall={name: _figure(measure, pairs) for name, measure in MEASURES.items()},
        topics={topic: _figure(_of_topic(topic), pairs) for topic in TOPICS},
        strata={
            name: {key: _figure(MEASURES[key], part) for key in ("is_issue F1", "topics micro-F1")}
            for name, part in sorted(strata.items())
        },
        confusion=_confused(pairs),
    )


def issue_precision(pairs: _Pairs) -> float:
    """Return the part of what is read as an issue that is one."""
    return _ratio(sum(p.issue for p in pairs if p.said_issue), sum(p.said_issue for p in pairs))


def issue_recall(pairs: _Pairs) -> float:
    """Return the part of the issues that are read as such."""
    return _ratio(sum(p.said_issue for p in pairs if p.issue), sum(p.issue for p in pairs))


def issue_f1(pairs: _Pairs) -> float:
    """Return the harmonic mean of precision and recall of is_issue."""
    return _mean(issue_precision(pairs), issue_recall(pairs))


def micro_f1(pairs: _Pairs) -> float:
    """Return F1 over all (issue, topic) decisions."""
    issues = [p for p in pairs if p.issue]
    right = sum(len(p.topics & set(p.said)) for p in issues)
    return _ratio(2 * right, sum(len(p.topics) + len(p.said) for p in issues))


def macro_f1(pairs: _Pairs) -> float:
    """Return the mean of the topics' F1, over topics that are labelled or read at all."""
    issues = [p for p in pairs if p.issue]
    held = {topic for p in issues for topic in (*p.topics, *p.said)}
    values = [_of_topic(topic)(pairs) for topic in TOPICS if topic in held]
    return sum(values) / len(values) if values else 1.0


def main_topic(pairs: _Pairs) -> float:
    """Return the part of the issues whose first topic is one of the label's (or both none)."""
    issues = [p for p in pairs if p.issue]
    right = [p.said[0] in p.topics if p.said else not p.topics for p in issues]
    return _ratio(sum(right), len(right))


def severity_kappa(pairs: _Pairs) -> float:
    """Return quadratic kappa of severity over the issues."""
    issues = [p for p in pairs if p.issue]
    table = [[0] * _GRADES for _ in range(_GRADES)]
    for p in issues:
        table[p.severity][p.said_severity] += 1
    rows = [sum(row) for row in table]
    columns = [sum(row[grade] for row in table) for grade in range(_GRADES)]
    grid = [(a, b) for a in range(_GRADES) for b in range(_GRADES)]
    chance = sum((a - b) ** 2 * rows[a] * columns[b] for a, b in grid) / max(len(issues), 1)
    return 1 - sum((a - b) ** 2 * table[a][b] for a, b in grid) / chance if chance else 1.0


MEASURES: Mapping[str, Callable[[_Pairs], float]] = {
    "is_issue precision": issue_precision,
    "is_issue recall": issue_recall,
    "is_issue F1": issue_f1,
    "topics micro-F1": micro_f1,
    "topics macro-F1": macro_f1,
    "main topic": main_topic,
    "severity kappa": severity_kappa,
}


def _of_topic(topic: str) -> Callable[[_Pairs], float]:
    def f1(pairs: _Pairs) -> float:
        issues = [p for p in pairs if p.issue]
        right = sum(topic in p.topics and topic in p.said for p in issues)
        return _ratio(2 * right, sum((topic in p.topics) + (topic in p.said) for p in issues))

    return f1


def _figure(measure: Callable[[_Pairs], float], pairs: _Pairs) -> Figure:
    choose = random.Random(_SEED)  # noqa: S311 - a resample, not a secret
    drawn = sorted(measure(choose.choices(pairs, k=len(pairs))) for _ in range(RESAMPLES))
    tail = round(RESAMPLES * (1 - INSIDE) / 2)
    value = measure(pairs)
    return Figure(round(value, 4), round(drawn[tail], 4), round(drawn[-tail - 1], 4), len(pairs))


def _pair(gold: Mapping[str, Any], reading: Reading) -> _Pair:
    return _Pair(
        bool(gold["is_issue"]),
        reading.is_issue,
        frozenset(gold["topics"]),
        tuple(topic.topic for topic in reading.topics),
        int(gold["severity"]),
        reading.severity,
    )


def _confused(pairs: _Pairs) -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {}
    for pair in pairs:
        if pair.issue:
            said = pair.said[0] if pair.said else "none"
            label = said if said in pair.topics else min(pair.topics, default="none")
            row = table.setdefault(label, {})
            row[said] = row.get(said, 0) + 1
    return table


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 1.0


def _mean(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def _row(name: str, figure: Figure) -> str:
    return f"| {name} | {figure.value:.3f} | {figure.low:.3f}–{figure.high:.3f} | {figure.count} |"
