"""Choose, among the places named, those in which the problem lies, or leave it to a person."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from nlp.place_context import Locus
from nlp.place_hit import Candidate

MOST = 4
Ident = tuple[str, str, str]


@dataclass(slots=True)
class Pick:
    """A place of the problem: its unit, the mention that carried it, its weight and share."""

    unit: Candidate
    locus: Locus
    weight: float


@dataclass(slots=True)
class Choice:
    """The places of the problem, main first, and how sure.

    `open` are the meanings of the main place's name that cannot be told apart, `asked`
    the mention they come from; `rival` is the best place of the next province.
    """

    picks: list[Pick] = field(default_factory=list)
    province_share: float = 0.0
    district_share: float = 0.0
    commune_share: float = 1.0
    best_factor: float = 0.0
    open: list[Candidate] = field(default_factory=list)
    asked: Locus | None = None
    rival: Candidate | None = None


@dataclass(slots=True)
class _Tally:
    """What the places of one province add up to."""

    weight: dict[Ident, float] = field(default_factory=lambda: defaultdict(float))
    factor: dict[Ident, float] = field(default_factory=lambda: defaultdict(float))
    carrier: dict[Ident, tuple[Candidate, Locus]] = field(default_factory=dict)


def choose(loci: list[Locus]) -> Choice:
    """Return where the problem lies, by the weight of what was named."""
    if not loci:
        return Choice()
    provinces: dict[str, float] = defaultdict(float)
    for locus in loci:
        names = {c.province for c in locus.mention.best}
        for name in names:
            provinces[name] += locus.weight / len(names)
    ranked = sorted(provinces, key=lambda name: (-provinces[name], name))
    choice = _settled(_inside(_tally(loci, ranked[0])), loci)
    first, second = provinces[ranked[0]], provinces[ranked[1]] if len(ranked) > 1 else 0.0
    choice.province_share = first / (first + second)
    if second:
        choice.rival = _inside(_tally(loci, ranked[1])).picks[0].unit
    return choice


def _settled(choice: Choice, loci: list[Locus]) -> Choice:
    """Where the main place's name means several, go up to what contains them all."""
    main = choice.picks[0].locus
    meanings = {c.ident: c for c in reversed(main.mention.best)}
    if len(meanings) == 1 or _one_life(list(meanings.values())):
        return choice
    choice.open, choice.asked = list(meanings.values()), main
    common = frozenset.intersection(*(c.chain for c in choice.open))
    wider = [
        Pick(c, locus, locus.weight)
        for locus in loci
        for c in locus.mention.best
        if c.place.key in common and len({m.ident for m in locus.mention.best}) == 1
    ]
    choice.picks = sorted(wider, key=lambda pick: -pick.unit.rank)[:1]
    if not choice.picks:
        clear = [locus for locus in loci if len({c.ident for c in locus.mention.best}) == 1]
        choice.picks = choose(clear).picks[:1]
    return choice


def _one_life(meanings: list[Candidate]) -> bool:
    """Say whether all are periods of one unit of the old map, put under other districts."""
    return len({c.place.code for c in meanings}) == 1 and not any(c.new for c in meanings)


def _tally(loci: list[Locus], province: str) -> _Tally:
    tally = _Tally()
    for locus in loci:
        candidates = [c for c in locus.mention.best if c.province == province]
        idents = {c.ident for c in candidates}
        for candidate in candidates:
            known = tally.carrier.get(candidate.ident)
            if known is None or locus.weight > known[1].weight:
                tally.carrier[candidate.ident] = (candidate, locus)
        for ident in idents:
            tally.weight[ident] += locus.weight / len(idents)
            tally.factor[ident] = max(tally.factor[ident], locus.factor)
    return tally


def _inside(tally: _Tally) -> Choice:
    """Go down from the province as far as the places named carry."""
    choice = Choice()
    rank = {ident: carried[0].rank for ident, carried in tally.carrier.items()}
    districts: dict[str, float] = defaultdict(float)
    for ident, weight in tally.weight.items():
        if rank[ident] > 0:
            districts[ident[1]] += weight
    if not districts:
        ident = next(iter(tally.carrier))
        choice.picks = [_pick(tally, ident)]
        choice.best_factor = tally.factor[ident]
        return choice
    ordered = sorted(districts, key=lambda name: (-districts[name], name))
    best = districts[ordered[0]]
    choice.district_share = best / sum(districts.values())
    for name in ordered:
        if districts[name] < 0.6 * best:
            break
        choice.picks += _communes(tally, rank, name)
    choice.picks = choice.picks[:MOST]
    first = choice.picks[0].unit.ident
    choice.best_factor = tally.factor[first]
    if rank[first] >= 2:
        rivals = [w for i, w in tally.weight.items() if i[1] == first[1] and rank[i] >= 2]
        choice.commune_share = _listed(tally, choice.picks) / sum(rivals)
    return choice


def _listed(tally: _Tally, picks: list[Pick]) -> float:
    """Return the weight of the first place with those that stand in one list with it."""
    first = picks[0]
    mates = [first]
    if "list" in first.locus.mention.hit.flags:
        mates += [p for p in picks[1:] if "list" in p.locus.mention.hit.flags]
    return sum(tally.weight[p.unit.ident] for p in mates if p.unit.district == first.unit.district)


def _communes(tally: _Tally, rank: dict[Ident, int], district: str) -> list[Pick]:
    members = [i for i in tally.weight if i[1] == district and rank[i] > 0]
    communes = [i for i in members if rank[i] >= 2]
    if not communes:
        return [_pick(tally, max(members, key=lambda i: (tally.weight[i], i)))]
    communes.sort(key=lambda i: (-tally.weight[i], i))
    top = tally.weight[communes[0]]
    return [_pick(tally, i) for i in communes if tally.weight[i] >= 0.6 * top]


def _pick(tally: _Tally, ident: Ident) -> Pick:
    unit, locus = tally.carrier[ident]
    return Pick(unit, locus, tally.weight[ident])
