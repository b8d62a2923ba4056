"""Decide which unit each name in a text means, by the words around it and the other names."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from config.places import REFORM, Place
from nlp.place_hit import Candidate, Hit, Page
from nlp.place_typing import LIST_GAP

#: Candidates this close to the best are not told apart.
MARGIN = 0.75
LINKED, SAME_DISTRICT, SAME_PROVINCE, AT_HOME, NOT_STANDING = 6.0, 2.5, 1.5, 3.0, -2.0
BY_COMMUNE = 0.6
#: Names so near each other may contain one another.
NEAR = 24
_PRIOR = {0: 3.0, 1: 2.0, 2: 0.0, 3: 4.0}
_GAP = re.compile(
    r"[ \n]*(?:[,(\-–/:;]|\. )?[ \n]*(?:nay |cung |deu )?(?:thuoc|cua|o|tai|gom|co)?"
    r"(?: dia ban| dia phan)?[ \n]*\(?"
)
_WAS = re.compile(r" ?\(? ?(?:cu|truoc day|truoc kia|truoc sap nhap|truoc khi sap nhap)(?![^\W_])")


@dataclass(slots=True, eq=False)
class Mention:
    """A name with what it means: one unit, or several that cannot be told apart."""

    hit: Hit
    best: list[Candidate] = field(default_factory=list)
    score: float = 0.0
    container: Mention | None = None
    was: bool = False
    linked: bool = False
    heirs: tuple[Place, ...] = ()

    @property
    def unit(self) -> Candidate:
        """The first meaning."""
        return self.best[0]


@dataclass(frozen=True, slots=True)
class Home:
    """What a source is about: provinces by folded name, districts by key."""

    provinces: frozenset[str] = frozenset()
    districts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known besides the text: the item's day, and what its source is about."""

    day: date | None
    home: Home


def resolve(hits: list[Hit], page: Page, setting: Setting) -> list[Mention]:
    """Return the names that are places, each with its meaning; others are left out."""
    for hit in hits:
        hit.candidates = [c for c in hit.candidates if c.home in {"", *setting.home.provinces}]
    mentions = [Mention(hit) for hit in hits if hit.candidates]
    for mention in mentions:
        mention.was = bool(_WAS.match(page.folded, mention.hit.end))
    era = _era(mentions, setting)
    for mention in mentions:
        mention.hit.candidates = _of_era(mention, setting.day, era)
    mentions = [mention for mention in mentions if mention.hit.candidates]
    _link(mentions, page)
    for _ in range(2):
        present = _present(mentions)
        for mention in mentions:
            _judge(mention, present, setting)
    return _supported(mentions, setting)


def _era(mentions: list[Mention], setting: Setting) -> str:
    """Return which map the text speaks of: "old", "new", or "" where it does not tell."""
    if setting.day:
        return "new" if setting.day >= REFORM else "old"
    old = new = 0
    for mention in mentions:
        candidates = mention.hit.candidates
        typed = mention.hit.type in {"huyen", "quan", "thi xa", "thi tran"}
        only_old = not any(c.new for c in candidates)
        vanished = only_old and any(c.rank == 0 for c in candidates)
        if (typed or vanished) and not mention.was:
            old += 1
        elif mention.was or (mention.hit.type and all(c.new for c in candidates)):
            new += 1
    if old == new == 0:
        return "new" if _two_levels(mentions) else ""
    return "new" if new > old else "old"


def _two_levels(mentions: list[Mention]) -> bool:
    """Say whether a commune stands right beside its province and no district is named.

    Texts of the old map name the district of a commune somewhere.
    """
    if any(all(c.rank == 1 for c in m.hit.candidates) for m in mentions):
        return False
    for first, second in pairwise(mentions):
        communes = {k for c in first.hit.candidates if c.rank == 2 and c.new for k in c.chain}
        near = second.hit.start - first.hit.end <= NEAR
        if first.hit.type and near and any(c.place.key in communes for c in second.hit.candidates):
            return any(c.rank == 0 for c in second.hit.candidates)
    return False


def _of_era(mention: Mention, day: date | None, era: str) -> list[Candidate]:
    candidates = mention.hit.candidates
    if day and era == "old":
        candidates = [c for c in candidates if not c.new]
        return [c for c in candidates if c.place.stands_on(day)] or candidates
    if era == "old" or (mention.was and era):
        return [c for c in candidates if not c.new] or candidates
    return candidates


def _link(mentions: list[Mention], page: Page) -> None:
    """Note for each name the name that contains it: the one after it, or the one before."""
    for index in range(len(mentions) - 2, -1, -1):
        first, second = mentions[index], mentions[index + 1]
        gap = page.folded[first.hit.end : second.hit.start]
        if _WAS.match(gap):
            gap = gap[_WAS.match(gap).end() :].lstrip(")")  # type: ignore[union-attr]
        if len(gap) > NEAR:
            continue
        if _GAP.fullmatch(gap) and _inside(first, second):
            first.container = second
        elif LIST_GAP.fullmatch(gap) and "list" in first.hit.flags | second.hit.flags:
            first.container = second.container
    for index in range(1, len(mentions)):
        first, second = mentions[index - 1], mentions[index]
        gap = page.folded[first.hit.end : second.hit.start]
        if second.container is not None or len(gap) > NEAR:
            continue
        if _GAP.fullmatch(gap) and _inside(second, first):
            second.container = first
        elif (
            first.container is not None
            and first.container.hit.start < first.hit.start
            and LIST_GAP.fullmatch(gap)
            and _inside(second, first.container)
        ):
            second.container = first.container


def _inside(inner: Mention, outer: Mention) -> bool:
    """Say whether some meaning of the one lies in some meaning of the other."""
    keys = {c.place.key for c in outer.hit.candidates}
    return any(c.chain & keys and c.place.key not in keys for c in inner.hit.candidates)


def _present(mentions: list[Mention]) -> dict[str, float]:
    """Return the provinces and districts that the text names, by key, and how surely.

    A commune whose meaning is clear speaks for its district, though less than its name.
    """
    found: dict[str, float] = defaultdict(float)
    for mention in mentions:
        candidates = mention.best or mention.hit.candidates
        level = min(c.rank for c in candidates)
        if len({c.ident for c in candidates if c.rank == level}) > 1:
            continue
        if level > 0 and not _sure(mention):
            continue
        worth = 1.0 if level < 2 else BY_COMMUNE
        for candidate in candidates:
            if candidate.rank == level:
                for key in (
                    candidate.chain - {candidate.place.key} if level == 2 else candidate.chain
                ):
                    found[key] = max(found[key], worth)
    return found


def _sure(mention: Mention) -> bool:
    """Say whether a type word, or the name that contains it, shows that a place is meant."""
    return bool(mention.hit.type) or mention.linked


def _judge(mention: Mention, present: dict[str, float], setting: Setting) -> None:
    outer: set[str] = set()
    step, seen = mention.container, set[Mention]()
    while step is not None and step not in seen:
        seen.add(step)
        meant = step.best or step.hit.candidates
        outer |= {c.place.key for c in meant}
        step = step.container
    scored: list[tuple[float, Candidate]] = []
    for candidate in mention.hit.candidates:
        score = 0.0 if mention.hit.type else _PRIOR[candidate.rank]
        score += _evidence(candidate, outer, present)
        if candidate.provinces & setting.home.provinces:
            score += AT_HOME
        if candidate.chain & setting.home.districts:
            score += SAME_DISTRICT
        if setting.day and not candidate.place.stands_on(setting.day) and not mention.was:
            score += NOT_STANDING
        scored.append((score, candidate))
    scored = _widest(scored, mention, outer)
    top = max(score for score, _ in scored)
    mention.score = top
    mention.best = [c for score, c in scored if score >= top - MARGIN]
    mention.best.sort(key=lambda c: (c.new, c.place.valid_from, c.place.key))
    mention.linked = bool(outer) and any(c.chain & outer for c in mention.best)


def _widest(
    scored: list[tuple[float, Candidate]], mention: Mention, outer: set[str]
) -> list[tuple[float, Candidate]]:
    """Of a bare name that a unit shares with one inside it (Bến Tre, Ba Tri), keep the wider."""
    if mention.hit.type or len(scored) == 1:
        return scored
    wider = {c.place.key: c.rank for _, c in scored if not c.new or c.rank == 0}
    kept = [
        (score, c) for score, c in scored if not any(wider.get(key, 9) < c.rank for key in c.chain)
    ]
    provinces = [(s, c) for s, c in kept if c.rank == 0]
    if provinces and not outer:
        return provinces
    return kept


def _evidence(candidate: Candidate, outer: set[str], present: dict[str, float]) -> float:
    score = LINKED if candidate.chain & (outer - {candidate.place.key}) else 0.0
    ranks = 0.0
    for key in candidate.chain:
        if key in present and key != candidate.place.key:
            worth = SAME_PROVINCE if key[2:3] == "@" else SAME_DISTRICT
            ranks += worth * present[key]
    return score + min(ranks, SAME_PROVINCE + SAME_DISTRICT)


def _supported(mentions: list[Mention], setting: Setting) -> list[Mention]:
    """Leave out bare names that nothing says are places."""
    typed = {c.ident for m in mentions if m.hit.type or m.linked for c in m.best}
    contained = {m.container for m in mentions if m.linked}
    return [
        mention
        for mention in mentions
        if mention.linked
        or mention.hit.landmark
        or mention in contained
        or _alone(mention, typed, setting)
    ]


def _alone(mention: Mention, typed: set[tuple[str, str, str]], setting: Setting) -> bool:
    """Say whether a name that no other contains is taken for a place.

    In small letters and without accents ("phuong an") it is not.
    """
    if mention.hit.lower and (mention.hit.blurred or not mention.hit.type):
        return False
    return bool(mention.hit.type) or _speaks(mention, typed, setting)


def _speaks(mention: Mention, typed: set[tuple[str, str, str]], setting: Setting) -> bool:
    """Say whether a bare name is taken for a place without a word beside it that says so."""
    if any(c.rank == 0 or c.ident in typed for c in mention.best):
        return True
    city = all(c.rank == 1 for c in mention.best) and _known_city(mention)
    return city or _local(mention, setting)


def _local(mention: Mention, setting: Setting) -> bool:
    """Say whether a bare name is one of the source's own province, with all its meanings."""
    return all(c.provinces & setting.home.provinces for c in mention.best)


def _known_city(mention: Mention) -> bool:
    """Say whether a bare district name stands alone: no other place, or its province named."""
    unique = len({c.ident for c in mention.hit.candidates if c.rank < 2}) == 1
    elsewhere = {c.province for c in mention.hit.candidates} != {mention.unit.province}
    return (unique and not elsewhere and not mention.hit.blurred) or (
        mention.score >= _PRIOR[1] + min(SAME_PROVINCE, AT_HOME)
    )
