"""Name how a download ended: one outcome, and a reason in words for people."""

from __future__ import annotations

import zlib
from datetime import datetime
from email.utils import parsedate_to_datetime

from scrapy import exceptions as scrapy_errors

from crawlers.guard import BlockedError
from crawlers.item import Outcome
from crawlers.urls import redact

RETRY_FLOOR, RETRY_CEILING = 60, 86_400

_STATUS = {
    400: "máy chủ không hiểu yêu cầu",
    401: "trang đòi đăng nhập",
    402: "trang thu phí",
    403: "máy chủ từ chối cho xem",
    404: "không tìm thấy trang",
    406: "máy chủ không có dạng nội dung này",
    408: "máy chủ chờ quá lâu",
    410: "trang đã bị gỡ hẳn",
    429: "máy chủ yêu cầu hỏi thưa hơn",
    451: "trang bị chặn theo pháp luật",
    500: "máy chủ lỗi",
    502: "máy chủ trung gian lỗi",
    503: "máy chủ tạm ngừng phục vụ",
    504: "máy chủ trung gian chờ quá lâu",
}
_RAISED = {
    scrapy_errors.CannotResolveHostError: "không tìm thấy tên miền",
    scrapy_errors.DownloadConnectionRefusedError: "máy chủ không nhận kết nối",
    scrapy_errors.ResponseDataLossError: "máy chủ ngắt giữa chừng",
    scrapy_errors.UnsupportedURLSchemeError: "giao thức không được phép",
    scrapy_errors.DownloadFailedError: "máy chủ trả lời sai quy cách hoặc ngắt kết nối",
    ValueError: "địa chỉ hỏng",
    EOFError: "nội dung nén hỏng",
    zlib.error: "nội dung nén hỏng",
}
_REFUSED = frozenset({401, 402, 403, 407, 451})


class FetchFailed(Exception):
    """A download that gave no page. `lasting` means that asking again soon is no use."""

    def __init__(
        self,
        outcome: Outcome,
        reason: str,
        *,
        status: int | None = None,
        retry_after: int | None = None,
        lasting: bool = False,
    ) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason
        self.status = status
        self.retry_after = retry_after
        self.lasting = lasting


def failed_status(status: int, retry_after: int | None = None) -> FetchFailed:
    """Describe an HTTP status that is neither 200 nor 304."""
    if 300 <= status < 400:
        words = "chuyển hướng không đi tiếp được"
    else:
        words = _STATUS.get(status, "máy chủ lỗi" if status >= 500 else "máy chủ trả lời lạ")
    return FetchFailed(
        Outcome.BLOCKED if status in _REFUSED else Outcome.ERROR,
        f"HTTP {status}: {words}",
        status=status,
        retry_after=retry_after,
        lasting=400 <= status < 500 and status not in (408, 425, 429),
    )


def failed_download(error: Exception) -> FetchFailed:
    """Describe what Scrapy raised instead of giving a response."""
    if isinstance(error, FetchFailed):
        return error
    told = redact(str(error))
    if isinstance(error, BlockedError):
        return FetchFailed(Outcome.BLOCKED, told, lasting="robots.txt không cho" in told)
    if isinstance(error, scrapy_errors.DownloadTimeoutError):
        return FetchFailed(Outcome.TIMEOUT, "máy chủ không trả lời xong trong hạn")
    if isinstance(error, scrapy_errors.IgnoreRequest):
        if "redirect" in told:
            return FetchFailed(Outcome.ERROR, "chuyển hướng lòng vòng quá số lần cho phép")
        return FetchFailed(Outcome.ERROR, "nội dung nén bung ra quá lớn, bỏ", lasting=True)
    if isinstance(error, scrapy_errors.DownloadCancelledError):
        return FetchFailed(Outcome.ERROR, "nội dung quá lớn, bỏ", lasting=True)
    if "certificate" in told.lower() or "SSL" in told:
        return FetchFailed(Outcome.ERROR, "chứng chỉ bảo mật của máy chủ không hợp lệ")
    words = next((words for kind, words in _RAISED.items() if isinstance(error, kind)), "")
    return FetchFailed(
        Outcome.ERROR, words or f"không tải được ({type(error).__name__}: {told[:120]})"
    )


def retry_after(header: str, now: datetime) -> int | None:
    """Read a Retry-After header (seconds, or an HTTP date) as 60..86,400 seconds, or None."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        seconds = int(text[:9])
    else:
        try:
            seconds = int((parsedate_to_datetime(text) - now).total_seconds())
        except (ValueError, TypeError, OverflowError):  # the last for a year of fourteen digits
            return None
    return min(max(seconds, RETRY_FLOOR), RETRY_CEILING)
