"""Look for what a PDF must not hold: scripts, files within, commands to start programs.

A check, not a cleaning: the text of a document and its marks of origin stay as sent.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from langnghe.refused import AttachmentRefused


def _spelled(*names: bytes) -> bytes:
    """Return a pattern for any of these names, each letter as it is or as its number: /J#53."""
    one = (b"".join(b"(?:%c|#(?i:%02x))" % (letter, letter) for letter in name) for name in names)
    return b"/(?:%s)" % b"|".join(one)


_SPACE = rb"[\x00\t\n\f\r ]"
_LOCK = re.compile(rb"%s\b" % _spelled(b"Encrypt"))
#: Names of things that act, or that carry other files.
_ACTING = _spelled(
    b"JavaScript", b"Launch", b"EmbeddedFile", b"EmbeddedFiles", b"RichMedia", b"XFA",
    b"SubmitForm", b"ImportData",
)  # fmt: skip
#: Two letters stand in any large picture by chance: JS counts only before what a script can be.
_ACTIVE = re.compile(rb"%s\b|%s(?:%s*+[(<%%]|%s++\d)" % (_ACTING, _spelled(b"JS"), _SPACE, _SPACE))
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
#: What tells objects that are packed together: their type, or where the first one begins, which
#: readers go by where the type is missing. In other objects "First" is a reference (5 0 R).
_PACKED = re.compile(
    rb"%s\b|%s(?:%s*+%%|%s++[+.-]*+\d++(?!%s+\d+%s+R))"
    % (_spelled(b"ObjStm"), _spelled(b"First"), _SPACE, _SPACE, _SPACE, _SPACE)
)
#: Their beginning as programs write it: no text and no comment, where another beginning could
#: be feigned.
_MOST_HEAD = 2000
_HEAD = re.compile(
    rb"obj%s*<<((?:[^()%%<>s]|s(?!tream)|<<|>>){0,%d}?)>>%s*stream\r?\n"
    % (_SPACE, _MOST_HEAD, _SPACE)
)
_NAME = re.compile(rb"/([^\x00\t\n\f\r ()<>\[\]{}/%]*)")
_FLATE = re.compile(rb"/Filter%s*\[?%s*/FlateDecode%s*(\]|/|>|$)" % (_SPACE, _SPACE, _SPACE))
#: Other filters, settings that change what comes out of one, and bytes that lie elsewhere.
_ODD = {b"DecodeParms", b"DP", b"F", b"FFilter", b"FDecodeParms"}
#: No more than this is unpacked of one document's hidden objects.
_MOST_UNPACKED = 20 * 2**20
_LOCKED = "Tệp PDF có mật khẩu, không kiểm tra được; hãy bỏ mật khẩu rồi gửi lại."
_ACTS = "Tệp PDF có chứa mã lệnh hoặc tệp khác; hãy in lại thành PDF mới."
_UNREADABLE = "Tệp PDF dùng cách nén không kiểm tra được; hãy in lại thành PDF mới."


def check_pdf(content: bytes) -> None:
    """Raise `AttachmentRefused` for a PDF that is cut off, locked, or that can act."""
    if b"%%EOF" not in content[-2048:]:
        raise AttachmentRefused("Tệp PDF hỏng hoặc chưa tải hết.")
    if _LOCK.search(content):
        raise AttachmentRefused(_LOCKED)
    if any(_ACTIVE.search(part) for part in (content, *_hidden(content))):
        raise AttachmentRefused(_ACTS)


def _hidden(content: bytes) -> Iterator[bytes]:
    """Yield the objects that a PDF keeps packed together.

    Raises `AttachmentRefused` where it cannot be told for sure what a reader would unpack.
    """
    left = _MOST_UNPACKED
    begin = end = 0  # of the bytes that were unpacked last
    for mark in _PACKED.finditer(content):
        if mark.start() < begin:
            continue  # another mark of the same head
        # One within the bytes unpacked last finds no beginning: its reader saw another end.
        start = content.rfind(b"obj", max(end, mark.start() - _MOST_HEAD), mark.start())
        head = _HEAD.match(content, start) if start >= 0 else None
        if head is None or head.end() < mark.end():
            raise AttachmentRefused(_UNREADABLE)
        begin, end = head.end(), content.find(b"endstream", head.end())
        if end < 0:
            raise AttachmentRefused(_UNREADABLE)
        part = _unpacked(head[1], content[begin:end], left)
        left -= len(part)
        if left <= 0:
            raise AttachmentRefused("Tệp PDF phình quá lớn khi mở, không nhận.")
        yield part


def _unpacked(head: bytes, packed: bytes, most: int) -> bytes:
    """Unpack by the one filter that all programs use here, or by none; at most so many bytes."""
    head = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), head)
    names = _NAME.findall(head)
    filters = names.count(b"Filter"), sum(name.endswith(b"Decode") for name in names)
    if _ODD & set(names) or filters not in {(0, 0), (1, 1)}:
        raise AttachmentRefused(_UNREADABLE)
    if filters == (0, 0):
        return packed[:most]
    if not _FLATE.search(head):
        raise AttachmentRefused(_UNREADABLE)
    unpacking = zlib.decompressobj()
    try:
        part = unpacking.decompress(packed, most)
    except zlib.error as error:
        raise AttachmentRefused(_UNREADABLE) from error
    if not unpacking.eof and len(part) < most:
        raise AttachmentRefused(_UNREADABLE)  # a reader may know of more than was found here
    return part
