"""Find what a person is reached or identified by: numbers, plates, accounts, addresses, profiles.

Every pattern reads folded text (see `nlp.normalise.fold`), so that accents do not
matter, and offsets hold in the text as given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlp.mask_hints import AT, DOOR, DOOR_BARE, GAP, PLATE, STREET, Rule, hinted, marked, numbered
from nlp.mask_spans import Span

_MONEY = re.compile(
    r"\s*(?:d\b|dong|vnd|trieu|ty\b|ti\b|nghin|ngan|usd|k\b|tr\b|%|m2|ha\b|nguoi|luot)"
)
_DATE = re.compile(r"\d{1,2}([./-])\d{1,2}\1(?:19|20)\d\d")
_DIGITS = re.compile(r"\d")

_EMAIL = re.compile(
    # Starts only where a word starts, and is bounded, so that a long run costs no square of it.
    r"(?<![a-z0-9._%+-])[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+"
    r"|(?<![a-z0-9._%+-])[a-z0-9][a-z0-9._%+-]{0,63}\s?(?:@|\(at\)|\[at\]|\(a cong\)|\ba cong\b)\s?[a-z0-9-]{1,63}"
    r"(?:\s?\.\s?[a-z0-9-]{1,63}){0,5}\s?\.\s?(?:com|vn|net|org|edu|gov|info|io|me|co)\b(?:\.vn\b)?"
)
_URL = re.compile(
    r"(?:https?://)?(?:www\.|m\.|web\.|vt\.|vm\.)?"
    r"(?:facebook\.com|fb\.com|fb\.me|fb\.watch|m\.me|zalo\.me|tiktok\.com|instagram\.com"
    r"|youtube\.com/(?=@)|t\.me|threads\.(?:net|com)|twitter\.com|x\.com|linkedin\.com)"
    r"/[^\s,;)\]\"”’>]*[^\s,;)\]\"”’>.!?]"
)
_HANDLE = re.compile(r"(?<![\w@./])@[a-z0-9_](?:[a-z0-9_.]{1,28}[a-z0-9_])(?![\w@])")
_NICK = re.compile(
    r"\b(?:facebook|fb|tiktok|zalo|instagram|youtube|nick|tai khoan(?: mang(?: xa hoi)?)?)"
    r"(?: (?:ca nhan|co|mang ten|ten|nick|la|facebook|fb|tiktok|zalo|cua)){0,4}\s?:?\s?"
    r"[\"“'‘]([^\"”'’\n]{2,40})[\"”'’]"
)
_NICK_BARE = re.compile(
    r"\b(?:fb|facebook|nick|insta|instagram|tiktok|telegram|id zalo|zalo id)\s?(?:la|ten)?\s?:?\s?"
    r"([a-z][a-z]*[._\d][a-z0-9._]{2,28}[a-z0-9])(?!\w)"
)
_ORGANISATION = re.compile(
    r"(?:fanpage|trang|cong an|ubnd|uy ban|bao|dai|so|cong ty|benh vien|truong|hoi|doan|trung tam)\b"
)

_PHONE = re.compile(
    rf"(?<![\w,.])(?:\(?(?:\+\s?|0)84\)?{GAP}(?:\(0\))?|84(?=[\s.-]?[35789])|[0o]){GAP}"
    rf"[1-9](?:{GAP}[\do]){{7,9}}(?![\w%])"
)
_CALLED = re.compile(
    r"\b(?:sdt|dien thoai|dt|dtdd|so dt|zalo|lh|lien he|hotline|call|alo|goi|phone|tel|mobile|whatsapp|viber)"
    r"(?: (?:so|la|cho|ngay|qua|theo|nhe|cua|em|anh|chi|minh|toi|ban|viber|zalo|sdt|dien thoai)){0,4}"
    rf"\s?[:.]?\s?(\+?\d(?:{GAP}\d){{7,11}})(?!\w)"
)
_SPOKEN_DIGIT = r"(?:khong|ko|zero|mot|hai|ba|bon|tu|nam|lam|sau|bay|tam|chin|linh|\d)"
_SPOKEN = re.compile(
    # What stands before is looked at behind the first letter, so that a search can skip to it.
    r"(?:k(?<!\wk)hong|z(?<!\wz)ero|0(?<!\w0)|c(?<!\wc)ong tam (?:bon|tu))"
    rf"(?:[ ,.-]{{1,2}}{_SPOKEN_DIGIT}){{8,10}}(?!\w)"
)

_ID_WORD = (
    r"\b(?:cccd|cmnd|cmtnd|cmt|can cuoc(?: cong dan)?|the can cuoc|chung minh(?: nhan dan| thu)?"
    r"|(?:so |ma )dinh danh(?: ca nhan)?|giay to tuy than)"
)
_BETWEEN = r"(?:[ ,:./(-]|so|gan chip|la|ma|cua|toi|em|minh|anh|chi|ong|ba|cu|co|the){0,12}"
_ID = re.compile(rf"{_ID_WORD}{_BETWEEN}(\d(?:[ .-]?\d){{8,11}})(?!\d)")
_ID_BARE = re.compile(r"(?<![\w.,/-])0\d{2}[ .-]?\d{3}[ .-]?\d{3}[ .-]?\d{3}(?![\w%]|[.,]\d)")
_ID_FOURS = re.compile(r"(?<![\w.,/-])0\d{3}[ .-]\d{4}[ .-]\d{4}(?![\w%]|[.,]\d)")
_PASSPORT = re.compile(rf"\b(?:ho chieu|passport){_BETWEEN}([a-z]{{1,2}}\s?\d{{6,8}})(?!\w)")
_CARD = re.compile(
    r"\b(?:bhxh|bhyt|bao hiem (?:xa hoi|y te)|ma so thue|mst|gplx|giay phep lai xe|bang lai)"
    rf"(?: ca nhan)?{_BETWEEN}((?:[a-z]{{2}}\s?)?\d(?:[ .-]?\d){{8,13}})(?!\w)"
)

_PLATE = re.compile(
    r"(?<!ql)(?<![\w./-])(?<!quoc lo )(?<!tinh lo )(?<!duong )(?<!ql )(?<!tl )(?<!km )(?<!dt )\d{2}\s?[-.]?\s?[a-z](?:[a-z]|\d)?\s?[-.]?\s?(?:\d{3}[. ]?\d{2}|\d{4})(?![\w%/]|[.,]\d)"
)
_PLATE_WORD = re.compile(
    r"\b(?:bien (?:kiem soat|so|ks)|bks|bs|mang bien(?: so)?|bien xe)(?: (?:la|so|xe|dang ky)){0,2}\s?:?\s?"
    r"((?=[a-z0-9. -]*\d{3})(?:\d|[a-z]{1,2}[. -]?\d)(?:[. -]?[a-z0-9]){3,10}[. -]?\d)(?!\w)"
)

_BANK = (
    r"(?:vietcombank|vcb|agribank|bidv|vietinbank|techcombank|tcb|mb ?bank|mb|acb|sacombank|vpbank"
    r"|tpbank|vib|shb|hdbank|ocb|scb|seabank|eximbank|lienvietpostbank|lpbank|msb|nam a bank|kienlongbank"
    r"|dong a bank|momo|viettelpay|viettel money|zalopay|ngan hang)"
)
_ACCOUNT = re.compile(
    r"\b(?:stk|so tai khoan|so tk|tai khoan|tk|account|so the)\b"
    rf"(?:[ ,:.()-]|so|ngan hang|nh|la|cua|toi|em|chi|anh|ong|ba|{_BANK}){{0,16}}"
    r"(\d(?:[ .-]?\d){5,18})(?!\w)"
)
_BANKED = re.compile(
    rf"\b{_BANK}\b(?:[ ,:.()-]|so|tk|stk|tai khoan|chi nhanh){{0,8}}(\d(?:[ .-]?\d){{7,18}})(?!\w)"
)
_BANK_AFTER = re.compile(
    rf"(?<![\w.,])(\d(?:[ .]?\d){{7,18}})\s?[-–,(:]?\s?(?=(?:nh |ngan hang )?{_BANK}\b)"
)
_CARD_FOURS = re.compile(r"(?<![\w.,-])\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?!\w)")

_NUMBER = r"\d{1,4}[a-z]?(?:\s?[/-]\s?\d{1,4}[a-z]?){0,4}(?: ?bis)?(?:/[a-z]{1,2}\d*)?"
_HOUSE = re.compile(
    rf"(?<!\w)(?:(?:so nha|nha so|dia chi(?: nha)?(?: so)?\s?:?)\s?({_NUMBER})(?![\w%])"
    rf"|(?:so )({_NUMBER}),? (?={STREET}\b)"
    rf"|(?<!ngay )(?<!hom )(?<!sang )(?<!chieu )(?<!toi )(?<!den )(?<!tu )(\d{{1,4}}[a-z]?(?:/\d{{1,4}}[a-z]?){{1,4}}),? (?={STREET}\b)"
    rf"|(?:ngu|tru|thuong tru|tam tru|o|nha|tai|nha o)(?: tai| o)?(?: so)? ({_NUMBER}),? (?={STREET}\b))"
)
_HOUSE_BARE = re.compile(
    r"(?<!\w)(?:ngu|tru|o|nha|tai|dia chi|can nha)(?: tai| o)?:? (?:so )?(\d{1,4}[a-z]?(?:/\d{1,4}[a-z]?){1,4})"
    r"(?=,? [^\W\d])"
)
_FLAT = re.compile(
    r"\b(?:can ho|can so|phong so)(?: so)? ([a-z]{0,2}\d{1,2}[.-]?\d{2,4}[a-z]?)(?!\w)"
)
_PARCEL = re.compile(r"(?:thua(?: dat)?|to ban do|lo dat|ban do)(?: so)?[ ,]*$")


def contacts(folded: str) -> Iterator[Span]:
    """Yield every stretch of folded text that reaches or identifies one person, surest first.

    Stretches may overlap; the first one given is the right one. Land parcels, money,
    dates and the short numbers of public services are no personal data.
    """
    for rule in _RULES:
        yield from rule(folded)


def _whole(pattern: re.Pattern[str], kind: str) -> Rule:
    def rule(folded: str) -> Iterator[Span]:
        for found in pattern.finditer(folded):
            yield Span(found.start(), found.end(), kind)

    return rule


def _group(pattern: re.Pattern[str], kind: str) -> Rule:
    def rule(folded: str) -> Iterator[Span]:
        for found in pattern.finditer(folded):
            place = next(index for index, part in enumerate(found.groups(), 1) if part)
            if not _MONEY.match(folded, found.end(place)):
                yield Span(found.start(place), found.end(place), kind)

    return rule


def _phones(folded: str) -> Iterator[Span]:
    for found in _PHONE.finditer(folded):
        digits = re.sub(r"[^\d]", "", found[0].replace("o", "0"))
        local = (
            digits.lstrip("0").removeprefix("84")
            if found[0].lstrip("(").startswith(("+", "84", "084"))
            else digits
        )
        if _is_phone(local.lstrip("0")) and not _DATE.search(found[0]):
            yield Span(found.start(), found.end(), "phone")


def _is_phone(digits: str) -> bool:
    """Tell whether digits without the leading zero can be a number of this country."""
    mobile = len(digits) == 9 and digits[0] in "35789"
    old_mobile = len(digits) == 10 and digits.startswith(("12", "16", "18", "19"))
    return mobile or old_mobile or (digits.startswith("2") and len(digits) in (9, 10))


def _called(folded: str) -> Iterator[Span]:
    for found in _CALLED.finditer(folded):
        digits = "".join(_DIGITS.findall(found[1]))
        service = digits.startswith(("1800", "1900"))
        if not (service or _DATE.search(found[1]) or _MONEY.match(folded, found.end(1))):
            yield Span(found.start(1), found.end(1), "phone")


def _nicks(folded: str) -> Iterator[Span]:
    for found in _NICK.finditer(folded):
        if not _ORGANISATION.match(found[1]):
            yield Span(found.start(1), found.end(1), "profile")


def _house(pattern: re.Pattern[str]) -> Rule:
    def rule(folded: str) -> Iterator[Span]:
        for found in pattern.finditer(folded):
            place = next(index for index, part in enumerate(found.groups(), 1) if part)
            plain = _PARCEL.search(folded, 0, found.start()) or _MONEY.match(
                folded, found.end(place)
            )
            if not plain:
                start = found.start(place)
                if folded[max(0, start - 3) : start] == "so ":
                    start -= 3
                yield Span(start, found.end(place), "house")

    return rule


_NETS = ("fb", "facebook", "tiktok", "insta", "zalo", "nick")
_BANKS = tuple(_BANK[3:-1].replace("mb ?bank|", "").split("|"))
_PLATES = ("bien so", "bien kiem soat", "bien ks", "bks", "bs", "mang bien", "bien xe")
_ACCOUNTS = ("tk", "tai khoan", "account", "so the")
#: Each rule with what must stand in a text for it to find anything, which is quickly seen.
_RULES: tuple[Rule, ...] = (
    hinted(AT, _whole(_EMAIL, "email"), "@", "(at)", "[at]"),
    marked((".com/", ".me/", ".net/", "fb.watch/"), _whole(_URL, "profile")),
    marked("\"“'‘", marked((*_NETS, "youtube", "tai khoan"), _nicks)),
    numbered(9, _group(_ID, "id")),
    numbered(6, marked(("ho chieu", "passport"), _group(_PASSPORT, "passport"))),
    numbered(9, _group(_CARD, "card")),
    marked(_PLATES, _group(_PLATE_WORD, "plate")),
    numbered(6, marked(_ACCOUNTS, _group(_ACCOUNT, "account"))),
    numbered(8, marked(_BANKS, _group(_BANKED, "account"))),
    numbered(8, marked(_BANKS, _group(_BANK_AFTER, "account"))),
    numbered(16, _whole(_CARD_FOURS, "account")),
    hinted(PLATE, _whole(_PLATE, "plate")),
    numbered(8, _phones),
    numbered(8, _called),
    _whole(_SPOKEN, "phone"),
    numbered(12, _whole(_ID_BARE, "id")),
    numbered(12, _whole(_ID_FOURS, "id")),
    hinted(DOOR, _house(_HOUSE), "so nha", "nha so", "dia chi"),
    hinted(DOOR_BARE, _house(_HOUSE_BARE)),
    marked(("can ho", "can so", "phong so"), _house(_FLAT)),
    marked(("@",), _whole(_HANDLE, "profile")),
    marked((*_NETS, "telegram"), _group(_NICK_BARE, "profile")),
)
