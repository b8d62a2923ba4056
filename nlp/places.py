"""Say where the problem of an item lies: the one door to the place finder."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from config.gazetteer import Gazetteer
from config.places import REFORM
from nlp.normalise import fold
from nlp.place_answer import Answer
from nlp.place_choose import choose
from nlp.place_context import weigh
from nlp.place_hit import Candidate, Hit, Page
from nlp.place_names import PlaceNames
from nlp.place_resolve import Home, Mention, Setting, resolve
from nlp.place_spelling import composed, unaccented, uncased
from nlp.reading import Hold, Reason, Where, seen

#: Raised whenever the rules of the place finder change an answer.
RULES = "1"
#: The day on which a landmark of an undated text is looked up: the last of the old map.
_EVE = REFORM - timedelta(1)


class PlaceFinder:
    """One map, one set of rules. The same input always gives the same answer."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._map = gazetteer
        self._names = PlaceNames(gazetteer)
        self._home = lru_cache(maxsize=512)(self._read_home)
        self.version = f"{gazetteer.version}.{RULES}"

    def find(
        self, title: str, text: str, *, published: date | None, home: str, as_of: date
    ) -> Where:
        """Return the places of an item, named as on the day it was published.

        `home` is the province its source is about, or the source's own name ("Bình Đại
        quê tôi"): weak evidence. `as_of` is the day for which `unit_now` is told.
        Without `published` both maps are searched and the text decides between them;
        `as_of` never does. Text without a place of the map gives an empty answer.
        """
        whole, back = composed(seen(title, text))
        page = _page(whole)
        hits = self._sited(self._names.scan(page), published)
        setting = Setting(published, self._home(home))
        mentions = resolve(hits, page, setting)
        if published and published >= REFORM:
            self._put_on_present_map(mentions, published)
        loci = weigh(mentions, page, len(title) + 1)
        choice = choose(loci)
        if not choice.picks and not choice.open:
            foreign = any(hit.foreign for hit in hits)
            return Where() if foreign else self._known_by_source(setting, as_of)
        return Answer(self._map, as_of, back).of(choice, loci)

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

    def _put_on_present_map(self, mentions: list[Mention], day: date) -> None:
        """Answer units of the old map by their successors, or by the province of several."""
        for mention in mentions:
            best: dict[str, Candidate] = {}
            for candidate in mention.best:
                heirs = self._map.now(candidate.place.key, day)
                if len(heirs) > 1:
                    mention.heirs += heirs
                    heirs = tuple(
                        {p.key: p for h in heirs for p in self._map.chain(h.key)[-1:]}.values()
                    )
                best |= {heir.key: self._names.candidate(heir.key) for heir in heirs}
            mention.best = list(best.values()) or mention.best

    def _read_home(self, home: str) -> Home:
        """Return the provinces and districts that a source's name tells."""
        if not home:
            return Home()
        provinces: set[str] = set()
        districts: set[Candidate] = set()
        for hit in self._names.scan(_page(home)):
            level = min((c.rank for c in hit.candidates if not c.home), default=9)
            if level == 0:
                provinces |= {c.province for c in hit.candidates if c.rank == 0}
            elif level == 1:
                districts |= {c for c in hit.candidates if c.rank == 1}
        if provinces:
            districts = {c for c in districts if c.province in provinces}
        if len({c.ident for c in districts}) != 1:
            districts = set()
        provinces |= {c.province for c in districts}
        return Home(frozenset(provinces), frozenset(c.place.key for c in districts))

    def _known_by_source(self, setting: Setting, as_of: date) -> Where:
        """Return the district whose page it is, for a person to confirm."""
        day = setting.day or _EVE
        keys = sorted(k for k in setting.home.districts if self._map.get(k).stands_on(day))
        if not keys:
            return Where()
        place = self._map.get(keys[0])
        answer = Answer(self._map, as_of, None)
        hold = Hold("Tin không nêu địa danh; chỉ biết qua tên nguồn tin", (place.key,))
        return Where(
            places=(answer.ref(place, 0.4, 0, 0),),
            unit_then=place.key,
            unit_now=answer.now(place.key),
            hold=hold,
            reasons=(Reason("hold", place.key, "source", 0.4),),
        )


def _page(text: str) -> Page:
    return Page(text, fold(text), unaccented(text), uncased(text))
