"""Say where the problem of an item lies: the one door to the place finder."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from config.gazetteer import Gazetteer
from config.places import REFORM, Level, Place
from nlp.normalise import fold
from nlp.place_choose import Choice, Pick, choose
from nlp.place_context import Locus, weigh
from nlp.place_names import Candidate, Hit, Page, PlaceNames
from nlp.place_resolve import Home, Mention, Setting, resolve
from nlp.place_spelling import composed, unaccented, uncased
from nlp.place_verdict import confidence, doubt
from nlp.reading import Hold, PlaceRef, Reason, Where, seen

#: Raised whenever the rules of the place finder change an answer.
RULES = "1"
#: The day on which a landmark of an undated text is looked up: the last of the old map.
_EVE = REFORM - timedelta(1)
_MOST_MENTIONS = 12
_MOST_CANDIDATES = 12


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
        if not choice.picks:
            foreign = any(hit.foreign for hit in hits)
            return Where() if foreign else self._known_by_source(setting, as_of)
        return _Answer(self._map, as_of, back).of(choice, loci)

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
        found = [c for hit in self._names.scan(_page(home)) for c in hit.candidates]
        provinces = {c.province for c in found if c.rank == 0 and not c.home}
        districts = {c for c in found if c.rank == 1 and c.province in (provinces or {c.province})}
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
        answer = _Answer(self._map, as_of, None)
        hold = Hold("Tin không nêu địa danh; chỉ biết qua tên nguồn tin", (place.key,))
        return Where(
            places=(answer.ref(place, 0.4, 0, 0),),
            unit_then=place.key,
            unit_now=answer.now(place),
            hold=hold,
            reasons=(Reason("hold", place.key, "source", 0.4),),
        )


class _Answer:
    """Puts a choice into the names of the item's day."""

    def __init__(self, gazetteer: Gazetteer, as_of: date, back: list[int] | None) -> None:
        self._map = gazetteer
        self._as_of = as_of
        self._back = back

    def of(self, choice: Choice, loci: list[Locus]) -> Where:
        """Return the answer with its reasons."""
        hold = doubt(choice)
        score = confidence(choice, hold is not None)
        open_keys = [c.place.key for c in choice.open or _contenders(choice)]
        heirs = [heir.key for pick in choice.picks for heir in pick.locus.mention.heirs]
        if heirs and not hold and choice.picks[0].unit.rank == 0:
            hold, open_keys = "Đơn vị cũ nay thuộc nhiều đơn vị mới", heirs
        elif choice.open:
            open_keys += [key for key in heirs if key not in open_keys]
        picked: dict[str, PlaceRef] = {}
        reasons = []
        for pick in choice.picks:
            place, (start, end) = pick.unit.place, self._span(pick.locus.mention)
            if place.key not in picked:
                picked[place.key] = self.ref(place, score, start, end)
                reasons.append(
                    Reason("place", place.key, pick.locus.why or "named", pick.weight, start, end)
                )
        places = tuple(picked.values())
        first = self._map.get(places[0].key) if places else None
        if hold:
            reasons.append(Reason("hold", places[0].key if places else "", hold, 1.0))
        return Where(
            places=places,
            mentions=self._mentions(loci, choice.picks, set(picked)),
            unit_then=first.key if first else None,
            unit_now=self.now(first) if first else None,
            hold=Hold(hold, tuple(open_keys[:_MOST_CANDIDATES])) if hold else None,
            reasons=tuple(reasons),
        )

    def _mentions(
        self, loci: list[Locus], picks: list[Pick], picked: set[str]
    ) -> tuple[PlaceRef, ...]:
        """Return the other places named, as they are named, each once."""
        above = {key for pick in picks for key in pick.unit.chain} | picked
        found: dict[str, PlaceRef] = {}
        for locus in loci:
            place = locus.mention.unit.place
            if place.key not in above and place.key not in found:
                start, end = self._span(locus.mention)
                found[place.key] = self.ref(place, round(min(0.5, locus.factor / 3), 2), start, end)
        return tuple(found.values())[:_MOST_MENTIONS]

    def ref(self, place: Place, score: float, start: int, end: int) -> PlaceRef:
        """Return a place as the reading shows it: the province by its bare name."""
        _, district, commune = self._map.names(place.key)
        province = self._map.chain(place.key)[-1].bare
        level = place.level.value
        return PlaceRef(
            place.key, place.name, level, province, district, commune, score, start, end
        )

    def now(self, place: Place) -> str | None:
        """Return the one unit that stands for the place today."""
        heirs = self._map.now(place.key, self._as_of)
        return heirs[0].key if len(heirs) == 1 else None

    def _span(self, mention: Mention) -> tuple[int, int]:
        start, end = mention.hit.start, mention.hit.end
        return (self._back[start], self._back[end]) if self._back else (start, end)


def _contenders(choice: Choice) -> list[Candidate]:
    """Return what a person may choose from: the places found, and the best elsewhere."""
    found = [pick.unit for pick in choice.picks]
    return [*found, choice.rival] if choice.rival else found


def _page(text: str) -> Page:
    return Page(text, fold(text), unaccented(text), uncased(text))
