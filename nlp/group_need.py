"""How alike an item and an event must be: the threshold, and what moves it."""

from __future__ import annotations

from math import log

from nlp.event import Arrival
from nlp.group_event import Known, PlaceUse
from nlp.group_vector import Vector

#: Mean likeness that is enough between articles of at least `LONG` words, and between notes of
#: at most `SHORT`; few words in common happen by chance more easily in short texts.
ENOUGH_LONG, ENOUGH_SHORT = 0.09, 0.26
LONG, SHORT = 260, 50
#: How the need changes with what is known of both sides.
SAME_PLACE_AND_TOPIC = 0.45
SAME_PLACE = 0.7
OTHER_PLACE = 1.35
OTHER_TOPIC = 1.2
NO_ISSUE = 1.3
#: How much the need grows from no day to `LASTING` days after the last item, elsewhere or unplaced.
AGE, LASTING = 0.4, 45.0


def needed(arrival: Arrival, vector: Vector, event: Known, use: PlaceUse) -> float:
    """Return the mean likeness from which on the item belongs to the event."""
    words = min(vector.words, event.words)
    shortness = (log(LONG) - log(max(1.0, words))) / (log(LONG) - log(SHORT))
    need = ENOUGH_LONG + (ENOUGH_SHORT - ENOUGH_LONG) * min(1.0, max(0.0, shortness))
    return need * _about(arrival, event, use)


def _about(arrival: Arrival, event: Known, use: PlaceUse) -> float:
    """Return by what the need is multiplied for place, topic, time and kind."""
    places, topics = set(arrival.places), set(arrival.topics)
    shared = any(use.telling(place) for place in places & event.places)
    same_topic = bool(topics & event.topics)
    factor = NO_ISSUE if arrival.is_issue != event.issue else 1.0
    if shared:
        return factor * (SAME_PLACE_AND_TOPIC if same_topic else SAME_PLACE)
    if places and event.places and not places & event.places:
        factor *= OTHER_PLACE
    if topics and event.topics and not same_topic:
        factor *= OTHER_TOPIC
    days = abs((arrival.at - event.last).total_seconds()) / 86400
    return factor * (1.0 + AGE * min(1.0, days / LASTING))
