"""Rule flags: what a policy must know about an item beside its topics."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from nlp.features import LEAD, Tokens
from nlp.phrases import Hit, Phrases, lexicon
from nlp.reading import Reason

#: Two phrases belong together when they stand at most so many syllables apart.
NEAR = 28


@dataclass(frozen=True, slots=True)
class Flags:
    """The flags that fired, in alphabetical order, and what made each fire.

    `words` are the offsets of every phrase that tells of words said or posted, and of
    the sanctions near them.
    """

    names: tuple[str, ...]
    reasons: tuple[Reason, ...]
    words: tuple[tuple[int, int], ...] = ()


def find_flags(tokens: Tokens, text: str) -> Flags:
    """Return the flags of a tokenised `seen(title, text)`.

    Only the title and the first sentences decide what the news is: "speech" needs
    somebody called to account near words that are said or posted, "about_unit" an
    authority near a reproach. "remedied" and "vulnerable" are sought there as well.
    """
    top = tokens.title + LEAD
    found_all = _phrases().find(tokens, text)
    hits = [hit for hit in found_all if hit.first < top]
    fired: dict[str, tuple[Hit, ...]] = {}
    for flag, pair in _PAIRS.items():
        if near := _nearest(hits, *pair):
            fired[flag] = near
    for flag in _ALONE:
        if found := next((hit for hit in hits if hit.group == flag), None):
            fired[flag] = (found,)
    reasons = [_reason(flag, hit, tokens) for flag in sorted(fired) for hit in fired[flag]]
    said = [
        (tokens.starts[hit.first], tokens.end(hit.last - 1))
        for hit in found_all
        if hit.group == "utterance" or (hit.group == "sanction" and hit.first < top)
    ]
    return Flags(tuple(sorted(fired)), tuple(reasons), tuple(said))


def tells_harm(tokens: Tokens, text: str) -> bool:
    """Say whether a crime or an accident is named in a tokenised text."""
    return any(hit.group == "harm" for hit in _phrases().find(tokens, text))


def beside_words(title: str, text: str, flags: Flags) -> tuple[str, str]:
    """Return title and text without the clauses that tell of words and of their punishment."""
    kept = ["", ""]
    for part, (piece, shift) in enumerate(((title, 0), (text, len(title) + 1))):
        for found in _CLAUSE.finditer(piece):
            start, end = found.start() + shift, found.end() + shift
            if not any(start <= first < end for first, _ in flags.words):
                kept[part] += found[0]
    return kept[0], kept[1]


_CLAUSE = re.compile(r"[^.!?;:,\n]+[.!?;:,\n]*")
_PAIRS = {"speech": ("sanction", "utterance"), "about_unit": ("authority", "blame")}
_ALONE = ("protest", "gathering", "denunciation", "vulnerable", "remedied")


@cache
def _phrases() -> Phrases:
    return Phrases(lexicon("flags"))


def _nearest(hits: Iterable[Hit], one: str, other: str) -> tuple[Hit, Hit] | None:
    """Return the closest pair of hits of two groups that stand near each other."""
    held = list(hits)
    pairs = [
        (abs(left.first - right.first), left, right)
        for left in held
        if left.group == one
        for right in held
        if right.group == other and abs(left.first - right.first) <= NEAR
    ]
    return min(pairs, key=lambda pair: pair[0])[1:] if pairs else None


def _reason(flag: str, hit: Hit, tokens: Tokens) -> Reason:
    start, end = tokens.starts[hit.first], tokens.end(hit.last - 1)
    return Reason("flag", flag, hit.phrase, 1.0, start, end)
