"""What the Graph API's errors and usage headers mean, and what an operator can do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from crawlers.item import Outcome
from crawlers.outcome import RETRY_CEILING, RETRY_FLOOR, FetchFailed
from crawlers.urls import redact
from crawlers.web import Answer

# Application, user, page and custom limits; 80001 and 80002 are the business ones.
LIMITS = frozenset({4, 17, 32, 613, 80001, 80002})
_HOUR = 3600  # limits are counted over a rolling hour

_RENEW = (
    "người quản trị trang cần tạo lại mã truy cập dài hạn của trang (Meta Business Suite, hoặc"
    " Graph API Explorer → Get Page Access Token) và ghi vào token của nguồn này"
)
_TOKEN = {
    458: "ứng dụng đã bị gỡ khỏi tài khoản",
    460: "mã truy cập mất hiệu lực vì tài khoản đổi mật khẩu",
    463: "mã truy cập đã hết hạn",
    467: "mã truy cập không còn hiệu lực",
}


def graph_failure(error: Mapping[str, Any], answer: Answer) -> FetchFailed:
    """Describe a Graph error in words, with what to do and when to ask again."""
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    outcome, wait = Outcome.ERROR, None
    if code == 190:
        outcome = Outcome.BLOCKED
        words = f"{_TOKEN.get(subcode, 'mã truy cập (token) hết hạn hoặc không hợp lệ')}: {_RENEW}"
    elif code in LIMITS:
        wait = retry_wait(answer.headers)
        words = f"hết hạn mức gọi Facebook, thử lại sau {wait // 60} phút"
    elif code == 10 or 200 <= code <= 299:
        outcome = Outcome.BLOCKED
        words = "mã truy cập thiếu quyền đọc trang: cần quyền pages_read_engagement"
    elif code == 100:
        words = "không có trang này hoặc mã truy cập không được đọc nó: xem lại page và token"
    elif code in (1, 2):
        words = "Facebook lỗi tạm thời"
    else:
        words = redact(str(error.get("message") or "lỗi không rõ"))[:160]
    mark = f"{code}/{subcode}" if subcode else str(code)
    return FetchFailed(
        outcome, f"Facebook báo lỗi {mark}: {words}", status=answer.status, retry_after=wait
    )


def usage(headers: Mapping[str, str]) -> int:
    """Return the highest share of a call limit that is used up, in percent."""
    return max((one for name in _USAGE for one in _percents(_parsed(headers, name))), default=0)


def retry_wait(headers: Mapping[str, str]) -> int:
    """Return how many seconds to wait after a limit: what the header says, else an hour."""
    told = _parsed(headers, "x-business-use-case-usage")
    minutes = [
        _number(one.get("estimated_time_to_regain_access"))
        for group in told.values()
        if isinstance(group, list)
        for one in group
        if isinstance(one, dict)
    ]
    longest = max(minutes, default=0) * 60
    return min(max(longest or _HOUR, RETRY_FLOOR), RETRY_CEILING)


_USAGE = ("x-app-usage", "x-page-usage", "x-business-use-case-usage")


def _parsed(headers: Mapping[str, str], name: str) -> dict[str, Any]:
    try:
        data = json.loads(headers.get(name, "{}").replace("'", '"'))
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _percents(data: Any) -> Iterator[int]:
    if isinstance(data, dict):
        for key, value in data.items():
            if key in ("call_count", "total_time", "total_cputime"):
                yield _number(value)
            else:
                yield from _percents(value)
    elif isinstance(data, list):
        for one in data[:20]:
            yield from _percents(one)


def _number(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0
