"""Put a choice of places into the form of a reading: names, offsets, reasons, doubts."""

from __future__ import annotations

from datetime import date

from config.gazetteer import Gazetteer
from config.places import Place
from nlp.place_choose import Choice, Pick
from nlp.place_context import Locus
from nlp.place_resolve import Mention
from nlp.place_verdict import SPLIT, confidence, doubt
from nlp.reading import Hold, PlaceRef, Reason, Where

MOST_MENTIONS = MOST_CANDIDATES = 12


class Answer:
    """Puts a choice into the names of the item's day."""

    def __init__(self, gazetteer: Gazetteer, as_of: date, back: list[int] | None) -> None:
        self._map = gazetteer
        self._as_of = as_of
        self._back = back

    def of(self, choice: Choice, loci: list[Locus]) -> Where:
        """Return the answer with its reasons."""
        hold = doubt(choice)
        score = confidence(choice, hold is not None)
        asked = [c.place.key for c in choice.open] or _contenders(choice)
        heirs = [heir.key for pick in choice.picks for heir in pick.locus.mention.heirs]
        if heirs and not hold and choice.picks[0].unit.rank == 0:
            hold, asked = SPLIT, heirs
        elif choice.open:
            asked += [key for key in heirs if key not in asked]
        places: dict[str, PlaceRef] = {}
        reasons = []
        for place, locus in self._placed(choice):
            if place.key not in places:
                start, end = self._span(locus.mention)
                places[place.key] = self.ref(place, score, start, end)
                rule = locus.why or "named"
                reasons.append(Reason("place", place.key, rule, locus.weight, start, end))
        first = next(iter(places), None)
        if hold:
            reasons.append(Reason("hold", first or "", hold, 1.0))
        return Where(
            places=tuple(places.values()),
            mentions=self._mentions(loci, choice.picks, set(places)),
            unit_then=first,
            unit_now=self.now(first) if first else None,
            hold=Hold(hold, tuple(asked[:MOST_CANDIDATES])) if hold else None,
            reasons=tuple(reasons),
        )

    def _placed(self, choice: Choice) -> list[tuple[Place, Locus]]:
        """Return the units of the answer, each with the mention that carried it.

        Where a name is open and nothing else was chosen: what contains all it may mean.
        """
        if choice.picks or not choice.asked:
            return [(pick.unit.place, pick.locus) for pick in choice.picks]
        chains = [self._map.chain(c.place.key) for c in choice.open]
        shared = set.intersection(*({place.key for place in chain} for chain in chains))
        common = next((place for place in chains[0] if place.key in shared), None)
        return [(common, choice.asked)] if common else []

    def _mentions(
        self, loci: list[Locus], picks: list[Pick], picked: set[str]
    ) -> tuple[PlaceRef, ...]:
        """Return the other places named, as they are named, each once."""
        above = {key for pick in picks for key in pick.unit.chain} | picked
        provinces = {pick.unit.province for pick in picks}
        found: dict[str, PlaceRef] = {}
        for locus in loci:
            place = locus.mention.unit.place
            if locus.mention.unit.rank == 0 and locus.mention.unit.province in provinces:
                continue
            clear = len({c.ident for c in locus.mention.best}) == 1
            if clear and place.key not in above and place.key not in found:
                start, end = self._span(locus.mention)
                found[place.key] = self.ref(place, round(min(0.5, locus.factor / 3), 2), start, end)
        return tuple(found.values())[:MOST_MENTIONS]

    def ref(self, place: Place, score: float, start: int, end: int) -> PlaceRef:
        """Return a place as the reading shows it: the province by its bare name."""
        _, district, commune = self._map.names(place.key)
        province = self._map.chain(place.key)[-1].bare
        level = place.level.value
        return PlaceRef(
            place.key, place.name, level, province, district, commune, score, start, end
        )

    def now(self, key: str) -> str | None:
        """Return the one unit that stands for the place on the day of reading."""
        heirs = self._map.now(key, self._as_of)
        return heirs[0].key if len(heirs) == 1 else None

    def _span(self, mention: Mention) -> tuple[int, int]:
        start, end = mention.hit.start, mention.hit.end
        return (self._back[start], self._back[end]) if self._back else (start, end)


def _contenders(choice: Choice) -> list[str]:
    """Return what a person may choose from: the places found, and the best elsewhere."""
    found = [pick.unit.place.key for pick in choice.picks]
    return [*found, choice.rival.place.key] if choice.rival else found
