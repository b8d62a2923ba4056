"""Bound the marks on a letter: to put many in order costs the square of their number."""

from __future__ import annotations

import re
import unicodedata

#: So many marks may stand on one letter; Vietnamese needs two, no script more than a few.
MOST = 8
# Tibetan has three more that come apart into marks. Behind these planes there are none.
_ALL = "".join(
    letter
    for letter in map(chr, range(0x300, 0x1F000))
    if unicodedata.combining(letter) or letter in "\u0f73\u0f75\u0f81"
)
_MARK = re.compile(f"[{_ALL}]")
_RUN = re.compile(f"[{_ALL}][{_ALL}]{{{MOST},}}")
# The rare planes as a whole: looked for first, because it is ten times as fast.
_WIDE = "".join(mark for mark in _ALL if mark < "\U00010000") + "\U00010000-\U0001efff"
_PERHAPS = re.compile(f"[{_WIDE}]")
_PERHAPS_RUN = re.compile(f"[{_WIDE}][{_WIDE}]{{{MOST},}}")


def cut_marks(text: str) -> str:
    r"""Return `text` with at most eight combining marks on any letter.

    For texts of strangers, before anything normalises them: that is one call in C, which no
    limit on time can interrupt, and 88 KB of marks took a second, 4 MB half an hour.

    >>> len(cut_marks("a" + "\u0301\u0316" * 9000 + "b"))
    10
    """
    if text.isascii() or not _PERHAPS_RUN.search(text):
        return text
    return _RUN.sub(lambda run: run[0][:MOST], text)


def drop_marks(text: str) -> str:
    """Return `text` without marks, but for those that make one character with their letter."""
    return _MARK.sub("", unicodedata.normalize("NFC", cut_marks(text)))


def many_marks(text: str, most: int) -> bool:
    """Say whether there may be more than `most` combining marks in a text."""
    return not text.isascii() and len(_PERHAPS.findall(text)) > most
