"""The page of one item: every text it had, with what was changed from one to the next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import partial
from itertools import pairwise
from typing import Any

from litestar.exceptions import HTTPException

from langnghe.accounts import Right
from langnghe.app import App
from langnghe.web.console.guard import Answer, Desk, Visit
from nlp.reading import seen
from storage import items
from storage.items import Version

#: Texts are compared as far as this, and no more than so many of an item's last versions.
_MOST_WORDS, _MOST_VERSIONS = 1_500, 20
_WORD = re.compile(r"\s+|[^\s]+")


def routes(app: App, desk: Desk) -> list[Any]:
    """Return the route of one item."""
    return [desk.look("/tin/{number:str}", Right.LOOK, partial(_shown, app))]


def _shown(app: App, visit: Visit) -> Answer:
    number = visit.number()
    with app.views() as session:
        item = items.get(session, number)
        versions = items.versions(session, number)[-_MOST_VERSIONS:]
    if item is None:
        raise HTTPException(status_code=404)
    with app.sessions.begin() as session:
        visit.note(session, "looked", f"item:{number}")
    return visit.page("console/item.html", item=item, versions=_compared(versions))


def _compared(versions: list[Version]) -> list[tuple[Version, tuple[tuple[str, str], ...]]]:
    """Return the versions, newest first, each with what it changed of the one before."""
    first = [(one, ((" ", seen(one.title, one.text)),)) for one in versions[:1]]
    later = [
        (new, tuple(changes(seen(old.title, old.text), seen(new.title, new.text))))
        for old, new in pairwise(versions)
    ]
    return [*first, *later][::-1]


def changes(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Yield ("+", "-" or " ", piece): what came, went and stayed, by words.

    >>> list(changes("kênh đen", "kênh rất đen"))
    [(' ', 'kênh '), ('+', 'rất '), (' ', 'đen')]
    """
    before, after = (_WORD.findall(text)[: 2 * _MOST_WORDS] for text in (old, new))
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield " ", "".join(before[a:b])
            continue
        if b > a:
            yield "-", "".join(before[a:b])
        if d > c:
            yield "+", "".join(after[c:d])
