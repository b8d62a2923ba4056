"""What the lines of a case's history say, before their own words."""

from __future__ import annotations

from collections.abc import Mapping

#: By kind of line. Shown as they stand in lists, and with a capital in papers.
ENTRY: Mapping[str, str] = {
    "opened": "lập vụ việc",
    "opened:proposed": "lập vụ việc, chờ quyết định",
    "opened:approved": "lập vụ việc, sẽ gửi đơn vị",
    "proposed": "xem lại, chờ quyết định",
    "approved": "duyệt gửi đơn vị",
    "dismissed": "bỏ, không theo dõi",
    "assigned": "chuyển đơn vị",
    "handover": "chuyển đơn vị kế thừa",
    "corrected": "sửa thông tin",
    "closed": "kết thúc",
    "sent_back": "yêu cầu trả lời lại",
    "reopened": "mở lại",
    "amended": "đính chính",
    "note": "ghi chú",
    "undone": "hoàn tác",
    "sent": "gửi đơn vị",
    "evidence": "tin mới",
    "event_joined": "gộp sự việc",
    "event_parted": "bỏ gộp sự việc",
    "evidence_sent": "gửi tin mới cho đơn vị",
    "asked_again": "gửi yêu cầu trả lời lại",
    "reminded": "nhắc đơn vị",
    "escalated": "báo cấp trên",
    "closing_sent": "gửi thư kết thúc",
    "undeliverable": "thư không tới nơi",
    "left_late": "thư giao việc đi muộn, tính lại hạn",
    "mail_again": "gửi lại thư",
    "mail_dropped": "thôi gửi thư",
    "links_revoked": "thu hồi đường dẫn trả lời",
    "acknowledged": "đơn vị tiếp nhận",
    "not_ours": "đơn vị trả lại",
    "answered": "đơn vị trả lời",
    "progress": "đơn vị báo tiến độ",
    "commitment": "ghi hẹn",
    "commitment_settled": "kết quả hẹn",
    "commitment_reopened": "hoàn tác kết quả hẹn",
    "promise_late": "quá hẹn",
}
