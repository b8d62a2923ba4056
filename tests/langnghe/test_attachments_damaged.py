"""Damaged attachments: a byte that went wrong on the way is a refusal in Vietnamese, never a crash."""

from __future__ import annotations

import io
import random
import struct
import zipfile

import pytest
from test_attachments import MOST, PDF, document, picture, with_position

from langnghe.attachments import checked
from langnghe.refused import AttachmentRefused

#: All that may be said of a file whose beginning is still that of its kind.
SAID = {
    "Tệp Word hỏng, không đọc được.",
    "Tệp Word có macro hoặc tệp nhúng; hãy lưu lại thành PDF.",
    "Tệp Word phình quá lớn khi mở, không nhận.",
    "Tệp nén không nhận; chỉ nhận ảnh, PDF và Word (.docx).",
    "Ảnh hỏng, không đọc được.",
    "Ảnh có quá nhiều điểm ảnh; hãy gửi ảnh nhỏ hơn.",
    "Tệp PDF hỏng hoặc chưa tải hết.",
    "Chỉ nhận ảnh JPEG, PNG, WEBP, tài liệu PDF và Word (.docx).",
}
WHOLE = {
    "docx": document(),
    "jpeg": with_position("JPEG"),
    "png": with_position("PNG"),
    "webp": with_position("WEBP"),
    "lossless webp": picture("WEBP", lossless=True),
    "pdf": PDF,
}
STRIKES = 400


def _places(content: bytes, chance: random.Random) -> list[int]:
    """Places all over the file, half of them where its heads and lists stand: at both ends."""
    ends = [chance.randrange(min(len(content), 600)) for _ in range(STRIKES // 4)]
    tail = [len(content) - 1 - place for place in ends]
    return ends + tail + [chance.randrange(len(content)) for _ in range(STRIKES // 2)]


@pytest.mark.parametrize("kind", WHOLE)
def test_a_wrong_byte_is_refused_in_vietnamese_or_harmless(kind: str) -> None:
    whole, chance = WHOLE[kind], random.Random(kind)  # noqa: S311 (a repeatable test, no secret)
    said: list[str] = []
    for place in _places(whole, chance):
        damaged = bytearray(whole)
        damaged[place] ^= chance.randrange(1, 256)
        try:
            kept = checked("tệp", bytes(damaged), MOST)
        except AttachmentRefused as refusal:
            said.append(str(refusal))
        else:
            assert kept.content
    assert said, "some of it was seen"
    assert set(said) <= SAID


def _shifted(whole: bytes, field: int, form: str, value: int) -> bytes:
    """Change one field of the first entry of an archive's list at its end."""
    entry = whole.index(b"PK\x01\x02")
    damaged = bytearray(whole)
    struct.pack_into(form, damaged, entry + field, value)
    return bytes(damaged)


def _spoiled(whole: bytes) -> bytes:
    """Break the packed bytes of the first part, so that they cannot be unpacked."""
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        head = archive.infolist()[0]
    at = head.header_offset + 30 + len(head.filename)
    return whole[:at] + b"\xff" * 8 + whole[at + 8 :]


def _directory_too_far(whole: bytes) -> bytes:
    end = whole.rindex(b"PK\x05\x06")
    damaged = bytearray(whole)
    struct.pack_into("<I", damaged, end + 12, 2**31)
    return bytes(damaged)


@pytest.mark.parametrize(
    "damaged",
    [
        _spoiled(WHOLE["docx"]),
        _shifted(WHOLE["docx"], 10, "<H", 12),  # said to be packed by bzip2
        _shifted(WHOLE["docx"], 10, "<H", 14),  # by LZMA
        _shifted(WHOLE["docx"], 10, "<H", 77),
        _shifted(WHOLE["docx"], 42, "<I", 2**31),
        _directory_too_far(WHOLE["docx"]),
    ],
    ids=["spoiled", "bzip2", "lzma", "unknown", "offset", "directory"],
)
def test_a_damaged_document_is_told_as_such(damaged: bytes) -> None:
    with pytest.raises(AttachmentRefused, match=r"^Tệp Word hỏng, không đọc được\.$"):
        checked("a.docx", damaged, MOST)


@pytest.mark.parametrize("kind", ["jpeg", "webp"])
@pytest.mark.parametrize(
    ("after", "value"),
    [(1, 0), (59, 0), (61, 3), (73, 1)],
    ids=["text as a width", "text as a version", "text as a number", "text as a fraction"],
)
def test_a_picture_with_broken_notes_ends_in_words(kind: str, after: int, value: int) -> None:
    """Notes whose parts are of another kind than they must be, counted from the camera's name."""
    damaged = bytearray(WHOLE[kind])
    damaged[WHOLE[kind].index(b"\x01\x0f\x00\x02") + after] = value
    with pytest.raises(AttachmentRefused, match=r"^Ảnh hỏng, không đọc được\.$"):
        checked("a.jpg", bytes(damaged), MOST)
