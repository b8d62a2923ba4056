"""The Vietnamese words for what triage knows, and the forms of days, hours and links."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from config.marks import cut_marks
from config.settings import ZONE
from triage.case import CaseOutcome, CaseState, Veracity

SEVERITY: Mapping[int, str] = {
    0: "Theo dõi",
    1: "Nhỏ lẻ",
    2: "Đáng chú ý",
    3: "Nghiêm trọng",
}
VERACITY: Mapping[Veracity, str] = {
    Veracity.UNVERIFIED: "theo phản ánh, chưa xác minh",
    Veracity.CHECKING: "theo phản ánh, đang xác minh",
    Veracity.TRUE: "đã xác minh: đúng",
    Veracity.PARTLY: "đã xác minh: đúng một phần",
    Veracity.FALSE: "đã xác minh: không đúng",
    Veracity.UNDECIDED: "đã xác minh: chưa đủ căn cứ kết luận",
}
#: What a unit answered, before anybody confirmed it.
ANSWER: Mapping[Veracity, str] = {
    Veracity.UNVERIFIED: "chưa có kết luận",
    Veracity.CHECKING: "đang xác minh",
    Veracity.TRUE: "đúng",
    Veracity.PARTLY: "đúng một phần",
    Veracity.FALSE: "không đúng",
    Veracity.UNDECIDED: "chưa đủ căn cứ kết luận",
}
STATE: Mapping[CaseState, str] = {
    CaseState.PROPOSED: "chờ quyết định",
    CaseState.APPROVED: "sẽ gửi đơn vị trong đợt tới",
    CaseState.SENT: "đã gửi đơn vị",
    CaseState.ACKNOWLEDGED: "đơn vị đã tiếp nhận",
    CaseState.ANSWERED: "đơn vị đã trả lời",
    CaseState.CLOSED: "đã kết thúc",
    CaseState.DISMISSED: "đã bỏ, không theo dõi",
}
#: "Explained" is not "fixed", and the words must not let one pass for the other.
OUTCOME: Mapping[CaseOutcome, str] = {
    CaseOutcome.FIXED: "đã khắc phục",
    CaseOutcome.SCHEDULED: "đã có lịch khắc phục, chưa xong",
    CaseOutcome.EXPLAINED: "đã giải thích, không có việc phải khắc phục",
    CaseOutcome.REFUSED: "không chấp nhận phản ánh, có nêu căn cứ",
    CaseOutcome.FORWARDED: "đã chuyển cơ quan có trách nhiệm",
    CaseOutcome.BEYOND_AUTHORITY: "vượt thẩm quyền, đã báo cáo cấp trên",
}

_WEB = re.compile(r"https?://[^\s<>\"'`\\{}|^\x00-\x20\x7f]+", re.IGNORECASE)


def one_line(text: str, limit: int = 0) -> str:
    r"""Return `text` as one line that can stand in a header, a table cell or a list.

    Line breaks of every kind (CR, LF, VT, FF, NEL, U+2028) and control characters
    become blanks; invisible and direction-changing characters and lone surrogates
    are dropped; runs of blanks become one. With a `limit`, longer text is cut at a
    word and ends in "…". Idempotent.

    >>> one_line("Rác\r\nBcc: x@y.vn", limit=8)
    'Rác…'
    """
    if not text.isprintable():
        text = "".join(_printable(char) for char in text)
    text = unicodedata.normalize("NFC", cut_marks(" ".join(text.split())))
    if not limit or len(text) <= limit:
        return text
    head = text[:limit]
    return (head.rsplit(" ", 1)[0] if " " in head else head).rstrip(" ,.;:–-") + "…"


def _printable(char: str) -> str:
    kind = unicodedata.category(char)
    if kind in ("Cc", "Zl", "Zp", "Zs"):
        return " "
    return "" if kind[0] == "C" else char


def http_only(url: str) -> str:
    """Return `url` if it is a plain http or https address, else an empty string.

    Refuses other schemes, white space, quotes and addresses with a user part
    (`https://bao.vn@elsewhere.example`), which show one host and open another.
    """
    if not _WEB.fullmatch(url):
        return ""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return ""
    return url if host and "@" not in parts.netloc else ""


def day_text(day: date) -> str:
    """Return a day as people write it: 25/07/2023. An instant is taken in Viet Nam's zone."""
    if isinstance(day, datetime):
        day = day.astimezone(ZONE).date()
    return f"{day:%d/%m/%Y}"


def moment_text(at: datetime) -> str:
    """Return an instant as people write it, in Viet Nam's zone: 16:00 ngày 25/07/2023."""
    local = at.astimezone(ZONE)
    return f"{local:%H:%M} ngày {local:%d/%m/%Y}"


def span_text(span: timedelta) -> str:
    """Return a length of time in its two largest parts: 2 ngày 3 giờ. Never below one minute."""
    minutes = max(1, int(span.total_seconds() // 60))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [(days, "ngày"), (hours, "giờ"), (0 if days else minutes, "phút")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def late_text(due: datetime, now: datetime) -> str:
    """Return for how many whole days a moment has been past: "12 ngày", "dưới 1 ngày"."""
    days = (now - due).days
    return f"{days} ngày" if days > 0 else "dưới 1 ngày"


def severity_text(severity: int) -> str:
    """Return the word for a severity; what lies outside 0..3 is taken as the nearest."""
    return SEVERITY[min(3, max(0, severity))]
