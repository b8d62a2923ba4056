"""Tell the place of the problem from places named in passing."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from nlp.place_names import Candidate, Page
from nlp.place_resolve import Mention

MOST = 4
_TRIGGERS = (
    ("residence", 0.4, r"(?:\bngu\b|\btru\b|\bque\b|hktt|ho khau|nguyen quan|sinh nam|\bsn \d{4}|\d tuoi)[^.;)]{0,45}"),
    ("hospital", 0.15, r"(?:benh vien|\bbv\b|trung tam y te|cap cuu)[^.;,]{0,45}"),
    ("court", 0.5, r"(?:toa an|\btand\b|vien kiem sat|\bvksnd\b|\bvks\b)[^.;,]{0,40}"),
    ("press", 0.1, r"(?:\bbao\b|\bpv\b|phong vien|toa soan|\bdai\b)[^.;,]{0,15}"),
    ("company", 0.4, r"(?:cong ty|\bcty\b|tru so|doanh nghiep|ngan hang|\bclb\b|dai hoc|\bdh\b|khach san|tap doan)[^.;,]{0,60}"),
    ("road", 0.2, r"(?:\bduong|\bpho|dai lo|xa lo|cao toc|quoc lo|\bsong|\btuyen|\bcau|\bga) "),
    ("police", 0.7, r"(?:cong an|\bca\b|canh sat|csgt|bien phong)[^.;,]{0,25}"),
    ("office", 0.7, r"(?:ubnd|hdnd|uy ban|chu tich|bi thu|\bso \w+|chi cuc|\bphong \w+)[^.;,]{0,30}"),
    ("event", 1.5, r"(?:xay ra|\btai\b|\bo\b|dia ban|dia phan|khu vuc|doan qua|nguoi dan|hien truong|nam tren)[^.;,]{0,25}"),
)  # fmt: skip
_CONTEXTS = tuple((name, weight, re.compile(pattern + "$")) for name, weight, pattern in _TRIGGERS)
_SENTENCE = re.compile(r"[.!?;\n] ?(?=\S)")


@dataclass(slots=True)
class Locus:
    """One place named with its chain: its units, and how much it speaks for the problem."""

    mention: Mention
    weight: float
    why: str


def weigh(mentions: list[Mention], page: Page, title_end: int) -> list[Locus]:
    """Return each named place with its weight; containers in a chain are part of it."""
    inner = {mention.container for mention in mentions if mention.container is not None}
    del inner
    found = []
    for mention in mentions:
        start = mention.hit.start
        name, factor = _context(page, start)
        if start < title_end:
            position = 3.0
        elif start < title_end + 350:
            position = 1.6
        else:
            position = 1.0
        found.append(Locus(mention, position * factor, name))
    return found


def _context(page: Page, start: int) -> tuple[str, float]:
    before = page.folded[max(0, start - 70) : start]
    cut = 0
    for found in _SENTENCE.finditer(before):
        if before[max(0, found.start() - 3) : found.start()] not in {" tp", " tx", " tt"}:
            cut = found.end()
    before = before[cut:]
    for name, factor, pattern in _CONTEXTS:
        if pattern.search(before):
            return name, factor
    return "", 1.0


@dataclass(slots=True)
class Choice:
    """The places of the problem, main first, and what is open."""

    places: list[tuple[Candidate, Locus, float]]
    open: list[Candidate]


def choose(loci: list[Locus]) -> Choice:
    """Return where the problem lies."""
    if not loci:
        return Choice([], [])
    provinces: dict[str, float] = defaultdict(float)
    for locus in loci:
        names = {c.province for c in locus.mention.best}
        for name in names:
            provinces[name] += locus.weight / len(names)
    main = max(provinces, key=lambda name: (provinces[name], name))
    inside = [x for x in loci if any(c.province == main for c in x.mention.best)]
    units: dict[tuple[str, str, str], float] = defaultdict(float)
    carrier: dict[tuple[str, str, str], tuple[Candidate, Locus]] = {}
    for locus in inside:
        candidates = [c for c in locus.mention.best if c.province == main]
        share = len({c.ident for c in candidates})
        for candidate in candidates:
            if candidate.ident not in carrier:
                carrier[candidate.ident] = (candidate, locus)
        for ident in {c.ident for c in candidates}:
            units[ident] += locus.weight / share
    return _best(units, carrier, provinces[main])


def _best(
    units: dict[tuple[str, str, str], float],
    carrier: dict[tuple[str, str, str], tuple[Candidate, Locus]],
    total: float,
) -> Choice:
    rank = {ident: carrier[ident][0].rank for ident in units}
    districts: dict[str, float] = defaultdict(float)
    for ident, weight in units.items():
        if rank[ident] > 0:
            districts[ident[1]] += weight
    if not districts:
        ident = max(units, key=lambda i: (units[i], i))
        return Choice([(*carrier[ident], total)], [])
    ordered = sorted(districts, key=lambda d: (-districts[d], d))
    best = districts[ordered[0]]
    picked: list[tuple[Candidate, Locus, float]] = []
    for name in ordered:
        if districts[name] < 0.6 * best:
            break
        members = {i: w for i, w in units.items() if i[1] == name and rank[i] > 0}
        communes = {i: w for i, w in members.items() if rank[i] >= 2}
        if communes:
            top = max(communes.values())
            some = sorted(communes, key=lambda i: (-communes[i], i))
            picked += [(*carrier[i], communes[i]) for i in some if communes[i] >= 0.6 * top]
        else:
            ident = max(members, key=lambda i: (members[i], i))
            picked.append((*carrier[ident], members[ident]))
    return Choice(picked[:MOST], [])
