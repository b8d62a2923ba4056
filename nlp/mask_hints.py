"""Tell at a glance that a text holds nothing that a rule could find: most texts do not.

A hint is never wrong in saying so; where it is not sure, the rule itself is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from nlp.mask_spans import Span

Rule = Callable[[str], Iterator[Span]]

#: What may stand between two digits of a number.
GAP = r"[ .\-–_·()\ufe0f\u20e3]{0,3}"
STREET = r"(?:duong|pho|hem|ngo|ngach|kiet|hxh|quoc lo|ql|tinh lo|dai lo|to dan pho|khu dan cu|kdc|cu xa)"
#: The sign of an e-mail address in words. What stands before is looked at last, as in all
#: patterns here: a search skips to plain letters fast.
AT = re.compile(r"a cong\b(?<!\wa cong)")
PLATE = re.compile(r"\d\s?[-.]?\s?[a-z][a-z\d]?\s?[-.]?\s?\d{3}")
#: The end of a number before a word for a street.
DOOR = re.compile(rf"\d[a-z]?(?: ?bis)?(?:/[a-z]{{1,2}}\d*)?,? {STREET}\b")
#: "12/3" behind the last letter of what may stand before it: ngụ, trú, ở, nhà, tại, địa chỉ, số.
DOOR_BARE = re.compile(r"\d(?<=[uoai:] \d)\d{0,3}[a-z]?/\d")
_LONG = re.compile(rf"\d(?:{GAP}[\do]){{5,}}")
_NO_DIGIT = re.compile(r"[^\do]+")


def marked(marks: Iterable[str], rule: Rule) -> Rule:
    """Ask a rule only where one of the marks stands without which it finds nothing."""

    def asked(folded: str) -> Iterator[Span]:
        for mark in marks:
            if mark in folded:
                return rule(folded)
        return iter(())

    return asked


def hinted(hint: re.Pattern[str], rule: Rule, *marks: str) -> Rule:
    """Ask a rule only where a hint or a mark stands, without all of which it finds nothing."""
    on_marks = marked(marks, rule)

    def asked(folded: str) -> Iterator[Span]:
        return rule(folded) if hint.search(folded) else on_marks(folded)

    return asked


def numbered(least: int, rule: Rule) -> Rule:
    """Ask a rule only where so many digits stand together, as in its shortest number."""

    def asked(folded: str) -> Iterator[Span]:
        return rule(folded) if _longest_number(folded) >= least else iter(())

    return asked


@lru_cache(maxsize=1)
def _longest_number(folded: str) -> int:
    """Return how many digits the longest number has, 0 where it is shorter than any rule's.

    The letter o counts, since people write it for a zero. Kept for the next rule.
    """
    return max((len(_NO_DIGIT.sub("", run)) for run in _LONG.findall(folded)), default=0)
