"""Find who answers for a problem: by place, topic and day, and say why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from config.catalog import RoutingFile, UnitEntry
from config.places import Level, Place
from triage.facts import Routing
from triage.guard import barred, guarded, undecided, without
from triage.rows import OWN, Claim, Explanation, Rows
from triage.standing import MapOverTime, Standing

NO_PLACE = "chưa rõ địa bàn"
OUTSIDE = "nằm ngoài địa bàn theo dõi"
NO_ROW = "chưa có dòng phân công cho chủ đề này"
WIDE = "mới rõ đến cấp tỉnh, chưa rõ nơi xảy ra"
NO_CONTACT = "chưa đơn vị nào phụ trách có địa chỉ nhận"
SEVERAL = "liên quan nhiều đơn vị mà chưa phân công đơn vị chủ trì"


@dataclass(frozen=True, slots=True)
class _Answer:
    """Who is responsible for one place: the row, the place it matched, and the unit it names."""

    chain: tuple[Place, ...]
    claim: Claim | None = None
    at: int = 0
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class _Question:
    """One problem, asked today."""

    key: str
    topic: str | None
    as_of: date
    has_contact: Callable[[str], bool]
    flags: frozenset[str]


class RouteTable:
    """Who answers for what, over time. Built once, checked once, never changed.

    The row that speaks is found in `triage.rows`; from its unit one climbs to the first
    that stands today and has a contact: the place's own unit, the units of what contains
    it, the former district where one kept a unit, the province's queue. A queue, unlike a
    unit, is also where a person decides what cannot be routed.
    Raises `ConfigError` naming every rivalry and unknown unit.
    """

    def __init__(
        self,
        units: Iterable[UnitEntry],
        files: Iterable[RoutingFile],
        places: MapOverTime,
        topic_names: Mapping[str, str] | None = None,
    ) -> None:
        self._rows = Rows(units, files)
        self._standing = Standing(places)
        self._topic_names = topic_names or {}

    def route(
        self,
        place: str | None,
        topics: Sequence[str],
        on: date,
        as_of: date,
        *,
        has_contact: Callable[[str], bool],
        flags: Collection[str] = (),
        places: Sequence[str] = (),
    ) -> Routing:
        """Say who is asked today about a problem of the day `on`, and who was responsible then.

        `place` is the key of the main place, `places` those of all places where the problem
        lies; the first of `topics` decides. `has_contact` says whether a unit can be reached.
        `lead` is a unit, the province's queue, or None where nobody is configured; `hold`
        is set whenever a person must decide. Raises KeyError for a key that is no place.
        """
        if place is None:
            return undecided(NO_PLACE)
        question = _Question(
            place, topics[0] if topics else None, as_of, has_contact, frozenset(flags)
        )
        routing = self._today(question, places)
        routing = replace(routing, unit_then=self._then(question, on))
        return guarded(routing, question.flags, self._rows.units.values())

    def explain(
        self,
        place: str,
        topics: Sequence[str],
        as_of: date,
        *,
        has_contact: Callable[[str], bool],
        flags: Collection[str] = (),
        places: Sequence[str] = (),
    ) -> Explanation:
        """Say what `route` looks at to answer today's part of the same question."""
        topic = topics[0] if topics else None
        question = _Question(place, topic, as_of, has_contact, frozenset(flags))
        here = self._inside(place, as_of)
        spots = self._spots(question, here, places) or here
        chains = [self._standing.chain(spot) for spot in spots]
        answers = [self._answer(spot, topic, as_of) for spot in spots]
        if len({answer.unit or answer.chain[0].key for answer in answers}) > 1:
            chains.append(self._standing.common(spots))
        tried = tuple(
            (chain[0], self._rows.tried(chain, topic, as_of, cross=number >= len(spots)))
            for number, chain in enumerate(chains)
            if chain
        )
        upward = self._upward(question, answers[0]) if answers else ()
        return Explanation(tried, tuple((unit.id, has_contact(unit.id)) for unit in upward))

    def _spots(
        self, question: _Question, here: Sequence[Place], places: Sequence[str]
    ) -> tuple[Place, ...]:
        """Return where the problem lies today, as narrowly as one knows; () if divided."""
        named = [self._inside(key, question.as_of) for key in places if key != question.key]
        single = [group[0] for group in [here, *named] if len(group) == 1]
        spots = self._standing.narrowest(single)
        return spots if len(here) == 1 else tuple(spot for spot in spots if spot in here)

    def _today(self, question: _Question, places: Sequence[str]) -> Routing:
        here = self._inside(question.key, question.as_of)
        if not here:
            return undecided(OUTSIDE)
        spots = self._spots(question, here, places)
        if not spots:
            return self._divided(question, here)
        answers = [self._answer(spot, question.topic, question.as_of) for spot in spots]
        if len({answer.unit or answer.chain[0].key for answer in answers}) > 1:
            return self._cross(question, answers)
        return self._single(question, answers[0])

    def _single(self, question: _Question, answer: _Answer) -> Routing:
        if answer.claim is None:
            return self._unclaimed(question, answer.chain)
        row, at = answer.claim.row, answer.chain[answer.at]
        routing = self._climb(question, answer)
        wide = answer.chain[0].level is Level.PROVINCE and row.scope != "cross"
        return replace(
            routing,
            hold=WIDE if wide else routing.hold,
            unit_now=answer.unit,
            cooperating=self._listed(row.cooperating, at, question.as_of),
            copies=self._listed(row.copies, at, question.as_of),
            rule=answer.claim.name,
            why=f"{self._because(question, answer.claim, at)} {routing.why}",
        )

    def _unclaimed(self, question: _Question, chain: Sequence[Place]) -> Routing:
        """Hold what no row speaks of; the nearest authority, or else the department, may do."""
        own = (self._rows.own(place, question.as_of) for place in chain)
        candidates = tuple(unit.id for unit in own if unit)[:1]
        candidates = candidates or self._departments(question, chain)
        reason = WIDE if chain[0].level is Level.PROVINCE else NO_ROW
        return self._queued(question, chain, reason, candidates)

    def _climb(self, question: _Question, answer: _Answer) -> Routing:
        """Return the first unit upward that can be asked, else the queue."""
        missed = ""
        for unit in self._upward(question, answer):
            if question.has_contact(unit.id):
                why = f"{missed}Gửi {unit.name}."
                return Routing(lead=unit.id, unit_then=None, unit_now=None, why=why)
            missed = f"{unit.name} chưa có địa chỉ nhận. "
        queue = self._queue(answer.chain, question.as_of)
        if queue is None:
            return replace(undecided(NO_CONTACT), why=f"{missed}Không có hàng đợi của tỉnh.")
        hold = None if question.has_contact(queue.id) else NO_CONTACT
        why = f"{missed}Đưa vào {queue.name}."
        return Routing(lead=queue.id, unit_then=None, unit_now=None, hold=hold, why=why)

    def _upward(self, question: _Question, answer: _Answer) -> Iterator[UnitEntry]:
        """Yield the units to try, nearest first, each once.

        Of a complaint about the unit itself, those above it only.
        """
        above = "about_unit" in question.flags
        outward = list(answer.chain[answer.at :])
        former = self._standing.former(question.key, question.as_of)
        if outward[0].level is not Level.PROVINCE:
            outward[-1:-1] = [place for place in former if place not in outward]
        units = [self._rows.own(place, question.as_of) for place in outward]
        named = [] if above else [self._rows.units.get(answer.unit or "")]
        seen = {answer.unit} if above else set()
        for unit in [*named, *(units[1:] if above else units)]:
            if unit and unit.id not in seen and not barred(unit, question.flags):
                seen.add(unit.id)
                yield unit

    def _divided(self, question: _Question, here: Sequence[Place]) -> Routing:
        """Route a place that is several units today and of which no part was named."""
        place = self._standing.get(question.key)
        kept = self._rows.own(place, question.as_of)
        if kept and question.has_contact(kept.id) and "about_unit" not in question.flags:
            why = f"{kept.name} vẫn là đầu mối của {place.name}. Gửi {kept.name}."
            rule = f"units/{kept.id}.toml"
            return Routing(kept.id, unit_then=None, unit_now=kept.id, rule=rule, why=why)
        answers = [self._answer(part, question.topic, question.as_of) for part in here]
        if len({answer.unit for answer in answers}) == 1 and answers[0].unit:
            return self._single(question, answers[0])
        candidates = dict.fromkeys(answer.unit or answer.chain[0].key for answer in answers)
        common = self._standing.common(here)
        lies = "nay thuộc"
        if place.level is Level.LANDMARK:
            lies = "nằm trên địa bàn"
            candidates |= dict.fromkeys(self._departments(question, common))
        reason = f"{place.name} {lies} {len(here)} nơi, chưa rõ nơi xảy ra"
        return self._queued(question, common, reason, tuple(candidates))

    def _cross(self, question: _Question, answers: Sequence[_Answer]) -> Routing:
        """Route a problem under several units: by the row for that, with copies to each."""
        spots = [answer.chain[0] for answer in answers]
        named = tuple(dict.fromkeys(answer.unit for answer in answers if answer.unit))
        common = self._standing.common(spots)
        found = self._rows.find(common, question.topic, question.as_of, cross=True)
        if found is None:
            return self._queued(question, common or answers[0].chain, SEVERAL, named)
        claim, at = found
        lead = self._named(claim.row.lead, at, question.as_of)
        where = f"Liên quan {', '.join(spot.name for spot in spots)}."
        if lead is None or not question.has_contact(lead):
            # Better that the unit of the main place looks than that everybody waits.
            routing = self._single(question, answers[0])
            missing = self._rows.units[claim.row.lead].name
            where = f"{where} {missing} chưa có địa chỉ nhận."
        else:
            routing = self._single(question, _Answer(common, claim, common.index(at), lead))
        copies = (*without(named, {routing.lead}), *routing.copies)
        return replace(routing, copies=copies, why=f"{where} {routing.why}")

    def _queued(
        self,
        question: _Question,
        chain: Sequence[Place],
        reason: str,
        candidates: tuple[str, ...],
    ) -> Routing:
        queue = self._queue(chain, question.as_of)
        where = f"Đưa vào {queue.name}: " if queue else "Không có hàng đợi: "
        return replace(
            undecided(reason),
            lead=queue.id if queue else None,
            candidates=candidates,
            rule=f"units/{queue.id}.toml" if queue else "",
            why=f"{where}{reason}.",
        )

    def _then(self, question: _Question, on: date) -> str | None:
        """Return the unit responsible on the day `on`, None where there were several or none."""
        answers = [
            self._answer(place, question.topic, on) for place in self._inside(question.key, on)
        ]
        units = {answer.unit for answer in answers}
        return units.pop() if len(units) == 1 else None

    def _inside(self, key: str, day: date) -> tuple[Place, ...]:
        """Return the units that were the place on `day`, without those of strange provinces."""
        return tuple(
            place
            for place in self._standing.at(key, day)
            if self._rows.reaches(self._standing.chain(place), day)
        )

    def _answer(self, place: Place, topic: str | None, day: date) -> _Answer:
        chain = self._standing.chain(place)
        found = self._rows.find(chain, topic, day)
        if found is None:
            return _Answer(chain)
        claim, at = found
        return _Answer(chain, claim, chain.index(at), self._named(claim.row.lead, at, day))

    def _named(self, unit: str, at: Place, day: date) -> str | None:
        """Return the unit a row names, None if it does not stand on `day`."""
        entry = self._rows.own(at, day) if unit == OWN else self._rows.units[unit]
        return entry.id if entry and entry.holds_on(day) else None

    def _departments(self, question: _Question, chain: Sequence[Place]) -> tuple[str, ...]:
        """Return who leads where several units of the place are concerned."""
        found = self._rows.find(chain, question.topic, question.as_of, cross=True)
        return self._listed((found[0].row.lead,), found[1], question.as_of) if found else ()

    def _listed(self, units: Iterable[str], at: Place, day: date) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for unit in units if (name := self._named(unit, at, day))))

    def _queue(self, chain: Sequence[Place], day: date) -> UnitEntry | None:
        return next((queue for place in chain if (queue := self._rows.queue(place, day))), None)

    def _because(self, question: _Question, claim: Claim, at: Place) -> str:
        row, topic = claim.row, question.topic or ""
        what = f"chủ đề {self._topic_names.get(topic, topic)}" if row.topics else "mọi chủ đề"
        basis = f" (theo {row.decision})" if row.decision else ""
        return f"Phân công cho {what} tại {at.name}{basis}."
