"""What units may attach: looked at by content, cleaned of all that is not to be kept, or refused.

Pictures are drawn anew, so that position, camera and hidden parts are gone. Documents are
checked for programs. What is refused is refused in Vietnamese, with what to do instead.
"""

from __future__ import annotations

import io
import threading
import warnings
from pathlib import PurePosixPath, PureWindowsPath

from PIL import Image, ImageOps

from langnghe.docxcheck import clean_docx
from langnghe.pdfcheck import check_pdf
from langnghe.refused import AttachmentRefused
from storage.attachments import NewFile
from triage.wording import one_line

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SUFFIX = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", PDF: "pdf", DOCX: "docx"}
_FORMATS = ("JPEG", "PNG", "WEBP")
#: The longer side of a kept picture, in pixels: enough to read a number plate across a road.
_MOST_SIDE = 4000
#: A JPEG is decoded at a fraction of its size; other pictures must fit into memory whole.
_MOST_PIXELS = {"JPEG": 110_000_000, "PNG": 26_000_000, "WEBP": 26_000_000}
_TOO_MANY = "Ảnh có quá nhiều điểm ảnh; hãy gửi ảnh nhỏ hơn."
_MOST_NAME = 80
#: A picture needs some 100 MB while it is drawn anew: one at a time, whoever sends them.
_ONE_AT_A_TIME = threading.Lock()


def checked(name: str, content: bytes, most_bytes: int) -> NewFile:
    """Return a file that may be kept, under a harmless name. Raises `AttachmentRefused`.

    The type is what the bytes say; the given name only lends its stem, unmasked.
    """
    if not content:
        raise AttachmentRefused("Tệp rỗng.")
    if len(content) > most_bytes:
        raise AttachmentRefused(f"Tệp lớn hơn {most_bytes // 2**20} MB.")
    kind = _kind(content)
    with _ONE_AT_A_TIME:
        cleaned = _clean(kind, content)
    return NewFile(f"{_stem(name)}.{_SUFFIX[kind]}", kind, cleaned)


def _kind(content: bytes) -> str:
    """Say what the bytes are; the beginnings of what is not taken get a reason of their own."""
    head = content[:16]
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return DOCX
    raise AttachmentRefused(_why_not(head, content[:1024].lstrip().lower()))


def _why_not(head: bytes, start: bytes) -> str:
    if head[4:8] == b"ftyp":
        return "Ảnh HEIC và video chưa nhận được; hãy gửi ảnh JPEG (chụp lại màn hình cũng được)."
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "Tệp Word kiểu cũ (.doc) không nhận; hãy lưu lại thành .docx hoặc PDF."
    if head[:2] in (b"MZ", b"#!") or head[:4] in (b"\x7fELF", b"\xca\xfe\xba\xbe"):
        return "Tệp này là chương trình, không nhận."
    if start.startswith(b"<"):
        return "Trang web và ảnh SVG không nhận; hãy gửi ảnh JPEG, PNG hoặc PDF."
    return "Chỉ nhận ảnh JPEG, PNG, WEBP, tài liệu PDF và Word (.docx)."


def _clean(kind: str, content: bytes) -> bytes:
    if kind == PDF:
        check_pdf(content)
        return content
    return clean_docx(content, clean_picture) if kind == DOCX else clean_picture(content)


def clean_picture(content: bytes) -> bytes:
    """Draw a JPEG, PNG or WEBP anew, upright, without anything but its first frame's pixels.

    Raises `AttachmentRefused` for one that is broken or too large.
    """
    with warnings.catch_warnings():
        # The limits below are ours, and hold before a pixel is decoded. What Pillow finds odd
        # in notes on a picture does not matter: they are dropped.
        warnings.simplefilter("ignore")
        try:
            return _drawn(content)
        except AttachmentRefused:
            raise
        except Image.DecompressionBombError as error:
            raise AttachmentRefused(_TOO_MANY) from error
        except Exception as error:
            # A broken picture can make Pillow raise anything, such as struct.error or TypeError.
            raise AttachmentRefused("Ảnh hỏng, không đọc được.") from error


def _drawn(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
        form = str(image.format)
        if image.width * image.height > _MOST_PIXELS[form]:
            raise AttachmentRefused(_TOO_MANY)
        image.draft("RGB", (_MOST_SIDE, _MOST_SIDE))
        image.thumbnail((_MOST_SIDE, _MOST_SIDE))
        upright = ImageOps.exif_transpose(image)
        clear = "RGBA" if form != "JPEG" and upright.has_transparency_data else "RGB"
        drawn = Image.new(clear, upright.size)
        drawn.paste(upright.convert(clear))
    out = io.BytesIO()
    drawn.save(out, form, **({} if form == "PNG" else {"quality": 88}))
    return out.getvalue()


def _stem(name: str) -> str:
    """Return the part of a given name that may be shown: no path, no suffix, one short line."""
    bare = PureWindowsPath(PurePosixPath(one_line(name)).name).name
    return one_line(bare.rpartition(".")[0] or bare, _MOST_NAME).strip(". ") or "tệp"
