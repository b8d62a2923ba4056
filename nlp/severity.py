"""How grave a problem is, 0 to 3: a trained estimate, corrected by plain facts in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from nlp.features import Tokens
from nlp.phrases import Phrases, lexicon
from nlp.reading import Reason
from nlp.topics import Scores

#: More households than this make a large area.
MANY_HOUSEHOLDS = 100
_HOUSEHOLDS = re.compile(
    r"(\d(?<!\w\d)(?:\d{0,2}(?:[.,]\d{3})+|\d*))\s+(?:ho dan|ho gia dinh|ho|can nha)\b"
)


@dataclass(frozen=True, slots=True)
class Severity:
    """A severity and what decided it."""

    value: int
    reasons: tuple[Reason, ...]


def grade(scores: Scores, thresholds: dict[str, float], tokens: Tokens, text: str) -> Severity:
    """Return the severity of an issue, 1 to 3. `text` is `seen(title, text)`, folded.

    The sum of the probabilities of at least 2 and of at least 3, lifted by the facts,
    is cut twice.
    """
    reasons = [*_households(text), *_facts(tokens, text)]
    two, three = (scores.probability[name] for name in ("severity_2", "severity_3"))
    total = two + min(two, three) + sum(reason.weight for reason in reasons)
    value = 1 + (total >= thresholds["severity_2"]) + (total >= thresholds["severity_3"])
    return Severity(value, (Reason("severity", str(value), "model", round(1 + total, 3)), *reasons))


def _households(folded: str) -> list[Reason]:
    for found in _HOUSEHOLDS.finditer(folded):
        number = int(re.sub(r"\D", "", found[1]))
        if number > MANY_HOUSEHOLDS:
            return [Reason("severity", "3", "households", 0.15, found.start(), found.end())]
    return []


def _facts(tokens: Tokens, folded: str) -> list[Reason]:
    hits = _phrases().find(tokens, folded)
    return [
        Reason(
            "severity", "3", hit.phrase, 0.05, tokens.starts[hit.first], tokens.end(hit.last - 1)
        )
        for hit in hits[:1]
    ]


@cache
def _phrases() -> Phrases:
    return Phrases(lexicon("severity"))
