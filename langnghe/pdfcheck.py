"""Look for what a PDF must not hold: scripts, files within, commands to start programs.

A check, not a cleaning: the text of a document and its marks of origin stay as sent.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from langnghe.refused import AttachmentRefused

#: Names of things that act, or that carry other files.
_ACTIVE = re.compile(
    rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData)\b"
)
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"/ObjStm\b.{0,400}?stream\r?\n", re.DOTALL)
_LOCKED = "Tệp PDF có mật khẩu, không kiểm tra được; hãy bỏ mật khẩu rồi gửi lại."
_ACTS = "Tệp PDF có chứa mã lệnh hoặc tệp khác; hãy in lại thành PDF mới."
#: No more than this is unpacked of one document's hidden objects.
_MOST_UNPACKED = 20 * 2**20


def check_pdf(content: bytes) -> None:
    """Raise `AttachmentRefused` for a PDF that is cut off, locked, or that can act."""
    if b"%%EOF" not in content[-2048:]:
        raise AttachmentRefused("Tệp PDF hỏng hoặc chưa tải hết.")
    if re.search(rb"/Encrypt\b", content):
        raise AttachmentRefused(
            "Tệp PDF có mật khẩu, không kiểm tra được; hãy bỏ mật khẩu rồi gửi lại."
        )
    for part in (content, *_hidden(content)):
        plain = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), part)
        if _ACTIVE.search(plain):
            raise AttachmentRefused(
                "Tệp PDF có chứa mã lệnh hoặc tệp khác; hãy in lại thành PDF mới."
            )


def _hidden(content: bytes) -> Iterator[bytes]:
    """Yield the objects that a PDF keeps packed together."""
    left = _MOST_UNPACKED
    for found in _STREAM.finditer(content):
        end = content.find(b"endstream", found.end())
        if end < 0:
            return
        try:
            part = zlib.decompressobj().decompress(content[found.end() : end], left)
        except zlib.error:
            continue  # packed in another way, which readers of today do not run scripts from
        left -= len(part)
        if left <= 0:
            raise AttachmentRefused("Tệp PDF phình quá lớn khi mở, không nhận.")
        yield part
