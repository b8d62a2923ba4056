"""Say where the problem of an item lies: the one door to the place finder."""

from __future__ import annotations

from datetime import date, timedelta

from config.gazetteer import Gazetteer
from config.places import REFORM
from nlp.normalise import fold
from nlp.place_choose import Choice, Locus, choose, weigh
from nlp.place_names import Candidate, Hit, Page, PlaceNames
from nlp.place_resolve import Setting, resolve
from nlp.place_spelling import composed, unaccented, uncased
from nlp.reading import PlaceRef, Reason, Where, seen

#: Raised whenever the rules of the place finder change an answer.
RULES = "1"
#: The day on which a landmark of an undated text is looked up: the last of the old map.
_EVE = REFORM - timedelta(1)


class PlaceFinder:
    """One map, one set of rules. The same input always gives the same answer."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._map = gazetteer
        self._names = PlaceNames(gazetteer)
        self.version = f"{gazetteer.version}.{RULES}"

    def find(
        self, title: str, text: str, *, published: date | None, home: str, as_of: date
    ) -> Where:
        """Return the places of an item."""
        whole, back = composed(seen(title, text))
        page = Page(whole, fold(whole), unaccented(whole), uncased(whole))
        hits = self._sited(self._names.scan(page), published)
        mentions = resolve(hits, page, Setting(published, fold(home)))
        loci = weigh(mentions, page, len(title) + 1)
        choice = choose(loci)
        places = tuple(self._ref(c, locus, w, published, back) for c, locus, w in choice.places)
        then = choice.places[0][0].place.key if places else None
        return Where(places=places, unit_then=then)

    def _sited(self, hits: list[Hit], day: date | None) -> list[Hit]:
        """Put for each landmark the unit that held it; one that no single unit held goes."""
        kept = []
        for hit in hits:
            if hit.landmark:
                site = self._map.site(hit.landmark.key, day or _EVE)
                hit.candidates = [self._names.candidate(site.key)] if site else []
            if hit.candidates or hit.foreign:
                kept.append(hit)
        return kept

    def _ref(
        self, c: Candidate, locus: Locus, weight: float, day: date | None, back: list[int] | None
    ) -> PlaceRef:
        place = c.place
        province = self._map.chain(place.key)[-1].bare
        names = (province, *self._map.names(place.key)[1:])
        hit = locus.mention.hit
        start, end = (back[hit.start], back[hit.end]) if back else (hit.start, hit.end)
        return PlaceRef(place.key, place.name, place.level.value, *names, min(1.0, weight), start, end)
