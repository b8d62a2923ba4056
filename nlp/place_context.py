"""Read from the words before a place whether the problem lies there or it is named in passing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nlp.place_hit import Page
from nlp.place_resolve import Mention

#: Where a place stands: the headline, the lead, the rest; and what follows a call for gifts.
HEADLINE, LEAD, BODY, FOOT = 3.0, 1.6, 1.0, 0.1
LEAD_LENGTH = 350
#: A place weighs this much of its own where it only completes the address of another.
COMPLETING = 0.7
_AREA = r"xay ra|\btai|\bo|dia ban|dia phan|khu vuc"
#: name, factor, pieces one of which it needs (asked first, since that is cheap), and what stands
#: before the place and how far before; the first that fits counts.
_RULES = (
    (
        "residence",
        0.4,
        "ngu tru que hktt khau quan sinh sn tuoi den dang",
        (
            r"\b(?:ngu|tru|que|hktt|ho khau|nguyen quan|sinh nam|sn ?\d{4}|\d+ tuoi|sinh ra|den tu"
            r"|dang ky)\b[^.;)]{0,55}"
        ),
    ),
    (
        "resident",
        0.4,
        "(",
        r"\b(?:dai bieu|cu tri|ong|ba|anh|chi|em)(?: [^ .;,()]+){1,4} ?\(\D{0,12}",
    ),
    ("guest", 0.4, "khach doan goc", r"(?:khach|\bdoan|nguoi goc) "),
    (
        "hospital",
        0.15,
        "vien bv tam cap",
        r"(?:benh vien|\bbv|trung tam y te|cap cuu)\b[^.;,]{0,40}",
    ),
    ("seat", 0.5, "tru van dong", r"(?:tru so|van phong|dong tren dia ban)\b[^.;]{0,50}"),
    (
        "event",
        1.5,
        "xay tai o dia khu hien nam doan",
        (
            rf"(?:{_AREA}|hien truong|nam tren|doan qua)"
            r"(?: (?:khu vuc|dia ban|dia phan|mot so|cac|nhieu|hai|ba))* ?"
        ),
    ),
    (
        "court",
        0.5,
        "toa tand vien vks",
        r"(?:toa an|\btand|vien kiem sat|\bvksnd|\bvks)\b[^.;,]{0,40}",
    ),
    (
        "press",
        0.1,
        "bao pv phong toa dai thuong",
        r"\b(?:bao|pv|phong vien|toa soan|dai|thuong tru)\b[^.;,]{0,15}",
    ),
    (
        "company",
        0.6,
        "cong cty doanh ngan chi clb dai dh khach tap doi",
        (
            r"\b(?:cong ty|cty|doanh nghiep|ngan hang|chi nhanh|clb|dai hoc|dh|khach san|tap doan"
            r"|doi)\b[^.;,]{0,45}"
        ),
    ),
    (
        "road",
        0.2,
        "duong pho dai xa cao quoc song tuyen cau ga",
        r"\b(?:duong|pho|dai lo|xa lo|cao toc|quoc lo|song|tuyen|cau|ga) ",
    ),
    (
        "travel",
        0.6,
        "ve tu di ra vao sang huong",
        r"\b(?:ve|tu|di|ra|vao|sang|huong)(?: tinh| thanh pho| tp)? ",
    ),
    (
        "police",
        0.7,
        "cong ca canh csgt bien",
        r"(?:cong an|\bca|canh sat|csgt|bien phong)\b[^.;,]{0,25}",
    ),
    (
        "office",
        0.7,
        "ubnd hdnd uy chu bi so chi phong",
        r"\b(?:ubnd|hdnd|uy ban|chu tich|bi thu|so \w+|chi cuc|phong \w+)\b[^.;,]{0,30}",
    ),
    (
        "event",
        1.3,
        "xay tai o dia khu nguoi",
        rf"(?:{_AREA}|nguoi dan)\b[^.;,]{{0,25}}",
    ),
)
_CONTEXTS = tuple(
    (name, factor, tuple(pieces.split()), re.compile(f"{pattern}$"))
    for name, factor, pieces, pattern in _RULES
)
#: In both, what stands before is looked at last: a search skips to the first character fast.
_SENTENCE = re.compile(
    r"[.!?;\n](?<!\btp[.!?;\n])(?<!\bt[xt][.!?;\n])(?<!\b[hqxp][.!?;\n]) ?(?=\S)"
)
_FOOT = re.compile(
    r"moi (?:su )?(?:dong gop|giup do|ung ho)|so tai khoan|s(?<!\ws)tk\b|hotline|toa soan"
    r"|van phong dai dien"
)


@dataclass(slots=True)
class Locus:
    """A place as named once: how much it speaks for the problem, and by which rule."""

    mention: Mention
    weight: float
    factor: float
    why: str


def weigh(mentions: list[Mention], page: Page, title_end: int) -> list[Locus]:
    """Return each named place with its weight, in the order of the text."""
    length = len(page.folded)
    foot = next((m.start() for m in _FOOT.finditer(page.folded, int(length * 0.6))), length)
    found: list[Locus] = []
    inner_of: dict[Mention, int] = {}
    for index, mention in enumerate(mentions):
        if mention.container:
            inner_of.setdefault(mention.container, index)
    for index, mention in enumerate(mentions):
        start = mention.hit.start
        inner = inner_of.get(mention)
        if inner is not None and inner < index:
            why, factor = found[inner].why, found[inner].factor * COMPLETING
        else:
            why, factor = context(page, start)
        position = (
            HEADLINE if start < title_end else LEAD if start < title_end + LEAD_LENGTH else BODY
        )
        if start >= foot:
            why, factor = "foot", FOOT
        found.append(Locus(mention, position * factor, factor, why))
    return found


def context(page: Page, start: int) -> tuple[str, float]:
    """Return the rule that the words before `start` fulfil, and what a place is worth by it."""
    before = page.folded[max(0, start - 80) : start]
    cuts = [found.end() for found in _SENTENCE.finditer(before)]
    before = before[cuts[-1] :] if cuts else before
    for name, factor, pieces, pattern in _CONTEXTS:
        for piece in pieces:
            if piece in before:
                if pattern.search(before):
                    return name, factor
                break
    return "", 1.0
