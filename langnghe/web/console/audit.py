"""/nhat-ky: who looked at, exported and changed what."""

from __future__ import annotations

from typing import Any

from langnghe.accounts import Right
from langnghe.app import App
from langnghe.web.console.guard import Answer, Desk, Visit
from storage import accounts
from storage.suggestions import NO, YES

PAGE = 100
#: What is done, in words.
WORDS = {
    "signed_in": "đăng nhập",
    "sign_in_failed": "đăng nhập không được",
    "password_set": "đặt mật khẩu",
    "password_changed": "đổi mật khẩu",
    "account_invited": "mời tài khoản",
    "account_blocked": "khóa tài khoản",
    "account_unblocked": "mở khóa tài khoản",
    "account_role": "đổi vai trò",
    "contact_confirmed": "xác nhận địa chỉ đơn vị",
    "source_on": "bật nguồn tin",
    "source_off": "tắt nguồn tin",
    "source_tried": "lấy thử nguồn tin",
    "digest_exported": "tải bản tin",
    "looked": "xem",
    "decided": "quyết định",
    "claimed": "nhận xem",
    "opened": "lập vụ việc",
    "answered": "trả lời thay đơn vị",
    "commitment": "ghi hẹn",
    "commitment_settled": "ghi kết quả hẹn",
    "commitment_reopened": "hoàn tác kết quả hẹn",
    "took_file": "tải tệp đính kèm",
    "filter_saved": "lưu bộ lọc",
    "filter_dropped": "bỏ bộ lọc",
    "merge": "gộp sự việc",
    "unmerge": "tách sự việc đã gộp",
    "split": "tách tin",
    f"suggestion_{YES}": "nhận là cùng một sự việc",
    f"suggestion_{NO}": "nhận là sự việc khác",
    "silence_added": "tạm ngưng cảnh báo",
    "silence_ended": "thôi tạm ngưng cảnh báo",
}


def routes(_: App, desk: Desk) -> list[Any]:
    """Return the route of the page."""
    return [desk.look("/nhat-ky", Right.AUDIT, _audit)]


def _audit(visit: Visit) -> Answer:
    query = visit.request.query_params
    subject = str(query.get("ve", "")).strip()[:200].replace("\x00", "")
    before = str(query.get("truoc", ""))
    plain = before.isascii() and before.isdecimal() and len(before) <= 15
    with visit.app.views() as session:
        lines = accounts.audit(
            session, before=int(before) if plain else None, about=subject, limit=PAGE + 1
        )
    older = lines[PAGE - 1][0] if len(lines) > PAGE else None
    shown: dict[str, Any] = {
        "lines": lines[:PAGE],
        "older": older,
        "subject": subject,
        "words": WORDS,
    }
    return visit.page("console/audit.html", **shown)
