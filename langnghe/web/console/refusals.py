"""What the console says where it refuses: what happened, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping

REFUSED: Mapping[int, tuple[str, str]] = {
    403: (
        "Không thực hiện được",
        (
            "Tài khoản này không có quyền làm việc này, hoặc trang đã mở quá lâu. Hãy tải lại "
            "trang rồi thử lại; nếu cần thêm quyền, hãy hỏi người quản trị."
        ),
    ),
    404: ("Không có trang này", "Địa chỉ không đúng, hoặc nội dung này không còn."),
}
OTHERWISE = ("Không thực hiện được", "Chưa ghi nhận gì. Hãy quay lại trang trước và thử lại.")
#: Pages of one thing, whose forms have addresses below its own.
_OF_ONE = ("vu-viec", "su-viec", "don-vi-cua-toi")


def refused(status: int) -> tuple[str, str]:
    """Return title and text for a status."""
    return REFUSED.get(status, OTHERWISE)


def page_of_form(path: str) -> str:
    """Return the page that a form's address belongs to, which can be asked for again."""
    first, second, *_ = [*path.strip("/").split("/"), ""]
    return f"/{first}/{second}" if first in _OF_ONE and second.isdecimal() else f"/{first}"
