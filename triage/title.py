"""Which of several reports of one event gives it its name: the plainest, not the loudest."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from config.marks import cut_marks

#: Words that sell a story and say nothing of the problem. Accents matter: "sốc" is no "Sóc Trăng".
_LOUD = re.compile(
    r"\b(sốc|kinh hoàng|rùng mình|khủng khiếp|hãi hùng|thót tim|choáng|tá hỏa|tá hoả|gây bão|"
    r"dậy sóng|báo mạng|cực nóng|nóng hổi|tin nóng|xôn xao|hốt hoảng|chấn động|rúng động|"
    r"không thể tin nổi|sự thật|bí mật|lý do là|ít ai biết|bất ngờ|cận cảnh|ám ảnh|tang thương|"
    r"xót xa|uất nghẹn|ngộp thở|tê liệt|bức tử|kêu trời|nổi da gà|địa ngục|thảm cảnh|clip|video)\b"
)
_TALK = re.compile(r"\b(bà con|mọi người ơi|coi nha|nha mọi người|ai chạy|ae|mn ơi)\b")
_WORD = re.compile(r"\b[^\W\d_]{4,}\b")
_SHORT = 15


def plainest(titles: Sequence[str]) -> str:
    """Return the plainest of the titles, given in their order of worth; the first of equals.

    "" for none. What is too short to say anything is taken only where all are.

    >>> plainest(["KINH HOÀNG rác ngập chợ!", "Rác tồn đọng ở chợ Ba Tri"])
    'Rác tồn đọng ở chợ Ba Tri'
    """
    told = [title for title in titles if title.strip()]
    return min(told, key=loudness, default="")


def loudness(title: str) -> int:
    """Return how much a title shouts: 0 is plain; each mark of selling adds."""
    lower = unicodedata.normalize("NFC", cut_marks(title)).lower()
    capitals = sum(word.isupper() for word in _WORD.findall(title))
    return int(
        3 * len(_LOUD.findall(lower))
        + 2 * len(_TALK.findall(lower))
        + 2 * min(title.count("!"), 3)
        + min(title.count("?"), 2)
        + 2 * ("…" in title or "..." in title)
        + 2 * (capitals > 1)
        + ("“" in title or '"' in title)
        + 3 * (len(title.strip()) < _SHORT)
    )
