"""Names of persons as underthesea's tagger sees them; the one file that knows underthesea."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from threading import Lock

_LOADING = Lock()


def persons(sentence: str) -> list[str]:
    """Return the stretches of one sentence that are tagged as a person, in order.

    The tagger's cost grows with the square of the length, so whole articles must not
    be given. Words come back as the tagger spells them, which is not always how they
    stand in the sentence.
    """
    found: list[str] = []
    for word, _, _, tag in _tagger()(sentence):
        if tag == "B-PER":
            found.append(word)
        elif tag == "I-PER" and found:
            found[-1] = f"{found[-1]} {word}"
    return found


@cache
def _tagger() -> Callable[[str], list[tuple[str, str, str, str]]]:
    """Import and warm up the tagger once; its import would take over the root logger."""
    with _LOADING:
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        root.addHandler(logging.NullHandler())
        from underthesea import ner

        ner("Ông Nguyễn Văn An ở Bến Tre.")
        root.handlers[:], _ = handlers, root.setLevel(level)
    tag: Callable[[str], list[tuple[str, str, str, str]]] = ner
    return tag
