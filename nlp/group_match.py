"""How likely an item tells of an event: a logistic regression on a dozen plain facts."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log, log1p
from pathlib import Path

from nlp.event import Arrival
from nlp.group_event import Known
from nlp.group_vector import Vector
from nlp.normalise import fold

#: The facts, in the order of the weights. "short" runs from 0 for articles to 1 for notes.
FACTS = (
    "likeness",  # log of the mean likeness to the event's items
    "nearest",  # log of the likeness to the nearest of the items kept whole
    "short",
    "commune",  # a commune or landmark is shared
    "district",  # no commune, but a district is shared
    "elsewhere",  # both name places, and none is shared
    "commune_topic",  # a commune and a topic are shared
    "days",  # log of 1 + days since the event's last item
    "short_nearest",
    "commune_days",
)
#: Words of an article that is no longer short, and of a note that is as short as can be.
LONG, SHORT = 260, 50
WEIGHTS = Path(__file__).parent / "model_events" / "match.toml"
_ROUND_UP = re.compile(
    r"^(?:(?:diem|doc) (?:tin|bao)\b|tin (?:tuc )?(?:sang|trua|chieu|toi|24h|nong|nhanh|dac biet)\b"
    r"|xem nhanh\b|ban tin\b|toan canh (?:tin|\d{1,2}h)\b|ngay moi voi tin tuc\b|nhung tin"
    r"|tin (?:tuc )?(?:the gioi )?\d{1,2}[-./]\d)"
)
_COMMUNE_DIGITS, _DISTRICT_DIGITS = 5, 3


@dataclass(frozen=True, slots=True)
class Match:
    """Weights of the facts, and from which probability on an article and a note join."""

    weights: tuple[float, ...]
    intercept: float
    join_article: float
    join_note: float

    def score(self, facts: tuple[float, ...]) -> float:
        """Return 0..1, where one half is just enough to join."""
        odds = self.intercept + sum(
            weight * fact for weight, fact in zip(self.weights, facts, strict=True)
        )
        short = min(1.0, facts[FACTS.index("short")])
        needed = _odds(self.join_article) * (1 - short) + _odds(self.join_note) * short
        return 1 / (1 + exp(-max(-30.0, min(30.0, odds - needed))))


def load_match(path: Path = WEIGHTS) -> Match:
    """Read the shipped weights."""
    table = tomllib.loads(path.read_text("utf-8"))
    return match_of(table["weights"], table["intercept"], table["limits"])


def match_of(weights: Mapping[str, float], intercept: float, limits: Mapping[str, float]) -> Match:
    """Return weights by name as a `Match`; KeyError where a fact has none."""
    return Match(
        tuple(weights[fact] for fact in FACTS), intercept, limits["article"], limits["note"]
    )


def facts(
    arrival: Arrival, vector: Vector, event: Known, likeness: float, nearest: float
) -> tuple[float, ...]:
    """Return the facts about an item and an event, in the order of `FACTS`."""
    alike, near = log(likeness + 0.01), log(nearest + 0.01)
    words = max(1.0, min(vector.words, event.words))
    short = min(1.5, max(0.0, (log(LONG) - log(words)) / (log(LONG) - log(SHORT))))
    shared = event.places & set(arrival.places)
    commune = float(any(_digits(place) != _DISTRICT_DIGITS for place in shared if _narrow(place)))
    district = float(not commune and any(_digits(p) == _DISTRICT_DIGITS for p in shared))
    elsewhere = float(bool(arrival.places and event.places and not shared))
    topic = commune * bool(event.topics & set(arrival.topics))
    days = log1p(abs((arrival.at - event.last).total_seconds()) / 86400)
    return (
        alike,
        near,
        short,
        commune,
        district,
        elsewhere,
        topic,
        days,
        short * near,
        commune * days,
    )


def is_round_up(title: str) -> bool:
    """Say whether a title announces many stories at once, which is about no event."""
    return bool(_ROUND_UP.match(fold(title)))


def _narrow(place: str) -> bool:
    """Say whether a place is narrower than a province: codes of communes have five digits."""
    return _digits(place) == 0 or _digits(place) >= _DISTRICT_DIGITS


def _digits(place: str) -> int:
    """Return how many digits the code of a unit has; 0 for a landmark, which has a name."""
    code = place.partition("@")[0]
    return len(code) if code.isdigit() else 0


def _odds(probability: float) -> float:
    return log(probability / (1 - probability))
