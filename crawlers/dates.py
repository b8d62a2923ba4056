"""Read the dates that Vietnamese sites write, and refuse those that cannot be true."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
OLDEST = datetime(1997, 1, 1, tzinfo=UTC)  # the year Vietnam's press went on line
AHEAD = timedelta(days=1)

MISSING = "missing: nguồn không ghi ngày đăng"

_GMT = re.compile(r"\(?\b(?:GMT|UTC)\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?\)?", re.IGNORECASE)
_ICT = re.compile(r"\(?\bICT\b\)?", re.IGNORECASE)
# Only after a time of day: in "7-3-2026" the year is not a zone.
_OFFSET = re.compile(r"(?<=:\d\d)(?:[.,]\d{1,9})?\s*(Z|[+-]\d{2}(?::?\d{2})?)$", re.IGNORECASE)
_YEAR_FIRST = re.compile(
    r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"
    r"(?:[T\s,|-]+(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?\s*(?P<ap>[AaPp]\.?[Mm]|SA|CH)?)?"
)
_DAY_FIRST = re.compile(
    r"(?<![\d/.-])(?P<d>\d{1,2})(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<y>\d{4})(?!\d)"
    r"(?:[T\s,|–-]+(?:lúc\s+)?(?P<h>\d{1,2})[:hg](?P<mi>\d{2})(?::(?P<s>\d{2}))?\s*(?P<ap>[AaPp]\.?[Mm]|SA|CH)?)?"
)
_TIME_FIRST = re.compile(
    r"(?<!\d)(?P<h>\d{1,2})[:hg](?P<mi>\d{2})(?::(?P<s>\d{2}))?\s*(?P<ap>[AaPp]\.?[Mm]|SA|CH)?"
    r"[\s,|–-]+(?:(?:thứ\s+\w+|chủ\s+nhật|ngày)[\s,]+)*"
    r"(?P<d>\d{1,2})(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<y>\d{4})(?!\d)",
    re.IGNORECASE,
)
_IN_WORDS = re.compile(
    r"(?:ngày\s+)?(?P<d>\d{1,2})\s+tháng\s+(?P<m>\d{1,2})(?:\s*,\s*|\s+năm\s+|\s+)(?P<y>\d{4})"
    r"(?:[\s,|–-]+(?:lúc\s+)?(?P<h>\d{1,2})[:hg](?P<mi>\d{2}))?",
    re.IGNORECASE,
)
_RFC822 = re.compile(r"\d{1,2}[\s-]+[A-Za-z]{3,9}[\s-]+\d{2,4}\s+\d{1,2}:\d{2}")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")


class Dated(NamedTuple):
    """A time of publication, aware; or None with `note` saying why (code, then words)."""

    published: datetime | None
    note: str = ""


def read_date(raw: str | None, now: datetime | None = None) -> Dated:
    """Read the time in `raw`, which may stand in a sentence ("Thứ bảy, 7/3/2026, 09:40 (GMT+7)").

    Where no zone is given it is Asia/Ho_Chi_Minh. `GMT+7` means seven hours ahead.
    `10/8/2026 1:38:00 PM`, with slashes and AM/PM, is month/day/year as Tuổi Trẻ writes
    it ("SA" and "CH" are the Vietnamese AM and PM, day first); every other numeric date is
    day first. The result is in Asia/Ho_Chi_Minh. A time more than a day after `now` (not
    checked where `now` is None) or before 1997 is refused, never mended.
    """
    text = " ".join((raw or "").split())[:200]
    if not text:
        return Dated(None, MISSING)
    try:
        moment = _read(text)
        moment = moment and moment.astimezone(VIETNAM)
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        return Dated(None, f"unreadable: không đọc được ngày “{text[:60]}”")
    if now is not None and moment > now + AHEAD:
        return Dated(None, f"future: nguồn ghi ngày ở tương lai “{text[:60]}”")
    if moment < OLDEST:
        return Dated(None, f"absurd: nguồn ghi ngày vô lý “{text[:60]}”")
    return Dated(moment)


def _read(text: str) -> datetime | None:
    if _EPOCH.fullmatch(text):
        seconds = int(text) / (1000 if len(text) == 13 else 1)
        return datetime.fromtimestamp(seconds, VIETNAM)
    text, zone = _zone(text)
    if _RFC822.search(text):
        return _rfc822(text, zone)
    for form in (_YEAR_FIRST, _TIME_FIRST, _DAY_FIRST, _IN_WORDS):
        if found := form.search(text):
            return _build(found.groupdict(), zone)
    return None


def _zone(text: str) -> tuple[str, timezone | ZoneInfo]:
    """Take the zone off the text; Vietnam's where none is written."""
    if found := _GMT.search(text):
        shift = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        rest = (text[: found.start()] + text[found.end() :]).strip()
        return rest, timezone(-shift if found[1] == "-" else shift)
    if _ICT.search(text):
        return _ICT.sub("", text).strip(), VIETNAM
    if found := _OFFSET.search(text):
        rest = text[: found.start()].strip()
        if found[1].upper() == "Z":
            return rest, UTC
        digits = found[1].replace(":", "")
        shift = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5] or 0))
        return rest, timezone(-shift if digits[0] == "-" else shift)
    return text, VIETNAM


def _rfc822(text: str, zone: timezone | ZoneInfo) -> datetime:
    moment = parsedate_to_datetime(text)
    # A named zone ("GMT", "EST") was read by the library; a numeric one was taken off before.
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def _build(part: dict[str, str | None], zone: timezone | ZoneInfo) -> datetime:
    day, month = int(part["d"] or 0), int(part["m"] or 0)
    half = (part.get("ap") or "").replace(".", "").lower()
    if half in ("am", "pm") and part.get("sep") == "/" and day <= 12:
        day, month = month, day
    hour = int(part.get("h") or 0)
    if half in ("pm", "ch") and hour < 12:
        hour += 12
    elif half in ("am", "sa") and hour == 12:
        hour = 0
    minute, second = int(part.get("mi") or 0), int(part.get("s") or 0)
    return datetime(int(part["y"] or 0), month, day, hour, minute, second, tzinfo=zone)
